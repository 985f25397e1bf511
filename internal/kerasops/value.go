package kerasops

import (
	"math"
	"strings"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gokeras/gokeras/internal/config"
)

// constant is an array among a call's arguments.
type constant struct {
	Spec
	flat []float64
}

// arg returns the call's argument, nil if it wasn't given.
func (c *call) arg(name string) any { return c.bound[name] }

func (c *call) need(name string) any {
	v, ok := c.bound[name]
	if !ok || v == nil {
		fail("argument %q is missing", name)
	}
	return v
}

// specOf is the shape and type of an argument: of numbers the types "int", "float" and "bool", which give way to a tensor's.
func (c *call) specOf(v any) Spec {
	switch v := v.(type) {
	case Ref:
		if int(v) < 0 || int(v) >= len(c.specs) {
			fail("the call refers to input %d of %d", v, len(c.specs))
		}
		return c.specs[v]
	case bool:
		return Spec{DType: "bool"}
	case int:
		return Spec{DType: "int"}
	case float64:
		return Spec{DType: "float"}
	}
	return constantOf(v).Spec
}

func (c *call) spec(name string) Spec { return c.specOf(c.need(name)) }

// nodeOf is an argument as a node of the type.
func (c *call) nodeOf(v any, dtype string) *graph.Node {
	to := dtypeOf(dtype)
	switch v := v.(type) {
	case Ref:
		return convert(c.nodes[v], to)
	case bool:
		n := 0.0
		if v {
			n = 1
		}
		return convert(graph.Scalar(c.g, dtypes.Int32, n), to)
	case int:
		return convert(number(c.g, to, float64(v)), to)
	case float64:
		return convert(number(c.g, to, v), to)
	}
	k := constantOf(v)
	var t *tensors.Tensor
	if strings.Contains(k.DType, "float") {
		flat := make([]float32, len(k.flat))
		for i, f := range k.flat {
			flat[i] = float32(f)
		}
		t = tensors.FromFlatDataAndDimensions(flat, k.Shape...)
	} else {
		flat := make([]int32, len(k.flat))
		for i, f := range k.flat {
			flat[i] = int32(f)
		}
		t = tensors.FromFlatDataAndDimensions(flat, k.Shape...)
	}
	return convert(graph.ConstTensor(c.g, t), to)
}

func number(g *graph.Graph, dtype dtypes.DType, v float64) *graph.Node {
	if dtype == dtypes.Bool {
		dtype = dtypes.Float32
	}
	return graph.Scalar(g, dtype, v)
}

// node is the argument in its own type; of numbers in the type to which it resolves.
func (c *call) node(name string) *graph.Node {
	v := c.need(name)
	return c.nodeOf(v, promote(c.specOf(v).DType))
}

// tensorList is an argument that is a list of tensors.
func (c *call) tensorList(name string) []any {
	list, ok := c.need(name).([]any)
	if !ok || len(list) == 0 {
		fail("argument %q: want a list of tensors", name)
	}
	return list
}

// constantOf reads Keras's objects for arrays, and plain lists of numbers.
func constantOf(v any) constant {
	k := constant{}
	if m, ok := v.(map[string]any); ok {
		cfg, _ := m["config"].(map[string]any)
		class, _ := m["class_name"].(string)
		k.DType, _ = cfg["dtype"].(string)
		if (class != "__tensor__" && class != "__numpy__") || dtypeOf(k.DType) == dtypes.InvalidDType {
			fail("got an object of class %q and type %q, want a tensor or numbers", class, k.DType)
		}
		v = cfg["value"]
	}
	isFloat := false
	var walk func(v any, depth int)
	walk = func(v any, depth int) {
		switch v := v.(type) {
		case []any:
			if depth > 32 {
				fail("an array of more than 32 axes")
			}
			if depth == len(k.Shape) && len(k.flat) == 0 {
				k.Shape = append(k.Shape, len(v))
			}
			if depth >= len(k.Shape) || k.Shape[depth] != len(v) {
				fail("lists of numbers must make a rectangle")
			}
			for _, e := range v {
				walk(e, depth+1)
			}
			return
		case bool:
			n := 0.0
			if v {
				n = 1
			}
			k.flat = append(k.flat, n)
		case string:
			n, ok := map[string]float64{"inf": math.Inf(1), "-inf": math.Inf(-1), "nan": math.NaN()}[strings.ToLower(v)]
			if !ok {
				fail("got %q, want a tensor or numbers", v)
			}
			k.flat, isFloat = append(k.flat, n), true
		default:
			n, ok := config.AsFloat(v)
			if !ok {
				fail("got a %T, want a tensor or numbers", v)
			}
			_, whole := v.(int)
			k.flat, isFloat = append(k.flat, n), isFloat || !whole
		}
		if depth != len(k.Shape) {
			fail("lists of numbers must make a rectangle")
		}
	}
	walk(v, 0)
	if k.DType == "" {
		k.DType = "int32"
		if isFloat {
			k.DType = "float32"
		}
	}
	return k
}

// The constructor's arguments.

func (c *call) intParam(name string) int {
	n, ok := config.AsInt(c.config[name])
	if !ok {
		fail("%s: got %v, want a whole number", name, c.config[name])
	}
	return n
}

func (c *call) floatParam(name string) float64 {
	f, ok := config.AsFloat(c.config[name])
	if !ok {
		fail("%s: got %v, want a number", name, c.config[name])
	}
	return f
}

func (c *call) boolParam(name string) bool {
	b, ok := c.config[name].(bool)
	if !ok {
		fail("%s: got %v, want true or false", name, c.config[name])
	}
	return b
}

// ints reads a number or a list of numbers; ok is false for null.
func ints(name string, v any) (list []int, ok bool) {
	if v == nil {
		return nil, false
	}
	items, isList := v.([]any)
	if !isList {
		items = []any{v}
	}
	for _, e := range items {
		n, isInt := config.AsInt(e)
		if !isInt {
			fail("%s: got %v, want a whole number or a list of them", name, v)
		}
		list = append(list, n)
	}
	return list, true
}

// axesParam is an argument that names axes, as counted from the start: all of them for null.
func (c *call) axesParam(name string, rank int) []int {
	list, given := ints(name, c.config[name])
	if !given {
		list = make([]int, rank)
		for i := range list {
			list[i] = i
		}
		return list
	}
	seen := map[int]bool{}
	for i, a := range list {
		list[i] = axisOf(name, a, rank)
		if seen[list[i]] {
			fail("%s: axis %d is named twice", name, a)
		}
		seen[list[i]] = true
	}
	return list
}

func axisOf(name string, axis, rank int) int {
	at := axis
	if at < 0 {
		at += rank
	}
	if at < 0 || at >= rank {
		fail("%s: got axis %d of a tensor with %d axes", name, axis, rank)
	}
	return at
}
