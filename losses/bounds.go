package losses

import "github.com/gomlx/gomlx/core/graph"

// clip keeps probabilities within [ε, 1-ε], where their logarithm is finite.
func clip(x *graph.Node) *graph.Node { return within(x, epsilon, 1-epsilon) }

// within keeps x within [low, high]. At the bounds themselves, which a saturated
// softmax does reach, its gradient is one half, as JAX's is; NaN stays.
func within(x *graph.Node, low, high float64) *graph.Node { return atMost(atLeast(x, low), high) }

// atLeast is the greater of x and low, with a gradient of one half where they are equal.
func atLeast(x *graph.Node, low float64) *graph.Node {
	bound := graph.Scalar(x.Graph(), x.DType(), low)
	return graph.Where(graph.LessThan(x, bound), bound, halfAt(x, bound))
}

// atMost is the lesser of x and high, with a gradient of one half where they are equal.
func atMost(x *graph.Node, high float64) *graph.Node {
	bound := graph.Scalar(x.Graph(), x.DType(), high)
	return graph.Where(graph.GreaterThan(x, bound), bound, halfAt(x, bound))
}

// halfAt is x with half its gradient where it equals the bound.
func halfAt(x, bound *graph.Node) *graph.Node {
	half := graph.MulScalar(graph.Add(x, graph.StopGradient(x)), 0.5)
	return graph.Where(graph.Equal(x, bound), half, x)
}

// softplus is log(1+exp(x)); its gradient is the sigmoid at 0 and at the infinities too.
func softplus(x *graph.Node) *graph.Node {
	return graph.Add(graph.MaxScalar(x, 0), graph.Log1p(graph.Exp(graph.Neg(graph.Abs(x)))))
}

// power is x to an exponent that isn't learned. Its gradient is 0, not NaN, where both are 0.
func power(x *graph.Node, exponent float64) *graph.Node {
	if exponent == 0 {
		return graph.OnesLike(x)
	}
	return graph.Pow(x, graph.Scalar(x.Graph(), x.DType(), exponent))
}

// greatest is the maximum along the last axis. Elements that are equally great share its gradient, as on JAX.
func greatest(x *graph.Node) *graph.Node {
	highest := graph.ReduceMax(x, -1)
	is := graph.ConvertDType(graph.Equal(x, graph.InsertAxes(highest, -1)), x.DType())
	share := graph.Div(is, graph.ReduceAndKeep(is, graph.ReduceSum, -1))
	return withGradient(highest, graph.ReduceSum(graph.Mul(x, graph.StopGradient(share)), -1))
}

// logSumExp is log(Σ exp(x)) along the last axis, -∞ where all of x is.
func logSumExp(x *graph.Node) *graph.Node {
	highest := graph.StopGradient(graph.ReduceAndKeep(x, graph.ReduceMax, -1))
	highest = graph.Where(graph.IsFinite(highest), highest, graph.ZerosLike(highest))
	sum := graph.ReduceSum(graph.Exp(graph.Sub(x, highest)), -1)
	return graph.Add(graph.Log(sum), graph.Squeeze(highest, -1))
}
