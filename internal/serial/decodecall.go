package serial

import (
	"fmt"

	"github.com/gokeras/gokeras/internal/config"
	"github.com/gokeras/gokeras/internal/nest"
	"github.com/gokeras/gokeras/symbolic"
)

// pendingCall is the first of the calls still to make.
type pendingCall struct {
	args   []any
	kwargs map[string]any
	refs   []any // of the tensors in them, in order
	inputs []any // of the first references
}

// ref stands for a tensor in a pending call.
type ref int

// decodeCall reads the next call of d; missing is what has to be made first.
func decodeCall(d *decodedLayer, byName map[string]*decodedLayer) (args []any, kwargs map[string]any, missing *missingNode, err error) {
	if d.pending == nil {
		if d.pending, err = parseCall(d.calls[0]); err != nil {
			return nil, nil, nil, err
		}
	}
	p := d.pending
	for _, ref := range p.refs[len(p.inputs):] {
		t, missing, err := resolveRef(ref, byName)
		if err != nil || missing != nil {
			return nil, nil, missing, err
		}
		if _, isTensor := t.(*symbolic.Tensor); !isTensor && d.late == nil {
			return nil, nil, nil, fmt.Errorf("it takes %v, a number that only operations of TensorFlow can take", ref)
		}
		p.inputs = append(p.inputs, t)
	}
	put := func(v any) any {
		out, _ := nest.Map(v, func(leaf any) (any, error) {
			if r, ok := leaf.(ref); ok {
				return p.inputs[r], nil
			}
			return leaf, nil
		})
		return out
	}
	kwargs, _ = put(p.kwargs).(map[string]any)
	return put(p.args).([]any), kwargs, nil, nil
}

// parseCall reads an inbound node.
func parseCall(call any) (*pendingCall, error) {
	entry, ok := call.(map[string]any)
	if !ok {
		return nil, fmt.Errorf("an inbound node is a %T, want Keras 3's object with args and kwargs (older files must be re-saved with Keras 3)", call)
	}
	args, _ := entry["args"].([]any)
	kwargs, _ := entry["kwargs"].(map[string]any)
	p := &pendingCall{args: []any{}}
	take := func(v any) any {
		out, _ := nest.Replace(v, func(_ nest.Path, v any) (any, bool, error) {
			m, ok := v.(map[string]any)
			if !ok || m["class_name"] != "__keras_tensor__" {
				return nil, false, nil
			}
			cfg, _ := m["config"].(map[string]any)
			p.refs = append(p.refs, cfg["keras_history"])
			return ref(len(p.refs) - 1), true, nil
		})
		return out
	}
	if len(args) > 0 {
		p.args = take(args).([]any)
	}
	if len(kwargs) > 0 {
		p.kwargs = take(kwargs).(map[string]any)
	}
	if len(p.refs) == 0 {
		return nil, fmt.Errorf("a call without symbolic tensors")
	}
	return p, nil
}

// resolveRef finds the tensor of [layer name, node index, tensor index]; missing is its node while that isn't made.
func resolveRef(ref any, byName map[string]*decodedLayer) (output any, missing *missingNode, err error) {
	list, ok := ref.([]any)
	if !ok || len(list) != 3 {
		return nil, nil, fmt.Errorf("a tensor reference is %v, want [layer name, node index, tensor index]", ref)
	}
	name, okName := list[0].(string)
	nodeIndex, okNode := config.AsInt(list[1])
	tensorIndex, okTensor := config.AsInt(list[2])
	if !okName || !okNode || !okTensor || nodeIndex < 0 || tensorIndex < 0 {
		return nil, nil, fmt.Errorf("a tensor reference is %v, want [layer name, node index, tensor index]", ref)
	}
	d := byName[name]
	if d == nil {
		return nil, nil, fmt.Errorf("a tensor of layer %q is used, but there is no such layer", name)
	}
	if nodeIndex >= len(d.made) {
		if nodeIndex >= len(d.made)+len(d.calls) {
			return nil, nil, fmt.Errorf("call %d of layer %q is used, which has only %d", nodeIndex, name, len(d.made)+len(d.calls))
		}
		return nil, &missingNode{d, nodeIndex}, nil
	}
	outputs := d.made[nodeIndex]
	if tensorIndex >= len(outputs) {
		return nil, nil, fmt.Errorf("output %d of layer %q is used, which has only %d", tensorIndex, name, len(outputs))
	}
	return outputs[tensorIndex], nil, nil
}
