package functional

import (
	"fmt"
	"maps"
	"slices"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/internal/kerasops"
)

// operation stands among a model's layers for one of Keras's operations on symbolic tensors: x + y, keras.ops.mean(x). It has
// no weights, and its shapes depend on the arguments of the call, which its nodes keep.
type operation struct {
	BaseLayer
	cfg LayerConfig
	op  *kerasops.Operation
}

func newOperation(class string, cfg map[string]any) (*operation, error) {
	op, err := kerasops.New(class, cfg)
	if err != nil {
		return nil, err
	}
	o := &operation{op: op}
	o.Init(o, &o.cfg)
	return o, nil
}

// KerasClass names the operation's class in Keras, which files also give as its registered name.
func (o *operation) KerasClass() Class {
	return Class{Module: o.op.Module(), Name: o.op.Class(), Registered: o.op.Class()}
}

// KerasConfig returns what every layer has; files hold the operation's own arguments beside the name.
func (o *operation) KerasConfig() any { return &o.cfg }

// OutputShapes fails: only a call with its arguments has shapes.
func (o *operation) OutputShapes([]Shape) ([]Shape, error) {
	return nil, fmt.Errorf("operation %s is called with arguments: use package ops", o.op.Class())
}

// WeightSpecs returns none.
func (o *operation) WeightSpecs([]Shape) ([]WeightSpec, error) { return nil, nil }

// Call fails, like OutputShapes.
func (o *operation) Call(*Call, []*graph.Node) []*graph.Node {
	panic(fmt.Errorf("operation %s is called with arguments: use package ops", o.op.Class()))
}

// config is the operation's configuration as files have it.
func (o *operation) config() map[string]any {
	cfg := o.op.Config()
	cfg["name"] = o.Name()
	return cfg
}

// isOperationModule tells {"module": "keras.src.ops.numpy", "class_name": "Add"} from the layer of that class name.
func isOperationModule(module string) bool { return kerasops.IsModule(module) }

// infer returns the shapes and types of a call's outputs.
func (o *operation) infer(call *kerasops.Arguments, shapes []Shape, dtypes []string) ([]Shape, []string, error) {
	specs := make([]kerasops.Spec, len(shapes))
	for i, s := range shapes {
		specs[i] = kerasops.Spec{Shape: s, DType: dtypes[i]}
	}
	out, err := o.op.Infer(call, specs)
	if err != nil {
		return nil, nil, err
	}
	outShapes, outTypes := make([]Shape, len(out)), make([]string, len(out))
	for i, s := range out {
		outShapes[i], outTypes[i] = slices.Clone(Shape(s.Shape)), s.DType
		if outShapes[i] == nil {
			outShapes[i] = Shape{}
		}
	}
	return outShapes, outTypes, nil
}

// operationFromConfig makes the operation that an entry of a configuration's list of layers describes.
func operationFromConfig(m map[string]any) (Layer, error) {
	class, _ := m["class_name"].(string)
	cfg, _ := m["config"].(map[string]any)
	o, err := newOperation(class, cfg)
	if err != nil {
		return nil, err
	}
	name, ok := cfg["name"].(string)
	if !ok {
		name, ok = m["name"].(string)
	}
	if ok {
		o.SetName(name)
	}
	return o, o.err
}

// ApplyOperation applies one of Keras's operations, named as Keras's class is ("Mean"), with its constructor's and its call's
// arguments: *Tensor and what JSON has, in any nesting. Package ops has a function for each operation.
func ApplyOperation(class string, cfg map[string]any, args []any, kwargs map[string]any) []*Tensor {
	caller := callerOutside()
	o, err := newOperation(class, cfg)
	if err != nil {
		return []*Tensor{failed(fmt.Errorf("%s: %w", caller, err))}
	}
	outputs := o.ApplyCall(args, kwargs)
	if outputs[0].Err() != nil {
		o.auto.giveBack()
	}
	return outputs
}

// ApplyCall applies the layer as Keras's __call__ does, with positional and keyword arguments: each is a *Tensor, a value that
// JSON has (nil, bool, int, float64, string), or a []any or map[string]any of these. The layer's Call is given all the tensors
// in the order of the arguments, those of keywords last, in alphabetical order; [Call.Keyword] tells them apart.
func (b *BaseLayer) ApplyCall(args []any, kwargs map[string]any) []*Tensor {
	var inputs []*Tensor
	call := &kerasops.Arguments{Args: make([]any, len(args)), Kwargs: map[string]any{}}
	for i, a := range args {
		call.Args[i] = takeTensors(a, &inputs)
	}
	for _, key := range slices.Sorted(maps.Keys(kwargs)) {
		call.Kwargs[key] = takeTensors(kwargs[key], &inputs)
	}
	if len(inputs) == 0 {
		return []*Tensor{failed(fmt.Errorf("%s: layer %q was called without a symbolic tensor", callerOutside(), b.Name()))}
	}
	return b.applyCall(inputs, call)
}

// takeTensors moves the tensors in v to inputs and leaves their places.
func takeTensors(v any, inputs *[]*Tensor) any {
	switch v := v.(type) {
	case *Tensor:
		*inputs = append(*inputs, v)
		return kerasops.Ref(len(*inputs) - 1)
	case []*Tensor:
		out := make([]any, len(v))
		for i, t := range v {
			out[i] = takeTensors(t, inputs)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = takeTensors(e, inputs)
		}
		return out
	case map[string]any:
		out := make(map[string]any, len(v))
		for _, key := range slices.Sorted(maps.Keys(v)) {
			out[key] = takeTensors(v[key], inputs)
		}
		return out
	}
	return v
}

// fillTensors is takeTensors undone: each place is filled by what put gives for it.
func fillTensors(v any, put func(input int) any) any {
	switch v := v.(type) {
	case kerasops.Ref:
		return put(int(v))
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = fillTensors(e, put)
		}
		return out
	case map[string]any:
		out := make(map[string]any, len(v))
		for key, e := range v {
			out[key] = fillTensors(e, put)
		}
		return out
	case float64:
		return pythonFloat(v)
	}
	return v
}

// keywordLayer is implemented by layers whose call takes tensors as keyword arguments.
type keywordLayer interface {
	// TakesKeyword reports whether the call has a keyword argument of that name that may be a tensor.
	TakesKeyword(name string) bool
}

// Keyword returns a keyword argument of the call: a *graph.Node for a tensor, any other value as JSON has it; ok is false if it
// wasn't given.
func (c *Call) Keyword(name string) (value any, ok bool) {
	if c.arguments == nil {
		return nil, false
	}
	v, ok := c.arguments.Kwargs[name]
	return fillTensors(v, func(i int) any { return c.inputs[i] }), ok
}

// outputShapes infers the node's output shapes for other input shapes.
func (n *node) outputShapes(shapes []Shape) ([]Shape, error) {
	o, ok := n.layer.(*operation)
	if !ok {
		return n.layer.OutputShapes(shapes)
	}
	dtypes := make([]string, len(n.inputs))
	for i, t := range n.inputs {
		dtypes[i] = t.dtype
	}
	out, _, err := o.infer(n.call, shapes, dtypes)
	return out, err
}

// applyNode is apply for one node, with the arguments of its call.
func (p *forward) applyNode(n *node, inputs []*graph.Node) []*graph.Node {
	if o, ok := n.layer.(*operation); ok {
		return o.op.Build(p.graph, n.call, inputs)
	}
	return p.applyWith(n.layer, inputs, n.call)
}

// FailedOperation returns what ApplyOperation returns of a call that fails: one tensor that carries the error.
func FailedOperation(class string, err error) []*Tensor {
	return []*Tensor{failed(fmt.Errorf("%s: operation %s: %w", callerOutside(), class, err))}
}
