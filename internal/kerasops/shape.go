package kerasops

import (
	"slices"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"
)

// reshaped computes the first argument's elements in the output's shape.
func reshaped(c *call) []*graph.Node {
	return []*graph.Node{graph.Reshape(c.node(c.def.args[0]), c.out[0].Shape...)}
}

// shaped gives the first argument another shape.
func shaped(f func(c *call, shape []int) []int) func(c *call) []Spec {
	return func(c *call) []Spec {
		s := c.typed(c.def.args[0], resolved)
		return []Spec{{f(c, slices.Clone(s.Shape)), s.DType}}
	}
}

func init() {
	define("numpy", "Reshape", "x", "newshape", shaped(func(c *call, shape []int) []int {
		target := c.config["newshape"]
		if list, ok := target.([]any); ok {
			list = slices.Clone(list)
			for i, d := range list {
				if d == nil {
					list[i] = None
				}
			}
			target = list
		}
		to, ok := ints("newshape", target)
		if !ok {
			fail("newshape: want a list of sizes")
		}
		return reshape(shape, to)
	}), reshaped)
	define("numpy", "Ravel", "x", "", shaped(func(_ *call, shape []int) []int { return []int{size(shape)} }), reshaped)
	define("numpy", "ExpandDims", "x", "axis", shaped(func(c *call, shape []int) []int {
		axes, _ := ints("axis", c.config["axis"])
		rank := len(shape) + len(axes)
		for i := range axes {
			axes[i] = axisOf("axis", axes[i], rank)
		}
		slices.Sort(axes)
		for _, a := range axes {
			shape = slices.Insert(shape, a, 1)
		}
		return shape
	}), reshaped)
	define("numpy", "Squeeze", "x", "axis=null", shaped(func(c *call, shape []int) []int {
		given := c.config["axis"] != nil
		axes := c.axesParam("axis", len(shape))
		var out []int
		for i, d := range shape {
			chosen := slices.Contains(axes, i)
			if chosen && given && d != 1 && d != None {
				fail("axis %d has size %d: only axes of size 1 can be squeezed", i, d)
			}
			if !chosen || (!given && d != 1) {
				out = append(out, d)
			}
		}
		return out
	}), reshaped)
	define("numpy", "BroadcastTo", "x", "shape", shaped(func(c *call, shape []int) []int {
		to, _ := ints("shape", c.config["shape"])
		for i, d := range to {
			if d < 0 || len(to) < len(shape) {
				fail("shape: got %v for a tensor of shape %s, want at least as many axes, of known sizes", to, ShapeText(shape))
			}
			if at := i - (len(to) - len(shape)); at >= 0 && shape[at] != None && shape[at] != 1 && shape[at] != d {
				fail("a tensor of shape %s can't be broadcast to %s", ShapeText(shape), ShapeText(to))
			}
		}
		return to
	}), func(c *call) []*graph.Node { return []*graph.Node{broadcastTo(c.node("x"), c.out[0].Shape)} })

	permutation("Transpose", "axes=null", func(c *call, rank int) []int {
		if c.config["axes"] == nil {
			order := make([]int, rank)
			for i := range order {
				order[i] = rank - 1 - i
			}
			return order
		}
		order := c.axesParam("axes", rank)
		if len(order) != rank {
			fail("axes: got %v for a tensor with %d axes, want each once", order, rank)
		}
		return order
	})
	permutation("Swapaxes", "axis1 axis2", func(c *call, rank int) []int {
		order := identity(rank)
		a, b := axisOf("axis1", c.intParam("axis1"), rank), axisOf("axis2", c.intParam("axis2"), rank)
		order[a], order[b] = order[b], order[a]
		return order
	})
	permutation("Moveaxis", "source destination", func(c *call, rank int) []int {
		from, to := c.axesParam("source", rank), c.axesParam("destination", rank)
		if len(from) != len(to) {
			fail("source and destination: want as many axes in one as in the other")
		}
		order := make([]int, rank)
		var rest []int
		for i := range rank {
			order[i] = -1
			if !slices.Contains(from, i) {
				rest = append(rest, i)
			}
		}
		for i, t := range to {
			order[t] = from[i]
		}
		for i := range order {
			if order[i] < 0 {
				order[i], rest = rest[0], rest[1:]
			}
		}
		return order
	})

	define("numpy", "Flip", "x", "axis=null", same, func(c *call) []*graph.Node {
		x := c.node("x")
		return []*graph.Node{graph.Reverse(x, c.axesParam("axis", x.Rank())...)}
	})
	define("numpy", "Roll", "x", "shift axis=null", same, func(c *call) []*graph.Node {
		x := c.node("x")
		shape := x.Shape().Dimensions
		shifts, _ := ints("shift", c.config["shift"])
		axes, given := ints("axis", c.config["axis"])
		if !given {
			x, axes = graph.Reshape(x, x.Shape().Size()), []int{0}
		}
		for i, a := range axes {
			if len(shifts) != len(axes) && len(shifts) != 1 {
				fail("shift: got %v for the axes %v", shifts, axes)
			}
			x = roll(x, axisOf("axis", a, x.Rank()), shifts[min(i, len(shifts)-1)])
		}
		return []*graph.Node{graph.Reshape(x, shape...)}
	})
	define("numpy", "Repeat", "x", "repeats axis=null", shaped(func(c *call, shape []int) []int {
		counts := repeatCounts(c)
		if c.config["axis"] == nil {
			shape = []int{size(shape)}
		}
		axis := repeatAxis(c, len(shape))
		if len(counts) == 1 {
			if shape[axis] != None {
				shape[axis] *= counts[0]
			}
			return shape
		}
		if shape[axis] != None && shape[axis] != len(counts) {
			fail("repeats: got %d numbers for an axis of size %d", len(counts), shape[axis])
		}
		shape[axis] = 0
		for _, n := range counts {
			shape[axis] += n
		}
		return shape
	}), func(c *call) []*graph.Node {
		x := c.node("x")
		if c.config["axis"] == nil {
			x = graph.Reshape(x, x.Shape().Size())
		}
		counts := repeatCounts(c)
		axis := repeatAxis(c, x.Rank())
		if len(counts) == 1 {
			shape := slices.Insert(slices.Clone(x.Shape().Dimensions), axis+1, counts[0])
			x = graph.BroadcastToDims(graph.InsertAxes(x, axis+1), shape...)
			return []*graph.Node{graph.Reshape(x, c.out[0].Shape...)}
		}
		var parts []*graph.Node
		for i, n := range counts {
			for range n {
				parts = append(parts, cut(x, axis, i, i+1))
			}
		}
		return []*graph.Node{concatenate(parts, axis)}
	})
	define("numpy", "Tile", "x", "repeats", shaped(func(c *call, shape []int) []int {
		counts := repeatCounts(c)
		for len(shape) < len(counts) {
			shape = slices.Insert(shape, 0, 1)
		}
		for i, n := range counts {
			if at := len(shape) - len(counts) + i; shape[at] != None {
				shape[at] *= n
			}
		}
		return shape
	}), func(c *call) []*graph.Node {
		x := c.node("x")
		counts := repeatCounts(c)
		if x.Rank() < len(counts) {
			x = graph.ExpandLeftToRank(x, len(counts))
		}
		for i, n := range counts {
			x = concatenate(slices.Repeat([]*graph.Node{x}, n), x.Rank()-len(counts)+i)
		}
		return []*graph.Node{x}
	})
	define("numpy", "Pad", "x constant_values", "pad_width mode=\"constant\"", shaped(func(c *call, shape []int) []int {
		for i, w := range padding(c, len(shape)) {
			if shape[i] != None {
				shape[i] += w[0] + w[1]
			}
		}
		return shape
	}), pad)
	for class, upper := range map[string]bool{"Triu": true, "Tril": false} {
		define("numpy", class, "x", "k=0", same, func(c *call) []*graph.Node {
			x := c.node("x")
			if x.Rank() < 2 {
				fail("got a tensor of shape %s, want matrices", ShapeText(x.Shape().Dimensions))
			}
			shape := x.Shape().Clone()
			shape.DType = dtypes.Int32
			distance := graph.Sub(graph.Iota(c.g, shape, x.Rank()-1), graph.Iota(c.g, shape, x.Rank()-2))
			k := graph.Scalar(c.g, dtypes.Int32, float64(c.intParam("k")))
			keep := graph.LessOrEqual(distance, broadcastTo(k, shape.Dimensions))
			if upper {
				keep = graph.GreaterOrEqual(distance, broadcastTo(k, shape.Dimensions))
			}
			return []*graph.Node{graph.Where(keep, x, graph.ZerosLike(x))}
		})
	}
	define("nn", "OneHot", "x", "num_classes axis=-1 dtype=null sparse=false", func(c *call) []Spec {
		s := c.typed("x", func(string) string { return "float32" })
		if name, ok := c.config["dtype"].(string); ok {
			s.DType = name
		}
		if c.boolParam("sparse") {
			fail("sparse tensors are not supported: want sparse false")
		}
		return []Spec{{slices.Insert(slices.Clone(s.Shape), axisOf("axis", c.intParam("axis"), len(s.Shape)+1), c.intParam("num_classes")), s.DType}}
	}, func(c *call) []*graph.Node {
		axis := axisOf("axis", c.intParam("axis"), len(c.out[0].Shape))
		dtype := "int32"
		if isFloat(c.spec("x").DType) { // 1.5 is no class
			dtype = "float32"
		}
		x := graph.InsertAxes(c.nodeOf(c.need("x"), dtype), axis)
		shape := c.out[0].Shape
		index := graph.Iota(c.g, shapeOf(dtypeOf(dtype), shape), axis)
		return []*graph.Node{convert(graph.Equal(broadcastTo(x, shape), index), dtypeOf(c.out[0].DType))}
	})
}

func reshape(shape, to []int) []int {
	known, free := 1, -1
	for i, d := range to {
		switch {
		case d == None && free >= 0:
			fail("newshape: got %v, want -1 for one axis at most", to)
		case d == None:
			free = i
		case d < 0:
			fail("newshape: got %v, want sizes, or -1 for what is left", to)
		default:
			known *= d
		}
	}
	n := size(shape)
	if n == None {
		return to
	}
	if (free < 0 && known != n) || (free >= 0 && (known == 0 || n%known != 0)) {
		fail("a tensor of shape %s has %d elements, which don't make %v", ShapeText(shape), n, to)
	}
	if free >= 0 {
		to[free] = n / known
	}
	return to
}

// permutation defines an operation that reorders the axes.
func permutation(class, params string, order func(c *call, rank int) []int) {
	define("numpy", class, "x", params, shaped(func(c *call, shape []int) []int {
		out := make([]int, len(shape))
		for i, from := range order(c, len(shape)) {
			out[i] = shape[from]
		}
		return out
	}), func(c *call) []*graph.Node {
		x := c.node("x")
		return []*graph.Node{graph.TransposeAllAxes(x, order(c, x.Rank())...)}
	})
}

func identity(n int) []int {
	list := make([]int, n)
	for i := range list {
		list[i] = i
	}
	return list
}

func roll(x *graph.Node, axis, shift int) *graph.Node {
	n := x.Shape().Dimensions[axis]
	if n == 0 {
		return x
	}
	shift = ((shift % n) + n) % n
	if shift == 0 {
		return x
	}
	return graph.Concatenate([]*graph.Node{cut(x, axis, n-shift, n), cut(x, axis, 0, n-shift)}, axis)
}

// repeatCounts reads how often to repeat, within what a file may ask for.
func repeatCounts(c *call) []int {
	counts, _ := ints("repeats", c.config["repeats"])
	total := 0
	for _, n := range counts {
		if n < 0 || n > 1<<20 {
			fail("repeats: got %d, want from 0 to %d", n, 1<<20)
		}
		total += n
	}
	if len(counts) == 0 || total > 1<<24 {
		fail("repeats: got %v, want a number or a list of them", c.config["repeats"])
	}
	return counts
}

func repeatAxis(c *call, rank int) int {
	if c.config["axis"] == nil {
		return 0
	}
	return axisOf("axis", c.intParam("axis"), rank)
}

func concatenate(parts []*graph.Node, axis int) *graph.Node {
	switch len(parts) {
	case 0:
		fail("nothing is left of axis %d", axis)
	case 1:
		return parts[0]
	}
	return graph.Concatenate(parts, axis)
}

// padding is the width before and after each axis, given as one number, one pair, or a pair for each axis.
func padding(c *call, rank int) [][2]int {
	out := make([][2]int, rank)
	bad := func() { fail("pad_width: got %v for a tensor with %d axes", c.config["pad_width"], rank) }
	pair := func(v any) (p [2]int) {
		list, ok := ints("pad_width", v)
		if !ok || len(list) == 0 || len(list) > 2 || list[0] < 0 || list[len(list)-1] < 0 {
			bad()
		}
		if max(list[0], list[len(list)-1]) > 1<<20 {
			fail("pad_width: got %v, want at most %d", list, 1<<20)
		}
		return [2]int{list[0], list[len(list)-1]}
	}
	list, isList := c.config["pad_width"].([]any)
	nested := false
	if isList && len(list) > 0 {
		_, nested = list[0].([]any)
	}
	switch {
	case nested && len(list) == rank:
		for i := range out {
			out[i] = pair(list[i])
		}
	case nested && len(list) == 1:
		for i := range out {
			out[i] = pair(list[0])
		}
	case nested:
		bad()
	default:
		for i := range out {
			out[i] = pair(c.config["pad_width"])
		}
	}
	return out
}
