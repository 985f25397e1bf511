package kerasops

import (
	"math"
	"strings"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
)

// GoMLX knows no gradient of Atan2, on which the inverse trigonometric functions rest.
func init() {
	if graph.VJPRegistration[graph.NodeTypeAtan2] != nil {
		return
	}
	graph.VJPRegistration[graph.NodeTypeAtan2] = func(node *graph.Node, vjps []*graph.Node, _ shapes.Shape) []*graph.Node {
		y, x := node.Inputs()[0], node.Inputs()[1]
		scaled := graph.Div(vjps[0], graph.Add(graph.Square(x), graph.Square(y)))
		return []*graph.Node{graph.Mul(scaled, x), graph.Neg(graph.Mul(scaled, y))}
	}
}

// same keeps the first argument's shape and type.
func same(c *call) []Spec { return []Spec{c.typed(c.def.args[0], resolved)} }

// floating keeps the shape; integers become floats.
func floating(c *call) []Spec { return []Spec{c.typed(c.def.args[0], toFloat)} }

// promisedSame is floating, of which Keras promises the argument's type.
func promisedSame(c *call) []Spec { return []Spec{c.typed(c.def.args[0], c.promised)} }

// promisedWide is floating, of which Keras promises 64 bits for arguments of 64 bits.
func promisedWide(c *call) []Spec {
	return []Spec{c.typed(c.def.args[0], func(dtype string) string {
		if c.g == nil && (dtype == "int64" || dtype == "float64") {
			return "float64"
		}
		return toFloat(dtype)
	})}
}

// boolean keeps the shape; the type is bool.
func boolean(c *call) []Spec {
	return []Spec{c.typed(c.def.args[0], func(string) string { return "bool" })}
}

func (c *call) typed(name string, of func(string) string) Spec {
	s := c.spec(name)
	return Spec{s.Shape, of(s.DType)}
}

func resolved(dtype string) string {
	if dtype == "int" || dtype == "float" {
		return promote(dtype)
	}
	return dtype
}

func toFloat(dtype string) string { return promote(dtype, "float") }

// unary computes the output of the first argument in the output's type.
func unary(f func(x *graph.Node) *graph.Node) func(c *call) []*graph.Node {
	return func(c *call) []*graph.Node {
		return []*graph.Node{f(c.nodeOf(c.need(c.def.args[0]), c.out[0].DType))}
	}
}

// flat is a step function, through which no gradient passes.
func flat(f func(x *graph.Node) *graph.Node) func(x *graph.Node) *graph.Node {
	return func(x *graph.Node) *graph.Node {
		if !x.DType().IsFloat() {
			return x
		}
		return graph.StopGradient(f(x))
	}
}

func init() {
	for class, f := range map[string]func(x *graph.Node) *graph.Node{
		"Exp": graph.Exp, "Expm1": graph.Expm1, "Log": graph.Log, "Log1p": graph.Log1p, "Sin": graph.Sin, "Cos": graph.Cos, "Tanh": graph.Tanh,
		"Exp2":  func(x *graph.Node) *graph.Node { return graph.Exp(graph.MulScalar(x, math.Ln2)) },
		"Log2":  func(x *graph.Node) *graph.Node { return graph.DivScalar(graph.Log(x), math.Ln2) },
		"Log10": func(x *graph.Node) *graph.Node { return graph.DivScalar(graph.Log(x), math.Ln10) },
		"Tan":   func(x *graph.Node) *graph.Node { return graph.Div(graph.Sin(x), graph.Cos(x)) },
		"Sinh":  sinh,
		"Cosh": func(x *graph.Node) *graph.Node {
			return graph.MulScalar(graph.Add(graph.Exp(x), graph.Exp(graph.Neg(x))), 0.5)
		},
		"Arcsin":  func(x *graph.Node) *graph.Node { return graph.Atan2(x, cosOf(x)) },
		"Arccos":  func(x *graph.Node) *graph.Node { return graph.Atan2(cosOf(x), x) },
		"Arctan":  func(x *graph.Node) *graph.Node { return graph.Atan2(x, graph.OnesLike(x)) },
		"Arcsinh": arcsinh,
		"Arccosh": func(x *graph.Node) *graph.Node { return graph.Log(graph.Add(x, graph.Sqrt(minusOne(graph.Square(x))))) },
		"Arctanh": func(x *graph.Node) *graph.Node {
			return graph.MulScalar(graph.Sub(graph.Log1p(x), graph.Log1p(graph.Neg(x))), 0.5)
		},
		"Sqrt":       graph.Sqrt,
		"Reciprocal": func(x *graph.Node) *graph.Node { return graph.Div(graph.OnesLike(x), x) },
		"Floor":      flat(graph.Floor),
		"Ceil":       flat(graph.Ceil),
		"Fabs":       absolute,
	} {
		defineEach("numpy", class, "x", "", floating, unary(f))
	}
	for class, f := range map[string]func(x *graph.Node) *graph.Node{
		"Deg2rad": func(x *graph.Node) *graph.Node { return graph.MulScalar(x, math.Pi/180) },
		"Rad2deg": func(x *graph.Node) *graph.Node { return graph.MulScalar(x, 180/math.Pi) },
		"I0":      i0,
	} {
		defineEach("numpy", class, "x", "", promisedWide, unary(f))
	}
	for class, f := range map[string]func(x *graph.Node) *graph.Node{
		"Negative": negative, "Absolute": absolute, "Abs": absolute,
		"Sign":  sign,
		"Trunc": flat(func(x *graph.Node) *graph.Node { return graph.Where(isLess(x, 0), graph.Ceil(x), graph.Floor(x)) }),
		"Copy":  func(x *graph.Node) *graph.Node { return x },
	} {
		defineEach("numpy", class, "x", "", same, unary(f))
	}
	defineEach("numpy", "Square", "x", "", func(c *call) []Spec {
		return []Spec{c.typed("x", func(dtype string) string { return grown(resolved(dtype)) })}
	}, unary(graph.Square))
	defineEach("numpy", "Round", "x", "decimals=0", same, func(c *call) []*graph.Node {
		factor := math.Pow(10, float64(c.intParam("decimals")))
		if s := c.spec("x"); !isFloat(s.DType) && s.DType != "bool" && factor < 1 {
			x := graph.Round(graph.MulScalar(c.nodeOf(c.need("x"), "float32"), factor))
			return []*graph.Node{convert(graph.DivScalar(x, factor), dtypeOf(c.out[0].DType))}
		}
		return unary(flat(func(x *graph.Node) *graph.Node {
			return graph.DivScalar(graph.Round(graph.MulScalar(x, factor)), factor)
		}))(c)
	})
	defineEach("math", "Rsqrt", "x", "", floating, unary(func(x *graph.Node) *graph.Node { return graph.Div(graph.OnesLike(x), graph.Sqrt(x)) }))
	defineEach("math", "Erf", "x", "", promisedSame, unary(graph.Erf))
	defineEach("math", "Erfc", "x", "", floating, unary(func(x *graph.Node) *graph.Node { return graph.OneMinus(graph.Erf(x)) }))
	defineEach("core", "StopGradient", "variable", "", same, unary(graph.StopGradient))
	defineEach("core", "Cast", "x", "dtype", castSpec, unary(func(x *graph.Node) *graph.Node { return x }))
	defineEach("numpy", "Array", "x", "dtype=null", castSpec, unary(func(x *graph.Node) *graph.Node { return x }))
	defineEach("core", "ConvertToTensor", "x", "dtype=null sparse=null ragged=null", castSpec, unary(func(x *graph.Node) *graph.Node { return x }))
	for class, value := range map[string]float64{"ZerosLike": 0, "OnesLike": 1} {
		defineEach("numpy", class, "x", "dtype=null", castSpec, func(c *call) []*graph.Node {
			return []*graph.Node{filled(c, graph.Scalar(c.g, dtypes.Float32, value))}
		})
	}
	defineEach("numpy", "FullLike", "x fill_value", "dtype=null", castSpec, func(c *call) []*graph.Node {
		return []*graph.Node{filled(c, c.node("fill_value"))}
	})

	for class, f := range map[string]func(x *graph.Node) *graph.Node{
		"Isfinite": graph.IsFinite,
		"Isnan":    graph.IsNaN,
		"Isinf": func(x *graph.Node) *graph.Node {
			return graph.Equal(graph.Abs(x), graph.Infinity(x.Graph(), x.DType(), 1))
		},
		"Isposinf": func(x *graph.Node) *graph.Node { return graph.Equal(x, graph.Infinity(x.Graph(), x.DType(), 1)) },
		"Isneginf": func(x *graph.Node) *graph.Node { return graph.Equal(x, graph.Infinity(x.Graph(), x.DType(), -1)) },
	} {
		defineEach("numpy", class, "x", "", boolean, func(c *call) []*graph.Node {
			return []*graph.Node{f(graph.StopGradient(c.nodeOf(c.need("x"), toFloat(c.spec("x").DType))))}
		})
	}
	defineEach("numpy", "LogicalNot", "x", "", boolean, unary(graph.LogicalNot))
	defineEach("numpy", "Clip", "x", "x_min x_max", clipSpec, func(c *call) []*graph.Node {
		dtype := c.out[0].DType
		x := c.nodeOf(c.need("x"), dtype)
		if low := c.config["x_min"]; low != nil {
			x = larger(spread(x, c.nodeOf(low, dtype)))
		}
		if high := c.config["x_max"]; high != nil {
			x = smaller(spread(x, c.nodeOf(high, dtype)))
		}
		return []*graph.Node{x}
	})
}

func clipSpec(c *call) []Spec {
	s := c.typed("x", func(dtype string) string {
		if dtype == "bool" {
			return "int32"
		}
		return resolved(dtype)
	})
	for _, bound := range []string{"x_min", "x_max"} {
		if v := c.config[bound]; v != nil && c.g != nil { // of which Keras takes no notice before it computes
			b := c.specOf(v)
			s.Shape, s.DType = broadcast(s.Shape, b.Shape), promote(s.DType, b.DType)
		}
	}
	return []Spec{s}
}

func castSpec(c *call) []Spec {
	s := c.typed("x", resolved)
	if v := c.config["dtype"]; v != nil {
		name, _ := v.(string)
		if dtypeOf(name) == dtypes.InvalidDType {
			fail("dtype: got %v, want a name such as \"float32\"", v)
		}
		s.DType = name
	}
	return []Spec{s}
}

// filled is the output's shape full of a scalar.
func filled(c *call, value *graph.Node) *graph.Node {
	return graph.BroadcastToDims(convert(value, dtypeOf(c.out[0].DType)), c.out[0].Shape...)
}

func isLess(x *graph.Node, than float64) *graph.Node {
	return graph.LessThan(x, graph.Scalar(x.Graph(), x.DType(), than))
}

func minusOne(x *graph.Node) *graph.Node { return graph.AddScalar(x, -1) }

// negative counts from 0 down, as unsigned numbers wrap around.
func negative(x *graph.Node) *graph.Node {
	if strings.HasPrefix(dtypeName(x.DType()), "uint") {
		return graph.Sub(graph.ZerosLike(x), x)
	}
	return graph.Neg(x)
}

// sign is -1, 0 or 1, NaN of NaN, without a gradient.
func sign(x *graph.Node) *graph.Node {
	x = graph.StopGradient(x)
	if dtype := x.DType(); dtype == dtypes.Bool || strings.HasPrefix(dtypeName(dtype), "uint") {
		return convert(graph.NotEqual(x, graph.ZerosLike(x)), dtype)
	}
	return graph.Sign(x)
}

// absolute has the gradient 0 at 0.
func absolute(x *graph.Node) *graph.Node {
	if x.DType() == dtypes.Bool || strings.HasPrefix(dtypeName(x.DType()), "uint") {
		return x
	}
	return graph.Mul(x, graph.StopGradient(graph.Sign(x)))
}

// sinh keeps the digits near 0 that exp(x) - exp(-x) loses.
func sinh(x *graph.Node) *graph.Node {
	e := graph.Expm1(x)
	return graph.MulScalar(graph.Add(e, graph.Div(e, graph.OnePlus(e))), 0.5)
}

// arcsinh keeps the digits near 0 that log(x + sqrt(x²+1)) loses.
func arcsinh(x *graph.Node) *graph.Node {
	a := absolute(x)
	squared := graph.Square(a)
	root := graph.Sqrt(graph.OnePlus(squared))
	return graph.Mul(graph.StopGradient(graph.Sign(x)), graph.Log1p(graph.Add(a, graph.Div(squared, graph.OnePlus(root)))))
}

// cosOf is the cosine of the angle whose sine is x.
func cosOf(x *graph.Node) *graph.Node {
	return graph.Sqrt(graph.Mul(graph.OneMinus(x), graph.OnePlus(x)))
}
