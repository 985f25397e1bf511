package symbolic

import (
	"fmt"
	"maps"
	"strings"
	"sync"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/internal/config"
)

// LambdaBody is what a Lambda layer of a file does, written in Go.
type LambdaBody struct {
	// Call is the function: it gets the tensors of the first argument, and Python's arguments= as the file has them. It panics with an error,
	// as GoMLX's functions do.
	Call func(c *Call, x []*graph.Node, arguments map[string]any) []*graph.Node
	// Infer returns the specs of the outputs. Without it the output has the output_shape of the file, or is like the first input where that has none.
	Infer func(x []Spec, arguments map[string]any) ([]Spec, error)
}

var lambdas = struct {
	sync.Mutex
	bodies map[string]LambdaBody
}{bodies: map[string]LambdaBody{}}

// RegisterLambda gives the Lambda layers of files a body: those of that name, or whose Python function is called so. Python's code is never
// run; it is written back as it was.
func RegisterLambda(name string, body LambdaBody) {
	lambdas.Lock()
	defer lambdas.Unlock()
	lambdas.bodies[name] = body
}

// lambda is Keras's Lambda with a body in Go.
type lambda struct {
	BaseLayer
	cfg  lambdaConfig
	body LambdaBody
}

type lambdaConfig struct {
	LayerConfig
	Function    asItIs `keras:"function"`
	OutputShape asItIs `keras:"output_shape,omitempty"`
	Mask        asItIs `keras:"mask,omitempty"`
	Arguments   asItIs `keras:"arguments,omitempty"`
	// What Keras 2 says besides.
	FunctionType      asItIs `keras:"function_type,omitempty"`
	Module            asItIs `keras:"module,omitempty"`
	OutputShapeType   asItIs `keras:"output_shape_type,omitempty"`
	OutputShapeModule asItIs `keras:"output_shape_module,omitempty"`
}

// asItIs is a value of a file that is written back without a change.
type asItIs struct{ value any }

// EncodeKeras returns what was read.
func (v *asItIs) EncodeKeras() (any, error) { return v.value, nil }

// DecodeKeras keeps it.
func (v *asItIs) DecodeKeras(value any) error {
	v.value = value
	return nil
}

// NewLambda makes the Lambda layer that a file's configuration describes, if a body is registered for it.
func NewLambda(cfg map[string]any) (Layer, error) {
	l := &lambda{}
	l.Init(l, &l.cfg.LayerConfig)
	if err := ReadConfig(l, cfg); err != nil {
		return nil, err
	}
	names := append([]string{l.Name()}, functionNames(l.cfg.Function.value)...)
	lambdas.Lock()
	defer lambdas.Unlock()
	for _, name := range names {
		if body, ok := lambdas.bodies[name]; ok && body.Call != nil {
			l.body = body
			return l, l.cfg.check()
		}
	}
	return nil, fmt.Errorf("layer %q: a Lambda layer holds Python code, which is never run here: give it a body in Go with functional.RegisterLambda(%q, …), "+
		"or re-save the model from Python with Keras's layers, or a registered layer class, in its place", l.Name(), names[len(names)-1])
}

// functionNames are the names by which a file may call a Python function.
func functionNames(v any) []string {
	switch v := v.(type) {
	case string:
		return []string{v}
	case map[string]any:
		var names []string
		if registered, ok := v["registered_name"].(string); ok && strings.Contains(registered, ">") {
			names = append(names, registered)
		}
		if name, ok := v["config"].(string); ok {
			names = append(names, name)
		}
		return names
	}
	return nil
}

func (c *lambdaConfig) check() error {
	if c.Mask.value != nil {
		return fmt.Errorf("layer %q: a Lambda layer whose mask is computed by Python code isn't supported", c.Name)
	}
	if _, ok := c.Arguments.value.(map[string]any); !ok && c.Arguments.value != nil {
		return fmt.Errorf("layer %q: arguments: got a %T, want an object", c.Name, c.Arguments.value)
	}
	return nil
}

// arguments are a copy of Python's arguments=.
func (c *lambdaConfig) arguments() map[string]any {
	given, _ := c.Arguments.value.(map[string]any)
	if given == nil {
		return map[string]any{}
	}
	return maps.Clone(given)
}

// KerasClass names Keras's Lambda.
func (l *lambda) KerasClass() Class { return Class{Module: "keras.layers", Name: "Lambda"} }

// KerasConfig returns the layer's configuration.
func (l *lambda) KerasConfig() any { return &l.cfg }

// Signature is that of Keras's layer.
func (l *lambda) Signature() string { return "inputs mask=None training=None" }

// Infer asks the body, or follows the file.
func (l *lambda) Infer(in *Inputs) ([]Spec, error) {
	x := in.First()
	if l.body.Infer != nil {
		return l.body.Infer(x, l.cfg.arguments())
	}
	if len(x) == 0 {
		return nil, fmt.Errorf("it was called without a tensor")
	}
	if l.cfg.OutputShape.value == nil {
		return []Spec{x[0]}, nil
	}
	list, ok := l.cfg.OutputShape.value.([]any)
	shape := Shape{None}
	if len(x[0].Shape) > 0 {
		shape[0] = x[0].Shape[0]
	}
	for _, d := range list {
		n, isInt := config.AsInt(d)
		switch {
		case d == nil:
			n = None
		case !isInt || n < 0:
			ok = false
		}
		shape = append(shape, n)
	}
	if !ok {
		return nil, fmt.Errorf("its output_shape isn't a list of sizes in the file: give the body an Infer")
	}
	return []Spec{l.Floats(shape)}, nil
}

// Call runs the body.
func (l *lambda) Call(c *Call, in []*graph.Node) []*graph.Node {
	return l.body.Call(c, in, l.cfg.arguments())
}
