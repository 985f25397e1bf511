package kerasops

import (
	"maps"
	"slices"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/internal/config"
	"github.com/gokeras/gokeras/internal/lowering"
)

// borders make what stands before (or after) an axis of x, of that width, in each of JAX's modes but "constant".
var borders = map[string]func(x *graph.Node, axis, width int, before bool) *graph.Node{
	"edge": edge,
	"empty": func(x *graph.Node, axis, width int, _ bool) *graph.Node {
		return graph.ZerosLike(repeated(cut(x, axis, 0, 1), axis, width))
	},
	"maximum":   statistic(func(x *graph.Node, axis int) *graph.Node { return extreme(lowering.Largest)(x, []int{axis}) }),
	"minimum":   statistic(func(x *graph.Node, axis int) *graph.Node { return extreme(lowering.Smallest)(x, []int{axis}) }),
	"mean":      statistic(func(x *graph.Node, axis int) *graph.Node { return mean(wideFloat(x), []int{axis}) }),
	"median":    statistic(median),
	"reflect":   again(func(n int) []int { return there(n, 1) }),
	"symmetric": again(func(n int) []int { return there(n, 0) }),
	"wrap":      again(identity),
	"linear_ramp": func(x *graph.Node, axis, width int, before bool) *graph.Node {
		shares := make([]float32, width) // from 0 on, without the edge itself
		for i := range shares {
			shares[i] = float32(i) / float32(width)
		}
		if !before {
			slices.Reverse(shares)
		}
		shape := slices.Repeat([]int{1}, x.Rank())
		shape[axis] = width
		last := wideFloat(edge(x, axis, 1, before))
		ramp := times(last, graph.ConvertDType(graph.Reshape(graph.Const(x.Graph(), shares), shape...), last.DType()))
		if !x.DType().IsFloat() {
			ramp = graph.Floor(ramp)
		}
		return graph.ConvertDType(ramp, x.DType())
	},
}

func pad(c *call) []*graph.Node {
	x := c.node("x")
	widths := padding(c, x.Rank())
	mode, _ := c.config["mode"].(string)
	if mode == "constant" {
		var fill any = 0
		if v := c.arg("constant_values"); v != nil {
			fill = v
		}
		axes := make([]compute.PadAxis, len(widths))
		for i, w := range widths {
			axes[i] = compute.PadAxis{Start: w[0], End: w[1]}
		}
		value := c.nodeOf(fill, dtypeName(x.DType()))
		return []*graph.Node{graph.Pad(x, graph.Reshape(value), axes...)}
	}
	border := borders[mode]
	switch {
	case border == nil:
		fail("mode: %w", config.UnknownName("padding mode", mode, append(slices.Sorted(maps.Keys(borders)), "constant")))
	case c.arg("constant_values") != nil:
		fail("constant_values can only be given when mode is \"constant\", received: mode=%q", mode)
	}
	for axis, w := range widths {
		if w == [2]int{} {
			continue
		}
		if x.Shape().Dimensions[axis] == 0 {
			fail("pad_width: there is nothing along axis %d to pad with in mode %q", axis, mode)
		}
		var parts []*graph.Node
		if w[0] > 0 {
			parts = append(parts, border(x, axis, w[0], true))
		}
		parts = append(parts, x)
		if w[1] > 0 {
			parts = append(parts, border(x, axis, w[1], false))
		}
		x = concatenate(parts, axis)
	}
	return []*graph.Node{x}
}

// repeated is x, of size 1 along the axis, width times.
func repeated(x *graph.Node, axis, width int) *graph.Node {
	shape := slices.Clone(x.Shape().Dimensions)
	shape[axis] = width
	return broadcastTo(x, shape)
}

// edge repeats the first or the last place.
func edge(x *graph.Node, axis, width int, before bool) *graph.Node {
	at := 0
	if !before {
		at = x.Shape().Dimensions[axis] - 1
	}
	return repeated(cut(x, axis, at, at+1), axis, width)
}

// there goes along n places and back, without the first and the last skip places of the way back.
func there(n, skip int) []int {
	period := identity(n)
	for i := n - 1 - skip; i >= skip; i-- {
		period = append(period, i)
	}
	return period
}

// again goes on with an axis as its places, of which period makes an order, come again and again.
func again(period func(n int) []int) func(x *graph.Node, axis, width int, before bool) *graph.Node {
	return func(x *graph.Node, axis, width int, before bool) *graph.Node {
		n := x.Shape().Dimensions[axis]
		order := period(n)
		places := make([]int32, width)
		for i := range places {
			at := n + i
			if before {
				at = len(order) - 1 - (width-1-i)%len(order)
			}
			places[i] = int32(order[at%len(order)])
		}
		x = graph.Gather(moved(x, axis, 0), graph.InsertAxes(graph.Const(x.Graph(), places), -1))
		return moved(x, 0, axis)
	}
}

// moved puts an axis in another place.
func moved(x *graph.Node, from, to int) *graph.Node {
	order := slices.Delete(identity(x.Rank()), from, from+1)
	return reorder(x, slices.Insert(order, to, from))
}

// statistic repeats what f makes of the whole axis, to the nearest where x holds whole numbers.
func statistic(f func(x *graph.Node, axis int) *graph.Node) func(x *graph.Node, axis, width int, before bool) *graph.Node {
	return func(x *graph.Node, axis, width int, _ bool) *graph.Node {
		shape := slices.Clone(x.Shape().Dimensions)
		shape[axis] = 1
		y := graph.Reshape(f(x, axis), shape...)
		if y.DType().IsFloat() && !x.DType().IsFloat() {
			y = graph.Round(y)
		}
		return repeated(graph.ConvertDType(y, x.DType()), axis, width)
	}
}

// median is the mean of the two in the middle, or the one.
func median(x *graph.Node, axis int) *graph.Node {
	n := x.Shape().Dimensions[axis]
	sorted := takeAlong(x, argsort(x, axis, false), axis)
	middle := wideFloat(cut(sorted, axis, (n-1)/2, n/2+1))
	return mean(middle, []int{axis})
}

// wideFloat is x in a type of fractions.
func wideFloat(x *graph.Node) *graph.Node {
	if x.DType().IsFloat() {
		return x
	}
	return graph.ConvertDType(x, dtypes.Float32)
}
