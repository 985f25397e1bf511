package metrics

import (
	"fmt"
	"math"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/internal/align"
	"github.com/gokeras/gokeras/internal/config"
)

type topKConfig struct {
	Name string `keras:"name" default:"top_k_categorical_accuracy"`
	dtypeConfig
	K int `keras:"k" default:"5"`
}

// TopKCategoricalAccuracyMetric is how often the one-hot target's class is
// among the k likeliest (Keras: keras.metrics.TopKCategoricalAccuracy).
type TopKCategoricalAccuracyMetric struct {
	meanOf[*TopKCategoricalAccuracyMetric]
	cfg topKConfig
}

// TopKCategoricalAccuracy returns the top-k accuracy for one-hot targets, with Keras's k of 5.
func TopKCategoricalAccuracy() *TopKCategoricalAccuracyMetric {
	m := &TopKCategoricalAccuracyMetric{}
	m.start(m, &m.cfg, &m.cfg.Name, Up, func(yTrue, yPred *graph.Node) *graph.Node {
		return inTopK(m.cfg.Name, likeliest(m.cfg.Name, "targets", asFloat(yTrue)), asFloat(yPred), m.cfg.K)
	})
	return m
}

// K sets how many of the likeliest classes count (Keras: k=, default 5).
func (m *TopKCategoricalAccuracyMetric) K(k int) *TopKCategoricalAccuracyMetric {
	m.cfg.K = k
	return m
}

// KerasClass implements [Metric].
func (m *TopKCategoricalAccuracyMetric) KerasClass() config.Class {
	return class("TopKCategoricalAccuracy")
}

// KerasConfig implements [Metric].
func (m *TopKCategoricalAccuracyMetric) KerasConfig() any { return &m.cfg }

type sparseTopKConfig struct {
	Name string `keras:"name" default:"sparse_top_k_categorical_accuracy"`
	dtypeConfig
	K int `keras:"k" default:"5"`
}

// SparseTopKCategoricalAccuracyMetric is how often the target, a class number,
// is among the k likeliest (Keras: keras.metrics.SparseTopKCategoricalAccuracy).
type SparseTopKCategoricalAccuracyMetric struct {
	meanOf[*SparseTopKCategoricalAccuracyMetric]
	cfg sparseTopKConfig
}

// SparseTopKCategoricalAccuracy returns the top-k accuracy for targets that are class numbers, with Keras's k of 5.
func SparseTopKCategoricalAccuracy() *SparseTopKCategoricalAccuracyMetric {
	m := &SparseTopKCategoricalAccuracyMetric{}
	m.start(m, &m.cfg, &m.cfg.Name, Up, func(yTrue, yPred *graph.Node) *graph.Node {
		return inTopK(m.cfg.Name, yTrue, asFloat(yPred), m.cfg.K)
	})
	return m
}

// K sets how many of the likeliest classes count (Keras: k=, default 5).
func (m *SparseTopKCategoricalAccuracyMetric) K(k int) *SparseTopKCategoricalAccuracyMetric {
	m.cfg.K = k
	return m
}

// KerasClass implements [Metric].
func (m *SparseTopKCategoricalAccuracyMetric) KerasClass() config.Class {
	return class("SparseTopKCategoricalAccuracy")
}

// KerasConfig implements [Metric].
func (m *SparseTopKCategoricalAccuracyMetric) KerasConfig() any { return &m.cfg }

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
