// Package half makes float16 numbers. GoMLX's own conversion, which its constants go through, takes everything below 6.1e-5, the
// smallest float16 with a leading 1, for 0.
package half

import (
	"math"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/dtypes/float16"
	"github.com/gomlx/gomlx/core/graph"
)

// FromFloat32 rounds to the nearest float16, ties to even.
func FromFloat32(v float32) float16.Float16 {
	const smallestNormal = 1.0 / (1 << 14)
	if size := math.Abs(float64(v)); size >= smallestNormal || size == 0 || math.IsNaN(size) {
		return float16.FromFloat32(v)
	}
	steps := uint16(math.RoundToEven(math.Abs(float64(v)) * (1 << 24))) // subnormals are multiples of 2⁻²⁴
	if math.Signbit(float64(v)) {
		steps |= 1 << 15
	}
	return float16.Float16(steps)
}

// Scalar is graph.Scalar for any number: a constant of the type, 1e-7 in float16 too.
func Scalar(g *graph.Graph, dtype dtypes.DType, v float64) *graph.Node {
	if dtype == dtypes.Float16 {
		return graph.Const(g, FromFloat32(float32(v)))
	}
	return graph.Scalar(g, dtype, v)
}
