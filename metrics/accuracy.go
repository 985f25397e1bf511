package metrics

import (
	"fmt"
	"math"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/internal/align"
	"github.com/gokeras/gokeras/internal/config"
)

type accuracyConfig struct {
	Name string `keras:"name" default:"accuracy"`
	dtypeConfig
}

// AccuracyMetric is how often predictions equal targets (Keras: keras.metrics.Accuracy).
type AccuracyMetric struct {
	meanOf[*AccuracyMetric]
	cfg accuracyConfig
}

// Accuracy returns the share of predictions that equal their target exactly. In Compile, the name
// "accuracy" means another metric: see [Resolve].
func Accuracy() *AccuracyMetric {
	m := &AccuracyMetric{}
	m.start(m, &m.cfg, &m.cfg.Name, Up, func(yTrue, yPred *graph.Node) *graph.Node {
		y, p := align.SameRank(as(yTrue, yPred.DType()), yPred)
		return asFloat(graph.Equal(broadcast(m.cfg.Name, "targets", y, "predictions", p)))
	})
	return m
}

// KerasClass implements [Metric].
func (m *AccuracyMetric) KerasClass() config.Class { return class("Accuracy") }

// KerasConfig implements [Metric].
func (m *AccuracyMetric) KerasConfig() any { return &m.cfg }

type binaryAccuracyConfig struct {
	Name string `keras:"name" default:"binary_accuracy"`
	dtypeConfig
	Threshold float64 `keras:"threshold" default:"0.5"`
}

// BinaryAccuracyMetric is how often a probability falls on its 0-or-1 target's
// side of a threshold (Keras: keras.metrics.BinaryAccuracy).
type BinaryAccuracyMetric struct {
	meanOf[*BinaryAccuracyMetric]
	cfg binaryAccuracyConfig
}

// BinaryAccuracy returns the binary accuracy with Keras's threshold, 0.5.
func BinaryAccuracy() *BinaryAccuracyMetric {
	m := &BinaryAccuracyMetric{}
	m.start(m, &m.cfg, &m.cfg.Name, Up, func(yTrue, yPred *graph.Node) *graph.Node {
		y, p := align.SameRank(yTrue, asFloat(yPred))
		p = as(graph.GreaterThan(p, graph.Scalar(p.Graph(), p.DType(), m.cfg.Threshold)), dtypes.Float32)
		return asFloat(graph.Equal(broadcast(m.cfg.Name, "targets", asFloat(y), "predictions", p)))
	})
	return m
}

// Threshold sets above what a prediction counts as 1 (Keras: threshold=, default 0.5).
func (m *BinaryAccuracyMetric) Threshold(threshold float64) *BinaryAccuracyMetric {
	m.cfg.Threshold = threshold
	return m
}

// KerasClass implements [Metric].
func (m *BinaryAccuracyMetric) KerasClass() config.Class { return class("BinaryAccuracy") }

// KerasConfig implements [Metric].
func (m *BinaryAccuracyMetric) KerasConfig() any { return &m.cfg }

type categoricalAccuracyConfig struct {
	Name string `keras:"name" default:"categorical_accuracy"`
	dtypeConfig
}

// CategoricalAccuracyMetric is how often the likeliest class is the one-hot
// target's (Keras: keras.metrics.CategoricalAccuracy).
type CategoricalAccuracyMetric struct {
	meanOf[*CategoricalAccuracyMetric]
	cfg categoricalAccuracyConfig
}

// CategoricalAccuracy returns the accuracy for one-hot targets.
func CategoricalAccuracy() *CategoricalAccuracyMetric {
	m := &CategoricalAccuracyMetric{}
	m.start(m, &m.cfg, &m.cfg.Name, Up, func(yTrue, yPred *graph.Node) *graph.Node {
		y := likeliest(m.cfg.Name, "targets", asFloat(yTrue))
		return sameClass(m.cfg.Name, y, asFloat(yPred), false)
	})
	return m
}

// KerasClass implements [Metric].
func (m *CategoricalAccuracyMetric) KerasClass() config.Class { return class("CategoricalAccuracy") }

// KerasConfig implements [Metric].
func (m *CategoricalAccuracyMetric) KerasConfig() any { return &m.cfg }

type sparseCategoricalAccuracyConfig struct {
	Name string `keras:"name" default:"sparse_categorical_accuracy"`
	dtypeConfig
}

// SparseCategoricalAccuracyMetric is how often the likeliest class is the
// target (Keras: keras.metrics.SparseCategoricalAccuracy).
type SparseCategoricalAccuracyMetric struct {
	meanOf[*SparseCategoricalAccuracyMetric]
	cfg sparseCategoricalAccuracyConfig
}

// SparseCategoricalAccuracy returns the accuracy for targets that are class numbers.
func SparseCategoricalAccuracy() *SparseCategoricalAccuracyMetric {
	m := &SparseCategoricalAccuracyMetric{}
	m.start(m, &m.cfg, &m.cfg.Name, Up, func(yTrue, yPred *graph.Node) *graph.Node {
		y, p := asFloat(yTrue), asFloat(yPred)
		if y.Rank() == p.Rank() && y.Rank() > 0 && y.Shape().Dim(-1) == 1 {
			y = graph.Squeeze(y, -1)
		}
		return sameClass(m.cfg.Name, y, p, true)
	})
	return m
}

// KerasClass implements [Metric].
func (m *SparseCategoricalAccuracyMetric) KerasClass() config.Class {
	return class("SparseCategoricalAccuracy")
}

// KerasConfig implements [Metric].
func (m *SparseCategoricalAccuracyMetric) KerasConfig() any { return &m.cfg }

// sameClass returns 1 where the likeliest class is y. With squeeze, a last
// axis of size 1 is dropped from what it returns.
func sameClass(metric string, y, p *graph.Node, squeeze bool) *graph.Node {
	matches := asFloat(graph.Equal(broadcast(metric, "targets", y, "the likeliest classes", likeliest(metric, "predictions", p))))
	if squeeze && matches.Rank() > 1 && matches.Shape().Dim(-1) == 1 {
		matches = graph.Squeeze(matches, -1)
	}
	return matches
}

// likeliest returns the number of the greatest element along the last axis, the first of equals.
func likeliest(metric, what string, x *graph.Node) *graph.Node {
	if x.IsScalar() {
		panic(fmt.Errorf("metric %s: %s of shape (): want an axis of classes", metric, what))
	}
	// Keras takes NaN for the greatest; left to themselves, the engines differ.
	infinity := graph.BroadcastToShape(graph.Scalar(x.Graph(), x.DType(), math.Inf(1)), x.Shape())
	return asFloat(graph.ArgMax(graph.Where(graph.IsNaN(x), infinity, x), -1))
}

func init() {
	catalogue.Add(func() Metric { return Accuracy() })
	catalogue.Add(func() Metric { return BinaryAccuracy() })
	catalogue.Add(func() Metric { return CategoricalAccuracy() })
	catalogue.Add(func() Metric { return SparseCategoricalAccuracy() })
}
