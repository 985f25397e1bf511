package metrics

import (
	"fmt"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/internal/align"
)

// UpdateMean returns the sum of weighted values and of weights after adding
// one batch (Keras: keras.metrics.Mean.update_state). values is a scalar or
// has the batch as its first axis; sampleWeight may be nil, a scalar, or of the
// shape of values up to some axis, over whose rest values are averaged. It
// panics with an error where shapes don't fit.
//
// The running mean of a loss over batches of any size is UpdateMean(total,
// count, loss, batch size): a scalar weighted by a scalar.
func UpdateMean(total, count, values, sampleWeight *graph.Node) (newTotal, newCount *graph.Node) {
	return updateMean("mean", total, count, values, nil, sampleWeight)
}

// MeanResult returns total/count, and 0 before any value (Keras: keras.metrics.Mean.result).
func MeanResult(total, count *graph.Node) *graph.Node {
	if !total.DType().IsFloat() {
		total, count = asFloat(total), asFloat(count)
	}
	return divideNoNaN(total, count)
}

// updateMean is UpdateMean for the metric called name. The mask, which may be
// nil, counts only where there are weights, as in Keras.
func updateMean(name string, total, count, values, mask, weight *graph.Node) (newTotal, newCount *graph.Node) {
	values, weight = sampleWise(name, graph.ReduceMean, as(values, total.DType()), mask, weight)
	newTotal = graph.Add(total, graph.ReduceAllSum(values))
	switch {
	case weight != nil:
		return newTotal, graph.Add(count, graph.ReduceAllSum(weight))
	case values.Rank() > 0:
		return newTotal, graph.AddScalar(count, values.Shape().Dim(0))
	}
	return newTotal, graph.AddScalar(count, 1)
}

type reduction = func(x *graph.Node, axes ...int) *graph.Node

// sampleWise brings values, weighted, and weights to one a sample (Keras: reduce_to_samplewise_values).
func sampleWise(name string, reduce reduction, values, mask, weight *graph.Node) (_, _ *graph.Node) {
	if weight == nil {
		return reduceFrom(reduce, values, 1), nil
	}
	weight = as(weight, values.DType())
	if mask != nil {
		m, w := align.SameRank(as(mask, values.DType()), weight)
		weight = graph.Mul(broadcast(name, "mask", m, "sample weights", w))
	}
	values, weight = align.SameRank(values, weight)
	rank := weight.Rank()
	values = reduceFrom(reduce, values, rank)
	if !align.Broadcasts(values.Shape().Dimensions, weight.Shape().Dimensions) || rank > values.Rank() {
		panic(fmt.Errorf("metric %s: sample weights of shape %s don't fit values of shape %s", name, align.Of(weight), align.Of(values)))
	}
	if rank > 0 && !weight.Shape().EqualDimensions(values.Shape()) {
		_, weight = align.Broadcast("values", values, "sample weights", weight)
		weight = graph.BroadcastToDims(weight, values.Shape().Dimensions...)
	}
	values = reduceFrom(reduce, graph.Mul(values, weight), 1)
	if rank > 1 {
		weight = reduceFrom(reduce, weight, 1)
	}
	return values, weight
}

// reduceFrom reduces the axes from the given one on.
func reduceFrom(reduce reduction, x *graph.Node, axis int) *graph.Node {
	var axes []int
	for i := axis; i < x.Rank(); i++ {
		axes = append(axes, i)
	}
	if len(axes) == 0 {
		return x
	}
	return reduce(x, axes...)
}

// Weights returns the sample weights with the mask merged in, as Keras does for the metrics that average values: 0 where the mask is
// false. It is nil where there is neither.
func (b Batch) Weights() *graph.Node {
	if b.Mask == nil {
		return b.SampleWeight
	}
	mask := asFloat(b.Mask)
	if b.SampleWeight == nil {
		return mask
	}
	mask, weight := align.SameRank(mask, asFloat(b.SampleWeight))
	if !align.Broadcasts(mask.Shape().Dimensions, weight.Shape().Dimensions) {
		panic(fmt.Errorf("sample weights of shape %s don't fit the mask of the predictions, of shape %s: give one weight a value of the mask",
			align.Of(weight), align.Of(mask)))
	}
	return graph.Mul(align.Broadcast("mask", mask, "sample weights", weight))
}

// meanOf is the metric that averages values over samples (Keras: MeanMetricWrapper), once for all metrics of this package.
type meanOf[S Metric] struct {
	base[S]
	values func(yTrue, yPred *graph.Node) (values, mask *graph.Node)
}

// start connects the metric with its configuration.
func (m *meanOf[S]) start(self S, class, name string, direction Direction, cfg any, common *commonConfig, values func(yTrue, yPred *graph.Node) *graph.Node) {
	m.base.start(self, class, name, direction, cfg, common)
	m.values = func(yTrue, yPred *graph.Node) (*graph.Node, *graph.Node) { return values(yTrue, yPred), nil }
}

// sampleValues are the values that the metric averages.
func (m *meanOf[S]) sampleValues() func(yTrue, yPred *graph.Node) (values, mask *graph.Node) {
	return m.values
}

// State implements [Metric].
func (m *meanOf[S]) State(_, _ []int) ([]Variable, error) {
	return []Variable{{Name: "total", DType: m.dtype()}, {Name: "count", DType: m.dtype()}}, nil
}

// Update implements [Metric].
func (m *meanOf[S]) Update(state []*graph.Node, b Batch) []*graph.Node {
	if len(state) != 2 {
		panic(m.errorf("got %d state variables, want total and count", len(state)))
	}
	values, mask := m.values(b.YTrue, b.YPred)
	total, count := updateMean(m.KerasName(), state[0], state[1], values, mask, b.Weights())
	return []*graph.Node{total, count}
}

// Value implements [Metric].
func (m *meanOf[S]) Value(state []*graph.Node) *graph.Node { return MeanResult(state[0], state[1]) }

// plain is a mean of values without arguments of its own.
type plain[S Metric] struct {
	meanOf[S]
	cfg commonConfig
}

func (m *plain[S]) start(self S, class, name string, direction Direction, values func(yTrue, yPred *graph.Node) *graph.Node) {
	m.meanOf.start(self, class, name, direction, &m.cfg, &m.cfg, values)
}

// RowsAlone reports whether a metric is known to average values that each follow from the row along the last axis that is at its place in the targets and
// the predictions, and from nothing else.
func RowsAlone(m Metric) bool {
	alone, ok := m.(interface{ rowsAlone() bool })
	return ok && alone.rowsAlone()
}

func (m *meanOf[S]) rowsAlone() bool { return true }

// rowsAlone is false, as it isn't known of a function.
func (m *FuncMetric) rowsAlone() bool { return false }

// rowsAlone is false: predictions are weights.
func (m *MeanMetric) rowsAlone() bool { return false }

func (m *correlation[S]) rowsAlone() bool { return m.cfg.Axis == -1 }

func (m *CosineSimilarityMetric) rowsAlone() bool { return m.cfg.Axis == -1 }

func (m *CategoricalCrossentropyMetric) rowsAlone() bool { return m.cfg.Axis == -1 }

// rowsAlone is false with a class that is left out, which counts otherwise where there are weights.
func (m *SparseCategoricalCrossentropyMetric) rowsAlone() bool {
	return m.cfg.Axis == -1 && m.cfg.IgnoreClass == nil
}
