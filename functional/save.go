package functional

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/gokeras/gokeras/internal/config"
	"github.com/gokeras/gokeras/internal/kerasfile"
)

const weightsSuffix = ".weights.h5"

// Save writes the whole model (architecture, weights, compile arguments and
// optimizer state) as a Keras 3 archive, or in Keras's legacy HDF5 format where
// the path ends in ".h5" or ".hdf5"; Python's keras.saving.load_model reads either
// (Keras: model.save). The file appears whole or not at all.
func (m *Model) Save(path string) error {
	fail := func(err error) error { return fmt.Errorf("saving model %q to %s: %w", m.Name(), path, err) }
	switch {
	case strings.HasSuffix(path, weightsSuffix):
		return fail(fmt.Errorf("the suffix %s is for weights alone: use SaveWeights, or a path ending in .keras", weightsSuffix))
	case isLegacyPath(path):
		if err := m.saveLegacy(path); err != nil {
			return fail(err)
		}
		return nil
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
// ".weights.h5" (Keras: save_weights), or the weights alone in the legacy format where it ends
// in another ".h5" or in ".hdf5". The file appears whole or not at all.
func (m *Model) SaveWeights(path string) error {
	fail := func(err error) error {
		return fmt.Errorf("saving the weights of model %q to %s: %w", m.Name(), path, err)
	}
	if err := m.ready(); err != nil {
		return fail(err)
	}
	if !strings.HasSuffix(path, weightsSuffix) {
		if !isLegacyPath(path) {
			return fail(fmt.Errorf("the path must end in %s", weightsSuffix))
		}
		if err := m.saveLegacyWeights(path); err != nil {
			return fail(err)
		}
		return nil
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

// LoadWeights reads the weights from a file of a model with the same layers
// (Keras: load_weights): a .weights.h5 file, the .weights.json index of weights
// split over several, a .keras archive, or a legacy .h5 file. Nothing changes unless everything fits;
// [Model.LoadWeightsWith] can do with less.
func (m *Model) LoadWeights(path string) error {
	_, err := m.LoadWeightsWith(path, LoadWeightsOptions{})
	return err
}

// LoadOptions are the arguments of [LoadModel].
type LoadOptions struct {
	// NoCompile leaves out the file's compile arguments and optimizer state (Keras: compile=False).
	NoCompile bool
}

// LoadModel reads a .keras archive that Save or Python's model.save wrote, or a legacy .h5 file of Keras 3 or 2
// (Keras: keras.saving.load_model); the content tells which it is. The layers in it must be known: import
// package layers (or saving, which does), and register your own.
func LoadModel(path string, o LoadOptions) (*Model, error) {
	m, err := loadModel(path, o)
	if err != nil {
		return nil, fmt.Errorf("loading model %s: %w", path, brief(err))
	}
	return m, nil
}

func loadModel(path string, o LoadOptions) (*Model, error) {
	if format, err := kerasfile.Detect(path); err == nil && format == kerasfile.LegacyModelFormat {
		return loadLegacy(path, o)
	}
	f, err := kerasfile.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	m, err := FromJSON(f.Config(), !o.NoCompile)
	if err == nil {
		err = m.restore(f, !o.NoCompile)
	}
	if err != nil {
		return nil, orDamage(f, err)
	}
	return m, nil
}

// stateTree returns the tree of weights that Keras's files have: for every
// layer a group named after its class and its place among layers of that class.
func (m *Model) stateTree() (*kerasfile.Group, error) {
	root := kerasfile.NewGroup()
	w := &treeWalk{again: true, visited: map[*BaseLayer]bool{}, visit: func(path string, l Layer, weights []*Weight) error {
		return saveVars(root, path, l.Base().Name(), weights)
	}}
	if err := w.model("", m); err != nil {
		return nil, err
	}
	if t := m.training; t != nil && m.inputs != nil {
		if err := m.buildOptimizer(); err != nil {
			return nil, err
		}
		if err := t.saveOptimizer(root); err != nil {
			return nil, err
		}
	}
	return root, nil
}

// treeWalk visits the layers with the paths of their groups in a file.
type treeWalk struct {
	again   bool // visit a layer wherever it is, not just where it comes first
	visited map[*BaseLayer]bool
	visit   func(path string, l Layer, weights []*Weight) error
}

func (w *treeWalk) model(path string, m *Model) error {
	used := map[string]int{}
	for _, l := range m.Layers() {
		name := config.SnakeCase(l.KerasClass().Name)
		n := used[name]
		used[name]++
		if n > 0 {
			name += "_" + strconv.Itoa(n)
		}
		if w.visited[l.Base()] && !w.again {
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
		if err := w.tracked(inner, l); err != nil {
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
func (m *Model) restore(f *kerasfile.Reader, optimizer bool) error {
	root := f.Weights()
	p := newRestorePlan(false)
	if err := p.matchTree(m, root); err != nil {
		return err
	}
	if t := m.training; optimizer && t != nil && m.inputs != nil && root.Group("optimizer") != nil {
		if err := m.buildOptimizer(); err != nil {
			return err
		}
		if err := p.matchOptimizer(root, t); err != nil {
			return err
		}
	}
	return p.apply(f)
}
