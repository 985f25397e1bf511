package activations

import "github.com/gomlx/gomlx/core/graph"

// The functions of this file have kinks. They are written with graph.Where
// because the gradients of graph.Max, graph.Min and graph.Abs choose another
// side at a tie than JAX does. The comparisons are chosen so that a NaN takes
// the branch that Keras's takes: it must not vanish in a relu.

// constant returns a scalar of x's data type.
func constant(x *graph.Node, v float64) *graph.Node {
	return graph.Scalar(x.Graph(), x.DType(), v)
}

// relu's derivative at 0 is 0.
func relu(x *graph.Node) *graph.Node {
	zero := constant(x, 0)
	return graph.Where(graph.LessOrEqual(x, zero), zero, x)
}

// relu6's derivative at 0 and at 6 is 0.
func relu6(x *graph.Node) *graph.Node {
	six := constant(x, 6)
	return graph.Where(graph.GreaterOrEqual(x, six), six, relu(x))
}

// clip bounds x by low and high; like JAX's clip, its derivative at a bound is 1/2.
func clip(x *graph.Node, low, high float64) *graph.Node {
	bound := func(x *graph.Node, at float64, outside func(lhs, rhs *graph.Node) *graph.Node) *graph.Node {
		c := constant(x, at)
		if !x.DType().IsFloat() {
			return graph.Where(outside(x, c), c, x)
		}
		mean := graph.MulScalar(graph.AddScalar(x, at), 0.5) // at the bound: c, with half of x's gradient
		return graph.Where(graph.Equal(x, c), mean, graph.Where(outside(x, c), c, x))
	}
	return bound(bound(x, low, graph.LessThan), high, graph.GreaterThan)
}

// LeakyReLUWith is x where x ≥ 0 and negativeSlope·x elsewhere (Keras:
// leaky_relu, negative_slope=0.2).
func LeakyReLUWith(x *graph.Node, negativeSlope float64) *graph.Node {
	return graph.Where(graph.GreaterOrEqual(x, constant(x, 0)), x, graph.MulScalar(x, negativeSlope))
}

// ReLUWith is Keras's relu with all its arguments: maxValue (nil: none) where
// x ≥ maxValue, x where threshold < x < maxValue, and
// negativeSlope·(x - threshold) elsewhere (Keras: relu, negative_slope=0,
// max_value=None, threshold=0).
func ReLUWith(x *graph.Node, negativeSlope float64, maxValue *float64, threshold float64) *graph.Node {
	if negativeSlope != 0 && maxValue == nil && threshold == 0 {
		return LeakyReLUWith(x, negativeSlope)
	}
	var y *graph.Node
	clipped := maxValue == nil
	switch {
	case threshold != 0:
		y = graph.Where(graph.GreaterThan(x, constant(x, threshold)), x, constant(x, 0))
	case maxValue != nil && *maxValue == 6:
		y, clipped = relu6(x), true
	default:
		y = relu(x)
	}
	if !clipped {
		y = clip(y, 0, *maxValue)
	}
	if negativeSlope != 0 {
		below := relu(graph.AddScalar(graph.Neg(x), threshold))
		y = graph.Sub(y, graph.MulScalar(below, negativeSlope))
	}
	return y
}

// HardShrinkWith is x where |x| > threshold and 0 elsewhere (Keras:
// hard_shrink, threshold=0.5).
func HardShrinkWith(x *graph.Node, threshold float64) *graph.Node {
	return graph.Where(graph.GreaterThan(graph.Abs(x), constant(x, threshold)), x, constant(x, 0))
}

// SoftShrinkWith is x - threshold where x > threshold, x + threshold where
// x < -threshold, and 0 between (Keras: soft_shrink, threshold=0.5).
func SoftShrinkWith(x *graph.Node, threshold float64) *graph.Node {
	return graph.Where(graph.GreaterThan(x, constant(x, threshold)), graph.AddScalar(x, -threshold),
		graph.Where(graph.LessThan(x, constant(x, -threshold)), graph.AddScalar(x, threshold), constant(x, 0)))
}

// ThresholdWith is x where x > threshold and defaultValue elsewhere (Keras:
// threshold; it has no default arguments).
func ThresholdWith(x *graph.Node, threshold, defaultValue float64) *graph.Node {
	return graph.Where(graph.GreaterThan(x, constant(x, threshold)), x, constant(x, defaultValue))
}

func hardSigmoid(x *graph.Node) *graph.Node {
	return graph.DivScalar(relu6(graph.AddScalar(x, 3)), 6)
}

func keras2HardSigmoid(x *graph.Node) *graph.Node {
	return graph.ClipScalar(graph.AddScalar(graph.MulScalar(x, 0.2), 0.5), 0, 1)
}

func hardTanh(x *graph.Node) *graph.Node {
	one, minusOne := constant(x, 1), constant(x, -1)
	return graph.Where(graph.GreaterThan(x, one), one, graph.Where(graph.LessThan(x, minusOne), minusOne, x))
}

func sparsePlus(x *graph.Node) *graph.Node {
	between := graph.DivScalar(graph.Square(graph.AddScalar(x, 1)), 4)
	return graph.Where(graph.LessOrEqual(x, constant(x, -1)), constant(x, 0),
		graph.Where(graph.GreaterOrEqual(x, constant(x, 1)), x, between))
}

func sparseSigmoid(x *graph.Node) *graph.Node {
	return graph.MulScalar(clip(graph.AddScalar(x, 1), 0, 2), 0.5)
}

// clipBelow is max(x, 0) with JAX's derivative of a maximum: 1/2 at the tie.
func clipBelow(x *graph.Node) *graph.Node {
	zero := constant(x, 0)
	return graph.Where(graph.Equal(x, zero), graph.MulScalar(x, 0.5), graph.Where(graph.LessThan(x, zero), zero, x))
}
