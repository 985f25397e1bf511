package kerasops

import (
	"math"
	"slices"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/internal/config"
)

func init() {
	flatOr := func(of func(dtype string) string) func(c *call) []Spec {
		return func(c *call) []Spec {
			s := c.typed("x", of)
			if c.config["axis"] == nil {
				return []Spec{{[]int{size(s.Shape)}, s.DType}}
			}
			axisOf("axis", c.intParam("axis"), len(s.Shape))
			return []Spec{s}
		}
	}
	int32s := func(string) string { return "int32" }
	define("numpy", "Sort", "x", "axis=-1", flatOr(resolved), func(c *call) []*graph.Node {
		x, axis := c.flatAlong()
		return []*graph.Node{takeAlong(x, argsort(x, axis, false), axis)}
	})
	define("numpy", "Argsort", "x", "axis=-1", flatOr(int32s), func(c *call) []*graph.Node {
		x, axis := c.flatAlong()
		return []*graph.Node{argsort(x, axis, false)}
	})
	define("numpy", "Argpartition", "x", "kth axis=-1", func(c *call) []Spec {
		s := flatOr(int32s)(c)
		axis := 0
		if c.config["axis"] != nil {
			axis = axisOf("axis", c.intParam("axis"), len(s[0].Shape))
		}
		if n := s[0].Shape[axis]; n != None {
			axisOf("kth", c.intParam("kth"), n)
		}
		return s
	}, func(c *call) []*graph.Node {
		x, axis := c.flatAlong()
		n := x.Shape().Dimensions[axis]
		k := axisOf("kth", c.intParam("kth"), n) + 1
		order := argsort(x, axis, false)
		if k == n {
			return []*graph.Node{order}
		}
		// The rest stands in the order in which it came.
		rest := cut(order, axis, k, n)
		rest = takeAlong(rest, argsort(rest, axis, false), axis)
		return []*graph.Node{graph.Concatenate([]*graph.Node{cut(order, axis, 0, k), rest}, axis)}
	})
	define("math", "TopK", "x", "k sorted=true", func(c *call) []Spec {
		s, k := c.typed("x", resolved), c.intParam("k")
		last := axisOf("axis", -1, len(s.Shape))
		if n := s.Shape[last]; k < 0 || (n != None && k > n) {
			fail("k: got %d for an axis of size %d", k, n)
		}
		shape := slices.Clone(s.Shape)
		shape[last] = k
		return []Spec{{shape, s.DType}, {shape, "int32"}}
	}, func(c *call) []*graph.Node {
		x, last, k := c.node("x"), len(c.out[0].Shape)-1, c.intParam("k")
		if k == 0 {
			fail("k: got 0, want at least 1")
		}
		index := cut(argsort(x, last, true), last, 0, k)
		return []*graph.Node{takeAlong(x, index, last), index}
	})
	define("math", "InTopK", "targets predictions", "k", func(c *call) []Spec {
		s := c.spec("targets")
		if p := c.spec("predictions"); len(p.Shape) != len(s.Shape)+1 {
			fail("targets and predictions: got shapes %s and %s, want one axis more in predictions", ShapeText(s.Shape), ShapeText(p.Shape))
		}
		c.intParam("k")
		return []Spec{{s.Shape, "bool"}}
	}, func(c *call) []*graph.Node {
		predictions := graph.StopGradient(c.nodeOf(c.need("predictions"), toFloat(c.spec("predictions").DType)))
		last := predictions.Rank() - 1
		at := takeAlong(predictions, graph.InsertAxes(c.nodeOf(c.need("targets"), "int32"), -1), last)
		at = graph.Where(graph.IsNaN(at), broadcastTo(graph.Infinity(c.g, at.DType(), -1), at.Shape().Dimensions), at)
		better := graph.ConvertDType(graph.GreaterThan(spread(predictions, at)), dtypes.Int32)
		return []*graph.Node{isLess(graph.ReduceSum(better, last), float64(c.intParam("k")))}
	})

	// Ranks among all elements: their place is computed in float32 at least.
	quantiles := func(class string, of func(q float64) float64, params string, squash bool, toType func(string) string) {
		define("numpy", class, "x q", params+" method=\"linear\" keepdims=false", func(c *call) []Spec {
			s := reduced(toType)(c)[0]
			q := c.spec("q")
			if len(q.Shape) > 1 {
				fail("q: got shape %s, want a number or a list of them", ShapeText(q.Shape))
			}
			method, _ := c.config["method"].(string)
			if methods := []string{"linear", "lower", "higher", "midpoint", "nearest"}; !slices.Contains(methods, method) {
				fail("method: %w", config.UnknownName("method", method, methods))
			}
			return []Spec{{slices.Concat(q.Shape, s.Shape), s.DType}}
		}, func(c *call) []*graph.Node {
			q := c.nodeOf(c.need("q"), "float32")
			method := c.config["method"].(string)
			if class == "Quantile" { // whose node in a model doesn't use it, in Keras
				method = "linear"
			}
			return []*graph.Node{c.quantile(graph.MulScalar(q, of(1)), method, squash)}
		})
	}
	one, percent := func(q float64) float64 { return q }, func(q float64) float64 { return q / 100 }
	quantiles("Quantile", one, "axis=null", false, toFloat)
	quantiles("Percentile", percent, "axis=null", false, toFloat)
	quantiles("Nanquantile", one, "axis=null", true, toFloat)
	quantiles("Nanpercentile", percent, "axis=null", true, toFloat)
	for class, squash := range map[string]bool{"Median": false, "Nanmedian": true} {
		define("numpy", class, "x", "axis=null keepdims=false", reduced(toFloat), func(c *call) []*graph.Node {
			return []*graph.Node{c.quantile(graph.Scalar(c.g, dtypes.Float32, 0.5), "midpoint", squash)}
		})
	}

	define("numpy", "SearchSorted", "sorted_sequence values", "side=\"left\"", func(c *call) []Spec {
		if s := c.spec("sorted_sequence"); len(s.Shape) != 1 {
			fail("sorted_sequence: got shape %s, want one axis", ShapeText(s.Shape))
		}
		side, _ := c.config["side"].(string)
		if sides := []string{"left", "right"}; !slices.Contains(sides, side) {
			fail("side: %w", config.UnknownName("side", side, sides))
		}
		if c.g == nil && c.spec("sorted_sequence").Shape[0] == None {
			return []Spec{{c.spec("values").Shape, "int64"}}
		}
		return []Spec{{c.spec("values").Shape, "int32"}}
	}, func(c *call) []*graph.Node {
		x, sequence := c.ordered("values", "sorted_sequence")
		return []*graph.Node{placeIn(sequence, x, c.config["side"] == "right")}
	})
	define("numpy", "Digitize", "x bins", "", func(c *call) []Spec {
		if s := c.spec("bins"); len(s.Shape) != 1 {
			fail("bins: got shape %s, want one axis", ShapeText(s.Shape))
		}
		return []Spec{{c.spec("x").Shape, "int32"}}
	}, func(c *call) []*graph.Node {
		x, bins := c.ordered("x", "bins")
		n := bins.Shape().Size()
		rising := placeIn(bins, x, true)
		falling := graph.Sub(graph.Scalar(c.g, dtypes.Int32, float64(n)), placeIn(graph.Reverse(bins, 0), x, true))
		isRising := graph.GreaterOrEqual(cut(bins, 0, n-1, n), cut(bins, 0, 0, 1))
		dims := x.Shape().Dimensions
		return []*graph.Node{graph.Where(broadcastTo(graph.Reshape(isRising), dims), rising, falling)}
	})
	define("numpy", "IsIn", "x1 x2", "assume_unique=false invert=false", func(c *call) []Spec {
		c.boolParam("invert")
		return []Spec{{c.spec("x1").Shape, "bool"}}
	}, func(c *call) []*graph.Node {
		dtype := promote(c.spec("x1").DType, c.spec("x2").DType)
		x, y := graph.StopGradient(c.nodeOf(c.need("x1"), dtype)), graph.StopGradient(c.nodeOf(c.need("x2"), dtype))
		y = graph.Reshape(y, y.Shape().Size())
		equal := graph.ConvertDType(graph.Equal(spread(graph.InsertAxes(x, -1), y)), dtypes.Int32)
		in := isLess(graph.Neg(graph.ReduceSum(equal, -1)), 0)
		if c.boolParam("invert") {
			in = graph.LogicalNot(in)
		}
		return []*graph.Node{in}
	})
}

// flatAlong is the argument x and the axis that "axis" names: of all its elements for null.
func (c *call) flatAlong() (x *graph.Node, axis int) {
	x = c.node("x")
	if c.config["axis"] == nil {
		return graph.Reshape(x, x.Shape().Size()), 0
	}
	return x, axisOf("axis", c.intParam("axis"), x.Rank())
}

// ordered are two arguments in their common type, without gradients.
func (c *call) ordered(a, b string) (x, y *graph.Node) {
	dtype := promote(c.spec(a).DType, c.spec(b).DType)
	if dtype == "bool" {
		dtype = "int32"
	}
	return graph.StopGradient(c.nodeOf(c.need(a), dtype)), graph.StopGradient(c.nodeOf(c.need(b), dtype))
}

// precedes is whether x is before y in rising order, where NaN is last.
func precedes(x, y *graph.Node) *graph.Node {
	before := graph.LessThan(x, y)
	if !x.DType().IsFloat() {
		return before
	}
	return graph.LogicalOr(before, graph.LogicalAnd(graph.IsNaN(y), graph.LogicalNot(graph.IsNaN(x))))
}

// argsort is the order of an axis's elements, equal ones in the order in which they stand. NaN is the largest.
func argsort(x *graph.Node, axis int, falling bool) *graph.Node {
	keys := graph.StopGradient(x)
	switch {
	case keys.DType() == dtypes.Bool:
		keys = graph.ConvertDType(keys, dtypes.Int32)
	case keys.DType().IsFloat() && keys.DType() != dtypes.Float32:
		keys = graph.ConvertDType(keys, dtypes.Float32)
	}
	g := x.Graph()
	comparator := graph.NewClosure(g, func(g *graph.Graph) []*graph.Node {
		left := graph.Parameter(g, "left", shapeOf(keys.DType(), nil))
		right := graph.Parameter(g, "right", shapeOf(keys.DType(), nil))
		graph.Parameter(g, "left_index", shapeOf(dtypes.Int32, nil))
		graph.Parameter(g, "right_index", shapeOf(dtypes.Int32, nil))
		if falling {
			left, right = right, left
		}
		return []*graph.Node{precedes(left, right)}
	})
	index := afterOtherSorts(graph.Iota(g, shapeOf(dtypes.Int32, x.Shape().Dimensions), axis))
	return graph.SortFunc(comparator, axis, true, keys, index)[1]
}

// afterOtherSorts makes x wait for the sort before it in the graph: GoMLX's pure-Go engine runs comparators on the workers that
// sorts occupy, and sorts that ran at once could take all of them and wait forever.
func afterOtherSorts(x *graph.Node) *graph.Node {
	for _, n := range slices.Backward(x.Graph().Nodes()) {
		inputs := n.Inputs()
		if n.NumOutputs() != 1 || len(inputs) != 1 || inputs[0].Type() != graph.NodeTypeSort || n.Shape().Size() == 0 {
			continue
		}
		first := cut(graph.Reshape(graph.StopGradient(n), n.Shape().Size()), 0, 0, 1)
		if first.DType() != dtypes.Int32 {
			first = graph.ConvertDType(graph.NotEqual(first, first), dtypes.Int32)
		}
		return graph.Add(x, graph.MulScalar(graph.Reshape(first), 0))
	}
	return x
}

// takeAlong picks, in each row along an axis, the elements at the row's indices, which lie within it. Other axes are equal.
func takeAlong(x, index *graph.Node, axis int) *graph.Node {
	last := x.Rank() - 1
	toLast := append(slices.DeleteFunc(identity(x.Rank()), func(i int) bool { return i == axis }), axis)
	back := slices.Insert(identity(last), axis, last)
	x, index = reorder(x, toLast), reorder(index, toLast)
	n, picked := x.Shape().Dimensions[last], index.Shape().Clone()
	rows := x.Shape().Size() / max(n, 1)
	k := picked.Dimensions[last]
	start := graph.MulScalar(graph.Iota(x.Graph(), shapeOf(dtypes.Int32, []int{rows, k}), 0), n)
	flat := graph.Add(graph.Reshape(index, rows, k), start)
	out := graph.Gather(graph.Reshape(x, rows*n), graph.InsertAxes(flat, -1))
	return reorder(graph.Reshape(out, picked.Dimensions...), back)
}

// placeIn counts the elements of a rising sequence that are before x, or for right those that aren't after it.
func placeIn(sequence, x *graph.Node, right bool) *graph.Node {
	a, b := spread(sequence, graph.InsertAxes(x, -1))
	counted := precedes(a, b)
	if right {
		counted = graph.LogicalNot(precedes(b, a))
	}
	return graph.ReduceSum(graph.ConvertDType(counted, dtypes.Int32), -1)
}

// quantile computes quantiles q, one or several, over the axes; with squash, of what isn't NaN.
func (c *call) quantile(q *graph.Node, method string, squash bool) *graph.Node {
	dtype := dtypeOf(c.out[0].DType)
	x := c.nodeOf(c.need("x"), averaged(c.out[0].DType))
	axes := c.axesParam("axis", x.Rank())
	kept := slices.DeleteFunc(identity(x.Rank()), func(i int) bool { return slices.Contains(axes, i) })
	x = reorder(x, slices.Concat(kept, axes))
	n := 1
	for _, d := range x.Shape().Dimensions[len(kept):] {
		n *= d
	}
	if n == 0 {
		fail("a quantile of nothing")
	}
	rows := x.Shape().Size() / n
	x = graph.Reshape(x, rows, n)
	g := c.g
	nan := graph.Scalar(g, x.DType(), math.NaN())
	isNaN := graph.IsNaN(x)
	count := graph.ReduceSum(graph.ConvertDType(graph.LogicalNot(isNaN), x.DType()), 1)
	if !squash {
		some := isLess(count, float64(n))
		x = graph.Where(broadcastTo(graph.Reshape(some, rows, 1), x.Shape().Dimensions), broadcastTo(nan, x.Shape().Dimensions), x)
		count = graph.AddScalar(graph.ZerosLike(count), float64(n))
	}
	x = takeAlong(x, argsort(x, 1, false), 1)

	m := q.Shape().Size()
	last := graph.InsertAxes(graph.AddScalar(count, -1), -1)
	place := graph.Mul(spread(graph.Reshape(graph.ConvertDType(q, x.DType()), 1, m), last)) // (rows, m)
	low, high := graph.StopGradient(graph.Floor(place)), graph.StopGradient(graph.Ceil(place))
	weight := graph.Sub(place, low)
	value := func(at *graph.Node) *graph.Node {
		at, end := spread(at, last)
		at = graph.Max(graph.Min(at, end), graph.ZerosLike(at))
		return takeAlong(x, graph.ConvertDType(at, dtypes.Int32), 1)
	}
	a, b := value(low), value(high)
	var y *graph.Node
	switch method {
	case "lower":
		y = a
	case "higher":
		y = b
	case "nearest":
		y = graph.Where(graph.LessOrEqual(weight, graph.Scalar(g, weight.DType(), 0.5)), a, b)
	case "midpoint":
		y = graph.MulScalar(graph.Add(a, b), 0.5)
	default:
		y = graph.Add(graph.Mul(a, graph.OneMinus(weight)), graph.Mul(b, weight))
	}
	return convert(graph.Reshape(graph.Transpose(y, 0, 1), c.out[0].Shape...), dtype)
}
