package lowering

import (
	"slices"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/backend"
)

// Largest and Smallest are graph.ReduceMax and graph.ReduceMin along all axes where none is given. Elements that are equally large share the gradient, as in JAX.
func Largest(x *graph.Node, axes ...int) *graph.Node {
	return extreme(x, graph.ReduceMax, graph.ArgMax, axes)
}

// Smallest is described at [Largest].
func Smallest(x *graph.Node, axes ...int) *graph.Node {
	return extreme(x, graph.ReduceMin, graph.ArgMin, axes)
}

type (
	reduction  func(x *graph.Node, axes ...int) *graph.Node
	argumentOf func(x *graph.Node, axis int, dtype ...dtypes.DType) *graph.Node
)

func extreme(x *graph.Node, reduce reduction, place argumentOf, axes []int) *graph.Node {
	if len(axes) == 0 {
		for axis := range x.Rank() {
			axes = append(axes, axis)
		}
	}
	if !x.DType().IsFloat() {
		return reduce(x, axes...)
	}
	kept := slices.Clone(x.Shape().Dimensions)
	for _, axis := range axes {
		kept[axis] = 1
	}
	spread := func(y *graph.Node) *graph.Node {
		return graph.BroadcastToDims(graph.Reshape(y, kept...), x.Shape().Dimensions...)
	}
	return WithGradient(reduce(graph.StopGradient(x), axes...), func(dy *graph.Node) []*graph.Node {
		x := graph.StopGradient(x)
		at := graph.Equal(x, spread(reduce(x, axes...)))
		if backend.KindOf(x.Graph().Backend()) != backend.Go {
			// XLA computes x where it is compared and once more where it is reduced, and rounds as it likes: there may be no equal one.
			at = graph.LogicalOr(at, first(x, place, axes))
		}
		share := graph.ConvertDType(at, x.DType())
		return []*graph.Node{graph.Mul(spread(dy), graph.Div(share, spread(graph.ReduceSum(share, axes...))))}
	}, x)
}

// first marks the first extreme element.
func first(x *graph.Node, place argumentOf, axes []int) *graph.Node {
	dims := x.Shape().Dimensions
	var order []int // other axes first
	count, others := 1, 1
	for axis := range dims {
		if !slices.Contains(axes, axis) {
			order = append(order, axis)
			others *= dims[axis]
		}
	}
	for axis := range dims {
		if slices.Contains(axes, axis) {
			order = append(order, axis)
			count *= dims[axis]
		}
	}
	turned, back := make([]int, len(order)), make([]int, len(order))
	for i, axis := range order {
		turned[i], back[axis] = dims[axis], i
	}
	flat := graph.Reshape(graph.TransposeAllAxes(x, order...), others, count)
	is := graph.Equal(graph.Iota(x.Graph(), shapes.Make(dtypes.Int32, others, count), 1), graph.BroadcastToDims(graph.Reshape(place(flat, 1), others, 1), others, count))
	return graph.TransposeAllAxes(graph.Reshape(is, turned...), back...)
}
