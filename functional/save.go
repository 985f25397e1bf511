package functional

import (
	"context"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/gokeras/gokeras/internal/config"
	"github.com/gokeras/gokeras/internal/kerasfile"
)

const weightsSuffix = ".weights.h5"

// Save writes the whole model (architecture, weights, compile arguments and
// optimizer state) as a Keras 3 archive, which Python's keras.saving.load_model
// reads (Keras: model.save). The file appears whole or not at all.
func (m *Model) Save(path string) error {
	fail := func(err error) error { return fmt.Errorf("saving model %q to %s: %w", m.Name(), path, err) }
	switch {
	case strings.HasSuffix(path, weightsSuffix):
		return fail(fmt.Errorf("the suffix %s is for weights alone: use SaveWeights, or a path ending in .keras", weightsSuffix))
	case filepath.Ext(path) == ".h5" || filepath.Ext(path) == ".hdf5":
		return fail(fmt.Errorf("whole models are not written in the legacy HDF5 format: use a path ending in .keras"))
	}
	json, err := m.ToJSON()
	if err != nil {
		return fail(err)
	}
	tree, err := m.stateTree()
	if err != nil {
		return fail(err)
	}
	if err := kerasfile.Write(path, &kerasfile.Archive{Config: json, Weights: tree}); err != nil {
		return fail(err)
	}
	return nil
}

// SaveWeights writes the weights and the optimizer's state to a path ending in
// ".weights.h5" (Keras: save_weights). The file appears whole or not at all.
func (m *Model) SaveWeights(path string) error {
	fail := func(err error) error {
		return fmt.Errorf("saving the weights of model %q to %s: %w", m.Name(), path, err)
	}
	if !strings.HasSuffix(path, weightsSuffix) {
		return fail(fmt.Errorf("the path must end in %s", weightsSuffix))
	}
	if err := m.ready(); err != nil {
		return fail(err)
	}
	tree, err := m.stateTree()
	if err != nil {
		return fail(err)
	}
	if err := kerasfile.WriteWeights(path, tree); err != nil {
		return fail(err)
	}
	return nil
}

// LoadWeights reads the weights from a .weights.h5 file or a .keras archive of
// a model with the same layers (Keras: load_weights). Nothing changes unless everything fits.
func (m *Model) LoadWeights(path string) error {
	fail := func(err error) error { return fmt.Errorf("loading the weights of model %q: %w", m.Name(), err) }
	if err := m.ready(); err != nil {
		return fail(err)
	}
	format, err := kerasfile.Detect(path)
	if err != nil {
		return fail(err)
	}
	open := kerasfile.OpenWeights
	if format == kerasfile.ArchiveFormat {
		open = kerasfile.Open
	}
	f, err := open(path)
	if err != nil {
		return fail(err)
	}
	defer f.Close()
	if err := f.Verify(context.Background()); err != nil {
		return fail(err)
	}
	if err := m.restore(f.Weights(), false); err != nil {
		return fail(fmt.Errorf("%s: %w", path, err))
	}
	return nil
}

// LoadOptions are the arguments of [LoadModel].
type LoadOptions struct {
	// NoCompile leaves out the file's compile arguments and optimizer state (Keras: compile=False).
	NoCompile bool
}

// LoadModel reads a .keras archive that Save or Python's model.save wrote
// (Keras: keras.saving.load_model). The layers in it must be known: import
// package layers (or saving, which does), and register your own.
func LoadModel(path string, o LoadOptions) (*Model, error) {
	m, err := loadModel(path, o)
	if err != nil {
		return nil, fmt.Errorf("loading model %s: %w", path, err)
	}
	return m, nil
}

func loadModel(path string, o LoadOptions) (*Model, error) {
	f, err := kerasfile.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if err := f.Verify(context.Background()); err != nil {
		return nil, err
	}
	m, err := FromJSON(f.Config(), !o.NoCompile)
	if err != nil {
		return nil, err
	}
	return m, m.restore(f.Weights(), !o.NoCompile)
}

// stateTree returns the tree of weights that Keras's files have: for every
// layer a group named after its class and its place among layers of that class.
func (m *Model) stateTree() (*kerasfile.Group, error) {
	root := kerasfile.NewGroup()
	w := &treeWalk{visited: map[*BaseLayer]bool{}, visit: func(path string, l Layer, weights []*Weight) error {
		return saveVars(root, path, l.Base().Name(), weights)
	}}
	if err := w.model("", m); err != nil {
		return nil, err
	}
	if t := m.training; t != nil && m.inputs != nil {
		if err := m.buildOptimizer(); err != nil {
			return nil, err
		}
		if err := saveVars(root, "optimizer", t.optimizer.KerasName(), t.variables); err != nil {
			return nil, err
		}
	}
	return root, nil
}

// treeWalk visits the layers with the paths of their groups in a file.
type treeWalk struct {
	visited map[*BaseLayer]bool
	visit   func(path string, l Layer, weights []*Weight) error
}

func (w *treeWalk) model(path string, m *Model) error {
	used := map[string]int{}
	for _, l := range m.layers {
		name := config.SnakeCase(l.KerasClass().Name)
		n := used[name]
		used[name]++
		if n > 0 {
			name += "_" + strconv.Itoa(n)
		}
		if w.visited[l.Base()] {
			continue
		}
		w.visited[l.Base()] = true
		inner := join(path, "layers/"+name)
		if sub, ok := l.(*Model); ok {
			if err := w.model(inner, sub); err != nil {
				return err
			}
			continue
		}
		if err := w.visit(inner, l, l.Base().ownWeights()); err != nil {
			return err
		}
	}
	return w.visit(path, m, nil)
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "/" + name
}

func saveVars(root *kerasfile.Group, path, owner string, weights []*Weight) error {
	group, err := root.MkGroup(join(path, "vars"))
	if err != nil {
		return err
	}
	if err := group.SetAttr("name", owner); err != nil {
		return err
	}
	for i, w := range weights {
		t, err := w.tensor()
		if err != nil {
			return err
		}
		a, err := kerasfile.FromTensor(t)
		if err != nil {
			return fmt.Errorf("weight %s: %w", w.Path(), err)
		}
		if err := group.Set(strconv.Itoa(i), a); err != nil {
			return fmt.Errorf("weight %s: %w", w.Path(), err)
		}
	}
	return nil
}

// restore sets the weights, and the optimizer's variables if asked to and the file has them, from a file's tree. Shapes are checked before anything changes.
func (m *Model) restore(root *kerasfile.Group, optimizer bool) error {
	type pair struct {
		w *Weight
		a kerasfile.Array
	}
	var pairs []pair
	match := func(path string, what string, weights []*Weight) error {
		for i, w := range weights {
			at := join(path, "vars/"+strconv.Itoa(i))
			a, ok := root.Array(at)
			if !ok {
				return fmt.Errorf("%s wants %d weights, but the file has no %s", what, len(weights), at)
			}
			if got := Shape(a.Shape()); !got.Equal(w.spec.Shape) {
				return fmt.Errorf("%s: weight %s has shape %s, %s in the file has shape %s", what, w.Path(), Shape(w.spec.Shape), at, got)
			}
			pairs = append(pairs, pair{w, a})
		}
		if _, more := root.Array(join(path, "vars/"+strconv.Itoa(len(weights)))); more {
			return fmt.Errorf("%s has %d weights, the file has more at %s", what, len(weights), join(path, "vars"))
		}
		return nil
	}
	w := &treeWalk{visited: map[*BaseLayer]bool{}, visit: func(path string, l Layer, weights []*Weight) error {
		return match(path, fmt.Sprintf("layer %q", l.Base().Name()), weights)
	}}
	if err := w.model("", m); err != nil {
		return err
	}
	if t := m.training; optimizer && t != nil && m.inputs != nil && root.Group("optimizer") != nil {
		if err := m.buildOptimizer(); err != nil {
			return err
		}
		// The optimizer of a model that Keras saved before its first step has no slots yet, and here starts anew.
		_, slots := root.Array("optimizer/vars/2")
		if slots || len(t.variables) <= 2 {
			if err := match("optimizer", fmt.Sprintf("optimizer %q", t.optimizer.KerasName()), t.variables); err != nil {
				return err
			}
		}
	}
	for _, p := range pairs {
		t, err := p.a.Tensor()
		if err != nil {
			return err
		}
		converted, err := convertTensor(t, p.w.spec.DType)
		if err != nil {
			return fmt.Errorf("weight %s: %w", p.w.Path(), err)
		}
		p.w.replace(converted)
	}
	return nil
}
