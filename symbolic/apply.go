package symbolic

import (
	"fmt"
	"maps"
	"strings"

	"github.com/gokeras/gokeras/internal/catch"
	"github.com/gokeras/gokeras/internal/nest"
)

// node is one application of a layer.
type node struct {
	layer   Layer
	index   int            // among the layer's applications
	args    []any          // of the call, as files record it
	kwargs  map[string]any // the same; tensors are *Tensor
	inputs  []*Tensor      // those in args and kwargs
	asked   *bool          // the training argument that the caller gave
	outputs []*Tensor
	caller  string // file:line of the application
}

// parents returns the nodes that make the node's inputs.
func (n *node) parents() []*node {
	parents := make([]*node, len(n.inputs))
	for i, t := range n.inputs {
		parents[i] = t.node
	}
	return parents
}

// Apply applies the layer to its inputs and returns its one output. Several inputs are the list that Keras's layer takes, or, for a
// layer whose call begins with several tensors (query, value), these in order. Applying a layer again shares its weights.
func (b *BaseLayer) Apply(inputs ...*Tensor) *Tensor { return b.single(b.ApplyMulti(inputs...)) }

// ApplyMulti is [BaseLayer.Apply] for a layer with any number of outputs; a failed application returns one tensor with the error.
func (b *BaseLayer) ApplyMulti(inputs ...*Tensor) []*Tensor {
	return b.ApplyCall(b.grouped(toAny(inputs)), nil)
}

// ApplyWith is [BaseLayer.Apply] with keyword arguments: tensors, lists ([]*Tensor) and maps of them, and plain values
// (Keras: layer(x, mask=m, return_attention_scores=True)).
func (b *BaseLayer) ApplyWith(kwargs map[string]any, inputs ...*Tensor) []*Tensor {
	return b.ApplyCall(b.grouped(toAny(inputs)), kwargs)
}

// ApplyData applies a layer that takes a dictionary, in which may be others, to one, and returns the outputs in its form (Keras:
// layer({"images": x, "labels": y})), as the preprocessing layers of images do. Where that fails, each of them carries the error.
func (b *BaseLayer) ApplyData(data map[string]any) map[string]any {
	outputs := b.ApplyCall([]any{data}, nil)
	packed, err := nest.Pack(data, toAny(outputs))
	if err == nil {
		return packed.(map[string]any)
	}
	bad := outputs[0]
	if bad.Err() == nil {
		bad = failed(fmt.Errorf("%s: layer %q has %d outputs for a dictionary of %d tensors", CallerOutside(), b.Name(), len(outputs), len(nest.Flatten(data))))
	}
	packed, _ = nest.Map(data, func(any) (any, error) { return bad, nil })
	return packed.(map[string]any)
}

func toAny[T any](list []T) []any {
	out := make([]any, len(list))
	for i, v := range list {
		out[i] = v
	}
	return out
}

func (b *BaseLayer) single(outputs []*Tensor) *Tensor {
	if len(outputs) > 1 {
		return failed(fmt.Errorf("%s: layer %q has %d outputs: use ApplyMulti", CallerOutside(), b.Name(), len(outputs)))
	}
	return outputs[0]
}

// grouped makes positional arguments of the inputs.
func (b *BaseLayer) grouped(inputs []any) []any {
	if b.layer == nil {
		return inputs
	}
	_, list := b.layer.(ListTaker)
	if s, err := ParseSignature(b.layer.Signature()); err == nil && s.required() > 1 {
		return inputs
	}
	if list || len(inputs) > 1 {
		return []any{inputs}
	}
	return inputs
}

// ApplyCall applies the layer as Keras's __call__ does, with positional and keyword arguments: each is a *Tensor, a value that
// JSON has (nil, bool, int, float64, string), or a list or map of these. Their names are those of the layer's Signature.
func (b *BaseLayer) ApplyCall(args []any, kwargs map[string]any) []*Tensor {
	if b == nil {
		return []*Tensor{AppliedNil()}
	}
	caller := CallerOutside()
	inputs := tensorsIn(args, kwargs)
	for _, t := range inputs {
		if err := t.Err(); err != nil {
			return []*Tensor{failed(err)}
		}
	}
	switch {
	case b.layer == nil:
		return []*Tensor{failed(fmt.Errorf("%s: a layer was applied that its constructor did not make", caller))}
	case len(inputs) == 0 && IsOperation(b.layer):
		return []*Tensor{failed(fmt.Errorf("%s: layer %q was called without a symbolic tensor", caller, b.Name()))}
	}
	outputs, err := b.apply(args, kwargs, inputs, caller)
	if err != nil {
		shapes := make([]string, len(inputs))
		for i, t := range inputs {
			shapes[i] = t.shape.String()
		}
		called := "on no input"
		if len(shapes) > 0 {
			called = "on " + strings.Join(shapes, ", ")
		}
		return []*Tensor{failed(fmt.Errorf("%s: layer %q (%s) called %s: %w", caller, b.Name(), b.layer.KerasClass().Name, called, err))}
	}
	return outputs
}

func (b *BaseLayer) apply(args []any, kwargs map[string]any, inputs []*Tensor, caller string) ([]*Tensor, error) {
	if b.err != nil {
		return nil, b.err
	}
	if specs, shown := b.shownSpecs(inputs); shown {
		return b.newNode(&node{args: args, kwargs: kwargs, inputs: inputs, caller: caller}, specs).outputs, nil
	}
	signature, err := ParseSignature(b.layer.Signature())
	if err != nil {
		return nil, err
	}
	if _, plain := b.layer.(Positional); !plain {
		if err := onlyTensors(args); err != nil {
			return nil, err
		}
	}
	if picky, ok := b.layer.(SymbolicChecker); ok {
		if err := picky.CheckSymbolic(args); err != nil {
			return nil, err
		}
	}
	// What the masks are, and what Keras records of the call.
	maskOf := func(t *Tensor) any {
		if t.mask == nil {
			return nil
		}
		return t.mask
	}
	bound, err := bindArguments[*Tensor](signature, args, kwargs, maskOf)
	if err != nil {
		return nil, err
	}
	specs, err := b.prepare(specsOf(args).([]any), toKwargs(specsOf(kwargs)))
	if err != nil {
		return nil, err
	}
	recorded := b.recorded(bound, args, kwargs)
	n := b.newNode(&node{args: args, kwargs: recorded, inputs: tensorsIn(args, recorded), caller: caller}, specs)
	if training, ok := kwargs[trainingArgument].(bool); ok {
		n.asked = &training
	}
	if masker, ok := b.layer.(Masker); ok {
		var masks []Mask
		err := catch.Panic(func() error {
			masks = masker.ComputeMask(&MaskCall{ops: symbolicOps{}, inputs: bound.values[bound.firstName()], previous: bound.previousMask(maskOf), outputs: len(specs)})
			return nil
		})
		if err != nil {
			return nil, fmt.Errorf("computing its mask: %w", err)
		}
		for i, mask := range masks {
			if t, ok := mask.(*Tensor); ok && i < len(n.outputs) {
				if err := t.Err(); err != nil {
					return nil, fmt.Errorf("computing its mask: %w", err)
				}
				n.outputs[i].mask = t
			}
		}
	}
	return n.outputs, nil
}

// newNode makes n, with outputs of those specs, the layer's next application.
func (b *BaseLayer) newNode(n *node, specs []Spec) *node {
	n.layer, n.index = b.layer, len(b.nodes)
	for i, s := range specs {
		n.outputs = append(n.outputs, &Tensor{shape: s.Shape, dtype: s.DType, node: n, index: i})
	}
	b.nodes = append(b.nodes, n)
	return n
}

func toKwargs(v any) map[string]any {
	m, _ := v.(map[string]any)
	return m
}

// specsOf puts the spec of each tensor in its place.
func specsOf(v any) any {
	if one, ok := v.([]any); ok && len(one) == 1 { // the usual call, without a walk
		if t, ok := one[0].(*Tensor); ok {
			return []any{t.spec()}
		}
	}
	specs, _ := nest.Map(v, func(leaf any) (any, error) {
		if t, ok := leaf.(*Tensor); ok {
			return t.spec(), nil
		}
		return leaf, nil
	})
	return specs
}

// recorded returns the keyword arguments that Keras records of a call: those that were given, and, where the call is of one tensor in the layer's own
// type and nothing else, also those that Keras fills in: Python adds them to the very dictionary that the node keeps.
func (b *BaseLayer) recorded(bound *Arguments[*Tensor], args []any, kwargs map[string]any) map[string]any {
	out := map[string]any{}
	maps.Copy(out, kwargs)
	_, isNetwork := NetworkOf(b.layer)
	if !isNetwork {
		if len(kwargs) > 0 || len(args) != 1 {
			return out
		}
		t, one := args[0].(*Tensor)
		if !one || t.dtype != dtypeName(b.cfg.DType.Compute()) {
			return out
		}
	}
	if v := bound.values[trainingArgument]; v != nil && bound.signature.Has(trainingArgument) {
		out[trainingArgument] = v
	}
	if bound.signature.Has(maskArgument) {
		out[maskArgument] = bound.values[maskArgument]
	}
	return out
}
