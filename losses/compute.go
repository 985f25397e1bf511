package losses

import (
	"fmt"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/internal/align"
)

// Compute returns the reduced loss of one batch, a float32 scalar, or the
// weighted values where the reduction is [None] (Keras: Loss.__call__).
//
// sampleWeight may be nil. Otherwise, after a last axis of size 1 is added or removed where that
// makes the ranks equal, it multiplies the loss's values with NumPy's broadcasting, as in Keras 3: values of shape
// (batch, d0) want weights of shape (batch, d0) or (batch, 1); weights of shape (batch,) are an error.
// [SumOverBatchSize] and [Mean] divide by the number of values, whatever the weights;
// [MeanWithSampleWeight] divides by the sum of the weights.
//
// It panics with an error where shapes don't fit, as GoMLX's own functions do.
func Compute(loss Loss, yTrue, yPred, sampleWeight *graph.Node) *graph.Node {
	if err := loss.KerasReduction().check(); err != nil {
		panic(fmt.Errorf("loss %s: %w", loss.KerasName(), err))
	}
	values := loss.Values(yTrue, yPred)
	var mask *graph.Node
	if m, ok := loss.(Masked); ok {
		mask = m.Mask(yTrue, yPred)
	}
	return reduce(loss, asFloat(values), sampleWeight, mask)
}

func reduce(loss Loss, values, weight, mask *graph.Node) *graph.Node {
	reduction := loss.KerasReduction()
	if weight != nil {
		weight = asFloat(weight)
	}
	if mask != nil {
		weight = applyMask(loss, weight, mask, reduction == SumOverBatchSize || reduction == Mean)
	}
	if weight != nil {
		values, weight = align.SameRank(values, weight)
		if !align.Broadcasts(values.Shape().Dimensions, weight.Shape().Dimensions) {
			panic(fmt.Errorf("loss %s: sample weights of shape %s don't broadcast to the loss's values of shape %s: give one weight a value, shape %s",
				loss.KerasName(), align.Of(weight), align.Of(values), align.Of(values)))
		}
		values = graph.Mul(align.Broadcast("values", values, "sample weights", weight))
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
func applyMask(loss Loss, weight, mask *graph.Node, rescale bool) *graph.Node {
	m := asFloat(mask)
	if rescale {
		valid := graph.ReduceAllSum(m)
		m = graph.Mul(m, divideNoNaN(graph.Scalar(m.Graph(), m.DType(), float64(m.Shape().Size())), valid))
	}
	if weight == nil {
		return m
	}
	m, weight = align.SameRank(m, weight)
	if !align.Broadcasts(m.Shape().Dimensions, weight.Shape().Dimensions) {
		panic(fmt.Errorf("loss %s: sample weights of shape %s don't broadcast to the loss's mask of shape %s",
			loss.KerasName(), align.Of(weight), align.Of(m)))
	}
	return graph.Mul(align.Broadcast("mask", m, "sample weights", weight))
}

// divideNoNaN returns a/b, and 0 where b is 0, with a gradient that is finite there too.
func divideNoNaN(a, b *graph.Node) *graph.Node {
	isZero := graph.IsZero(b)
	safe := graph.Where(isZero, graph.OnesLike(b), b)
	return graph.Where(isZero, graph.ZerosLike(a), graph.Div(a, safe))
}

// asFloat converts to Keras's floatx, in which losses are computed.
func asFloat(x *graph.Node) *graph.Node {
	if x.DType() == dtypes.Float32 {
		return x
	}
	return graph.ConvertDType(x, dtypes.Float32)
}
