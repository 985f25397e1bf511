package serial

import (
	"fmt"
	"strconv"

	"github.com/gokeras/gokeras/internal/config"
	"github.com/gokeras/gokeras/internal/kerasfile"
	"github.com/gokeras/gokeras/symbolic"
)

// stateOf returns the tree of weights that Keras's files have, for every
// layer a group named after its class and its place among layers of that class, and the assets.
func stateOf(l symbolic.Layer) (*saved, error) {
	s := &saved{weights: kerasfile.NewGroup(), assets: map[string][]byte{}}
	w := &treeWalk{again: true, visited: map[*symbolic.BaseLayer]bool{}, visit: func(path string, l symbolic.Layer, weights []*symbolic.Weight) error {
		s.vars(path, l.Base().Name(), weights)
		return s.keep(path, l)
	}}
	n, _ := symbolic.NetworkOf(l)
	if err := w.model("", n); err != nil {
		return nil, err
	}
	if c, ok := l.(Compiled); ok && n.Connected() {
		names, variables, _, err := c.OptimizerState()
		if err != nil {
			return nil, err
		}
		s.optimizer(names, variables)
	}
	return s, nil
}

// treeWalk visits the layers with the paths of their groups in a file.
type treeWalk struct {
	again   bool // visit a layer wherever it is, not just where it comes first
	visited map[*symbolic.BaseLayer]bool
	visit   func(path string, l symbolic.Layer, weights []*symbolic.Weight) error
}

func (w *treeWalk) model(path string, n *symbolic.Network) error {
	used := map[string]int{}
	for _, l := range n.Layers() {
		name := config.SnakeCase(l.KerasClass().Name)
		count := used[name]
		used[name]++
		if count > 0 {
			name += "_" + strconv.Itoa(count)
		}
		if w.visited[l.Base()] && !w.again {
			continue
		}
		w.visited[l.Base()] = true
		inner := join(path, "layers/"+name)
		if sub, ok := symbolic.NetworkOf(l); ok {
			if err := w.model(inner, sub); err != nil {
				return err
			}
			continue
		}
		if err := w.visit(inner, l, l.Base().OwnWeights()); err != nil {
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

func saveVars(root *kerasfile.Group, path, owner string, weights []*symbolic.Weight) error {
	group, err := root.MkGroup(join(path, "vars"))
	if err != nil {
		return err
	}
	if err := group.SetAttr("name", owner); err != nil {
		return err
	}
	for i, w := range weights {
		t, err := w.Tensor()
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

// tracked visits the layers that l tracks, in the order of their attributes' names, as Keras does.
func (w *treeWalk) tracked(path string, l symbolic.Layer) error {
	for _, t := range l.Base().Attributes() {
		if w.visited[t.Layer.Base()] && !w.again {
			continue
		}
		w.visited[t.Layer.Base()] = true
		inner := join(path, t.Name)
		if sub, ok := symbolic.NetworkOf(t.Layer); ok {
			if err := w.model(inner, sub); err != nil {
				return err
			}
			continue
		}
		if err := w.visit(inner, t.Layer, t.Layer.Base().OwnWeights()); err != nil {
			return err
		}
		if err := w.tracked(inner, t.Layer); err != nil {
			return err
		}
	}
	return nil
}
