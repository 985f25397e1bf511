package functional

import (
	"fmt"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/gomlx/compute/dtypes"

	"github.com/gokeras/gokeras/internal/kerasops"
)

// Tensor is a symbolic tensor (Keras: KerasTensor): the promise of a value of a
// shape and type, made by one application of a layer. A failed application
// makes a Tensor that carries the error instead; [Tensor.Err] shows it and NewModel returns it.
type Tensor struct {
	shape Shape
	dtype string
	node  *node
	index int // among the node's outputs
	err   error
}

// Shape is the tensor's shape, None for axes known only when data arrives. It is nil if Err isn't.
func (t *Tensor) Shape() Shape {
	if t == nil {
		return nil
	}
	return t.shape.Clone()
}

// DType is the Keras name of the tensor's type: "float32".
func (t *Tensor) DType() string { return t.dtype }

// Err is the error of the application that should have made the tensor, or nil.
func (t *Tensor) Err() error {
	if t == nil {
		return fmt.Errorf("a nil *functional.Tensor was used where a symbolic tensor is wanted")
	}
	if t.node == nil && t.err == nil {
		return fmt.Errorf("a functional.Tensor that no layer made was used: start with functional.Input")
	}
	return t.err
}

// Layer is the layer whose application made the tensor, nil if it failed.
func (t *Tensor) Layer() Layer {
	if t.node == nil {
		return nil
	}
	return t.node.layer
}

// String shows the tensor as Keras does: its layer, shape and type.
func (t *Tensor) String() string {
	if err := t.Err(); err != nil {
		return fmt.Sprintf("<KerasTensor error: %v>", err)
	}
	return fmt.Sprintf("<KerasTensor shape=%s, dtype=%s, name=%s>", t.shape, t.dtype, t.node.layer.Base().Name())
}

func failed(err error) *Tensor { return &Tensor{err: err} }

// node is one application of a layer.
type node struct {
	layer   Layer
	index   int // among the layer's applications
	inputs  []*Tensor
	outputs []*Tensor
	call    *kerasops.Arguments // how the inputs were given, nil for one tensor or a list of them
	caller  string              // file:line of the application
}

// parents returns the nodes that make the node's inputs.
func (n *node) parents() []*node {
	parents := make([]*node, len(n.inputs))
	for i, t := range n.inputs {
		parents[i] = t.node
	}
	return parents
}

// Apply applies the layer to its inputs, in the order in which Keras takes a
// list of them, and returns its one output. Applying it again shares its weights.
func (b *BaseLayer) Apply(inputs ...*Tensor) *Tensor {
	outputs := b.ApplyMulti(inputs...)
	if len(outputs) > 1 {
		return failed(fmt.Errorf("%s: layer %q has %d outputs: use ApplyMulti", callerOutside(), b.Name(), len(outputs)))
	}
	return outputs[0]
}

// ApplyMulti is Apply for layers (usually models) with several outputs.
func (b *BaseLayer) ApplyMulti(inputs ...*Tensor) []*Tensor { return b.applyCall(inputs, nil) }

func (b *BaseLayer) applyCall(inputs []*Tensor, call *kerasops.Arguments) []*Tensor {
	for _, t := range inputs {
		if err := t.Err(); err != nil {
			return []*Tensor{failed(err)}
		}
	}
	caller := callerOutside()
	if b.layer == nil {
		return []*Tensor{failed(fmt.Errorf("%s: a layer was applied that its constructor did not make", caller))}
	}
	outputs, err := b.apply(inputs, call, caller)
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

func (b *BaseLayer) apply(inputs []*Tensor, call *kerasops.Arguments, caller string) (_ []*Tensor, err error) {
	if b.err != nil {
		return nil, b.err
	}
	if err := validate(b.layer.KerasConfig()); err != nil {
		return nil, err
	}
	shapes := make([]Shape, len(inputs))
	dtypes := make([]string, len(inputs))
	for i, t := range inputs {
		shapes[i], dtypes[i] = t.shape.Clone(), t.dtype
	}
	var outShapes []Shape
	var types []string
	err = catch(func() error {
		var err error
		if o, ok := b.layer.(*operation); ok {
			b.built = shapes
			outShapes, types, err = o.infer(call, shapes, dtypes)
			return err
		}
		if outShapes, err = b.layer.OutputShapes(shapes); err != nil {
			return err
		}
		return b.build(shapes)
	})
	if err != nil {
		return nil, err
	}
	for _, s := range outShapes {
		if err := checkShape(s); err != nil {
			return nil, err
		}
	}
	n := &node{layer: b.layer, index: len(b.nodes), inputs: inputs, call: call, caller: caller}
	if types == nil {
		types = outputTypes(b.layer, dtypes, len(outShapes))
	}
	for i, s := range outShapes {
		n.outputs = append(n.outputs, &Tensor{shape: s, dtype: types[i], node: n, index: i})
	}
	b.nodes = append(b.nodes, n)
	return n.outputs, nil
}

func outputTypes(l Layer, inputs []string, count int) []string {
	if typed, ok := l.(OutputTyped); ok {
		return typed.OutputDTypes(inputs)
	}
	compute := dtypeName(l.Base().cfg.DType.Compute())
	types := make([]string, count)
	for i := range types {
		types[i] = compute
		// Keras's autocast leaves what isn't a float as it is.
		if len(l.Base().weights) == 0 && len(inputs) > 0 && !isFloatName(inputs[0]) && !isFloatOnly(l) {
			types[i] = inputs[0]
		}
	}
	return types
}

// isFloatOnly reports whether the layer turns integers into floats.
func isFloatOnly(l Layer) bool {
	f, ok := l.(interface{ ComputesFloats() bool })
	return ok && f.ComputesFloats()
}

func isFloatName(name string) bool {
	d := dtypeByName(name)
	return d != dtypes.InvalidDType && d.IsFloat()
}

// callerOutside returns file:line of the first caller that isn't one of this
// module's own packages, or of its tests.
func callerOutside() string {
	pcs := make([]uintptr, 32)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs)])
	for {
		f, more := frames.Next()
		inside := strings.HasPrefix(f.Function, modulePath+"/functional.") || strings.HasPrefix(f.Function, modulePath+"/layers.") ||
			strings.HasPrefix(f.Function, modulePath+"/ops.")
		if !inside || strings.HasSuffix(f.File, "_test.go") {
			return fmt.Sprintf("%s:%d", filepath.Base(f.File), f.Line)
		}
		if !more {
			return "unknown caller"
		}
	}
}

const modulePath = "github.com/gokeras/gokeras"
