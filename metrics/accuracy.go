package metrics

import (
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/internal/align"
)

// AccuracyMetric is how often predictions equal targets (Keras: keras.metrics.Accuracy).
type AccuracyMetric struct{ plain[*AccuracyMetric] }

// Accuracy returns the share of predictions that equal their target exactly. In Compile, the name
// "accuracy" means another metric: see [Resolve].
func Accuracy() *AccuracyMetric {
	m := &AccuracyMetric{}
	m.start(m, "Accuracy", "accuracy", Up, func(yTrue, yPred *graph.Node) *graph.Node {
		y, p := align.SameRank(as(yTrue, yPred.DType()), yPred)
		return asFloat(graph.Equal(broadcast(m.KerasName(), "targets", y, "predictions", p)))
	})
	return m
}

// BinaryAccuracyMetric is how often a probability falls on its 0-or-1 target's
// side of a threshold (Keras: keras.metrics.BinaryAccuracy).
type BinaryAccuracyMetric struct {
	meanOf[*BinaryAccuracyMetric]
	cfg struct {
		commonConfig
		Threshold float64 `keras:"threshold" default:"0.5"`
	}
}

// BinaryAccuracy returns the binary accuracy with Keras's threshold, 0.5.
func BinaryAccuracy() *BinaryAccuracyMetric {
	m := &BinaryAccuracyMetric{}
	m.start(m, "BinaryAccuracy", "binary_accuracy", Up, &m.cfg, &m.cfg.commonConfig, func(yTrue, yPred *graph.Node) *graph.Node {
		y, p := align.SameRank(yTrue, asFloat(yPred))
		p = as(graph.GreaterThan(p, graph.Scalar(p.Graph(), p.DType(), m.cfg.Threshold)), dtypes.Float32)
		return asFloat(graph.Equal(broadcast(m.KerasName(), "targets", asFloat(y), "predictions", p)))
	})
	return m
}

// Threshold sets above what a prediction counts as 1 (Keras: threshold=, default 0.5).
func (m *BinaryAccuracyMetric) Threshold(threshold float64) *BinaryAccuracyMetric {
	m.cfg.Threshold = threshold
	return m
}

// CategoricalAccuracyMetric is how often the likeliest class is the one-hot
// target's (Keras: keras.metrics.CategoricalAccuracy).
type CategoricalAccuracyMetric struct {
	plain[*CategoricalAccuracyMetric]
}

// CategoricalAccuracy returns the accuracy for one-hot targets.
func CategoricalAccuracy() *CategoricalAccuracyMetric {
	m := &CategoricalAccuracyMetric{}
	m.start(m, "CategoricalAccuracy", "categorical_accuracy", Up, func(yTrue, yPred *graph.Node) *graph.Node {
		y := likeliest(m.KerasName(), "targets", asFloat(yTrue), -1)
		return sameClass(m.KerasName(), asFloat(y), asFloat(yPred), false)
	})
	return m
}

// SparseCategoricalAccuracyMetric is how often the likeliest class is the
// target (Keras: keras.metrics.SparseCategoricalAccuracy).
type SparseCategoricalAccuracyMetric struct {
	plain[*SparseCategoricalAccuracyMetric]
}

// SparseCategoricalAccuracy returns the accuracy for targets that are class numbers.
func SparseCategoricalAccuracy() *SparseCategoricalAccuracyMetric {
	m := &SparseCategoricalAccuracyMetric{}
	m.start(m, "SparseCategoricalAccuracy", "sparse_categorical_accuracy", Up, func(yTrue, yPred *graph.Node) *graph.Node {
		y, p := asFloat(yTrue), asFloat(yPred)
		if y.Rank() == p.Rank() && y.Rank() > 0 && y.Shape().Dim(-1) == 1 {
			y = graph.Squeeze(y, -1)
		}
		return sameClass(m.KerasName(), y, p, true)
	})
	return m
}

// sameClass returns 1 where the likeliest class is y. With squeeze, a last
// axis of size 1 is dropped from what it returns.
func sameClass(metric string, y, p *graph.Node, squeeze bool) *graph.Node {
	classes := asFloat(likeliest(metric, "predictions", p, -1))
	matches := asFloat(graph.Equal(broadcast(metric, "targets", y, "the likeliest classes", classes)))
	if squeeze && matches.Rank() > 1 && matches.Shape().Dim(-1) == 1 {
		matches = graph.Squeeze(matches, -1)
	}
	return matches
}

func init() {
	catalogue.Add(func() Metric { return Accuracy() })
	catalogue.Add(func() Metric { return BinaryAccuracy() })
	catalogue.Add(func() Metric { return CategoricalAccuracy() })
	catalogue.Add(func() Metric { return SparseCategoricalAccuracy() })
}
