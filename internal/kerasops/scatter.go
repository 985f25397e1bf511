package kerasops

import (
	"math"
	"slices"
	"strings"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/internal/config"
)

func init() {
	define("numpy", "TakeAlongAxis", "x indices", "axis=null", func(c *call) []Spec {
		s, index := c.typed("x", resolved), c.spec("indices")
		shape, axis := slices.Clone(s.Shape), 0
		if c.config["axis"] == nil {
			shape = []int{size(shape)}
		} else {
			axis = axisOf("axis", c.intParam("axis"), len(shape))
		}
		if len(shape) != len(index.Shape) {
			fail("x and indices: got shapes %s and %s, want as many axes in one as in the other", ShapeText(shape), ShapeText(index.Shape))
		}
		if isFloat(index.DType) {
			fail("indices: got type %s, want whole numbers", index.DType)
		}
		shape[axis] = index.Shape[axis]
		return []Spec{{broadcast(shape, index.Shape), s.DType}}
	}, func(c *call) []*graph.Node {
		x, axis := c.flatAlong()
		index := c.nodeOf(c.need("indices"), "int32")
		n := x.Shape().Dimensions[axis]
		shape := slices.Clone(c.out[0].Shape)
		index = broadcastTo(index, shape)
		shape[axis] = n
		x = broadcastTo(x, shape)
		safe, outside := within(index, n)
		return []*graph.Node{orNothing(takeAlong(x, safe, axis), outside)}
	})
	define("numpy", "UnravelIndex", "indices", "shape", func(c *call) []Spec {
		s := c.spec("indices")
		dims := c.knownSizes("shape", c.config["shape"])
		if c.g == nil {
			return slices.Repeat([]Spec{{s.Shape, resolved(s.DType)}}, len(dims))
		}
		return slices.Repeat([]Spec{{s.Shape, promote(s.DType)}}, len(dims))
	}, func(c *call) []*graph.Node {
		dims, dtype := c.knownSizes("shape", c.config["shape"]), c.out[0].DType
		n := 1
		for _, d := range dims {
			n *= d
		}
		scalar := func(v int) *graph.Node { return number(c.g, dtypeOf(dtype), float64(v)) }
		rest := c.nodeOf(c.need("indices"), dtype)
		rest = graph.Where(isLess(rest, 0), graph.Add(rest, scalar(n)), rest)
		rest = graph.Max(graph.Min(rest, scalar(n-1)), scalar(0))
		out := make([]*graph.Node, len(dims))
		for i, d := range slices.Backward(dims) {
			out[i] = remainder(spread(rest, scalar(d)))
			rest = floorDivide(spread(rest, scalar(d)))
		}
		return out
	})
	define("core", "SliceUpdate", "inputs start_indices updates", "", func(c *call) []Spec {
		s, u := c.typed("inputs", resolved), c.spec("updates")
		if start := c.startSpec(); len(start.Shape) != 1 || start.Shape[0] != len(s.Shape) || len(u.Shape) != len(s.Shape) {
			fail("got starts of shape %s and updates of shape %s for a tensor of shape %s, want one start for each axis and as many axes", ShapeText(start.Shape), ShapeText(u.Shape), ShapeText(s.Shape))
		}
		for i, d := range u.Shape {
			if d != None && s.Shape[i] != None && d > s.Shape[i] {
				fail("updates of shape %s are larger than the tensor of shape %s", ShapeText(u.Shape), ShapeText(s.Shape))
			}
		}
		return []Spec{s}
	}, func(c *call) []*graph.Node {
		x := c.node("inputs")
		updates := c.nodeOf(c.need("updates"), dtypeName(x.DType()))
		var inside *graph.Node
		for axis, n := range x.Shape().Dimensions {
			k := updates.Shape().Dimensions[axis]
			start := c.start(axis, n, k)
			at := graph.Sub(graph.Iota(c.g, shapeOf(dtypes.Int32, []int{n}), 0), broadcastTo(start, []int{n}))
			safe, outside := within(graph.Where(isLess(at, 0), broadcastTo(graph.Scalar(c.g, dtypes.Int32, k), []int{n}), at), k)
			updates = takeOn(updates, safe, axis)
			shape := slices.Repeat([]int{1}, x.Rank())
			shape[axis] = n
			here := broadcastTo(graph.Reshape(graph.LogicalNot(outside), shape...), x.Shape().Dimensions)
			if inside == nil {
				inside = here
			} else {
				inside = graph.LogicalAnd(inside, here)
			}
		}
		if inside == nil {
			return []*graph.Node{updates}
		}
		return []*graph.Node{graph.Where(inside, updates, x)}
	})
	define("core", "Scatter", "indices values", "shape", func(c *call) []Spec {
		dims := c.knownSizes("shape", c.config["shape"])
		scatterSpecs(c, dims, "values")
		return []Spec{{dims, c.typed("values", resolved).DType}}
	}, func(c *call) []*graph.Node {
		values := c.node("values")
		zeros := graph.Zeros(c.g, shapeOf(values.DType(), c.out[0].Shape))
		return []*graph.Node{scatterInto(zeros, c.nodeOf(c.need("indices"), "int32"), values, "add")}
	})
	define("core", "ScatterUpdate", "inputs indices updates", "reduction=null", func(c *call) []Spec {
		s := c.typed("inputs", resolved)
		if len(c.spec("indices").Shape) != 2 {
			fail("indices: got shape %s, want (updates, axes)", ShapeText(c.spec("indices").Shape))
		}
		scatterSpecs(c, s.Shape, "updates")
		if how, given := c.config["reduction"].(string); given || c.config["reduction"] != nil {
			if all := []string{"add", "max", "min", "mul"}; !slices.Contains(all, strings.ToLower(how)) {
				fail("reduction: %w", config.UnknownName("reduction", how, all))
			}
		}
		return []Spec{s}
	}, func(c *call) []*graph.Node {
		x := c.node("inputs")
		how, _ := c.config["reduction"].(string)
		return []*graph.Node{scatterInto(x, c.nodeOf(c.need("indices"), "int32"), c.nodeOf(c.need("updates"), dtypeName(x.DType())), strings.ToLower(how))}
	})
	for class, how := range map[string]string{"SegmentSum": "add", "SegmentMax": "max", "SegmentMin": "min", "SegmentProd": "mul"} {
		define("math", class, "data segment_ids", "num_segments=null sorted=false", func(c *call) []Spec {
			s, ids := c.typed("data", resolved), c.spec("segment_ids")
			if c.config["num_segments"] == nil {
				fail("num_segments: want the number of segments: a compiled program needs it")
			}
			n := c.intParam("num_segments")
			if n < 1 || n > 1<<24 {
				fail("num_segments: got %d, want from 1 to %d", n, 1<<24)
			}
			if len(s.Shape) == 0 || len(ids.Shape) != 1 || merged(s.Shape[:1], ids.Shape, -1) == nil {
				fail("data and segment_ids: got shapes %s and %s, want an id for each row of data", ShapeText(s.Shape), ShapeText(ids.Shape))
			}
			shape := slices.Clone(s.Shape)
			shape[0] = n
			return []Spec{{shape, s.DType}}
		}, func(c *call) []*graph.Node {
			data, ids := c.node("data"), c.nodeOf(c.need("segment_ids"), "int32")
			// Rows of other ids are left out.
			n := c.out[0].Shape[0]
			ids = graph.Where(isLess(ids, 0), graph.AddScalar(graph.ZerosLike(ids), float64(n)), ids)
			start := broadcastTo(neutral(c.g, data.DType(), how), c.out[0].Shape)
			return []*graph.Node{scatterInto(start, graph.InsertAxes(ids, -1), data, how)}
		})
	}
}

// knownSizes reads a shape without None, of a bounded number of elements.
func (c *call) knownSizes(name string, v any) []int {
	dims, _ := ints(name, v)
	n := 1
	for _, d := range dims {
		if d < 1 || n > 1<<28/d {
			fail("%s: got %v, want known sizes, of %d elements at most", name, dims, 1<<28)
		}
		n *= d
	}
	return dims
}

// within makes indices count from the start and moves those outside of the axis to its last element.
func within(index *graph.Node, n int) (safe, outside *graph.Node) {
	dims := index.Shape().Dimensions
	scalar := func(v int) *graph.Node {
		return broadcastTo(graph.Scalar(index.Graph(), dtypes.Int32, float64(v)), dims)
	}
	index = graph.Where(isLess(index, 0), graph.Add(index, scalar(n)), index)
	outside = graph.LogicalOr(isLess(index, 0), graph.GreaterOrEqual(index, scalar(n)))
	return graph.Where(outside, scalar(max(n-1, 0)), index), outside
}

// orNothing is x with NaN, or the type's lowest number (unsigned: highest), in the places outside, as JAX fills them.
func orNothing(x, outside *graph.Node) *graph.Node {
	dims := x.Shape().Dimensions
	fill := graph.Scalar(x.Graph(), dtypes.Float32, math.NaN())
	switch dtype := x.DType(); {
	case dtype.IsFloat():
		fill = graph.ConvertDType(fill, dtype)
	case dtype == dtypes.Bool:
		fill = graph.Equal(graph.Scalar(x.Graph(), dtypes.Int32, 0), graph.Scalar(x.Graph(), dtypes.Int32, 0))
	case strings.HasPrefix(dtypeName(dtype), "uint"):
		fill = graph.Const(x.Graph(), dtype.HighestValue())
	default:
		fill = graph.Const(x.Graph(), dtype.LowestValue())
	}
	return graph.Where(outside, broadcastTo(fill, dims), x)
}

// takeOn picks the slices of an axis at one list of indices that lie within it.
func takeOn(x, index *graph.Node, axis int) *graph.Node {
	order := append([]int{axis}, slices.DeleteFunc(identity(x.Rank()), func(i int) bool { return i == axis })...)
	back := make([]int, x.Rank())
	for i, from := range order {
		back[from] = i
	}
	return reorder(graph.Gather(reorder(x, order), graph.InsertAxes(index, -1)), back)
}

// scatterSpecs checks that the last axis of indices names leading axes of shape, and that the values fit.
func scatterSpecs(c *call, shape []int, values string) {
	index, v := c.spec("indices"), c.spec(values)
	k := None
	if len(index.Shape) > 0 {
		k = index.Shape[len(index.Shape)-1]
	}
	if k < 1 || k > len(shape) || isFloat(index.DType) {
		fail("indices: got shape %s and type %s for a tensor of shape %s, want whole numbers whose last axis names some of its axes", ShapeText(index.Shape), index.DType, ShapeText(shape))
	}
	target := slices.Concat(index.Shape[:len(index.Shape)-1], shape[k:])
	if len(v.Shape) > len(target) || len(broadcast(v.Shape, target)) != len(target) {
		fail("%s: got shape %s, want %s", values, ShapeText(v.Shape), ShapeText(target))
	}
}

// neutral is what a reduction begins with.
func neutral(g *graph.Graph, dtype dtypes.DType, how string) *graph.Node {
	switch {
	case how == "add":
		return graph.Scalar(g, dtype, 0)
	case how == "mul":
		return graph.Scalar(g, dtype, 1)
	case dtype.IsFloat() && how == "max":
		return graph.Infinity(g, dtype, -1)
	case dtype.IsFloat():
		return graph.Infinity(g, dtype, 1)
	case how == "max":
		return graph.Const(g, dtype.LowestValue())
	}
	return graph.Const(g, dtype.HighestValue())
}

// scatterInto combines values with x at indices, (…, k) for the first k axes; without a reduction the last value stays. What lies
// outside of x is left out.
func scatterInto(x, index, values *graph.Node, how string) *graph.Node {
	dims := x.Shape().Dimensions
	k := index.Shape().Dimensions[index.Rank()-1]
	tail := dims[k:]
	updates := index.Shape().Size() / k
	values = broadcastTo(values, slices.Concat(index.Shape().Dimensions[:index.Rank()-1], tail))
	values = graph.Reshape(values, append([]int{updates}, tail...)...)
	index = graph.Reshape(index, updates, k)

	g := x.Graph()
	cells := 1
	var flat, outside *graph.Node
	for axis := range k {
		n := dims[axis]
		at, out := within(graph.Reshape(cut(index, 1, axis, axis+1), updates), n)
		if flat == nil {
			flat, outside = at, out
		} else {
			flat, outside = graph.Add(graph.MulScalar(flat, n), at), graph.LogicalOr(outside, out)
		}
		cells *= n
	}
	all := append([]int{cells}, tail...)
	x = graph.Reshape(x, all...)
	// One cell more, for what lies outside.
	flat = graph.Where(outside, broadcastTo(graph.Scalar(g, dtypes.Int32, float64(cells)), []int{updates}), flat)
	at := graph.InsertAxes(flat, -1)
	more := append([]int{cells + 1}, tail...)
	filled := func(v *graph.Node) *graph.Node { return broadcastTo(v, more) }
	cells0 := func(n *graph.Node) *graph.Node { return cut(n, 0, 0, cells) }
	var y *graph.Node
	switch how {
	case "add":
		y = graph.Add(x, cells0(graph.ScatterSum(graph.Zeros(g, shapeOf(x.DType(), more)), at, values, false, false)))
	case "max":
		y = larger(x, cells0(graph.ScatterMax(filled(neutral(g, x.DType(), how)), at, values, false, false)))
	case "min":
		y = smaller(x, cells0(graph.ScatterMin(filled(neutral(g, x.DType(), how)), at, values, false, false)))
	case "mul":
		if float64(cells)*float64(values.Shape().Size()) > 1<<26 {
			fail("a product over %d places and %d values is too large", cells, values.Shape().Size())
		}
		place := graph.Iota(g, shapeOf(dtypes.Int32, []int{updates, cells}), 1)
		hit := graph.Reshape(graph.Equal(spread(graph.InsertAxes(flat, -1), place)), append([]int{updates, cells}, slices.Repeat([]int{1}, len(tail))...)...)
		shape := append([]int{updates, cells}, tail...)
		factor := broadcastTo(graph.InsertAxes(values, 1), shape)
		y = graph.Mul(x, graph.Reshape(product(graph.Where(broadcastTo(hit, shape), factor, graph.OnesLike(factor)), []int{0}), all...))
	default:
		none := graph.Zeros(g, shapeOf(dtypes.Int32, []int{cells + 1}))
		number := graph.AddScalar(graph.Iota(g, shapeOf(dtypes.Int32, []int{updates}), 0), 1)
		last := cells0(graph.ScatterMax(none, at, number, false, false))
		chosen := graph.Max(graph.AddScalar(last, -1), graph.ZerosLike(last))
		taken := graph.Gather(values, graph.InsertAxes(chosen, -1))
		hit := graph.Reshape(isLess(graph.Neg(last), 0), append([]int{cells}, slices.Repeat([]int{1}, len(tail))...)...)
		y = graph.Where(broadcastTo(hit, all), taken, x)
	}
	return graph.Reshape(y, dims...)
}
