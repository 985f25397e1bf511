package symbolic

import (
	"fmt"
	"slices"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/internal/config"
	"github.com/gokeras/gokeras/internal/kerasops"
	"github.com/gokeras/gokeras/internal/nest"
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

// Signature takes whatever the operation takes.
func (o *operation) Signature() string { return "*args **kwargs" }

// TakesPlainValues says that numbers may stand beside tensors.
func (o *operation) TakesPlainValues() {}

// NeedsNoBuild says that files have no build_config for it.
func (o *operation) NeedsNoBuild() {}

// KeepsInputTypes says that halves are computed as halves: operations have no dtype policy.
func (o *operation) KeepsInputTypes() {}

// Infer returns the shapes and types of a call's outputs.
func (o *operation) Infer(in *Inputs) ([]Spec, error) {
	var specs []kerasops.Spec
	refs := func(v any) any {
		out, _ := nest.Map(v, func(leaf any) (any, error) {
			if s, ok := leaf.(Spec); ok {
				specs = append(specs, kerasops.Spec{Shape: s.Shape, DType: s.DType})
				return kerasops.Ref(len(specs) - 1), nil
			}
			return leaf, nil
		})
		return out
	}
	call := &kerasops.Arguments{Args: refs(in.Get("args")).([]any), Kwargs: refs(in.Get("kwargs")).(map[string]any)}
	inferred, err := o.op.Infer(call, specs)
	if err != nil {
		return nil, err
	}
	out := make([]Spec, len(inferred))
	for i, s := range inferred {
		out[i] = Spec{append(Shape{}, s.Shape...), s.DType}
	}
	return out, nil
}

// ofSteps says of the part of a tensor (batch, steps, …) that a key takes, x[:, -1] or x[:, :, 0], whether it has the steps, and whether it is their last one;
// ok is false where it is something else of the steps.
func ofSteps(key any) (all, last, ok bool) {
	list, _ := key.([]any)
	whole := func(k any) bool {
		slice, _ := k.(map[string]any)
		bounds, _ := slice["config"].(map[string]any)
		return slice["class_name"] == "__slice__" && bounds != nil && bounds["start"] == nil && bounds["stop"] == nil && bounds["step"] == nil
	}
	if len(list) < 2 || !whole(list[0]) {
		return false, false, false
	}
	if whole(list[1]) {
		return true, false, true
	}
	at, isNumber := config.AsInt(list[1])
	return false, at == -1, isNumber && at >= -1
}

// OutputSteps says that as many steps count as of the arguments, where the operation combines each step with the same one. A list or array of numbers may have one for each step.
func (o *operation) OutputSteps(c *Call) ([]*graph.Node, bool) {
	if args, _ := c.came["args"].([]any); o.op.Class() == "GetItem" && len(args) == 2 {
		x, isTensor := args[0].(*Value)
		all, _, ok := ofSteps(args[1])
		if !isTensor || !ok || !all && !x.Node.DType().IsFloat() {
			return nil, false
		}
		if !all {
			return nil, true
		}
		return []*graph.Node{x.Steps}, true
	}
	steps, ok := c.CommonSteps()
	for _, arguments := range []any{c.came["args"], c.came["kwargs"]} {
		plain := func(v any) bool {
			_, isList := v.([]any)
			_, isMap := v.(map[string]any)
			return !isList && !isMap
		}
		switch all := arguments.(type) {
		case []any:
			ok = ok && !slices.ContainsFunc(all, func(v any) bool { return !plain(v) })
		case map[string]any:
			for _, v := range all {
				ok = ok && plain(v)
			}
		}
	}
	return []*graph.Node{steps}, ok && o.op.EachAlone()
}

// Call computes the operation.
func (o *operation) Call(c *Call, _ []*graph.Node) []*graph.Node {
	call, nodes := operationCall(c.Get("args").([]any), c.Get("kwargs").(map[string]any))
	if o.cfg.DType.Compute() != dtypes.Float64 {
		for i, n := range nodes { // as on JAX
			if n.DType() == dtypes.Float64 {
				nodes[i] = graph.ConvertDType(n, dtypes.Float32)
			}
		}
	}
	if steps := c.Steps(); steps != nil && o.op.Class() == "GetItem" {
		if args := c.Get("args").([]any); len(args) == 2 {
			if _, last, _ := ofSteps(args[1]); last {
				nodes[0] = lastOf(nodes[0], steps)
			}
		}
	}
	return o.op.Build(c.Graph(), call, nodes)
}

// lastOf is the last of so many steps of x, (batch, 1, …).
func lastOf(x, steps *graph.Node) *graph.Node {
	dims := x.Shape().Dimensions
	at := graph.Equal(graph.Iota(x.Graph(), shapes.Make(dtypes.Int32, dims...), 1), graph.BroadcastToDims(graph.AddScalar(steps, -1), dims...))
	return graph.InsertAxes(graph.ReduceSum(graph.Where(at, x, graph.ZerosLike(x)), 1), 1)
}

// config is the operation's configuration as files have it.
func (o *operation) config() map[string]any {
	cfg := o.op.Config()
	cfg["name"] = o.Name()
	return cfg
}

// Operation is what files say of a layer that is one of Keras's operations on tensors; ok is false for other layers.
func Operation(l Layer) (config map[string]any, ok bool) {
	o, ok := l.(*operation)
	if !ok {
		return nil, false
	}
	return o.config(), true
}

// IsOperation reports whether a layer is one of Keras's operations on tensors.
func IsOperation(l Layer) bool {
	_, ok := l.(*operation)
	return ok
}

// NewOperation makes the operation of a class ("Mean") from its configuration, with the name given, or the next automatic one for "".
func NewOperation(class string, cfg map[string]any, name string) (Layer, error) {
	o, err := newOperation(class, cfg)
	if err != nil {
		return nil, err
	}
	if name != "" {
		o.SetName(name)
	}
	return o, o.err
}

// ApplyOperation applies one of Keras's operations, named as Keras's class is ("Mean"), with its constructor's and its call's
// arguments: *Tensor and what JSON has, in any nesting. Package ops has a function for each operation.
func ApplyOperation(class string, cfg map[string]any, args []any, kwargs map[string]any) []*Tensor {
	caller := CallerOutside()
	o, err := newOperation(class, cfg)
	if err != nil {
		return []*Tensor{failed(fmt.Errorf("%s: %w", caller, err))}
	}
	outputs := o.ApplyCall(args, kwargs)
	if outputs[0].Err() != nil {
		o.GiveNameBack()
	}
	return outputs
}

// FailedOperation returns what ApplyOperation returns of a call that fails: one tensor that carries the error.
func FailedOperation(class string, err error) []*Tensor {
	return []*Tensor{failed(fmt.Errorf("%s: operation %s: %w", CallerOutside(), class, err))}
}
