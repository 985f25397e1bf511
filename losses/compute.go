package losses

import (
	"fmt"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/internal/align"
	"github.com/gokeras/gokeras/internal/ndarray"
)

// Compute returns the reduced loss of one batch, a scalar of the loss's type, float32 unless it was set, or the
// weighted values where the reduction is [None] (Keras: Loss.__call__).
//
// sampleWeight may be nil. Otherwise, after a last axis of size 1 is added or removed where that
// makes the ranks equal, it multiplies the loss's values with NumPy's broadcasting, as in Keras 3: values of shape
// (batch, d0) want weights of shape (batch, d0) or (batch, 1); weights of shape (batch,) are an error.
// [SumOverBatchSize] and [Mean] divide by the number of values, whatever the weights;
// [MeanWithSampleWeight] divides by the sum of the weights.
//
// mask, the mask of the predictions, may be nil. Values where it is false count for nothing, and not among the values
// that [SumOverBatchSize] and [Mean] divide by. It is fitted to the values as weights are.
//
// It panics with an error where shapes don't fit, as GoMLX's own functions do.
func Compute(loss Loss, yTrue, yPred, sampleWeight, mask *graph.Node) *graph.Node {
	if err := loss.KerasReduction().check(); err != nil {
		panic(fmt.Errorf("loss %s: %w", loss.KerasName(), err))
	}
	values := loss.Values(yTrue, yPred)
	if m, ok := loss.(Masked); ok {
		mask = both(loss, mask, m.Mask(yTrue, yPred))
	}
	dtype := dtypes.Float32
	if l, ok := loss.(interface{ dtype() dtypes.DType }); ok {
		dtype = l.dtype()
	}
	return reduce(loss, ndarray.Cast(values, dtype), sampleWeight, mask)
}

// both is where two masks are true; nil is a mask that is true everywhere.
func both(loss Loss, a, b *graph.Node) *graph.Node {
	switch {
	case a == nil:
		return b
	case b == nil:
		return a
	}
	a, b = fit(loss, "the mask of the predictions", asBool(a), "the loss's own mask", asBool(b))
	return graph.LogicalAnd(a, b)
}

// fit gives a and b ranks at which they broadcast.
func fit(loss Loss, whatA string, a *graph.Node, whatB string, b *graph.Node) (*graph.Node, *graph.Node) {
	if !align.Broadcasts(a.Shape().Dimensions, b.Shape().Dimensions) {
		panic(fmt.Errorf("loss %s: %s of shape %s don't broadcast to %s of shape %s: give one a value, shape %s",
			loss.KerasName(), whatA, align.Of(a), whatB, align.Of(b), align.Of(b)))
	}
	return align.Broadcast(whatA, a, whatB, b)
}

func reduce(loss Loss, values, weight, mask *graph.Node) *graph.Node {
	reduction := loss.KerasReduction()
	what := "sample weights"
	if weight != nil {
		weight = ndarray.Cast(weight, values.DType())
	} else {
		what = "values of the mask"
	}
	if mask != nil {
		weight = applyMask(loss, weight, ndarray.Cast(asBool(mask), values.DType()), reduction == SumOverBatchSize || reduction == Mean)
	}
	if weight != nil {
		values, weight = align.SameRank(values, weight)
		values = graph.Mul(fit(loss, what, weight, "the loss's values", values))
	}
	if reduction == "" || reduction == None || values.IsScalar() || values.Rank() == 1 && values.Shape().Dim(0) == 0 {
		return values
	}
	total := graph.ReduceAllSum(values)
	switch {
	case reduction == Sum:
		return total
	case reduction == MeanWithSampleWeight && weight != nil:
		return divideNoNaN(total, graph.ReduceAllSum(weight))
	case values.Shape().Size() == 0:
		return total
	}
	return graph.DivScalar(total, float64(values.Shape().Size()))
}

// applyMask merges the mask into the weights (Keras: apply_mask). With
// rescale, the weights that are left make up for those left out, so that the
// later division by the number of values is one by the number that count.
func applyMask(loss Loss, weight, m *graph.Node, rescale bool) *graph.Node {
	if rescale {
		valid := graph.ReduceAllSum(m)
		m = graph.Mul(m, divideNoNaN(graph.Scalar(m.Graph(), m.DType(), float64(m.Shape().Size())), valid))
	}
	if weight == nil {
		return m
	}
	m, weight = align.SameRank(m, weight)
	return graph.Mul(fit(loss, "sample weights", weight, "the mask", m))
}

// divideNoNaN returns a/b, and 0 where b is 0, with a gradient that is finite there too.
func divideNoNaN(a, b *graph.Node) *graph.Node {
	isZero := graph.IsZero(b)
	safe := graph.Where(isZero, graph.OnesLike(b), b)
	return graph.Where(isZero, graph.ZerosLike(a), graph.Div(a, safe))
}

func asBool(x *graph.Node) *graph.Node {
	if x.DType() == dtypes.Bool {
		return x
	}
	return graph.NotEqual(x, graph.ZerosLike(x))
}
