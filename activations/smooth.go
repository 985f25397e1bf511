package activations

import (
	"math"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
)

// GoMLX knows no gradient of Expm1, which the exponential units need: exp(x)-1
// loses all digits near 0, and so would a formula without Expm1.
func init() {
	if graph.VJPRegistration[graph.NodeTypeExpm1] != nil {
		return
	}
	graph.VJPRegistration[graph.NodeTypeExpm1] = func(node *graph.Node, vjps []*graph.Node, _ shapes.Shape) []*graph.Node {
		return []*graph.Node{graph.Mul(vjps[0], graph.Exp(node.Inputs()[0]))}
	}
}

// ELUWith is x where x > 0 and alpha·(exp(x) - 1) elsewhere (Keras: elu, alpha=1).
func ELUWith(x *graph.Node, alpha float64) *graph.Node {
	zero := constant(x, 0)
	positive := graph.GreaterThan(x, zero)
	// The inner Where keeps exp of a large x, and with it inf·0, out of the gradient.
	below := graph.Expm1(graph.Where(positive, zero, x))
	return graph.Where(positive, x, graph.MulScalar(below, alpha))
}

// CELUWith is x where x > 0 and alpha·(exp(x/alpha) - 1) elsewhere (Keras: celu, alpha=1).
func CELUWith(x *graph.Node, alpha float64) *graph.Node {
	zero := constant(x, 0)
	positive := graph.GreaterThan(x, zero)
	below := graph.Expm1(graph.DivScalar(graph.Where(positive, zero, x), alpha))
	return graph.Where(positive, x, graph.MulScalar(below, alpha))
}

// The constants at which activations of mean 0 and variance 1 keep them.
const (
	seluAlpha = 1.6732632423543772848170429916717
	seluScale = 1.0507009873554804934193349852946
)

func selu(x *graph.Node) *graph.Node {
	return graph.MulScalar(ELUWith(x, seluAlpha), seluScale)
}

// GELUWith is x·Φ(x) with the normal distribution function Φ, or with its
// approximation through tanh (Keras: gelu, approximate=False).
func GELUWith(x *graph.Node, approximate bool) *graph.Node {
	if approximate {
		cubed := graph.Mul(x, graph.Square(x))
		inner := graph.MulScalar(graph.Add(x, graph.MulScalar(cubed, 0.044715)), math.Sqrt(2/math.Pi))
		// (1 + tanh(u))/2 is sigmoid(2u), whose gradient doesn't cancel for u < 0.
		return graph.Mul(x, graph.Sigmoid(graph.MulScalar(inner, 2)))
	}
	z := graph.MulScalar(x, math.Sqrt(0.5))
	// XLA's erf stops 2e-7 short of -1 in float32, which x would multiply. Below
	// these bounds erf rounds to -1.
	bound := -4.0
	if x.DType() == dtypes.Float64 {
		bound = -6
	}
	erf := graph.Where(graph.LessThan(z, constant(z, bound)), constant(z, -1), graph.Erf(z))
	return graph.Mul(x, graph.MulScalar(graph.AddScalar(erf, 1), 0.5))
}

// softplus is log(1 + exp(x)) without overflow. Both branches' derivatives add
// up to sigmoid(x) everywhere, also at 0.
func softplus(x *graph.Node) *graph.Node {
	zero := constant(x, 0)
	negative := graph.LessThan(x, zero)
	minusAbs := graph.Where(negative, x, graph.Neg(x))
	return graph.Add(graph.Where(negative, zero, x), graph.Log1P(graph.Exp(minusAbs)))
}

func softsign(x *graph.Node) *graph.Node {
	return graph.Div(x, graph.AddScalar(graph.Abs(x), 1))
}

// SquareplusWith is (x + √(x² + b))/2 (Keras: squareplus, b=4).
func SquareplusWith(x *graph.Node, b float64) *graph.Node {
	root := graph.Sqrt(graph.AddScalar(graph.Square(x), b))
	return graph.DivScalar(graph.Add(x, root), 2)
}

// GLUAxis splits x in two halves a and b along axis and returns a·sigmoid(b),
// half as long there (Keras: glu, axis=-1).
func GLUAxis(x *graph.Node, axis int) *graph.Node {
	halves := graph.Split(x, axis, 2)
	return graph.Mul(halves[0], graph.Sigmoid(halves[1]))
}
