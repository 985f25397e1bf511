package metrics

import (
	"fmt"
	"math"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/internal/align"
)

// topK is what the two top-k accuracies share.
type topK[S Metric] struct {
	meanOf[S]
	cfg struct {
		commonConfig
		K int `keras:"k" default:"5"`
	}
}

// K sets how many of the likeliest classes count (Keras: k=, default 5).
func (m *topK[S]) K(k int) S {
	m.cfg.K = k
	return m.self
}

// start connects the metric; classOf gives the number of the target's class.
func (m *topK[S]) start(self S, class, name string, classOf func(yTrue *graph.Node) *graph.Node) {
	m.meanOf.start(self, class, name, Up, &m.cfg, &m.cfg.commonConfig, func(yTrue, yPred *graph.Node) *graph.Node {
		return inTopK(m.KerasName(), classOf(yTrue), asFloat(yPred), m.cfg.K)
	})
}

// TopKCategoricalAccuracyMetric is how often the one-hot target's class is
// among the k likeliest (Keras: keras.metrics.TopKCategoricalAccuracy).
type TopKCategoricalAccuracyMetric struct {
	topK[*TopKCategoricalAccuracyMetric]
}

// TopKCategoricalAccuracy returns the top-k accuracy for one-hot targets, with Keras's k of 5.
func TopKCategoricalAccuracy() *TopKCategoricalAccuracyMetric {
	m := &TopKCategoricalAccuracyMetric{}
	m.start(m, "TopKCategoricalAccuracy", "top_k_categorical_accuracy", func(yTrue *graph.Node) *graph.Node {
		return likeliest(m.KerasName(), "targets", asFloat(yTrue), -1)
	})
	return m
}

// SparseTopKCategoricalAccuracyMetric is how often the target, a class number,
// is among the k likeliest (Keras: keras.metrics.SparseTopKCategoricalAccuracy).
type SparseTopKCategoricalAccuracyMetric struct {
	topK[*SparseTopKCategoricalAccuracyMetric]
}

// SparseTopKCategoricalAccuracy returns the top-k accuracy for targets that are class numbers, with Keras's k of 5.
func SparseTopKCategoricalAccuracy() *SparseTopKCategoricalAccuracyMetric {
	m := &SparseTopKCategoricalAccuracyMetric{}
	m.start(m, "SparseTopKCategoricalAccuracy", "sparse_top_k_categorical_accuracy", func(yTrue *graph.Node) *graph.Node { return yTrue })
	return m
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
