package functional

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gokeras/gokeras/internal/kerasfile"
)

// LoadWeightsOptions are the arguments of [Model.LoadWeightsWith]; the zero value is Keras's default.
type LoadWeightsOptions struct {
	// ByName gives weights to the layers of the same name, whatever else the file
	// and the model have, instead of to layers in order (Keras: by_name). It is for legacy HDF5 files only, as in Keras.
	ByName bool
	// SkipMismatch leaves a layer as it is when the number or the shapes of its weights don't fit
	// those in the file, instead of failing (Keras: skip_mismatch).
	SkipMismatch bool
}

// LoadReport says what [Model.LoadWeightsWith] did.
type LoadReport struct {
	// Loaded names the layers that have weights of the file now, in the model's order.
	Loaded []string
	// Skipped lists the layers that kept weights of their own.
	Skipped []SkippedLayer
}

// SkippedLayer is a layer that kept its weights, or some of them.
type SkippedLayer struct {
	// Layer is its name.
	Layer string
	// Reason says why, with the shapes in question.
	Reason string
}

// LoadWeightsWith is [Model.LoadWeights] with options. It reads .weights.h5
// files, the .weights.json index of weights split over several, .keras
// archives, and legacy .h5 files of weights or whole models. Nothing changes if
// it returns an error.
func (m *Model) LoadWeightsWith(path string, o LoadWeightsOptions) (*LoadReport, error) {
	report, err := m.loadWeights(path, o)
	if err != nil {
		return nil, fmt.Errorf("loading the weights of model %q: %w", m.Name(), brief(err))
	}
	return report, nil
}

func (m *Model) loadWeights(path string, o LoadWeightsOptions) (*LoadReport, error) {
	if err := m.ready(); err != nil {
		return nil, err
	}
	format, err := kerasfile.Detect(path)
	if err != nil {
		return nil, err
	}
	open, legacy := kerasfile.OpenWeights, false
	switch format {
	case kerasfile.ArchiveFormat:
		open = kerasfile.Open
	case kerasfile.ShardedFormat:
		open = kerasfile.OpenSharded
	case kerasfile.LegacyModelFormat, kerasfile.LegacyWeightsFormat:
		open, legacy = kerasfile.OpenHDF5, true
	}
	if o.ByName && !legacy && format != kerasfile.Unknown {
		return nil, fmt.Errorf("%s: ByName is for legacy HDF5 files; this is %s, whose layers have no names", path, format)
	}
	f, err := open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	p := newRestorePlan(o.SkipMismatch)
	if legacy {
		err = p.matchLegacyFile(m, f, o.ByName)
	} else {
		err = p.matchTree(m, f.Weights())
		if t := m.training; err == nil && t != nil && t.variables != nil && f.Weights().Group("optimizer") != nil {
			// As in Keras, an optimizer that has started takes its state up too; one that doesn't fit the file goes on with its own.
			_ = p.matchOptimizer(f.Weights(), t)
		}
	}
	if err == nil {
		err = p.apply(f)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, orDamage(f, err))
	}
	return p.report(m), nil
}

// restorePlan gathers which weight gets which array of a file, so that nothing changes before everything is known to fit.
type restorePlan struct {
	skip    bool
	pairs   []restorePair
	loaded  map[string]bool
	skipped []SkippedLayer
}

type restorePair struct {
	weight *Weight
	array  kerasfile.Array
}

func newRestorePlan(skip bool) *restorePlan {
	return &restorePlan{skip: skip, loaded: map[string]bool{}}
}

// misfit is an error, or a layer to skip.
func (p *restorePlan) misfit(layer string, err error) error {
	if !p.skip {
		return err
	}
	p.skipped = append(p.skipped, SkippedLayer{Layer: layer, Reason: err.Error()})
	return nil
}

// matchTree finds the weights in the tree of a Keras 3 file. A layer that is skipped is skipped whole.
func (p *restorePlan) matchTree(m *Model, root *kerasfile.Group) error {
	w := &treeWalk{visited: map[*BaseLayer]bool{}, visit: func(path string, l Layer, weights []*Weight) error {
		if err := p.matchVars(root, path, fmt.Sprintf("layer %q", l.Base().Name()), l.Base().Name(), weights); err != nil {
			return p.misfit(l.Base().Name(), err)
		}
		return nil
	}}
	return w.model("", m)
}

// matchVars finds the weights of one owner.
func (p *restorePlan) matchVars(root *kerasfile.Group, path, what, name string, weights []*Weight) error {
	pairs := make([]restorePair, 0, len(weights))
	for i, w := range weights {
		at := join(path, "vars/"+strconv.Itoa(i))
		a, ok := root.Array(at)
		if !ok {
			return fmt.Errorf("%s wants %d weights, but the file has no %s", what, len(weights), at)
		}
		if got := Shape(a.Shape()); !got.Equal(w.spec.Shape) {
			return fmt.Errorf("%s: weight %s has shape %s, %s in the file has shape %s", what, w.Path(), Shape(w.spec.Shape), at, got)
		}
		pairs = append(pairs, restorePair{w, a})
	}
	if _, more := root.Array(join(path, "vars/"+strconv.Itoa(len(weights)))); more {
		return fmt.Errorf("%s has %d weights, the file has more at %s", what, len(weights), join(path, "vars"))
	}
	p.add(name, pairs)
	return nil
}

func (p *restorePlan) add(layer string, pairs []restorePair) {
	p.pairs = append(p.pairs, pairs...)
	if len(pairs) > 0 {
		p.loaded[layer] = true
	}
}

// orDamage is the error that a file is damaged, if it is: err may well come of that, but doesn't say so.
func orDamage(f *kerasfile.Reader, err error) error {
	if damage := f.Verify(context.Background()); damage != nil {
		return damage
	}
	return err
}

// apply reads the arrays from f and, when all could be read and f is undamaged, sets the weights.
func (p *restorePlan) apply(f *kerasfile.Reader) error {
	values := make([]*tensors.Tensor, len(p.pairs))
	for i, pair := range p.pairs {
		t, err := pair.array.Tensor()
		if err == nil {
			values[i], err = convertTensor(t, pair.weight.spec.DType)
		}
		if err != nil {
			return fmt.Errorf("weight %s: %w", pair.weight.Path(), err)
		}
	}
	// Last, as what has been read need not be read again for this.
	if err := f.Verify(context.Background()); err != nil {
		return err
	}
	for i, pair := range p.pairs {
		pair.weight.replace(values[i])
	}
	return nil
}

func (p *restorePlan) report(m *Model) *LoadReport {
	r := &LoadReport{Skipped: p.skipped}
	eachLayer(m, func(l Layer) {
		if name := l.Base().Name(); p.loaded[name] {
			r.Loaded = append(r.Loaded, name)
		}
	})
	r.Loaded = slices.Compact(r.Loaded)
	return r
}
