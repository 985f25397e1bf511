package activations

import (
	"math"

	"github.com/gomlx/gomlx/core/graph"
)

// SoftmaxAxis returns the softmax of x over the axes together, the last one
// where none is given (Keras: softmax, axis=-1).
func SoftmaxAxis(x *graph.Node, axis ...int) *graph.Node { return graph.Softmax(x, axis...) }

// LogSoftmaxAxis returns the logarithm of [SoftmaxAxis] without its rounding
// near 0 (Keras: log_softmax, axis=-1).
func LogSoftmaxAxis(x *graph.Node, axis ...int) *graph.Node { return graph.LogSoftmax(x, axis...) }

// SparsemaxAxis projects x onto the probability simplex along axis: like
// softmax, with exact zeros for the small entries (Keras: sparsemax, axis=-1).
func SparsemaxAxis(x *graph.Node, axis int) *graph.Node {
	axis = graph.MustAdjustAxis(axis, x)
	support := graph.StopGradient(sparsemaxSupport(x, axis))
	count := graph.ReduceAndKeep(graph.ConvertDType(support, x.DType()), graph.ReduceSum, axis)
	kept := graph.Where(support, x, constant(x, 0))
	tau := graph.Div(graph.AddScalar(graph.ReduceAndKeep(kept, graph.ReduceSum, axis), -1), count)
	return clipBelow(graph.Sub(x, tau))
}

// sparsemaxSupport is true for the entries that sparsemax leaves positive: the
// k largest, for the largest k with x₍ₖ₎ > (x₍₁₎ + … + x₍ₖ₎ - 1)/k.
func sparsemaxSupport(x *graph.Node, axis int) *graph.Node {
	x = graph.StopGradient(x)
	sorted := graph.Sort(x, axis, false)
	sums := graph.CumSum(sorted, axis)
	rank := graph.AddScalar(graph.Iota(x.Graph(), x.Shape(), axis), 1)
	in := graph.GreaterThan(graph.Sub(sorted, graph.Div(graph.AddScalar(sums, -1), rank)), constant(x, 0))
	smallest := graph.ReduceAndKeep(graph.Where(in, sorted, constant(x, math.Inf(1))), graph.ReduceMin, axis)
	return graph.GreaterOrEqual(x, smallest)
}
