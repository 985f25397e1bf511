package activations

import (
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/internal/lowering"
)

// SoftmaxAxis returns the softmax of x over the axes together, the last one
// where none is given (Keras: softmax, axis=-1).
func SoftmaxAxis(x *graph.Node, axis ...int) *graph.Node {
	if x.DType() == dtypes.Float32 || x.DType() == dtypes.Float64 {
		y := graph.Softmax(x, axis...)
		switch len(axis) { // a loss of y may find x
		case 0:
			lowering.RememberSoftmax(y, x, x.Rank()-1)
		case 1:
			lowering.RememberSoftmax(y, x, graph.MustAdjustAxis(axis[0], x))
		}
		return y
	}
	// The pure-Go engine's fused softmax has no 16-bit floats.
	if len(axis) == 0 {
		axis = []int{-1}
	}
	highest := graph.StopGradient(graph.ReduceAndKeep(x, graph.ReduceMax, axis...))
	exp := graph.Exp(graph.Sub(x, highest))
	return graph.Div(exp, graph.ReduceAndKeep(exp, graph.ReduceSum, axis...))
}

// LogSoftmaxAxis returns the logarithm of [SoftmaxAxis] without its rounding
// near 0 (Keras: log_softmax, axis=-1).
func LogSoftmaxAxis(x *graph.Node, axis ...int) *graph.Node { return graph.LogSoftmax(x, axis...) }

// SparsemaxAxis is like softmax along axis with exact zeros for the small
// entries (Keras: sparsemax, axis=-1): max(x - τ, 0), where the support is the
// k largest entries for the largest k with k·x₍ₖ₎ > x₍₁₎ + … + x₍ₖ₎ - 1.
//
// The τ of the literature is (x₍₁₎ + … + x₍ₖ₎ - 1)/k. Keras, on all its
// backends, adds up the partial sums instead, ((x₍₁₎) + … + (x₍₁₎ + … + x₍ₖ₎) - 1)/k,
// so that a support of several entries doesn't sum to 1. A model trained in
// Keras learned with that τ, so this is Keras's.
func SparsemaxAxis(x *graph.Node, axis int) *graph.Node {
	axis = graph.MustAdjustAxis(axis, x)
	rank, k := sparsemaxSupport(graph.StopGradient(x), axis)
	// The entry of rank i (from 0) is in k-i of the partial sums.
	weight := graph.StopGradient(clipBelow(graph.Sub(k, rank)))
	supported := graph.Where(graph.GreaterThan(weight, constant(x, 0)), x, constant(x, 0))
	sum := graph.ReduceAndKeep(graph.Mul(supported, weight), graph.ReduceSum, axis)
	tau := graph.Div(graph.AddScalar(sum, -1), graph.StopGradient(k))
	return clipBelow(graph.Sub(x, tau))
}

// sparsemaxSupport returns every entry's place along axis in descending order,
// from 0 and for equal entries in their order, and the number k of entries in
// the support; both have x's data type, k has the length 1 along axis.
func sparsemaxSupport(x *graph.Node, axis int) (rank, k *graph.Node) {
	position := graph.Iota(x.Graph(), shapes.Make(dtypes.Int32, x.Shape().Dimensions...), axis)
	sorted, order := sortWith(x, position, axis, graph.GreaterThan)
	_, inverse := sortWith(order, position, axis, graph.LessThan)
	rank = graph.ConvertDType(inverse, x.DType())
	n := graph.AddScalar(graph.ConvertDType(position, x.DType()), 1)
	mean := graph.Div(graph.AddScalar(graph.CumSum(sorted, axis), -1), n)
	in := graph.GreaterThan(graph.Sub(sorted, mean), constant(x, 0))
	return rank, graph.ReduceAndKeep(graph.ConvertDType(in, x.DType()), graph.ReduceSum, axis)
}

// sortWith sorts keys along axis, stably, and takes values along.
func sortWith(keys, values *graph.Node, axis int, before func(lhs, rhs *graph.Node) *graph.Node) (sortedKeys, sortedValues *graph.Node) {
	comparator := graph.NewClosure(keys.Graph(), func(g *graph.Graph) []*graph.Node {
		lhs := graph.Parameter(g, "lhs", shapes.Make(keys.DType()))
		rhs := graph.Parameter(g, "rhs", shapes.Make(keys.DType()))
		graph.Parameter(g, "lhs_value", shapes.Make(values.DType()))
		graph.Parameter(g, "rhs_value", shapes.Make(values.DType()))
		return []*graph.Node{before(lhs, rhs)}
	})
	sorted := graph.SortFunc(comparator, axis, true, keys, values)
	return sorted[0], sorted[1]
}
