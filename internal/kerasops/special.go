package kerasops

import (
	"math"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"
)

// Functions of TensorFlow's tf.math that Keras 3 has no operation for. They and their slopes are computed in 64 bits, where sums and reflections lose nothing that
// the 32 of the result could show.

// ownModule is the module of the operations that Keras hasn't.
const ownModule = "gokeras.ops.math"

// mostOrder bounds the order of Polygamma.
const mostOrder = 16

// halfLogTau is log(2π)/2.
var halfLogTau = math.Log(2*math.Pi) / 2

// bernoulli are the numbers B2, B4, and so on.
var bernoulli = []float64{1.0 / 6, -1.0 / 30, 1.0 / 42, -1.0 / 30, 5.0 / 66, -691.0 / 2730, 7.0 / 6}

func init() {
	own := func(class, params string, build func(c *call) []*graph.Node) {
		defineEach("", class, "x", params, func(c *call) []Spec {
			s := promisedSame(c)
			if s[0].DType == "float64" {
				fail("%s has no double precision here", class)
			}
			return s
		}, build)
		table[class].module = ownModule
	}
	for class, f := range map[string]func(x *graph.Node) *graph.Node{
		"Lgamma": lgamma, "Ndtri": ndtri,
		"BesselI0e": func(x *graph.Node) *graph.Node { return besselScaled(x, 0) },
		"BesselI1e": func(x *graph.Node) *graph.Node { return besselScaled(x, 1) },
	} {
		own(class, "", unary(func(x *graph.Node) *graph.Node { return inWide(x, f) }))
	}
	own("BesselI0", "", unary(func(x *graph.Node) *graph.Node { return bessel(x, 0) }))
	own("BesselI1", "", unary(func(x *graph.Node) *graph.Node { return bessel(x, 1) }))
	own("Polygamma", "n", func(c *call) []*graph.Node {
		n := c.intParam("n")
		if n < 0 || n > mostOrder {
			fail("n=%d, want one of 0 to %d", n, mostOrder)
		}
		return []*graph.Node{inWide(c.node("x"), func(x *graph.Node) *graph.Node { return polygamma(x, n) })}
	})
}

// inWide computes f, and its slope, in 64 bits.
func inWide(x *graph.Node, f func(x *graph.Node) *graph.Node) *graph.Node {
	return graph.ConvertDType(f(graph.ConvertDType(x, dtypes.Float64)), x.DType())
}

// smooth is f of numbers of 64 bits, with the slope given.
func smooth(x *graph.Node, f, slope func(*graph.Node) *graph.Node) *graph.Node {
	return sloped(x, f(graph.StopGradient(x)), slope)
}

// horner is a polynomial of t by rising powers.
func horner(t *graph.Node, factors ...float64) *graph.Node {
	y := filledLike(t, factors[len(factors)-1])
	for i := len(factors) - 2; i >= 0; i-- {
		y = graph.AddScalar(graph.Mul(y, t), factors[i])
	}
	return y
}

func filledLike(x *graph.Node, value float64) *graph.Node {
	return broadcastTo(graph.Scalar(x.Graph(), x.DType(), value), x.Shape().Dimensions)
}

// reflected are what f(1-x) needs in x's place: x itself from 1/2 on; what is left of x beyond the nearest whole number, and whether x is a pole of Γ.
func reflected(x *graph.Node) (low, z, rest, pole *graph.Node) {
	low = isLess(x, 0.5)
	whole := graph.Round(x)
	pole = graph.LogicalAnd(graph.Equal(whole, x), graph.LessOrEqual(x, graph.ZerosLike(x)))
	return low, graph.Where(low, graph.OneMinus(x), x), graph.Sub(x, whole), pole
}

// farOff moves z on by n where it is less than n, where the asymptotic series begin, and gives those z+k that it passed, other for the rest.
func farOff(z *graph.Node, n int, other float64) (s *graph.Node, passed []*graph.Node) {
	near := isLess(z, float64(n))
	for k := range n {
		passed = append(passed, graph.Where(near, graph.AddScalar(z, float64(k)), filledLike(z, other)))
	}
	return graph.Where(near, graph.AddScalar(z, float64(n)), z), passed
}

// lgamma is log |Γ(x)|, by Stirling's series.
func lgamma(x *graph.Node) *graph.Node {
	return smooth(x, func(x *graph.Node) *graph.Node {
		low, z, rest, pole := reflected(x)
		s, passed := farOff(z, 8, 1)
		product := passed[0]
		for _, p := range passed[1:] {
			product = graph.Mul(product, p)
		}
		series := make([]float64, len(bernoulli))
		for i, b := range bernoulli {
			series[i] = b / float64((2*i+1)*(2*i+2))
		}
		y := graph.Sub(graph.Mul(graph.AddScalar(s, -0.5), graph.Log(s)), s)
		y = graph.Add(y, graph.Div(horner(graph.Reciprocal(graph.Square(s)), series...), s))
		y = graph.Sub(graph.AddScalar(y, halfLogTau), graph.Log(product))
		sine := graph.Abs(graph.Sin(graph.MulScalar(rest, math.Pi)))
		y = graph.Where(low, graph.Sub(graph.Neg(graph.Log(graph.DivScalar(sine, math.Pi))), y), y)
		y = graph.Where(graph.LogicalOr(graph.Equal(x, filledLike(x, 1)), graph.Equal(x, filledLike(x, 2))), graph.ZerosLike(x), y)
		infinite := graph.LogicalOr(pole, graph.Equal(graph.Abs(x), filledLike(x, math.Inf(1))))
		return graph.Where(infinite, filledLike(x, math.Inf(1)), y)
	}, func(*graph.Node) *graph.Node { return polygamma(x, 0) })
}

// polygamma is the n-th derivative of the digamma function, by the series of Euler and Maclaurin.
func polygamma(x *graph.Node, n int) *graph.Node {
	sign := float64(1 - 2*((n+1)%2)) // (-1)^(n+1)
	return smooth(x, func(x *graph.Node) *graph.Node {
		low, z, rest, pole := reflected(x)
		s, passed := farOff(z, 8+n, math.Inf(1))
		power := func(x *graph.Node, p int) *graph.Node {
			y := graph.OnesLike(x)
			for range p {
				y = graph.Div(y, x)
			}
			return y
		}
		// Of the sum of n! / (z+k)^(n+1) over all k.
		factorial := math.Gamma(float64(n + 1))
		sum := graph.MulScalar(power(s, n+1), factorial/2)
		if n == 0 {
			sum = graph.Sub(sum, graph.Log(s))
		} else {
			sum = graph.Add(sum, graph.MulScalar(power(s, n), factorial/float64(n)))
		}
		series := make([]float64, len(bernoulli))
		for i, b := range bernoulli {
			series[i] = b * math.Gamma(float64(n+2*i+2)) / math.Gamma(float64(2*i+3))
		}
		sum = graph.Add(sum, graph.Mul(horner(graph.Reciprocal(graph.Square(s)), series...), power(s, n+2)))
		for _, p := range passed {
			sum = graph.Add(sum, graph.MulScalar(power(p, n+1), factorial))
		}
		y := graph.MulScalar(sum, sign)
		// ψ(1-x) - ψ(x) = π cot(πx), whose derivatives are polynomials of the cotangent.
		angle := graph.MulScalar(rest, math.Pi)
		cotangent := graph.Div(graph.Cos(angle), graph.Sin(angle))
		turned := graph.MulScalar(oddOrEven(cotangent, cotangentDerivative(n)), math.Pow(math.Pi, float64(n+1)))
		y = graph.Where(low, graph.Sub(graph.MulScalar(y, -sign), turned), y)
		atPole := math.NaN()
		if n%2 == 1 { // the same from both sides
			atPole = math.Inf(1)
		}
		return graph.Where(pole, filledLike(x, atPole), y)
	}, func(*graph.Node) *graph.Node { return polygamma(x, n+1) })
}

// cotangentDerivative is the n-th derivative of cot as a polynomial of it, by rising powers.
func cotangentDerivative(n int) []float64 {
	p := []float64{0, 1}
	for range n {
		next := make([]float64, len(p)+1)
		for i := 1; i < len(p); i++ {
			next[i-1] -= float64(i) * p[i]
			next[i+1] -= float64(i) * p[i]
		}
		p = next
	}
	return p
}

// oddOrEven is a polynomial that has either odd powers or even ones, so that no infinite one meets a factor of 0.
func oddOrEven(t *graph.Node, factors []float64) *graph.Node {
	first := (len(factors) - 1) % 2
	var some []float64
	for i := first; i < len(factors); i += 2 {
		some = append(some, factors[i])
	}
	y := horner(graph.Square(t), some...)
	if first == 1 {
		y = graph.Mul(y, t)
	}
	return y
}

// ndtri is the inverse of the normal distribution's cumulative function, by Acklam's quotients of polynomials.
func ndtri(x *graph.Node) *graph.Node {
	return smooth(x, func(x *graph.Node) *graph.Node {
		const edge = 0.02425
		upper := isLess(graph.Neg(x), -0.5)
		p := graph.Where(upper, graph.OneMinus(x), x)
		q := graph.AddScalar(p, -0.5)
		r := graph.Square(q)
		middle := graph.Div(
			graph.Mul(q, horner(r, 2.506628277459239, -30.66479806614716, 138.3577518672690, -275.9285104469687, 220.9460984245205, -39.69683028665376)),
			horner(r, 1, -13.28068155288572, 66.80131188771972, -155.6989798598866, 161.5858368580409, -54.47609879822406))
		t := graph.Sqrt(graph.MulScalar(graph.Log(p), -2))
		tail := graph.Div(
			horner(t, 2.938163982698783, 4.374664141464968, -2.549732539343734, -2.400758277161838, -0.3223964580411365, -0.007784894002430293),
			horner(t, 1, 3.754408661907416, 2.445134137142996, 0.3224671290700398, 0.007784695709041462))
		y := graph.Where(isLess(p, edge), tail, middle)
		y = graph.Where(graph.Equal(p, graph.ZerosLike(p)), filledLike(p, math.Inf(-1)), y)
		y = graph.Where(isLess(p, 0), filledLike(p, math.NaN()), y)
		return graph.Where(upper, graph.Neg(y), y)
	}, func(y *graph.Node) *graph.Node {
		return graph.MulScalar(graph.Exp(graph.MulScalar(graph.Square(y), 0.5)), math.Sqrt(2*math.Pi))
	})
}

// besselScaled is e^-|x| times the modified Bessel function of the first kind of order 0 or 1: a power series, whose terms are all positive, and far off an
// asymptotic one.
func besselScaled(x *graph.Node, order int) *graph.Node {
	return smooth(x, func(x *graph.Node) *graph.Node {
		const far, terms, farTerms = 16, 40, 12
		a := graph.Abs(x)
		t := graph.MulScalar(graph.Square(a), 0.25)
		near := graph.OnesLike(t)
		for k := terms; k >= 1; k-- {
			near = graph.OnePlus(graph.Mul(near, graph.DivScalar(t, float64(k*(k+order)))))
		}
		near = graph.Mul(near, graph.Exp(graph.Neg(a)))
		if order == 1 {
			near = graph.Mul(near, graph.MulScalar(a, 0.5))
		}
		series := []float64{1}
		for k := 1; k < farTerms; k++ {
			series = append(series, -series[k-1]*float64(4*order-(2*k-1)*(2*k-1))/float64(8*k))
		}
		beyond := graph.Div(horner(graph.Reciprocal(a), series...), graph.Sqrt(graph.MulScalar(a, 2*math.Pi)))
		y := graph.Where(isLess(a, far), near, beyond)
		if order == 1 {
			y = graph.Mul(y, graph.Sign(x))
		}
		return y
	}, func(y *graph.Node) *graph.Node {
		sign := graph.Sign(x)
		if order == 0 {
			return graph.Sub(besselScaled(x, 1), graph.Mul(sign, y))
		}
		slope := graph.Sub(besselScaled(x, 0), graph.Mul(y, graph.Add(sign, graph.Reciprocal(x))))
		return graph.Where(graph.Equal(x, graph.ZerosLike(x)), filledLike(x, 0.5), slope)
	})
}

// bessel is the modified Bessel function itself, which as TensorFlow's is infinite as soon as e^|x| is.
func bessel(x *graph.Node, order int) *graph.Node {
	fixed := graph.StopGradient(x)
	scaled := inWide(fixed, func(x *graph.Node) *graph.Node { return besselScaled(x, order) })
	y := graph.Mul(graph.Exp(graph.Abs(fixed)), scaled)
	return sloped(x, y, func(y *graph.Node) *graph.Node {
		if order == 0 {
			return bessel(x, 1)
		}
		// At 0, where it is 1/2, TensorFlow says 1.
		zero := graph.Equal(x, graph.ZerosLike(x))
		return graph.Where(zero, graph.OnesLike(x), graph.Sub(bessel(x, 0), graph.Div(y, x)))
	})
}
