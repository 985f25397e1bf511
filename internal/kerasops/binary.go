package kerasops

import (
	"math"
	"slices"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"
)

// broadcast returns the shape of two tensors combined element by element, as NumPy does.
func broadcast(a, b []int) []int {
	if len(a) < len(b) {
		a, b = b, a
	}
	out := slices.Clone(a)
	for i, d := range b {
		at := len(a) - len(b) + i
		switch {
		case out[at] == d, d == 1, d == None && out[at] != 1:
		case out[at] == 1, out[at] == None:
			out[at] = d
		default:
			fail("shapes %s and %s can't be broadcast: axis %d is %d in one and %d in the other", ShapeText(a), ShapeText(b), at, out[at], d)
		}
	}
	return out
}

// spread broadcasts nodes to their common shape.
func spread(x, y *graph.Node) (*graph.Node, *graph.Node) {
	shape := broadcast(x.Shape().Dimensions, y.Shape().Dimensions)
	return broadcastTo(x, shape), broadcastTo(y, shape)
}

func broadcastTo(x *graph.Node, shape []int) *graph.Node {
	if slices.Equal(x.Shape().Dimensions, shape) {
		return x
	}
	if x.Rank() == 0 {
		return graph.BroadcastToDims(x, shape...)
	}
	if x.Rank() < len(shape) {
		x = graph.ExpandLeftToRank(x, len(shape))
	}
	return graph.BroadcastToDims(x, shape...)
}

// combined is the shape of two arguments combined, in the type that of makes of theirs.
func combined(of func(a, b string) string) func(c *call) []Spec {
	return func(c *call) []Spec {
		a, b := c.spec(c.def.args[0]), c.spec(c.def.args[1])
		return []Spec{{broadcast(a.Shape, b.Shape), of(a.DType, b.DType)}}
	}
}

func promoted(a, b string) string      { return promote(a, b) }
func floatPromoted(a, b string) string { return promote(a, b, "float") }
func toBool(string, string) string     { return "bool" }

// operands are the two arguments in a type, broadcast to each other.
func (c *call) operands(dtype string) (x, y *graph.Node) {
	return spread(c.nodeOf(c.need(c.def.args[0]), dtype), c.nodeOf(c.need(c.def.args[1]), dtype))
}

func binary(f func(x, y *graph.Node) *graph.Node) func(c *call) []*graph.Node {
	return func(c *call) []*graph.Node {
		x, y := c.operands(c.out[0].DType)
		return []*graph.Node{f(x, y)}
	}
}

func init() {
	for class, f := range map[string]func(x, y *graph.Node) *graph.Node{
		"Add": or(graph.Add, graph.LogicalOr), "Subtract": graph.Sub, "Multiply": or(graph.Mul, graph.LogicalAnd), "Mod": mod, "FloorDivide": floorDivide,
		"Maximum": func(x, y *graph.Node) *graph.Node { return larger(x, y) },
		"Minimum": func(x, y *graph.Node) *graph.Node { return smaller(x, y) },
	} {
		defineEach("numpy", class, "x1 x2", "", combined(promoted), binary(f))
	}
	defineEach("numpy", "Power", "x1 x2", "", combined(promoted), power)
	for class, f := range map[string]func(x, y *graph.Node) *graph.Node{
		"Divide": graph.Div, "TrueDivide": graph.Div, "Arctan2": graph.Atan2, "Logaddexp": logAddExp,
		"DivideNoNan": func(x, y *graph.Node) *graph.Node {
			zero := graph.Equal(y, graph.ZerosLike(y))
			return graph.Where(zero, graph.ZerosLike(x), graph.Div(x, graph.Where(zero, graph.OnesLike(y), y)))
		},
		"Hypot": func(x, y *graph.Node) *graph.Node { return graph.Sqrt(graph.Add(graph.Square(x), graph.Square(y))) },
	} {
		defineEach("numpy", class, "x1 x2", "", combined(floatPromoted), binary(f))
	}
	for class, f := range map[string]func(x, y *graph.Node) *graph.Node{
		"Equal": graph.Equal, "NotEqual": graph.NotEqual, "Greater": graph.GreaterThan, "GreaterEqual": graph.GreaterOrEqual,
		"Less": graph.LessThan, "LessEqual": graph.LessOrEqual,
	} {
		defineEach("numpy", class, "x1 x2", "", combined(toBool), func(c *call) []*graph.Node {
			dtype := promote(c.spec("x1").DType, c.spec("x2").DType)
			if dtype == "bool" { // not every engine orders bools
				dtype = "int32"
			}
			x, y := c.operands(dtype)
			return []*graph.Node{f(graph.StopGradient(x), graph.StopGradient(y))}
		})
	}
	for class, f := range map[string]func(x, y *graph.Node) *graph.Node{
		"LogicalAnd": graph.LogicalAnd, "LogicalOr": graph.LogicalOr, "LogicalXor": graph.LogicalXor,
	} {
		defineEach("numpy", class, "x1 x2", "", combined(toBool), binary(f))
	}
	defineEach("numpy", "Where", "condition x1 x2", "", func(c *call) []Spec {
		cond, a, b := c.spec("condition"), c.spec("x1"), c.spec("x2")
		return []Spec{{broadcast(cond.Shape, broadcast(a.Shape, b.Shape)), promote(a.DType, b.DType)}}
	}, func(c *call) []*graph.Node {
		shape, dtype := c.out[0].Shape, c.out[0].DType
		cond := broadcastTo(c.nodeOf(c.need("condition"), "bool"), shape)
		x, y := broadcastTo(c.nodeOf(c.need("x1"), dtype), shape), broadcastTo(c.nodeOf(c.need("x2"), dtype), shape)
		return []*graph.Node{graph.Where(cond, x, y)}
	})
}

// or uses another function for bools.
func or(f, bools func(x, y *graph.Node) *graph.Node) func(x, y *graph.Node) *graph.Node {
	return func(x, y *graph.Node) *graph.Node {
		if x.DType() == dtypes.Bool {
			return bools(x, y)
		}
		return f(x, y)
	}
}

func larger(x, y *graph.Node) *graph.Node  { return choose(x, y, graph.GreaterThan) }
func smaller(x, y *graph.Node) *graph.Node { return choose(x, y, graph.LessThan) }

// choose returns the one that is before the other. At a tie each has half of the gradient, as in JAX; a NaN stays.
func choose(x, y *graph.Node, before func(x, y *graph.Node) *graph.Node) *graph.Node {
	tie := x
	if x.DType().IsFloat() {
		tie = graph.Add(graph.MulScalar(x, 0.5), graph.MulScalar(y, 0.5))
	}
	return graph.Where(before(x, y), x, graph.Where(before(y, x), y, tie))
}

// remainder is Python's x % y, whose sign is y's, without a gradient.
func remainder(x, y *graph.Node) *graph.Node {
	x, y = graph.StopGradient(x), graph.StopGradient(y)
	r := graph.Rem(x, y)
	zero := graph.ZerosLike(r)
	wrong := graph.LogicalAnd(graph.NotEqual(r, zero), graph.LogicalXor(graph.LessThan(r, zero), graph.LessThan(y, zero)))
	return graph.Where(wrong, graph.Add(r, y), r)
}

func mod(x, y *graph.Node) *graph.Node {
	r := remainder(x, y)
	if !x.DType().IsFloat() {
		return r
	}
	// The gradients are 1 and -floor(x/y); the added terms are 0.
	quotient := graph.StopGradient(floorDivide(x, y))
	return graph.Add(r, graph.Sub(graph.Sub(x, graph.StopGradient(x)), graph.Mul(quotient, graph.Sub(y, graph.StopGradient(y)))))
}

func floorDivide(x, y *graph.Node) *graph.Node {
	x, y = graph.StopGradient(x), graph.StopGradient(y)
	quotient := graph.Div(graph.Sub(x, remainder(x, y)), y)
	if x.DType().IsFloat() {
		return graph.StopGradient(graph.Round(quotient))
	}
	return quotient
}

// power multiplies for whole exponents, so that a base below 0 has a gradient.
func power(c *call) []*graph.Node {
	dtype := c.out[0].DType
	exponent, isInt := c.need("x2").(int)
	if f, isFloat := c.need("x2").(float64); isFloat && f == math.Trunc(f) && math.Abs(f) < 1<<10 {
		exponent, isInt = int(f), true
	}
	if !isInt || exponent > 1<<10 || exponent < -1<<10 || (exponent < 0 && !isFloat(dtype)) {
		x, y := c.operands(dtype)
		if !x.DType().IsFloat() { // through floats, where every engine knows Pow
			return []*graph.Node{graph.ConvertDType(graph.Round(graph.Pow(graph.ConvertDType(x, dtypes.Float32), graph.ConvertDType(y, dtypes.Float32))), x.DType())}
		}
		return []*graph.Node{graph.Pow(x, y)}
	}
	x := c.nodeOf(c.need("x1"), dtype)
	if exponent == 0 {
		return []*graph.Node{graph.Add(graph.OnesLike(x), graph.MulScalar(x, 0))}
	}
	var result *graph.Node
	for n, square := max(exponent, -exponent), x; n > 0; n >>= 1 {
		if n&1 == 1 {
			if result == nil {
				result = square
			} else {
				result = graph.Mul(result, square)
			}
		}
		if n > 1 {
			square = graph.Mul(square, square)
		}
	}
	if exponent < 0 {
		result = graph.Div(graph.OnesLike(result), result)
	}
	return []*graph.Node{result}
}

func logAddExp(x, y *graph.Node) *graph.Node {
	difference := graph.Sub(x, y)
	return graph.Add(larger(x, y), graph.Log1p(graph.Exp(graph.Neg(absolute(difference)))))
}
