package kerasops

import (
	"strings"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/internal/ndarray"
)

func dtypeOf(name string) dtypes.DType {
	if name == "" {
		return dtypes.InvalidDType
	}
	return ndarray.DType(name)
}

func dtypeName(d dtypes.DType) string { return ndarray.DTypeName(d) }

func isFloat(name string) bool { return strings.Contains(name, "float") }

// promised is toFloat where Keras's symbolic tensor has the type of the argument, whatever is computed from it: whole numbers become floats then,
// and float64 is float32 on JAX.
func (c *call) promised(dtype string) string {
	if c.g == nil {
		return resolved(dtype)
	}
	return toFloat(dtype)
}

// convert changes the type as NumPy does: to bool, what isn't 0 is true; no gradient passes through integers.
func convert(x *graph.Node, to dtypes.DType) *graph.Node {
	switch {
	case x.DType() == to:
		return x
	case to == dtypes.Bool:
		return graph.NotEqual(graph.StopGradient(x), graph.ZerosLike(x))
	case !to.IsFloat() && x.DType().IsFloat():
		x = graph.StopGradient(x)
	}
	return graph.ConvertDType(x, to)
}

// above lists the types directly above each in JAX's lattice of promotions; "int" and "float" are Python's numbers.
var above = map[string][]string{
	"bool": {"int"}, "uint8": {"int16", "uint16"}, "uint16": {"int32", "uint32"}, "uint32": {"int64", "uint64"}, "uint64": {"float"},
	"int": {"uint8", "int8"}, "int8": {"int16"}, "int16": {"int32"}, "int32": {"int64"}, "int64": {"float"},
	"float": {"bfloat16", "float16"}, "bfloat16": {"float32"}, "float16": {"float32"}, "float32": {"float64"}, "float64": nil,
}

func upperBounds(name string) map[string]bool {
	set := map[string]bool{}
	var walk func(string)
	walk = func(n string) {
		if !set[n] {
			set[n] = true
			for _, m := range above[n] {
				walk(m)
			}
		}
	}
	walk(name)
	return set
}

// promote returns the type of a result from those of the arguments (Keras: keras.backend.result_type): the least type above all
// of them, 64 bits cut to 32 as JAX does.
func promote(names ...string) string {
	weak := true
	common := map[string]bool{}
	for i, name := range names {
		if _, known := above[name]; !known {
			fail("tensors of type %q can't be combined", name)
		}
		weak = weak && (name == "int" || name == "float")
		bounds := upperBounds(name)
		if i == 0 {
			common = bounds
			continue
		}
		for n := range common {
			if !bounds[n] {
				delete(common, n)
			}
		}
	}
	if weak { // among Python's numbers the smallest is the answer
		for _, name := range names {
			if name == "float" {
				return "float32"
			}
		}
		return "int32"
	}
	least := ""
	for n := range common {
		all := upperBounds(n)
		isLeast := true
		for m := range common {
			isLeast = isLeast && all[m]
		}
		if isLeast {
			least = n
		}
	}
	switch least {
	case "float", "float64":
		return "float32"
	case "int", "int64":
		return "int32"
	case "uint64":
		return "uint32"
	}
	return least
}
