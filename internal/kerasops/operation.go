package kerasops

import (
	"fmt"
	"slices"
	"sort"
	"strings"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/internal/config"
)

// None is an axis of unknown size.
const None = -1

// Spec is the shape and the Keras dtype of a symbolic tensor.
type Spec struct {
	Shape []int
	DType string
}

// Ref stands in a call's arguments for one of its input tensors.
type Ref int

// Arguments are the arguments of one call. A leaf is a [Ref], nil, a bool, an int, a float64, a string or an object that Keras writes
// for a slice, an ellipsis or a constant array; inner nodes are []any and map[string]any.
type Arguments struct {
	Args   []any
	Kwargs map[string]any
}

// definition is an operation's entry in the table.
type definition struct {
	class, module string
	params        []param  // of the constructor
	args          []string // of the call; the last may be "*rest"
	infer         func(c *call) []Spec
	build         func(c *call) []*graph.Node
	each          bool // each number of the output follows from those at its place in the arguments
}

type param struct {
	name     string
	required bool
	byNone   any // the default
}

// table lists the operations by class.
var table = map[string]*definition{}

const modulePrefix = "keras.src.ops."

// define adds an operation: params are Python's, "axis=null keepdims=false" with defaults as JSON; args are the names of the call's.
func define(module, class, args, params string, infer func(c *call) []Spec, build func(c *call) []*graph.Node) {
	d := &definition{class: class, module: modulePrefix + module, args: strings.Fields(args), infer: infer, build: build}
	for _, p := range strings.Fields(params) {
		name, def, optional := strings.Cut(p, "=")
		parsed := param{name: name, required: !optional}
		if optional {
			var err error
			if parsed.byNone, err = config.ParseJSON(def); err != nil {
				panic(fmt.Sprintf("kerasops: %s: default of %s: %v", class, name, err))
			}
		}
		d.params = append(d.params, parsed)
	}
	table[class] = d
}

// defineEach is define for an operation that combines nothing but the numbers at one place of its arguments, broadcast to each other.
func defineEach(module, class, args, params string, infer func(c *call) []Spec, build func(c *call) []*graph.Node) {
	define(module, class, args, params, infer, build)
	table[class].each = true
}

// EachAlone reports whether the operation combines nothing but the numbers at one place of its arguments, broadcast to each other.
func (o *Operation) EachAlone() bool { return o.def.each }

// IsModule reports whether a configuration's module is one of Keras's operations, which share class names with layers.
func IsModule(module string) bool {
	return strings.HasPrefix(module, modulePrefix) || strings.HasPrefix(module, "keras.ops") || module == ownModule
}

// Module is the Python module of the class, "" for one that isn't in the table.
func Module(class string) string {
	if d := table[class]; d != nil {
		return d.module
	}
	return ""
}

// Classes lists the table's classes in alphabetical order.
func Classes() []string {
	names := make([]string, 0, len(table))
	for name := range table {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}

// Operation is an operation with its constructor's arguments.
type Operation struct {
	def    *definition
	config map[string]any
}

// New makes an operation of the class from its configuration without "name"; missing keys are at their defaults.
func New(class string, cfg map[string]any) (*Operation, error) {
	d := table[class]
	if d == nil {
		return nil, config.UnknownName("Keras operation", class, Classes())
	}
	o := &Operation{def: d, config: map[string]any{}}
	var names []string
	for _, p := range d.params {
		names = append(names, p.name)
		v, given := cfg[p.name]
		switch {
		case given:
			o.config[p.name] = v
		case p.required:
			return nil, fmt.Errorf("operation %s: argument %q is missing", class, p.name)
		default:
			o.config[p.name] = p.byNone
		}
	}
	for key, v := range cfg {
		if key != "name" && v != nil && !slices.Contains(names, key) {
			return nil, fmt.Errorf("operation %s: unknown argument %q: want one of %s", class, key, strings.Join(names, ", "))
		}
	}
	return o, nil
}

// Class is the class's name in Python.
func (o *Operation) Class() string { return o.def.class }

// Module is the class's module in Python.
func (o *Operation) Module() string { return o.def.module }

// Config returns a copy of the constructor's arguments.
func (o *Operation) Config() map[string]any {
	out := make(map[string]any, len(o.config))
	for k, v := range o.config {
		out[k] = v
	}
	return out
}

// Infer returns the outputs of a call on inputs of those shapes and types.
func (o *Operation) Infer(a *Arguments, inputs []Spec) (out []Spec, err error) {
	defer func() {
		if r := recover(); r != nil {
			var ok bool
			if err, ok = r.(error); !ok {
				err = fmt.Errorf("%v", r)
			}
		}
	}()
	c, err := o.bind(a)
	if err != nil {
		return nil, err
	}
	c.specs = inputs
	return o.def.infer(c), nil
}

// Build returns the graph of a call on the inputs. Like GoMLX's functions it panics with an error.
func (o *Operation) Build(g *graph.Graph, a *Arguments, inputs []*graph.Node) []*graph.Node {
	c, err := o.bind(a)
	if err != nil {
		panic(err)
	}
	c.on(g, inputs)
	return o.def.build(c)
}

// BuildWide is Build for what a layer of float64 computes inside: results that are float32 only because operations have 32 bits, as on JAX, are float64.
func (o *Operation) BuildWide(g *graph.Graph, a *Arguments, inputs []*graph.Node) []*graph.Node {
	c, err := o.bind(a)
	if err != nil {
		panic(err)
	}
	c.on(g, inputs)
	if _, typed := o.config["dtype"].(string); !typed && slices.ContainsFunc(c.specs, func(s Spec) bool { return s.DType == "float64" }) {
		for i, s := range c.out {
			if s.DType == "float32" {
				c.out[i].DType = "float64"
			}
		}
	}
	return o.def.build(c)
}

// on infers the outputs of the call in a graph.
func (c *call) on(g *graph.Graph, inputs []*graph.Node) {
	c.g, c.nodes = g, inputs
	for _, n := range inputs {
		c.specs = append(c.specs, Spec{slices.Clone(n.Shape().Dimensions), dtypeName(n.DType())})
	}
	c.out = c.def.infer(c)
}

// call is one call with its arguments by name.
type call struct {
	def    *definition
	config map[string]any
	bound  map[string]any
	rest   []any
	specs  []Spec
	// While a graph is built:
	g     *graph.Graph
	nodes []*graph.Node
	out   []Spec
}

func (o *Operation) bind(a *Arguments) (*call, error) {
	c := &call{def: o.def, config: o.Config(), bound: map[string]any{}}
	names := o.def.args
	if n := len(names); n > 0 && strings.HasPrefix(names[n-1], "*") {
		names = names[:n-1]
		if len(a.Args) > len(names) {
			c.rest = a.Args[len(names):]
		}
	} else if len(a.Args) > n {
		return nil, fmt.Errorf("operation %s: got %d arguments, want %s", o.def.class, len(a.Args), strings.Join(names, ", "))
	}
	for i, name := range names {
		if i < len(a.Args) {
			c.bound[name] = a.Args[i]
		}
	}
	for key, v := range a.Kwargs {
		_, twice := c.bound[key]
		if !slices.Contains(names, key) || twice {
			return nil, fmt.Errorf("operation %s: argument %q is not one of %s, or was given twice", o.def.class, key, strings.Join(names, ", "))
		}
		c.bound[key] = v
	}
	return c, nil
}

// fail panics with an error, which Infer returns.
func fail(format string, args ...any) { panic(fmt.Errorf(format, args...)) }
