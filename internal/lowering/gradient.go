package lowering

import (
	"github.com/gomlx/gomlx/core/graph"
)

// WithGradient returns y, which was computed from the inputs, with a gradient of its own: those for the inputs, of their shapes, are what gradient makes of that
// for y. Gradients of these are as usual those of the operations that gradient consists of.
func WithGradient(y *graph.Node, gradient func(dy *graph.Node) []*graph.Node, inputs ...*graph.Node) *graph.Node {
	result, _ := graph.InternalFusedOpCaller(
		func() *graph.Node { return graph.Identity(y) },
		func() *graph.Node {
			// Nobody computes this sum, through which the gradient takes its way: it reaches the sum first, then its terms.
			var back []*graph.Node
			var sum *graph.Node
			for i, x := range inputs {
				x = graph.IdentityWithCustomGradient(x, func(_, _ *graph.Node) *graph.Node { return back[i] })
				term := graph.ConvertDType(graph.ReduceAllSum(x), y.DType())
				if sum == nil {
					sum = term
				} else {
					sum = graph.Add(sum, term)
				}
			}
			return graph.IdentityWithCustomGradient(graph.BroadcastToShape(sum, y.Shape()), func(_, dy *graph.Node) *graph.Node {
				back = gradient(dy)
				return dy
			})
		}, true)
	return result
}
