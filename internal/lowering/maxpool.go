package lowering

import (
	"slices"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/backend"
)

// MaxPooler is implemented by engines that make something faster of plain max-pools, at least of some.
type MaxPooler interface {
	// TakesMaxPool reports whether that holds for windows of these sizes, one an axis, beside each other over values of that type.
	TakesMaxPool(dtype dtypes.DType, windows []int) bool
}

// MaxPool takes the maxima of the windows of x; windows, strides and pads have
// one entry an axis. The gradient goes to the first maximum of a window.
func MaxPool(x *graph.Node, windows, strides []int, pads [][2]int) *graph.Node {
	plain := func() *graph.Node {
		y := graph.BackendReduceWindow(x, compute.ReduceOpMax, windows, strides, nil, nil, pads)
		if !x.DType().IsFloat() {
			return y
		}
		return WithGradient(y, func(dy *graph.Node) []*graph.Node {
			// What GoMLX makes here, SelectAndScatter, has no gradient of its own.
			dx := graph.VJPRegistration[graph.NodeTypeReduceWindow](y, []*graph.Node{dy}, y.Shape())[0]
			return []*graph.Node{WithGradient(dx, func(ddx *graph.Node) []*graph.Node {
				return []*graph.Node{atMaxima(x, ddx, windows, strides, pads)}
			}, dy)}
		}, x)
	}
	engine := x.Graph().Backend()
	// The pure-Go engine has kernels of its own (internal/goengine).
	if backend.KindOf(engine) != backend.XLACPU || !tiles(windows, strides, pads) {
		return plain()
	}
	if p, ok := engine.(MaxPooler); ok && p.TakesMaxPool(x.DType(), windows) {
		return plain()
	}
	// Windows that don't overlap are an axis of their own after a reshape, and the
	// gradient a mask: XLA CPU's SelectAndScatter takes five times as long.
	blocks, axes := blocked(x, windows)
	largest := graph.ReduceMax(blocks, axes...)
	pooled, _ := graph.InternalFusedOpCaller(
		func() *graph.Node { return graph.Identity(largest) },
		func() *graph.Node {
			first := graph.StopGradient(firstMaximum(blocks, largest, axes))
			return graph.ReduceSum(graph.Where(first, blocks, graph.ZerosLike(blocks)), axes...)
		}, true)
	return pooled
}

// atMaxima takes from v, which is shaped as x, what stands at the first maximum of each window of x. The last axes come first: of equal
// maxima the one in the first row wins, and in a row the first.
func atMaxima(x, v *graph.Node, windows, strides []int, pads [][2]int) *graph.Node {
	x = graph.StopGradient(x)
	for axis := len(windows) - 1; axis >= 0; axis-- {
		size, stride := windows[axis], strides[axis]
		if size == 1 && stride == 1 && pads[axis] == [2]int{} {
			continue
		}
		margins := make([]graph.PadAxis, x.Rank())
		margins[axis] = graph.PadAxis{Start: pads[axis][0], End: pads[axis][1]}
		x = graph.Pad(x, graph.Infinity(x.Graph(), x.DType(), -1), margins...)
		v = graph.Pad(v, graph.ScalarZero(v.Graph(), v.DType()), margins...)
		last := (x.Shape().Dimensions[axis] - size) / stride * stride
		part := func(x *graph.Node, k int) *graph.Node {
			return graph.SliceAxis(x, axis, graph.AxisRange(k, k+last+1).Stride(stride))
		}
		largest, chosen := part(x, 0), part(v, 0)
		for k := 1; k < size; k++ {
			larger := graph.GreaterThan(part(x, k), largest)
			largest, chosen = graph.Where(larger, part(x, k), largest), graph.Where(larger, part(v, k), chosen)
		}
		x, v = largest, chosen
	}
	return v
}

// tiles reports whether the windows cover the axes without overlap or padding.
func tiles(windows, strides []int, pads [][2]int) bool {
	covered := false
	for i := range windows {
		if windows[i] != strides[i] || pads[i] != [2]int{} {
			return false
		}
		covered = covered || windows[i] > 1
	}
	return covered
}

// blocked splits each axis with a window into windows and positions in them,
// whose axes it returns; what is left over at the end of an axis is cut off.
func blocked(x *graph.Node, windows []int) (blocks *graph.Node, axes []int) {
	var dims []int
	specs := make([]graph.SliceAxisSpec, len(windows))
	cut := false
	for i, n := range x.Shape().Dimensions {
		count := n / windows[i]
		specs[i] = graph.AxisRange(0, count*windows[i])
		cut = cut || count*windows[i] != n
		dims = append(dims, count)
		if windows[i] > 1 {
			axes = append(axes, len(dims))
			dims = append(dims, windows[i])
		}
	}
	if cut {
		x = graph.Slice(x, specs...)
	}
	return graph.Reshape(x, dims...), axes
}

// firstMaximum marks, in every window, the first element that is the window's maximum.
func firstMaximum(blocks, largest *graph.Node, axes []int) *graph.Node {
	g := blocks.Graph()
	shape := blocks.Shape()
	// The position of each element in its window, in row-major order.
	positions := shapes.Make(dtypes.Int32, slices.Repeat([]int{1}, shape.Rank())...)
	size := 1
	for _, axis := range axes {
		positions.Dimensions[axis] = shape.Dimensions[axis]
		size *= shape.Dimensions[axis]
	}
	position := graph.Reshape(graph.Iota(g, shapes.Make(dtypes.Int32, size), 0), positions.Dimensions...)
	position = graph.BroadcastToDims(position, shape.Dimensions...)
	kept := slices.Clone(shape.Dimensions)
	for _, axis := range axes {
		kept[axis] = 1
	}
	isLargest := graph.Equal(blocks, graph.BroadcastToDims(graph.Reshape(largest, kept...), shape.Dimensions...))
	none := graph.BroadcastToDims(graph.Scalar(g, dtypes.Int32, size), shape.Dimensions...)
	first := graph.ReduceMin(graph.Where(isLargest, position, none), axes...)
	return graph.Equal(position, graph.BroadcastToDims(graph.Reshape(first, kept...), shape.Dimensions...))
}
