package lowering

import "github.com/gomlx/gomlx/core/graph"

// Mean is graph.ReduceMean, also of a tensor without elements: NaN where no number goes into a mean, as in NumPy.
func Mean(x *graph.Node, axes ...int) *graph.Node {
	if x.Shape().Size() > 0 {
		return graph.ReduceMean(x, axes...)
	}
	count := 1
	for axis, size := range x.Shape().Dimensions {
		along := len(axes) == 0
		for _, a := range axes {
			along = along || graph.MustAdjustAxis(a, x) == axis
		}
		if along {
			count *= size
		}
	}
	return graph.MulScalar(graph.ReduceSum(x, axes...), 1/float64(count))
}
