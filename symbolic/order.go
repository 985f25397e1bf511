package symbolic

import (
	"fmt"
	"slices"
	"sort"
)

// sortGraph finds the nodes between the model's inputs and outputs and orders
// them, and the layers, as Keras does: by the longest way to an output, then in
// the order of a depth-first walk from the outputs.
func (m *Network) sortGraph() error {
	stop := map[*node]bool{}
	for _, t := range m.inputs {
		if stop[t.node] {
			return fmt.Errorf("input %q is listed twice", t.node.layer.Base().Name())
		}
		stop[t.node] = true
	}
	walk := walker{stop: stop, state: map[*node]int{}, layerIndex: map[Layer]int{}}
	for _, t := range slices.Concat(m.outputs, m.aside) {
		if err := walk.visit(t.node); err != nil {
			return err
		}
	}
	nodeDepth, layerDepth := map[*node]int{}, map[Layer]int{}
	var computed []*node // in the order in which Keras computes nodes of one depth
	deepen := func(n *node, depth int) {
		if _, seen := nodeDepth[n]; !seen {
			computed = append(computed, n)
		}
		nodeDepth[n] = max(nodeDepth[n], depth)
	}
	for _, n := range slices.Backward(walk.order) {
		deepen(n, layerDepth[n.layer])
		layerDepth[n.layer] = nodeDepth[n]
		if stop[n] {
			continue
		}
		for _, parent := range n.parents() {
			deepen(parent, nodeDepth[n]+1)
		}
	}
	for _, t := range m.inputs {
		if _, used := layerDepth[t.node.layer]; !used {
			layerDepth[t.node.layer] = 0
			deepen(t.node, 0)
			walk.layerIndex[t.node.layer] = -1
		}
	}

	deepest := 0
	for _, depth := range nodeDepth {
		deepest = max(deepest, depth)
	}
	m.nodesByDepth = make([][]*node, deepest+1)
	m.inside = make(map[*node]bool, len(computed))
	for _, n := range computed {
		at := deepest - nodeDepth[n]
		m.nodesByDepth[at] = append(m.nodesByDepth[at], n)
		m.inside[n] = true
	}
	m.layers = nil
	for l := range layerDepth {
		m.layers = append(m.layers, l)
	}
	sort.Slice(m.layers, func(i, j int) bool {
		a, b := m.layers[i], m.layers[j]
		if layerDepth[a] != layerDepth[b] {
			return layerDepth[a] > layerDepth[b]
		}
		return walk.layerIndex[a] < walk.layerIndex[b]
	})
	m.renameOperations()
	named := map[string]bool{}
	for _, l := range m.layers {
		if err := l.Base().err; err != nil {
			return fmt.Errorf("layer %q: %w", l.Base().Name(), err)
		}
		name := l.Base().Name()
		if named[name] {
			return fmt.Errorf("the name %q is used by 2 layers of the model: all layer names should be unique", name)
		}
		named[name] = true
	}
	return nil
}

// renameOperations gives other names to operations that took an automatic one, as those that compute masks do, which a layer with a name of its own has.
func (m *Network) renameOperations() {
	taken := map[string]bool{}
	automatic := func(l Layer) bool { return IsOperation(l) && l.Base().auto.prefix != "" }
	for _, l := range m.layers {
		if !automatic(l) {
			taken[l.Base().Name()] = true
		}
	}
	for _, l := range m.layers {
		if base := l.Base(); automatic(l) && taken[base.Name()] {
			name, n := base.Name(), 1
			for taken[fmt.Sprintf("%s_%d", name, n)] {
				n++
			}
			base.GiveNameBack()
			base.cfg.Name = fmt.Sprintf("%s_%d", name, n)
		}
		taken[l.Base().Name()] = true
	}
}

// walker walks depth first from the outputs to the inputs.
type walker struct {
	stop       map[*node]bool
	state      map[*node]int // 1 under way, 2 done
	order      []*node       // parents before children
	layerIndex map[Layer]int
}

func (w *walker) visit(n *node) error {
	switch w.state[n] {
	case 1:
		return fmt.Errorf("the graph has a cycle at layer %q", n.layer.Base().Name())
	case 2:
		return nil
	}
	if len(n.inputs) == 0 && !w.stop[n] {
		return fmt.Errorf("graph disconnected: layer %q (%s) feeds the outputs but is not among the inputs", n.layer.Base().Name(), n.caller)
	}
	if _, seen := w.layerIndex[n.layer]; !seen {
		w.layerIndex[n.layer] = len(w.layerIndex)
	}
	w.state[n] = 1
	if !w.stop[n] {
		for _, parent := range n.parents() {
			if err := w.visit(parent); err != nil {
				return err
			}
		}
	}
	w.state[n] = 2
	w.order = append(w.order, n)
	return nil
}
