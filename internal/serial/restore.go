package serial

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gokeras/gokeras/internal/kerasfile"
	"github.com/gokeras/gokeras/internal/ndarray"
	"github.com/gokeras/gokeras/internal/notice"
	"github.com/gokeras/gokeras/symbolic"
)

// WeightsOptions say how weights are read from a file.
type WeightsOptions struct {
	ByName       bool // by the layers' names, for legacy files only
	SkipMismatch bool // leave layers that don't fit as they are
}

// Report says which layers have weights of the file now, and which not.
type Report struct {
	Loaded  []string
	Skipped []Skipped
}

// Skipped is a layer that kept its weights, or some of them, and why.
type Skipped struct{ Layer, Reason string }

// LoadWeights sets the weights of a model from a file. Nothing changes if it returns an error.
func LoadWeights(l symbolic.Layer, path string, o WeightsOptions) (*Report, error) {
	n, _ := symbolic.NetworkOf(l)
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
	p.layout.era = eraOfArchive(f)
	if legacy {
		err = p.matchLegacyFile(n, f, o.ByName)
	} else {
		err = p.matchTree(n, f.Weights(), nil)
		if c, ok := l.(Compiled); err == nil && ok && f.Weights().Group(optimizerGroup) != nil {
			p.matchStartedOptimizer(c, f.Weights(), path)
		}
	}
	if err == nil {
		err = p.apply(f)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, orDamage(f, err))
	}
	return p.report(n), nil
}

// matchStartedOptimizer lets an optimizer that has started take its state up too, as in Keras; one that hasn't, or that doesn't fit the file, goes on
// with its own, which is said.
func (p *restorePlan) matchStartedOptimizer(c Compiled, root *kerasfile.Group, path string) {
	cfg, err := c.CompileConfig()
	if err != nil || len(cfg) == 0 || countArrays(root, join(optimizerGroup, "vars")) <= 2 {
		return
	}
	if !c.OptimizerStarted() {
		p.notices = append(p.notices, fmt.Sprintf("%s has the state of an optimizer, which a model that has made no step of training doesn't take up, as in Keras: "+
			"the optimizer starts anew. A whole model, as Save writes it, goes on where it was", path))
		return
	}
	before := len(p.pairs)
	if parts, trained, err := c.OptimizerState(); err != nil || p.matchOptimizer(c, root, parts, trained) != nil {
		p.pairs = p.pairs[:before]
		p.notices = append(p.notices, fmt.Sprintf("%s has the state of another optimizer than the model's, which goes on with its own", path))
	}
}

// restore sets the weights of a model that an archive's configuration described, and the optimizer's variables if asked to and the
// file has them. Shapes are checked before anything changes.
func restore(l symbolic.Layer, f *kerasfile.Reader, optimizer, show bool) error {
	n, _ := symbolic.NetworkOf(l)
	root := f.Weights()
	p := newRestorePlan(false)
	p.show = show
	p.layout.era = eraOfArchive(f)
	if err := p.matchTree(n, root, assetsOf(f)); err != nil {
		return err
	}
	if c, ok := l.(Compiled); ok && optimizer && n.Connected() && root.Group("optimizer") != nil {
		parts, trained, err := c.OptimizerState()
		before := len(p.pairs)
		if err == nil {
			err = p.matchOptimizer(c, root, parts, trained)
		}
		switch {
		case errors.Is(err, errOtherState):
			p.pairs = p.pairs[:before]
			p.notices = append(p.notices, restarted)
		case err != nil:
			return err
		}
	}
	return p.apply(f)
}

// restorePlan gathers which weight gets which array of a file, so that nothing changes before everything is known to fit.
type restorePlan struct {
	skip    bool
	show    bool // layers that aren't built get weights as the file has them
	pairs   []restorePair
	commits []func() // what sets the rest of layers' states
	loaded  map[string]bool
	skipped []Skipped
	notices []string     // to give when all is set
	layout  legacyLayout // of the arrays in a legacy file
}

type restorePair struct {
	weight *symbolic.Weight
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
	p.skipped = append(p.skipped, Skipped{Layer: layer, Reason: err.Error()})
	return nil
}

// matchTree finds the weights in the tree of a Keras 3 file, and the assets in an archive. Of a layer that is skipped, the weights before the first
// that doesn't fit are taken, as in Keras.
func (p *restorePlan) matchTree(n *symbolic.Network, root *kerasfile.Group, assets *assetFolders) error {
	w := &treeWalk{file: root, keras2: p.layout.era == keras2 || root.Group(keras212Layers) != nil, visited: map[*symbolic.BaseLayer]bool{}, visit: func(path string, l symbolic.Layer, weights []*symbolic.Weight) error {
		if _, isNetwork := symbolic.NetworkOf(l); p.show && !isNetwork && len(weights) == 0 {
			return p.showTree(l, root.Group(path))
		}
		commit, err := matchKept(root, assets, path, l)
		held, _ := heldWeights(l, weights)
		if err == nil {
			err = p.matchVars(root, path, fmt.Sprintf("layer %q", l.Base().Name()), l.Base().Name(), held)
		}
		if err == nil && len(held) < len(weights) {
			err = p.clear(l.(symbolic.Merger))
		}
		if err != nil {
			return p.misfit(l.Base().Name(), err)
		}
		p.commits = append(p.commits, commit)
		return nil
	}}
	return w.model("", n)
}

// clear sets what files hold in another weight to 0, as Keras does.
func (p *restorePlan) clear(l symbolic.Merger) error {
	_, factors := l.Merging()
	for _, w := range factors {
		zeros, err := kerasfile.FromTensor(tensors.FromShape(shapes.Make(w.DType(), w.Shape()...)))
		if err != nil {
			return err
		}
		p.pairs = append(p.pairs, restorePair{w, zeros})
	}
	return nil
}

// matchVars finds the weights of one owner.
func (p *restorePlan) matchVars(root *kerasfile.Group, path, what, name string, weights []*symbolic.Weight) error {
	pairs := make([]restorePair, len(weights))
	for i, w := range weights {
		at := join(path, "vars/"+strconv.Itoa(i))
		a, ok := root.Array(at)
		if !ok {
			return fmt.Errorf("%s wants %d weights, but the file has no %s", what, len(weights), at)
		}
		pairs[i] = restorePair{w, a}
	}
	if _, more := root.Array(join(path, "vars/"+strconv.Itoa(len(weights)))); more {
		return fmt.Errorf("%s has %d weights, the file has more at %s", what, len(weights), join(path, "vars"))
	}
	for i, pair := range pairs {
		if got, want := symbolic.Shape(pair.array.Shape()), symbolic.Shape(pair.weight.Spec().Shape); !got.Equal(want) {
			p.add(name, pairs[:i]) // counts where the layer is skipped: Keras has set these before it comes to one that doesn't fit
			return fmt.Errorf("%s: weight %s has shape %s, %s in the file has shape %s", what, pair.weight.Path(), want, join(path, "vars/"+strconv.Itoa(i)), got)
		}
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
			values[i], err = ndarray.Convert(t, pair.weight.Spec().DType)
		}
		if err != nil {
			return fmt.Errorf("weight %s: %w", pair.weight.Path(), err)
		}
	}
	// Last, as what has been read need not be read again for this.
	if err := f.Verify(context.Background()); err != nil {
		return err
	}
	weights := make([]*symbolic.Weight, len(p.pairs))
	for i, pair := range p.pairs {
		weights[i] = pair.weight
	}
	symbolic.ReplaceAll(weights, values)
	for _, commit := range p.commits {
		commit()
	}
	for _, text := range p.notices {
		notice.Once(text)
	}
	return nil
}

func (p *restorePlan) report(n *symbolic.Network) *Report {
	r := &Report{Skipped: p.skipped}
	symbolic.EachLayer(n, func(l symbolic.Layer) {
		if name := l.Base().Name(); p.loaded[name] {
			r.Loaded = append(r.Loaded, name)
		}
	})
	r.Loaded = slices.Compact(r.Loaded)
	return r
}
