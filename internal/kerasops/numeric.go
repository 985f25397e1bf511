package kerasops

import (
	"math"
	"strings"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/internal/lowering"
)

func init() {
	bits := func(class string, f, bools func(x, y *graph.Node) *graph.Node) {
		define("numpy", class, "x y", "", func(c *call) []Spec {
			a, b := c.spec("x"), c.spec("y")
			dtype := promote(a.DType, b.DType)
			if _, isInt := c.need("y").(int); isInt && bools == nil {
				dtype = resolved(a.DType)
			}
			if isFloat(dtype) || (dtype == "bool" && bools == nil) {
				fail("got types %s and %s, want whole numbers", a.DType, b.DType)
			}
			return []Spec{{broadcast(a.Shape, b.Shape), dtype}}
		}, binary(or(f, bools)))
	}
	bits("BitwiseAnd", graph.BitwiseAnd, graph.LogicalAnd)
	bits("BitwiseOr", graph.BitwiseOr, graph.LogicalOr)
	bits("BitwiseXor", graph.BitwiseXor, graph.LogicalXor)
	for _, class := range []string{"BitwiseLeftShift", "LeftShift"} {
		bits(class, func(x, n *graph.Node) *graph.Node {
			safe, outside := shiftWithin(n)
			return graph.Where(outside, graph.ZerosLike(x), graph.BitwiseShiftLeft(x, safe))
		}, nil)
	}
	for _, class := range []string{"BitwiseRightShift", "RightShift"} {
		bits(class, func(x, n *graph.Node) *graph.Node {
			safe, outside := shiftWithin(n)
			if strings.HasPrefix(dtypeName(x.DType()), "uint") {
				return graph.Where(outside, graph.ZerosLike(x), graph.BitwiseShiftRightLogical(x, safe))
			}
			all := number(x.Graph(), x.DType(), float64(width(x)-1))
			return graph.BitwiseShiftRightArithmetic(x, graph.Where(outside, broadcastTo(all, x.Shape().Dimensions), safe))
		}, nil)
	}
	for _, class := range []string{"BitwiseInvert", "BitwiseNot"} {
		define("numpy", class, "x", "", func(c *call) []Spec {
			s := same(c)
			if isFloat(s[0].DType) {
				fail("got type %s, want whole numbers", s[0].DType)
			}
			return s
		}, unary(func(x *graph.Node) *graph.Node {
			if x.DType() == dtypes.Bool {
				return graph.LogicalNot(x)
			}
			return graph.BitwiseNot(x)
		}))
	}

	// The other of two numbers where one is NaN; at a tie the second has the gradient.
	for class, before := range map[string]func(x, y *graph.Node) *graph.Node{"Fmax": graph.GreaterThan, "Fmin": graph.LessThan} {
		define("numpy", class, "x1 x2", "", combined(promoted), binary(func(x, y *graph.Node) *graph.Node {
			first := before(x, y)
			if x.DType().IsFloat() {
				first = graph.LogicalOr(first, graph.IsNaN(y))
			}
			return graph.Where(first, x, y)
		}))
	}
	define("numpy", "Fmod", "x1 x2", "", combined(func(a, b string) string { return grown(promote(a, b)) }), binary(fmod))
	whole := func(class string, f func(x, y *graph.Node) *graph.Node) {
		define("numpy", class, "x1 x2", "", combined(func(a, b string) string {
			dtype := promote(a, b)
			if isFloat(dtype) || dtype == "bool" {
				fail("got types %s and %s, want whole numbers", a, b)
			}
			return dtype
		}), binary(f))
	}
	whole("Gcd", gcd)
	whole("Lcm", func(x, y *graph.Node) *graph.Node {
		divisor := gcd(x, y)
		zero := graph.ZerosLike(x)
		isZero := graph.Equal(divisor, zero)
		safe := graph.Where(isZero, graph.OnesLike(divisor), divisor)
		return graph.Where(isZero, zero, absoluteInt(graph.Mul(x, floorDivide(y, safe))))
	})
	define("numpy", "Heaviside", "x1 x2", "", combined(floatPromoted), binary(func(x, y *graph.Node) *graph.Node {
		x = graph.StopGradient(x)
		step := graph.Where(isLess(x, 0), graph.ZerosLike(x), graph.Where(graph.Equal(x, graph.ZerosLike(x)), y, graph.OnesLike(x)))
		return graph.Where(graph.IsNaN(x), x, step)
	}))
	define("numpy", "Ldexp", "x1 x2", "", combined(func(a, b string) string {
		if isFloat(b) || b == "bool" {
			fail("x2: got type %s, want whole numbers", b)
		}
		return promote(a, b, "float")
	}), func(c *call) []*graph.Node {
		x, n := spread(c.nodeOf(c.need("x1"), c.out[0].DType), c.nodeOf(c.need("x2"), "int32"))
		return []*graph.Node{ldexp(x, n)}
	})
	define("numpy", "Logaddexp2", "x1 x2", "", combined(floatPromoted), binary(func(x, y *graph.Node) *graph.Node {
		d := graph.MulScalar(graph.Neg(absolute(graph.Sub(x, y))), math.Ln2)
		return graph.Add(larger(x, y), graph.DivScalar(graph.Log1p(graph.Exp(d)), math.Ln2))
	}))
	define("numpy", "Cbrt", "x", "", floating, unary(cbrt))
	define("numpy", "Sinc", "x", "", floating, unary(func(x *graph.Node) *graph.Node {
		x = graph.MulScalar(x, math.Pi)
		zero := graph.Equal(x, graph.ZerosLike(x))
		safe := graph.Where(zero, graph.OnesLike(x), x)
		return graph.Where(zero, graph.OnesLike(x), graph.Div(graph.Sin(safe), safe))
	}))
	define("math", "Erfinv", "x", "", promisedSame, unary(erfinv))
	define("numpy", "Signbit", "x", "", boolean, func(c *call) []*graph.Node {
		x := c.node("x")
		switch {
		case x.DType() == dtypes.Bool:
			x = graph.ConvertDType(x, dtypes.Int32)
		case x.DType().IsFloat():
			x = graph.Bitcast(graph.StopGradient(graph.ConvertDType(x, dtypes.Float32)), dtypes.Int32)
		}
		return []*graph.Node{isLess(x, 0)}
	})

	// Tensors here are never complex.
	for _, class := range []string{"Real", "Conjugate", "Conj"} {
		define("numpy", class, "x", "", same, unary(func(x *graph.Node) *graph.Node { return x }))
	}
	define("numpy", "Imag", "x", "", same, unary(graph.ZerosLike))
	define("numpy", "Isreal", "x", "", boolean, func(c *call) []*graph.Node {
		x := c.nodeOf(c.need("x"), "int32")
		return []*graph.Node{graph.Equal(x, x)}
	})
	define("numpy", "Angle", "x", "", floating, unary(func(x *graph.Node) *graph.Node {
		x = graph.StopGradient(x)
		return graph.Atan2(graph.ZerosLike(x), x)
	}))
	define("numpy", "EmptyLike", "x", "dtype=null", castSpec, func(c *call) []*graph.Node {
		return []*graph.Node{filled(c, graph.Scalar(c.g, dtypes.Float32, 0))}
	})

	close := func(c *call, rtol, atol float64) *graph.Node {
		x, y := c.operands(promote(c.spec("x1").DType, c.spec("x2").DType, "float"))
		x, y = graph.StopGradient(x), graph.StopGradient(y)
		bound := graph.AddScalar(graph.MulScalar(graph.Abs(y), rtol), atol)
		near := graph.LogicalAnd(graph.LessOrEqual(graph.Abs(graph.Sub(x, y)), bound), graph.LogicalAnd(graph.IsFinite(x), graph.IsFinite(y)))
		near = graph.LogicalOr(near, graph.Equal(x, y))
		if c.boolParam("equal_nan") {
			near = graph.LogicalOr(near, graph.LogicalAnd(graph.IsNaN(x), graph.IsNaN(y)))
		}
		return near
	}
	define("numpy", "Isclose", "x1 x2 rtol atol", "equal_nan=false", combined(toBool), func(c *call) []*graph.Node {
		tolerance := func(name string, def float64) float64 {
			if c.arg(name) == nil {
				return def
			}
			k := constantOf(c.arg(name))
			if len(k.flat) != 1 {
				fail("%s: want a number", name)
			}
			return k.flat[0]
		}
		return []*graph.Node{close(c, tolerance("rtol", 1e-5), tolerance("atol", 1e-8))}
	})
	define("numpy", "AllClose", "x1 x2", "rtol=1e-05 atol=1e-08 equal_nan=false", func(c *call) []Spec {
		combined(toBool)(c)
		return []Spec{{nil, "bool"}}
	}, func(c *call) []*graph.Node {
		far := graph.ConvertDType(graph.LogicalNot(close(c, c.floatParam("rtol"), c.floatParam("atol"))), dtypes.Int32)
		return []*graph.Node{isLess(graph.ReduceAllSum(far), 1)}
	})
	define("core", "SaturateCast", "x", "dtype", castSpec, func(c *call) []*graph.Node {
		to := dtypeOf(c.out[0].DType)
		x := c.node("x")
		if x.DType() == dtypes.Bool {
			return []*graph.Node{convert(x, to)}
		}
		fromLow, fromHigh := limits(x.DType(), x.DType())
		low, high := limits(to, x.DType())
		bound := func(v float64) *graph.Node {
			return broadcastTo(graph.Scalar(c.g, x.DType(), v), x.Shape().Dimensions)
		}
		if low > fromLow {
			x = larger(x, bound(low))
		}
		if high < fromHigh {
			x = smaller(x, bound(high))
		}
		return []*graph.Node{convert(x, to)}
	})
	define("numpy", "View", "x", "dtype=null", func(c *call) []Spec {
		s := castSpec(c)[0]
		from, to := dtypeOf(resolved(c.spec("x").DType)), dtypeOf(s.DType)
		if from == dtypes.Bool || to == dtypes.Bool {
			fail("bools have no view: want numbers")
		}
		if from.Size() == to.Size() {
			return []Spec{s}
		}
		if len(s.Shape) == 0 {
			fail("a scalar has no view of another size")
		}
		last := len(s.Shape) - 1
		shape := append([]int{}, s.Shape...)
		if n := shape[last]; n != None {
			if n*from.Size()%to.Size() != 0 {
				fail("a last axis of %d elements of %s doesn't make whole elements of %s", n, dtypeName(from), s.DType)
			}
			shape[last] = n * from.Size() / to.Size()
		}
		return []Spec{{shape, s.DType}}
	}, func(c *call) []*graph.Node {
		x, to := graph.StopGradient(c.node("x")), dtypeOf(c.out[0].DType)
		if ratio := to.Size() / x.DType().Size(); ratio > 1 {
			dims := append([]int{}, c.out[0].Shape...)
			x = graph.Reshape(x, append(dims, ratio)...)
		}
		if x.DType() != to {
			x = graph.Bitcast(x, to)
		}
		return []*graph.Node{graph.Reshape(x, c.out[0].Shape...)}
	})
}

// grown is int32 for bool.
func grown(dtype string) string {
	if dtype == "bool" {
		return "int32"
	}
	return dtype
}

// limits are the least and the greatest number of a type that floats of another hold.
func limits(dtype, in dtypes.DType) (low, high float64) {
	switch dtype {
	case dtypes.Bool:
		return 0, 1
	case dtypes.Float16:
		return -65504, 65504
	case dtypes.BFloat16:
		return -3.3895313892515355e38, 3.3895313892515355e38
	case dtypes.Float32:
		return -math.MaxFloat32, math.MaxFloat32
	case dtypes.Float64:
		return -math.MaxFloat64, math.MaxFloat64
	}
	size := dtype.Size() * 8
	high = math.Pow(2, float64(size))
	if !strings.HasPrefix(dtypeName(dtype), "uint") {
		high /= 2
		low = -high
	}
	digits := map[dtypes.DType]int{dtypes.BFloat16: 8, dtypes.Float16: 11, dtypes.Float32: 24}[in]
	if digits == 0 || digits > size {
		return low, high - 1
	}
	return low, high - math.Pow(2, float64(size-digits)) // the next number below 2ⁿ, or just below for signed types
}

func width(x *graph.Node) int { return x.DType().Size() * 8 }

// shiftWithin makes widths of shifts lie within the type's; those outside shift everything out.
func shiftWithin(n *graph.Node) (safe, outside *graph.Node) {
	limit := broadcastTo(number(n.Graph(), n.DType(), float64(width(n))), n.Shape().Dimensions)
	outside = graph.LogicalOr(isLess(n, 0), graph.GreaterOrEqual(n, limit))
	return graph.Where(outside, graph.ZerosLike(n), n), outside
}

// fmod is the remainder with the sign of x.
func fmod(x, y *graph.Node) *graph.Node {
	a, b := graph.StopGradient(x), graph.StopGradient(y)
	r := graph.Rem(a, b)
	if !x.DType().IsFloat() {
		return r
	}
	// The gradients are 1 and -trunc(x/y); the added terms are 0.
	quotient := graph.StopGradient(graph.Round(graph.Div(graph.Sub(a, r), b)))
	return graph.Add(r, graph.Sub(graph.Sub(x, a), graph.Mul(quotient, graph.Sub(y, b))))
}

func absoluteInt(x *graph.Node) *graph.Node {
	if strings.HasPrefix(dtypeName(x.DType()), "uint") {
		return x
	}
	return graph.Abs(x)
}

// gcd takes remainders as often as numbers of 32 bits may need it.
func gcd(x, y *graph.Node) *graph.Node {
	x, y = absoluteInt(x), absoluteInt(y)
	zero, one := graph.ZerosLike(x), graph.OnesLike(x)
	for range 46 {
		done := graph.Equal(y, zero)
		rest := graph.Where(done, zero, graph.Rem(x, graph.Where(done, one, y)))
		x, y = graph.Where(done, x, y), rest
	}
	return x
}

// ldexp is x·2ⁿ, exactly: it multiplies by the powers of two of n's digits.
func ldexp(x, n *graph.Node) *graph.Node {
	g := x.Graph()
	constant := func(v float64) *graph.Node {
		return broadcastTo(graph.Scalar(g, n.DType(), v), n.Shape().Dimensions)
	}
	down := isLess(n, 0)
	left := graph.Min(graph.Max(graph.Abs(graph.Max(n, constant(-400))), constant(0)), constant(400))
	scale := func(step int) {
		does := graph.GreaterOrEqual(left, constant(float64(step)))
		power := func(p float64) *graph.Node {
			return broadcastTo(graph.Scalar(g, dtypes.Float32, math.Pow(2, p)), n.Shape().Dimensions)
		}
		factor := graph.Where(does, graph.Where(down, power(-float64(step)), power(float64(step))), power(0))
		x = graph.Mul(x, convert(factor, x.DType()))
		left = graph.Where(does, graph.Sub(left, constant(float64(step))), left)
	}
	largest := 64
	if x.DType() == dtypes.Float16 { // whose largest power of two is 2¹⁵
		largest = 8
		left = graph.Min(left, constant(56))
	}
	for range 6 {
		scale(largest)
	}
	for step := largest; step >= 1; step /= 2 {
		scale(step)
	}
	return x
}

// sloped is a value y of x, computed without a gradient, with slope of y as its derivative by x.
func sloped(x, y *graph.Node, slope func(y *graph.Node) *graph.Node) *graph.Node {
	var result *graph.Node
	result = lowering.WithGradient(y, func(dy *graph.Node) []*graph.Node {
		return []*graph.Node{graph.Mul(dy, slope(result))}
	}, x)
	return result
}

func cbrt(x *graph.Node) *graph.Node {
	a := graph.Abs(graph.StopGradient(x))
	wide := a
	if a.DType() != dtypes.Float32 {
		wide = graph.ConvertDType(a, dtypes.Float32)
	}
	y := graph.PowScalar(wide, 1.0/3)
	// A step of Newton's takes the power's rounding away.
	ok := graph.LogicalAnd(isLess(graph.Neg(y), 0), graph.IsFinite(y))
	safe := graph.Where(ok, y, graph.OnesLike(y))
	step := graph.DivScalar(graph.Sub(safe, graph.Div(wide, graph.Square(safe))), 3)
	y = graph.ConvertDType(graph.Where(ok, graph.Sub(y, step), y), x.DType())
	return sloped(x, graph.Mul(y, graph.Sign(graph.StopGradient(x))), func(y *graph.Node) *graph.Node {
		return graph.Div(graph.Scalar(y.Graph(), y.DType(), 1.0/3), graph.Square(y))
	})
}

// i0 sums the power series, whose terms are all positive, as far as numbers whose result is finite need it.
func i0(x *graph.Node) *graph.Node {
	dtype := x.DType()
	t := graph.MulScalar(graph.Square(graph.ConvertDType(x, dtypes.Float32)), 0.25)
	y := graph.OnesLike(t)
	for k := 100; k >= 1; k-- {
		y = graph.OnePlus(graph.Mul(y, graph.DivScalar(t, float64(k*k))))
	}
	return graph.ConvertDType(y, dtype)
}

// erfinv is Giles's approximation in single precision.
func erfinv(x *graph.Node) *graph.Node {
	g := x.Graph()
	x0 := graph.ConvertDType(graph.StopGradient(x), dtypes.Float32)
	w := graph.Neg(graph.Log1p(graph.Neg(graph.Square(x0))))
	polynomial := func(t *graph.Node, coefficients ...float64) *graph.Node {
		p := graph.Scalar(g, dtypes.Float32, coefficients[0])
		p = broadcastTo(p, t.Shape().Dimensions)
		for _, k := range coefficients[1:] {
			p = graph.AddScalar(graph.Mul(p, t), k)
		}
		return p
	}
	middle := polynomial(graph.AddScalar(w, -2.5), 2.81022636e-08, 3.43273939e-07, -3.5233877e-06, -4.39150654e-06, 0.00021858087, -0.00125372503, -0.00417768164, 0.246640727, 1.50140941)
	tail := polynomial(graph.AddScalar(graph.Sqrt(graph.Max(w, graph.ZerosLike(w))), -3), -0.000200214257, 0.000100950558, 0.00134934322, -0.00367342844, 0.00573950773, -0.0076224613, 0.00943887047, 1.00167406, 2.83297682)
	y := graph.Mul(graph.Where(isLess(w, 5), middle, tail), x0)
	edge := graph.Equal(graph.Abs(x0), graph.OnesLike(x0))
	infinite := graph.Mul(x0, broadcastTo(graph.Infinity(g, dtypes.Float32, 1), x0.Shape().Dimensions))
	y = graph.Where(edge, infinite, y)
	return sloped(x, graph.ConvertDType(y, x.DType()), func(y *graph.Node) *graph.Node {
		return graph.MulScalar(graph.Exp(graph.Square(y)), math.Sqrt(math.Pi)/2)
	})
}
