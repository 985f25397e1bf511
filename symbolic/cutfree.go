package symbolic

import (
	"fmt"

	"github.com/gokeras/gokeras/internal/nest"
)

// cutFree lets a model start at tensors that other layers made: it puts a new
// input in the place of each and applies the layers between it and the outputs again, which
// share their weights (Keras: clone_graph_nodes).
func (m *Network) cutFree() error {
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
		var failure error
		fresh := func(v any) any {
			out, err := nest.Map(v, func(leaf any) (any, error) {
				if in, ok := leaf.(*Tensor); ok {
					return copyOf(in)
				}
				return leaf, nil
			})
			if failure == nil {
				failure = err
			}
			return out
		}
		args, kwargs := fresh(t.node.args).([]any), toKwargs(fresh(t.node.kwargs))
		if failure != nil {
			return nil, failure
		}
		outputs := t.node.layer.Base().ApplyCall(args, kwargs)
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
