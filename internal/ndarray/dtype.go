package ndarray

import (
	"math"
	"strings"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"
)

var byName = map[string]dtypes.DType{
	"float32": dtypes.Float32, "float64": dtypes.Float64, "float16": dtypes.Float16, "bfloat16": dtypes.BFloat16,
	"int8": dtypes.Int8, "int16": dtypes.Int16, "int32": dtypes.Int32, "int64": dtypes.Int64,
	"uint8": dtypes.Uint8, "uint16": dtypes.Uint16, "uint32": dtypes.Uint32, "uint64": dtypes.Uint64, "bool": dtypes.Bool,
}

// DType returns GoMLX's type of a Keras dtype name; "" is float32, an unknown name dtypes.InvalidDType.
func DType(name string) dtypes.DType {
	if name == "" {
		return dtypes.Float32
	}
	if d, ok := byName[name]; ok {
		return d
	}
	return dtypes.InvalidDType
}

// DTypeName is the Keras name of a GoMLX type.
func DTypeName(d dtypes.DType) string { return strings.ToLower(d.String()) }

// Cast returns x in the type.
func Cast(x *graph.Node, dtype dtypes.DType) *graph.Node {
	if x.DType() == dtype {
		return x
	}
	return graph.ConvertDType(x, dtype)
}

// Saturate is Cast for integer types, too: floats beyond the range of int32 become the nearest within it, and NaN becomes 0, as on JAX; left to
// themselves, the engines differ.
func Saturate(x *graph.Node, dtype dtypes.DType) *graph.Node {
	if x.DType().IsFloat() && dtype.IsInt() {
		x = Cast(x, dtypes.Float32)
		x = graph.Where(graph.IsNaN(x), graph.ZerosLike(x), graph.ClipScalar(x, math.MinInt32, 1<<31-128))
	}
	return Cast(x, dtype)
}
