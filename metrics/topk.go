package metrics

import (
	"fmt"
	"math"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/internal/align"
)

// likely is an argument of the top-k accuracies.
type likely[S any] struct {
	metric S
	k      *int
}

// K sets how many of the likeliest classes count (Keras: k=, default 5).
func (a *likely[S]) K(k int) S {
	*a.k = k
	return a.metric
}

// TopKCategoricalAccuracyMetric is how often the one-hot target's class is
// among the k likeliest (Keras: keras.metrics.TopKCategoricalAccuracy).
type TopKCategoricalAccuracyMetric struct {
	meanOf[*TopKCategoricalAccuracyMetric]
	likely[*TopKCategoricalAccuracyMetric]
	cfg struct {
		commonConfig
		K int `keras:"k" default:"5"`
	}
}

// TopKCategoricalAccuracy returns the top-k accuracy for one-hot targets, with Keras's k of 5.
func TopKCategoricalAccuracy() *TopKCategoricalAccuracyMetric {
	m := &TopKCategoricalAccuracyMetric{}
	m.likely.metric, m.k = m, &m.cfg.K
	m.start(m, "TopKCategoricalAccuracy", "top_k_categorical_accuracy", Up, &m.cfg, &m.cfg.commonConfig, func(yTrue, yPred *graph.Node) *graph.Node {
		return inTopK(m.KerasName(), likeliest(m.KerasName(), "targets", asFloat(yTrue), -1), asFloat(yPred), m.cfg.K)
	})
	return m
}

// SparseTopKCategoricalAccuracyMetric is how often the target, a class number,
// is among the k likeliest (Keras: keras.metrics.SparseTopKCategoricalAccuracy).
type SparseTopKCategoricalAccuracyMetric struct {
	meanOf[*SparseTopKCategoricalAccuracyMetric]
	likely[*SparseTopKCategoricalAccuracyMetric]
	cfg struct {
		commonConfig
		K             int  `keras:"k" default:"5"`
		FromSortedIDs bool `keras:"from_sorted_ids,omitempty"`
	}
}

// SparseTopKCategoricalAccuracy returns the top-k accuracy for targets that are class numbers, with Keras's k of 5.
func SparseTopKCategoricalAccuracy() *SparseTopKCategoricalAccuracyMetric {
	m := &SparseTopKCategoricalAccuracyMetric{}
	m.likely.metric, m.k = m, &m.cfg.K
	m.start(m, "SparseTopKCategoricalAccuracy", "sparse_top_k_categorical_accuracy", Up, &m.cfg, &m.cfg.commonConfig, func(yTrue, yPred *graph.Node) *graph.Node {
		if m.cfg.FromSortedIDs {
			return amongFirst(m.KerasName(), asFloat(yTrue), asFloat(yPred), m.cfg.K)
		}
		return inTopK(m.KerasName(), yTrue, asFloat(yPred), m.cfg.K)
	})
	return m
}

// FromSortedIDs says that predictions are the numbers of classes, the likeliest first (Keras: from_sorted_ids=, default false).
func (m *SparseTopKCategoricalAccuracyMetric) FromSortedIDs(on bool) *SparseTopKCategoricalAccuracyMetric {
	m.cfg.FromSortedIDs = on
	return m
}

// amongFirst returns 1 where y is one of the first k numbers along the last axis of ids, in y's shape.
func amongFirst(metric string, y, ids *graph.Node, k int) *graph.Node {
	if ids.IsScalar() || y.IsScalar() || y.Shape().Size()*ids.Shape().Dim(-1) != ids.Shape().Size() {
		panic(namedError(metric, "targets of shape %s don't fit predictions of shape %s: want a class for each list of classes", align.Of(y), align.Of(ids)))
	}
	n := ids.Shape().Dim(-1)
	if k < 0 { // as Python counts
		k += n
	}
	if k = min(max(k, 0), n); k == 0 {
		return graph.ZerosLike(y)
	}
	ids = graph.Slice(graph.Reshape(ids, y.Shape().Size(), n), graph.AxisRange(), graph.AxisRange(0, k))
	same := asFloat(graph.Equal(graph.Reshape(y, y.Shape().Size(), 1), ids))
	return graph.Reshape(graph.ReduceMax(same, -1), y.Shape().Dimensions...)
}

// inTopK returns 1 where fewer than k classes are strictly likelier than class
// y, in y's shape. A negative y counts from the last class, as in Keras; one
// outside the classes is behind all of them.
func inTopK(metric string, y, p *graph.Node, k int) *graph.Node {
	if p.IsScalar() || y.IsScalar() {
		panic(fmt.Errorf("metric %s: targets of shape %s and predictions of shape %s: want an axis of classes in the predictions and one of samples in both",
			metric, align.Of(y), align.Of(p)))
	}
	classes := p.Shape().Dim(-1)
	if p.Shape().Size() != y.Shape().Size()*classes {
		panic(fmt.Errorf("metric %s: targets of shape %s don't fit predictions of shape %s: want a class a prediction", metric, align.Of(y), align.Of(p)))
	}
	flatY, flatP := graph.Reshape(as(y, dtypes.Int32), y.Shape().Size()), graph.Reshape(p, y.Shape().Size(), classes)
	flatY = graph.Where(graph.IsNegative(flatY), graph.AddScalar(flatY, classes), flatY)
	isClass := graph.OneHot(flatY, classes, dtypes.Bool)
	own := graph.ReduceAndKeep(graph.Where(isClass, flatP, graph.ZerosLike(flatP)), graph.ReduceSum, -1)
	known := graph.InsertAxes(graph.GreaterThan(graph.ReduceSum(asFloat(isClass), -1), graph.ScalarZero(p.Graph(), dtypes.Float32)), -1)
	lowest := graph.BroadcastToDims(graph.Scalar(p.Graph(), dtypes.Float32, math.Inf(-1)), own.Shape().Dimensions...)
	own = graph.Where(graph.LogicalAnd(known, graph.LogicalNot(graph.IsNaN(own))), own, lowest)
	likelier := graph.ReduceSum(asFloat(graph.GreaterThan(flatP, own)), -1)
	matches := asFloat(graph.LessThan(likelier, graph.Scalar(p.Graph(), dtypes.Float32, k)))
	return graph.Reshape(matches, y.Shape().Dimensions...)
}

func init() {
	catalogue.Add(func() Metric { return TopKCategoricalAccuracy() })
	catalogue.Add(func() Metric { return SparseTopKCategoricalAccuracy() })
}
