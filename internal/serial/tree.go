package serial

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gokeras/gokeras/internal/config"
	"github.com/gokeras/gokeras/internal/kerasfile"
	"github.com/gokeras/gokeras/symbolic"
)

// stateOf returns the tree of weights that Keras's files have, for every
// layer a group named after its class and its place among layers of that class, and the assets.
func stateOf(l symbolic.Layer) (*saved, error) {
	s := &saved{weights: kerasfile.NewGroup(), assets: map[string][]byte{}}
	w := &treeWalk{again: true, visited: map[*symbolic.BaseLayer]bool{}, visit: func(path string, l symbolic.Layer, weights []*symbolic.Weight) error {
		s.claimed = append(s.claimed, weights...)
		held, hold := heldWeights(l, weights)
		s.puts = append(s.puts, func() error { return saveVars(s.weights, path, l.Base().Name(), held, hold) })
		return s.keep(path, l)
	}}
	n, _ := symbolic.NetworkOf(l)
	if err := w.model("", n); err != nil {
		return nil, err
	}
	if c, ok := l.(Compiled); ok && n.Connected() {
		parts, _, err := c.OptimizerState()
		if err != nil {
			return nil, err
		}
		s.optimizer(parts)
	}
	return s, nil
}

// keras212Layers is the group of a model's layers in files of Keras 2.12 and 2.13.
const keras212Layers = "_layer_checkpoint_dependencies"

// treeWalk visits the layers with the paths of their groups in a file.
type treeWalk struct {
	again   bool             // visit a layer wherever it is, not just where it comes first
	file    *kerasfile.Group // that is read, whose groups may have names of Keras 2
	keras2  bool             // count the layers that weren't visited before alone
	visited map[*symbolic.BaseLayer]bool
	visit   func(path string, l symbolic.Layer, weights []*symbolic.Weight) error
}

func (w *treeWalk) model(path string, n *symbolic.Network) error {
	used := map[string]int{}
	layers := join(path, "layers")
	// Keras 2.12 and 2.13 have another list, in which layers with weights stand twice.
	twice := join(path, keras212Layers)
	if w.file.Group(layers) == nil && w.file.Group(twice) != nil {
		layers = twice
	}
	list := n.Layers()
	if w.keras2 {
		list = n.LayersAsRead()
	}
	for _, l := range list {
		if w.keras2 && layers != twice && w.visited[l.Base()] {
			continue
		}
		name := config.SnakeCase(l.KerasClass().Own())
		if sync := "sync_" + name; w.keras2 && w.file.Group(join(layers, name)) == nil && w.file.Group(join(layers, sync)) != nil {
			name = sync // SyncBatchNormalization
		}
		count := used[name]
		used[name]++
		if layers == twice && len(l.Base().Weights()) > 0 {
			used[name]++
		}
		if count > 0 {
			name += "_" + strconv.Itoa(count)
		}
		if w.visited[l.Base()] && !w.again {
			continue
		}
		w.visited[l.Base()] = true
		inner := join(layers, name)
		if sub, ok := symbolic.NetworkOf(l); ok {
			if err := w.model(inner, sub); err != nil {
				return err
			}
			continue
		}
		if err := w.visit(inner, l, l.Base().FileWeights()); err != nil {
			return err
		}
		if err := w.tracked(inner, l); err != nil {
			return err
		}
	}
	return w.visit(path, n, nil)
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "/" + name
}

// look gives the value of a weight that files hold, under a claim.
type look func(w *symbolic.Weight, use func(t *tensors.Tensor) error) error

// heldWeights are those of a layer's weights that files hold, and what they hold for each.
func heldWeights(l symbolic.Layer, weights []*symbolic.Weight) ([]*symbolic.Weight, look) {
	merger, ok := l.(symbolic.Merger)
	if !ok {
		return weights, (*symbolic.Weight).Look
	}
	into, factors := merger.Merging()
	if into == nil {
		return weights, (*symbolic.Weight).Look
	}
	held := slices.DeleteFunc(slices.Clone(weights), func(w *symbolic.Weight) bool { return slices.Contains(factors, w) })
	return held, func(w *symbolic.Weight, use func(t *tensors.Tensor) error) error {
		if w != into {
			return w.Look(use)
		}
		values := make([]*tensors.Tensor, len(factors))
		for i, f := range factors {
			if err := f.Look(func(t *tensors.Tensor) (err error) { values[i], err = t.LocalClone(); return err }); err != nil {
				return err
			}
		}
		return w.Look(func(t *tensors.Tensor) error {
			t, err := t.LocalClone()
			if err == nil {
				t, err = merger.Merge(t, values...)
			}
			if err != nil {
				return err
			}
			return use(t)
		})
	}
}

func saveVars(root *kerasfile.Group, path, owner string, weights []*symbolic.Weight, hold look) error {
	group, err := root.MkGroup(join(path, "vars"))
	if err != nil {
		return err
	}
	if err := group.SetAttr("name", owner); err != nil {
		return err
	}
	for i, w := range weights {
		a, err := kerasfile.FromHeld(func(use func(t *tensors.Tensor) error) error { return hold(w, use) })
		if err != nil {
			return fmt.Errorf("weight %s: %w", w.Path(), err)
		}
		if err := group.Set(strconv.Itoa(i), a); err != nil {
			return fmt.Errorf("weight %s: %w", w.Path(), err)
		}
	}
	return nil
}

// tracked visits the layers that l tracks, in the order of their attributes' names, as Keras does.
func (w *treeWalk) tracked(path string, l symbolic.Layer) error {
	for _, t := range l.Base().Attributes() {
		if w.visited[t.Layer.Base()] && !w.again {
			continue
		}
		w.visited[t.Layer.Base()] = true
		inner := join(path, t.Name)
		if old := join(path, "_"+t.Name); w.file.Group(inner) == nil && w.file.Group(old) != nil {
			inner = old // Keras 2 has attributes of its own
		}
		if sub, ok := symbolic.NetworkOf(t.Layer); ok {
			if err := w.model(inner, sub); err != nil {
				return err
			}
			continue
		}
		if err := w.visit(inner, t.Layer, t.Layer.Base().FileWeights()); err != nil {
			return err
		}
		if err := w.tracked(inner, t.Layer); err != nil {
			return err
		}
	}
	return nil
}
