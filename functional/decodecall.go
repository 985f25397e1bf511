package functional

import (
	"fmt"
	"maps"
	"slices"

	"github.com/gokeras/gokeras/internal/config"
	"github.com/gokeras/gokeras/internal/kerasops"
)

// decodeCall reads the next call of d: its inputs, and how they were given if that isn't one model's map of them; missing is what has to be
// made first.
func decodeCall(d *decodedLayer, byName map[string]*decodedLayer) (inputs []*Tensor, call *kerasops.Arguments, missing *missingNode, err error) {
	if d.pending == nil {
		if d.pending, err = parseCall(d); err != nil {
			return nil, nil, nil, err
		}
	}
	p := d.pending
	for _, ref := range p.refs[len(p.inputs):] {
		t, missing, err := resolveRef(ref, byName)
		if err != nil || missing != nil {
			return nil, nil, missing, err
		}
		p.inputs = append(p.inputs, t)
	}
	return p.inputs, p.call, nil, nil
}

func parseCall(d *decodedLayer) (*pendingCall, error) {
	entry, ok := d.calls[0].(map[string]any)
	if !ok {
		return nil, fmt.Errorf("an inbound node is a %T, want Keras 3's object with args and kwargs (older files must be re-saved with Keras 3)", d.calls[0])
	}
	args, _ := entry["args"].([]any)
	kwargs, _ := entry["kwargs"].(map[string]any)
	var p pendingCall
	var err error
	if inner, ok := d.layer.(*Model); ok && inner.inputForm.names != nil && len(args) > 0 && !namesInputs(args[0], inner.inputForm.names) {
		p.refs, err = callRefs(d.layer, args[0])
	} else {
		p.call, p.refs, err = decodeArguments(d.layer, args, kwargs)
	}
	return &p, err
}

// namesInputs reports whether the argument is a map with just these keys.
func namesInputs(arg any, names []string) bool {
	m, ok := arg.(map[string]any)
	return ok && slices.Equal(slices.Sorted(maps.Keys(m)), names)
}

// decodeArguments reads a call's arguments and the references of the tensors in them, in order.
func decodeArguments(l Layer, args []any, kwargs map[string]any) (*kerasops.Arguments, []any, error) {
	var refs []any
	call := &kerasops.Arguments{Args: make([]any, len(args)), Kwargs: map[string]any{}}
	for i, a := range args {
		call.Args[i] = takeRefs(a, &refs)
	}
	_, isOperation := l.(*operation)
	for _, key := range slices.Sorted(maps.Keys(kwargs)) {
		before := len(refs)
		call.Kwargs[key] = takeRefs(kwargs[key], &refs)
		if taker, ok := l.(keywordLayer); len(refs) > before && before > 0 && !isOperation && (!ok || !taker.TakesKeyword(key)) {
			return nil, nil, fmt.Errorf("a call with a tensor as argument %q is not supported by layers of class %s", key, l.KerasClass().Name)
		}
	}
	if len(refs) == 0 {
		return nil, nil, fmt.Errorf("a call without symbolic tensors")
	}
	return call, refs, nil
}

// takeRefs moves the references of the symbolic tensors in v to refs and leaves their places.
func takeRefs(v any, refs *[]any) any {
	switch v := v.(type) {
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = takeRefs(e, refs)
		}
		return out
	case map[string]any:
		if v["class_name"] == "__keras_tensor__" {
			cfg, _ := v["config"].(map[string]any)
			*refs = append(*refs, cfg["keras_history"])
			return kerasops.Ref(len(*refs) - 1)
		}
		out := make(map[string]any, len(v))
		for _, key := range slices.Sorted(maps.Keys(v)) {
			out[key] = takeRefs(v[key], refs)
		}
		return out
	}
	return v
}

// callRefs lists the references in a call's first argument: a tensor, a list of them, or a map for a model with named inputs.
func callRefs(l Layer, arg any) ([]any, error) {
	switch arg := arg.(type) {
	case []any:
		var refs []any
		for _, a := range arg {
			inner, err := callRefs(l, a)
			if err != nil {
				return nil, err
			}
			refs = append(refs, inner...)
		}
		return refs, nil
	case map[string]any:
		if arg["class_name"] == "__keras_tensor__" {
			cfg, _ := arg["config"].(map[string]any)
			return []any{cfg["keras_history"]}, nil
		}
		if inner, ok := l.(*Model); ok && inner.inputForm.names != nil {
			var refs []any
			for _, name := range inner.inputForm.names {
				ref, err := callRefs(l, arg[name])
				if err != nil {
					return nil, fmt.Errorf("input %q: %w", name, err)
				}
				refs = append(refs, ref...)
			}
			return refs, nil
		}
	}
	return nil, fmt.Errorf("a call's argument is a %T, want symbolic tensors", arg)
}

// resolveRef finds the tensor of [layer name, node index, tensor index]; missing is its node while that isn't made.
func resolveRef(ref any, byName map[string]*decodedLayer) (t *Tensor, missing *missingNode, err error) {
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
	outputs := d.made[nodeIndex].outputs
	if tensorIndex >= len(outputs) {
		return nil, nil, fmt.Errorf("output %d of layer %q is used, which has only %d", tensorIndex, name, len(outputs))
	}
	return outputs[tensorIndex], nil, nil
}
