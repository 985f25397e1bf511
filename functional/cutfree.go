package functional

import "fmt"

// cutFree lets a model start at tensors that other layers made: it puts a new
// input in the place of each and applies the layers between it and the outputs again, which
// share their weights (Keras: clone_graph_nodes).
func (m *Model) cutFree() error {
	replaced := map[*Tensor]*Tensor{}
	for i, t := range m.inputs {
		if _, isInput := t.node.layer.(*InputLayer); isInput {
			replaced[t] = t
			continue
		}
		fresh := InputWith(InputOptions{Shape: t.shape[1:], BatchSize: max(t.shape[0], 0), DType: t.dtype})
		if fresh.err != nil {
			return fresh.err
		}
		replaced[t] = fresh
		m.inputs[i] = fresh
	}
	cut := false
	for t, fresh := range replaced {
		cut = cut || t != fresh
	}
	if !cut {
		return nil
	}
	var copyOf func(t *Tensor) (*Tensor, error)
	copyOf = func(t *Tensor) (*Tensor, error) {
		if fresh, ok := replaced[t]; ok {
			return fresh, nil
		}
		if len(t.node.inputs) == 0 {
			return nil, fmt.Errorf("graph disconnected: layer %q feeds the outputs but is not among the inputs", t.node.layer.Base().Name())
		}
		inputs := make([]*Tensor, len(t.node.inputs))
		for i, in := range t.node.inputs {
			var err error
			if inputs[i], err = copyOf(in); err != nil {
				return nil, err
			}
		}
		outputs := t.node.layer.Base().applyCall(inputs, t.node.call)
		if err := outputs[0].Err(); err != nil {
			return nil, err
		}
		for i, old := range t.node.outputs {
			replaced[old] = outputs[i]
		}
		return replaced[t], nil
	}
	for i, t := range m.outputs {
		var err error
		if m.outputs[i], err = copyOf(t); err != nil {
			return err
		}
	}
	return nil
}
