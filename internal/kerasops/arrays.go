package kerasops

import (
	"math"
	"slices"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/internal/config"
	"github.com/gokeras/gokeras/internal/lowering"
)

func init() {
	define("numpy", "Rot90", "array", "k=1 axes=[0,1]", func(c *call) []Spec {
		s := c.typed("array", resolved)
		a, b := c.rotated(len(s.Shape))
		shape := slices.Clone(s.Shape)
		shape[a], shape[b] = shape[b], shape[a] // as Keras says, for half turns too
		return []Spec{{shape, s.DType}}
	}, func(c *call) []*graph.Node {
		x := c.node("array")
		a, b := c.rotated(x.Rank())
		swapped := identity(x.Rank())
		swapped[a], swapped[b] = b, a
		switch ((c.intParam("k") % 4) + 4) % 4 {
		case 1:
			x = graph.TransposeAllAxes(graph.Reverse(x, b), swapped...)
		case 2:
			x = graph.Reverse(x, a, b)
		case 3:
			x = graph.Reverse(graph.TransposeAllAxes(x, swapped...), b)
		}
		return []*graph.Node{x}
	})
	for class, axis := range map[string]int{"Flipud": 0, "Fliplr": 1} {
		define("numpy", class, "x", "", func(c *call) []Spec {
			s := same(c)
			axisOf("axis", axis, len(s[0].Shape))
			return s
		}, func(c *call) []*graph.Node { return []*graph.Node{graph.Reverse(c.node("x"), axis)} })
	}
	define("numpy", "Dstack", "xs", "", func(c *call) []Spec {
		list := slices.Clone(c.tensorList("xs"))
		specs := make([]Spec, len(list))
		for i, v := range list {
			specs[i] = c.specOf(v)
			specs[i].Shape = threeAxes(specs[i].Shape)
		}
		return []Spec{joinedSpecs(specs, 2)}
	}, func(c *call) []*graph.Node {
		parts := c.nodes1("xs")
		for i, p := range parts {
			parts[i] = graph.Reshape(p, threeAxes(p.Shape().Dimensions)...)
		}
		return []*graph.Node{concatenate(parts, 2)}
	})
	for class, at := range map[string]int{"Vsplit": 0, "Hsplit": 1, "Dsplit": 2} {
		axis := func(rank int) int {
			if class == "Hsplit" && rank == 1 {
				return 0
			}
			if class == "Vsplit" && rank < 2 {
				fail("got a tensor with %d axes, want two at least", rank)
			}
			return axisOf("axis", at, rank)
		}
		define("numpy", class, "x", "indices_or_sections", func(c *call) []Spec {
			return splitSpecs(c, axis(len(c.spec("x").Shape)), true)
		}, func(c *call) []*graph.Node {
			x := c.node("x")
			return splitNodes(c, x, axis(x.Rank()))
		})
	}
	define("numpy", "Meshgrid", "*x", "indexing=\"xy\"", func(c *call) []Spec {
		shape, _ := c.grid()
		out := make([]Spec, len(c.rest))
		for i, v := range c.rest {
			out[i] = Spec{shape, promote(c.specOf(v).DType)}
		}
		if c.g == nil { // Keras promises one type for all: the last one's, or float32
			last := "float32"
			if c.config["indexing"] == "xy" {
				last = resolved(c.specOf(c.rest[len(c.rest)-1]).DType)
			}
			for i := range out {
				out[i].DType = last
			}
		}
		return out
	}, func(c *call) []*graph.Node {
		shape, axes := c.grid()
		out := make([]*graph.Node, len(c.rest))
		for i, v := range c.rest {
			dims := slices.Repeat([]int{1}, len(shape))
			dims[axes[i]] = shape[axes[i]]
			out[i] = broadcastTo(graph.Reshape(c.nodeOf(v, c.out[i].DType), dims...), shape)
		}
		return out
	})
	define("numpy", "Select", "condlist choicelist default", "", func(c *call) []Spec {
		if len(c.tensorList("condlist")) != len(c.tensorList("choicelist")) {
			fail("got %d conditions and %d choices, want as many of one as of the other", len(c.tensorList("condlist")), len(c.tensorList("choicelist")))
		}
		s := c.specOf(c.tensorList("choicelist")[0])
		if c.g == nil {
			return []Spec{{s.Shape, resolved(s.DType)}}
		}
		return []Spec{{s.Shape, promote(s.DType)}}
	}, func(c *call) []*graph.Node {
		dims, dtype := c.out[0].Shape, c.out[0].DType
		var otherwise any = 0
		if v := c.arg("default"); v != nil {
			otherwise = v
		}
		y := broadcastTo(c.nodeOf(otherwise, dtype), dims)
		conditions, choices := c.tensorList("condlist"), c.tensorList("choicelist")
		for i := range slices.Backward(conditions) {
			y = graph.Where(broadcastTo(c.nodeOf(conditions[i], "bool"), dims), broadcastTo(c.nodeOf(choices[i], dtype), dims), y)
		}
		return []*graph.Node{y}
	})

	define("numpy", "Diagonal", "x", "offset=0 axis1=0 axis2=1", diagonalSpec(resolved, true), func(c *call) []*graph.Node {
		return []*graph.Node{c.diagonal(c.node("x"))}
	})
	define("numpy", "Trace", "x", "offset=0 axis1=0 axis2=1", diagonalSpec(summed, false), func(c *call) []*graph.Node {
		return []*graph.Node{graph.ReduceSum(c.diagonal(c.nodeOf(c.need("x"), c.out[0].DType)), -1)}
	})
	define("numpy", "Diag", "x", "k=0", shaped(func(c *call, shape []int) []int {
		k := bounded("k", c.intParam("k"), 1<<12)
		switch len(shape) {
		case 1:
			return squareOf(shape[0], k)
		case 2:
			return []int{diagonalLength(shape[0], shape[1], k)}
		}
		fail("got a tensor of shape %s, want one or two axes", ShapeText(shape))
		return nil
	}), func(c *call) []*graph.Node {
		x := c.node("x")
		if x.Rank() == 1 {
			return []*graph.Node{onDiagonal(x, c.intParam("k"))}
		}
		return []*graph.Node{diagonalOf(x, c.intParam("k"))}
	})
	define("numpy", "Diagflat", "x", "k=0", shaped(func(c *call, shape []int) []int {
		return squareOf(size(shape), bounded("k", c.intParam("k"), 1<<12))
	}), func(c *call) []*graph.Node {
		x := c.node("x")
		return []*graph.Node{onDiagonal(graph.Reshape(x, x.Shape().Size()), c.intParam("k"))}
	})
	define("numpy", "Vander", "x", "N=null increasing=false", shaped(func(c *call, shape []int) []int {
		if len(shape) != 1 {
			fail("got a tensor of shape %s, want one axis", ShapeText(shape))
		}
		n := shape[0]
		if c.config["N"] != nil {
			n = bounded("N", c.intParam("N"), 1<<10)
		}
		if n != None && n < 1 {
			fail("N: got %d, want at least 1", n)
		}
		return append(shape, n)
	}), func(c *call) []*graph.Node {
		x := c.node("x")
		column := graph.OnesLike(x)
		parts := make([]*graph.Node, bounded("N", c.out[0].Shape[1], 1<<10))
		for i := range parts {
			at := i
			if !c.boolParam("increasing") {
				at = len(parts) - 1 - i
			}
			parts[at] = graph.InsertAxes(column, -1)
			column = graph.Mul(column, x)
		}
		return []*graph.Node{concatenate(parts, 1)}
	})

	define("numpy", "Outer", "x1 x2", "", func(c *call) []Spec {
		a, b := c.spec("x1"), c.spec("x2")
		return []Spec{{[]int{size(a.Shape), size(b.Shape)}, promote(a.DType, b.DType)}}
	}, func(c *call) []*graph.Node {
		x, y := c.pair()
		return []*graph.Node{graph.Mul(spread(graph.Reshape(x, x.Shape().Size(), 1), graph.Reshape(y, y.Shape().Size())))}
	})
	define("numpy", "Inner", "x1 x2", "", func(c *call) []Spec {
		a, b := c.spec("x1"), c.spec("x2")
		dtype := promote(a.DType, b.DType)
		if len(a.Shape) == 0 || len(b.Shape) == 0 {
			return []Spec{{broadcast(a.Shape, b.Shape), dtype}}
		}
		return []Spec{{contracted(a.Shape, b.Shape, []int{len(a.Shape) - 1}, []int{len(b.Shape) - 1}), dtype}}
	}, func(c *call) []*graph.Node {
		x, y := c.pair()
		if x.Rank() == 0 || y.Rank() == 0 {
			return []*graph.Node{graph.Mul(spread(x, y))}
		}
		return []*graph.Node{contract(x, []int{x.Rank() - 1}, nil, y, []int{y.Rank() - 1}, nil)}
	})
	define("numpy", "Vdot", "x1 x2", "", func(c *call) []Spec {
		a, b := c.spec("x1"), c.spec("x2")
		if m, n := size(a.Shape), size(b.Shape); m != None && n != None && m != n {
			fail("got %d and %d elements, want as many in one as in the other", m, n)
		}
		return []Spec{{nil, promote(a.DType, b.DType)}}
	}, func(c *call) []*graph.Node {
		x, y := c.pair()
		return []*graph.Node{graph.ReduceAllSum(graph.Mul(graph.Reshape(x, x.Shape().Size()), graph.Reshape(y, y.Shape().Size())))}
	})
	define("numpy", "Cross", "x1 x2", "axisa=-1 axisb=-1 axisc=-1 axis=null", crossSpec, cross)
	define("numpy", "Kron", "x1 x2", "", func(c *call) []Spec {
		a, b := c.spec("x1"), c.spec("x2")
		n := max(len(a.Shape), len(b.Shape))
		left, right := padLeft(a.Shape, n), padLeft(b.Shape, n)
		shape := make([]int, n)
		for i := range shape {
			if shape[i] = left[i] * right[i]; left[i] == None || right[i] == None {
				shape[i] = None
			}
		}
		return []Spec{{shape, promote(a.DType, b.DType)}}
	}, func(c *call) []*graph.Node {
		x, y := c.pair()
		n := max(x.Rank(), y.Rank())
		var left, right []int
		for i, d := range padLeft(x.Shape().Dimensions, n) {
			left, right = append(left, d, 1), append(right, 1, padLeft(y.Shape().Dimensions, n)[i])
		}
		return []*graph.Node{graph.Reshape(graph.Mul(spread(graph.Reshape(x, left...), graph.Reshape(y, right...))), c.out[0].Shape...)}
	})
	define("numpy", "Correlate", "x1 x2", "mode=\"valid\"", func(c *call) []Spec {
		a, b := c.spec("x1"), c.spec("x2")
		if len(a.Shape) != 1 || len(b.Shape) != 1 || a.Shape[0] < 1 || b.Shape[0] < 1 {
			fail("got shapes %s and %s, want one axis of known size each", ShapeText(a.Shape), ShapeText(b.Shape))
		}
		long, short := max(a.Shape[0], b.Shape[0]), bounded("the shorter sequence", min(a.Shape[0], b.Shape[0]), 1<<12)
		n, ok := map[any]int{"valid": long - short + 1, "same": long, "full": long + short - 1}[c.config["mode"]]
		if !ok {
			mode, _ := c.config["mode"].(string)
			fail("mode: %w", config.UnknownName("mode", mode, []string{"full", "same", "valid"}))
		}
		dtype := promote(a.DType, b.DType)
		if !isFloat(dtype) {
			dtype = "float32"
		}
		return []Spec{{[]int{n}, dtype}}
	}, func(c *call) []*graph.Node {
		x, y := c.pair()
		swapped := y.Shape().Size() > x.Shape().Size()
		if swapped {
			x, y = y, x
		}
		long, short := x.Shape().Size(), y.Shape().Size()
		edge := graph.Zeros(c.g, shapeOf(x.DType(), []int{short}))
		wide := graph.Concatenate([]*graph.Node{edge, x, edge}, 0)
		var full *graph.Node // its element i has x's element i+1-short under y's first
		for j := range short {
			part := graph.Mul(cut(wide, 0, 1+j, long+short+j), broadcastTo(cut(y, 0, j, j+1), []int{long + short - 1}))
			if full == nil {
				full = part
			} else {
				full = graph.Add(full, part)
			}
		}
		if swapped {
			full = graph.Reverse(full, 0)
		}
		n := c.out[0].Shape[0]
		start := (long + short - 1 - n) / 2
		if swapped {
			start = (long + short - n) / 2
		}
		return []*graph.Node{cut(full, 0, start, start+n)}
	})

	accumulations("Cumprod", "Nancumprod", 1, graph.Mul)
	accumulations("", "Nancumsum", 0, graph.Add)
	define("numpy", "Trapezoid", "y", "x=null dx=1.0 axis=-1", func(c *call) []Spec {
		s := c.typed("y", toFloat)
		axis := axisOf("axis", c.intParam("axis"), len(s.Shape))
		return []Spec{{slices.Delete(slices.Clone(s.Shape), axis, axis+1), s.DType}}
	}, func(c *call) []*graph.Node {
		y := c.nodeOf(c.need("y"), c.out[0].DType)
		axis := axisOf("axis", c.intParam("axis"), y.Rank())
		n := y.Shape().Dimensions[axis]
		if n < 2 {
			return []*graph.Node{graph.Zeros(c.g, shapeOf(y.DType(), c.out[0].Shape))}
		}
		var widths *graph.Node
		if c.config["x"] == nil {
			widths = graph.Scalar(c.g, y.DType(), c.floatParam("dx"))
		} else {
			x := c.nodeOf(c.config["x"], c.out[0].DType)
			at := axis
			if x.Rank() == 1 {
				shape := slices.Repeat([]int{1}, y.Rank())
				shape[axis] = x.Shape().Size()
				x = graph.Reshape(x, shape...)
			}
			widths = graph.Sub(cut(x, at, 1, n), cut(x, at, 0, n-1))
		}
		sums := graph.Add(cut(y, axis, 1, n), cut(y, axis, 0, n-1))
		return []*graph.Node{graph.MulScalar(graph.ReduceSum(graph.Mul(spread(sums, widths)), axis), 0.5)}
	})
	define("numpy", "Corrcoef", "x", "", floating, func(c *call) []*graph.Node {
		x := c.nodeOf(c.need("x"), c.out[0].DType)
		if x.Rank() != 2 {
			fail("got a tensor of shape %s, want a matrix", ShapeText(x.Shape().Dimensions))
		}
		x = graph.Sub(x, broadcastTo(kept(x, mean(x, []int{1}), []int{1}), x.Shape().Dimensions))
		covariance := graph.DivScalar(graph.DotGeneral(x, []int{1}, nil, x, []int{1}, nil), float64(x.Shape().Dimensions[1]-1))
		spreads := graph.Sqrt(diagonalOf(covariance, 0))
		n := spreads.Shape().Size()
		y := graph.Div(graph.Div(covariance, broadcastTo(graph.Reshape(spreads, n, 1), []int{n, n})), broadcastTo(spreads, []int{n, n}))
		one := graph.OnesLike(y)
		return []*graph.Node{smaller(larger(y, graph.Neg(one)), one)}
	})
	define("numpy", "Ptp", "x", "axis=null keepdims=false", reduced(asIs), reducing(asIs, func(x *graph.Node, axes []int) *graph.Node {
		return graph.Sub(extreme(lowering.Largest)(x, axes), extreme(lowering.Smallest)(x, axes))
	}))
	define("numpy", "Ndim", "x", "", func(c *call) []Spec { return []Spec{{[]int{len(c.spec("x").Shape)}, "float32"}} }, func(c *call) []*graph.Node {
		return []*graph.Node{graph.Scalar(c.g, dtypes.Int32, float64(len(c.spec("x").Shape)))}
	})
	define("numpy", "Size", "x", "", func(*call) []Spec { return []Spec{{nil, "int32"}} }, func(c *call) []*graph.Node {
		return []*graph.Node{graph.Scalar(c.g, dtypes.Int32, float64(size(c.spec("x").Shape)))}
	})
	nanReductions()
}

// nanReductions are the reductions that leave NaN out.
func nanReductions() {
	const params = "axis=null keepdims=false"
	replaced := func(x *graph.Node, by float64) *graph.Node {
		if !x.DType().IsFloat() {
			return x
		}
		return graph.Where(graph.IsNaN(x), broadcastTo(graph.Scalar(x.Graph(), x.DType(), by), x.Shape().Dimensions), x)
	}
	counted := func(x *graph.Node, axes []int) *graph.Node {
		return graph.ReduceSum(graph.ConvertDType(graph.LogicalNot(graph.IsNaN(x)), x.DType()), axes...)
	}
	average := func(x *graph.Node, axes []int) *graph.Node {
		return graph.Div(graph.ReduceSum(replaced(x, 0), axes...), counted(x, axes))
	}
	spreadOf := func(x *graph.Node, axes []int) *graph.Node {
		centre := broadcastTo(kept(x, average(x, axes), axes), x.Shape().Dimensions)
		isNaN := graph.IsNaN(x)
		d := graph.Where(isNaN, graph.ZerosLike(x), graph.Sub(replaced(x, 0), centre))
		return graph.Div(graph.ReduceSum(graph.Square(d), axes...), counted(x, axes))
	}
	define("numpy", "Nansum", "x", params, reduced(summed), reducing(summed, func(x *graph.Node, axes []int) *graph.Node { return graph.ReduceSum(replaced(x, 0), axes...) }))
	define("numpy", "Nanprod", "x", params, reduced(grownToSum), reducing(summed, func(x *graph.Node, axes []int) *graph.Node { return product(replaced(x, 1), axes) }))
	define("numpy", "Nanmean", "x", params, reduced(toFloat), reducing(averaged, average))
	define("numpy", "Nanvar", "x", params, reduced(toFloat), reducing(averaged, spreadOf))
	define("numpy", "Nanstd", "x", params, reduced(toFloat), reducing(averaged, func(x *graph.Node, axes []int) *graph.Node { return graph.Sqrt(spreadOf(x, axes)) }))
	for class, sign := range map[string]int{"Nanmax": -1, "Nanmin": 1} {
		f := lowering.Largest
		if sign > 0 {
			f = lowering.Smallest
		}
		define("numpy", class, "x", params, reduced(func(dtype string) string { return promote(dtype) }), reducing(asIs, func(x *graph.Node, axes []int) *graph.Node {
			if !x.DType().IsFloat() {
				return extreme(f)(x, axes)
			}
			y := extreme(f)(replaced(x, math.Inf(sign)), axes)
			none := graph.Equal(counted(x, axes), graph.ZerosLike(y))
			return graph.Where(none, broadcastTo(graph.Scalar(x.Graph(), x.DType(), math.NaN()), y.Shape().Dimensions), y)
		}))
	}
	for class, sign := range map[string]int{"Nanargmax": -1, "Nanargmin": 1} {
		f := graph.ArgMax
		if sign > 0 {
			f = graph.ArgMin
		}
		define("numpy", class, "x", params, reduced(func(string) string { return "int32" }), reducing(func(dtype string) string { return grown(dtype) }, func(x *graph.Node, axes []int) *graph.Node {
			x = graph.StopGradient(x)
			if len(axes) == x.Rank() {
				x, axes = graph.Reshape(x, x.Shape().Size()), []int{0}
			}
			at := f(replaced(x, math.Inf(sign)), axes[0], dtypes.Int32)
			if !x.DType().IsFloat() {
				return at
			}
			none := isLess(counted(x, axes), 1)
			return graph.Where(none, graph.AddScalar(graph.ZerosLike(at), -1), at)
		}))
	}
}

// accumulations defines what combines the elements so far, as they are or without NaN.
func accumulations(plain, nan string, start float64, f func(x, y *graph.Node) *graph.Node) {
	infer := func(c *call) []Spec {
		s := c.typed("x", resolved)
		if c.config["axis"] == nil {
			s.Shape = []int{size(s.Shape)}
		} else {
			axisOf("axis", c.intParam("axis"), len(s.Shape))
		}
		s.DType = grown(s.DType)
		if c.config["dtype"] != nil {
			s.DType = castSpec(c)[0].DType
		}
		return []Spec{s}
	}
	build := func(replace bool) func(c *call) []*graph.Node {
		return func(c *call) []*graph.Node {
			x, axis := c.flatAlong()
			if replace && x.DType().IsFloat() {
				x = graph.Where(graph.IsNaN(x), broadcastTo(graph.Scalar(c.g, x.DType(), start), x.Shape().Dimensions), x)
			}
			return []*graph.Node{accumulate(convert(x, dtypeOf(c.out[0].DType)), axis, f)}
		}
	}
	if plain != "" {
		define("numpy", plain, "x", "axis=null dtype=null", infer, build(false))
	}
	define("numpy", nan, "x", "axis=null dtype=null", infer, build(true))
}

// accumulate combines in doubling steps: with what lies 1, 2, 4, … before.
func accumulate(x *graph.Node, axis int, f func(x, y *graph.Node) *graph.Node) *graph.Node {
	n := x.Shape().Dimensions[axis]
	for step := 1; step < n; step *= 2 {
		head := cut(x, axis, 0, step)
		x = graph.Concatenate([]*graph.Node{head, f(cut(x, axis, step, n), cut(x, axis, 0, n-step))}, axis)
	}
	return x
}

// pair are the two arguments in the output's type.
func (c *call) pair() (x, y *graph.Node) {
	dtype := c.out[0].DType
	return c.nodeOf(c.need("x1"), dtype), c.nodeOf(c.need("x2"), dtype)
}

func bounded(name string, v, limit int) int {
	if v < -limit || v > limit {
		fail("%s: got %d, want at most %d", name, v, limit)
	}
	return v
}

func padLeft(shape []int, rank int) []int {
	return append(slices.Repeat([]int{1}, rank-len(shape)), shape...)
}

// threeAxes is a shape as dstack sees it.
func threeAxes(shape []int) []int {
	switch len(shape) {
	case 0:
		return []int{1, 1, 1}
	case 1:
		return []int{1, shape[0], 1}
	case 2:
		return []int{shape[0], shape[1], 1}
	}
	return shape
}

func (c *call) rotated(rank int) (a, b int) {
	c.intParam("k")
	axes := c.axesParam("axes", rank)
	if len(axes) != 2 {
		fail("axes: got %v, want two different ones", c.config["axes"])
	}
	return axes[0], axes[1]
}

// grid is the shape of Meshgrid's outputs, and the axis of each argument.
func (c *call) grid() (shape, axes []int) {
	indexing, _ := c.config["indexing"].(string)
	if indexing != "xy" && indexing != "ij" {
		fail("indexing: %w", config.UnknownName("indexing", indexing, []string{"ij", "xy"}))
	}
	if len(c.rest) < 2 || len(c.rest) > 16 {
		fail("got %d tensors, want two at least", len(c.rest))
	}
	for _, v := range c.rest {
		shape = append(shape, size(c.specOf(v).Shape))
	}
	axes = identity(len(shape))
	if indexing == "xy" {
		shape[0], shape[1] = shape[1], shape[0]
		axes[0], axes[1] = 1, 0
	}
	return shape, axes
}

func squareOf(n, k int) []int {
	if n == None {
		return []int{None, None}
	}
	n = bounded("the diagonal's length", n, 1<<13) + max(k, -k)
	return []int{n, n}
}

func diagonalLength(rows, columns, k int) int {
	if rows == None || columns == None {
		return None
	}
	if k > 0 {
		return max(0, min(columns-k, rows))
	}
	return max(0, min(rows+k, columns))
}

func diagonalSpec(of func(string) string, keep bool) func(c *call) []Spec {
	return func(c *call) []Spec {
		s := c.typed("x", of)
		a, b := c.planeAxes(len(s.Shape))
		var shape []int
		for i, d := range s.Shape {
			if i != a && i != b {
				shape = append(shape, d)
			}
		}
		if keep {
			shape = append(shape, diagonalLength(s.Shape[a], s.Shape[b], bounded("offset", c.intParam("offset"), 1<<30)))
		}
		return []Spec{{shape, s.DType}}
	}
}

func (c *call) planeAxes(rank int) (a, b int) {
	a, b = axisOf("axis1", c.intParam("axis1"), rank), axisOf("axis2", c.intParam("axis2"), rank)
	if a == b {
		fail("axis1 and axis2 are both axis %d, want different ones", a)
	}
	return a, b
}

func (c *call) diagonal(x *graph.Node) *graph.Node {
	a, b := c.planeAxes(x.Rank())
	rest := slices.DeleteFunc(identity(x.Rank()), func(i int) bool { return i == a || i == b })
	return diagonalOf(reorder(x, append(rest, a, b)), c.intParam("offset"))
}

// diagonalOf is the diagonal of matrices, k above the main one.
func diagonalOf(x *graph.Node, k int) *graph.Node {
	last := x.Rank() - 2
	dims := x.Shape().Dimensions
	rows, columns := dims[last], dims[last+1]
	n := diagonalLength(rows, columns, k)
	if n == 0 {
		fail("nothing is on diagonal %d of a %d×%d matrix", k, rows, columns)
	}
	start := max(k, 0) + max(-k, 0)*columns
	flat := graph.Reshape(x, append(slices.Clone(dims[:last]), rows*columns)...)
	part := graph.AxisRange(start, start+(n-1)*(columns+1)+1)
	if n > 1 {
		part = part.Stride(columns + 1)
	}
	return graph.SliceAxis(flat, last, part)
}

// onDiagonal is the square matrix with the vector x on its diagonal k.
func onDiagonal(x *graph.Node, k int) *graph.Node {
	n := x.Shape().Size()
	shape := squareOf(n, k)
	g := x.Graph()
	row, column := graph.Iota(g, shapeOf(dtypes.Int32, shape), 0), graph.Iota(g, shapeOf(dtypes.Int32, shape), 1)
	zero := graph.Zeros(g, shapeOf(x.DType(), []int{shape[0] - n}))
	wide := x
	if k > 0 {
		wide = graph.Concatenate([]*graph.Node{zero, x}, 0)
	} else if k < 0 {
		wide = graph.Concatenate([]*graph.Node{x, zero}, 0)
	}
	on := graph.Equal(graph.Sub(column, row), broadcastTo(graph.Scalar(g, dtypes.Int32, float64(k)), shape))
	return graph.Where(on, broadcastTo(wide, shape), graph.Zeros(g, shapeOf(x.DType(), shape)))
}

// crossAxes are the axes of the vectors in the arguments and in the result.
func (c *call) crossAxes(a, b []int) (axisA, axisB, axisC int, vector bool, rest []int) {
	names := [3]string{"axisa", "axisb", "axisc"}
	if c.config["axis"] != nil {
		names = [3]string{"axis", "axis", "axis"}
	}
	axisA, axisB = axisOf(names[0], c.intParam(names[0]), len(a)), axisOf(names[1], c.intParam(names[1]), len(b))
	m, n := a[axisA], b[axisB]
	for _, d := range []int{m, n} {
		if d != 2 && d != 3 {
			fail("got vectors of %d and %d elements, want 2 or 3", m, n)
		}
	}
	rest = broadcast(slices.Delete(slices.Clone(a), axisA, axisA+1), slices.Delete(slices.Clone(b), axisB, axisB+1))
	if vector = m == 3 || n == 3; vector {
		axisC = axisOf(names[2], c.intParam(names[2]), len(rest)+1)
	}
	return axisA, axisB, axisC, vector, rest
}

func crossSpec(c *call) []Spec {
	a, b := c.spec("x1"), c.spec("x2")
	_, _, axis, vector, shape := c.crossAxes(a.Shape, b.Shape)
	if vector {
		shape = slices.Insert(shape, axis, 3)
	}
	return []Spec{{shape, promote(a.DType, b.DType)}}
}

func cross(c *call) []*graph.Node {
	x, y := c.pair()
	axisA, axisB, axis, vector, rest := c.crossAxes(x.Shape().Dimensions, y.Shape().Dimensions)
	parts := func(v *graph.Node, axis int) (out [3]*graph.Node) {
		for i := range out {
			if i >= v.Shape().Dimensions[axis] {
				out[i] = graph.Zeros(c.g, shapeOf(v.DType(), rest))
				continue
			}
			one := cut(v, axis, i, i+1)
			out[i] = broadcastTo(graph.Reshape(one, slices.Delete(slices.Clone(v.Shape().Dimensions), axis, axis+1)...), rest)
		}
		return out
	}
	a, b := parts(x, axisA), parts(y, axisB)
	minor := func(i, j int) *graph.Node { return graph.Sub(graph.Mul(a[i], b[j]), graph.Mul(a[j], b[i])) }
	if !vector {
		return []*graph.Node{minor(0, 1)}
	}
	out := []*graph.Node{minor(1, 2), minor(2, 0), minor(0, 1)}
	for i := range out {
		out[i] = graph.InsertAxes(out[i], axis)
	}
	return []*graph.Node{graph.Concatenate(out, axis)}
}
