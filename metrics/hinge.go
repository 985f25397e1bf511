package metrics

import (
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/losses"
)

// HingeMetric is the mean of the loss of that name, for targets that are -1 or 1, or 0 or 1 (Keras: keras.metrics.Hinge).
type HingeMetric struct{ plain[*HingeMetric] }

// Hinge returns the hinge loss as a metric.
func Hinge() *HingeMetric {
	m := &HingeMetric{}
	m.start(m, "Hinge", "hinge", Down, func(yTrue, yPred *graph.Node) *graph.Node {
		return losses.Hinge().Name(m.KerasName()).Values(yTrue, yPred)
	})
	return m
}

// SquaredHingeMetric is the mean of the loss of that name, for targets that are -1 or 1, or 0 or 1 (Keras: keras.metrics.SquaredHinge).
type SquaredHingeMetric struct{ plain[*SquaredHingeMetric] }

// SquaredHinge returns the squared hinge loss as a metric.
func SquaredHinge() *SquaredHingeMetric {
	m := &SquaredHingeMetric{}
	m.start(m, "SquaredHinge", "squared_hinge", Down, func(yTrue, yPred *graph.Node) *graph.Node {
		return losses.SquaredHinge().Name(m.KerasName()).Values(yTrue, yPred)
	})
	return m
}

// CategoricalHingeMetric is the mean of the loss of that name, for one-hot targets (Keras: keras.metrics.CategoricalHinge).
type CategoricalHingeMetric struct{ plain[*CategoricalHingeMetric] }

// CategoricalHinge returns the categorical hinge loss as a metric.
func CategoricalHinge() *CategoricalHingeMetric {
	m := &CategoricalHingeMetric{}
	m.start(m, "CategoricalHinge", "categorical_hinge", Down, func(yTrue, yPred *graph.Node) *graph.Node {
		return losses.CategoricalHinge().Name(m.KerasName()).Values(yTrue, yPred)
	})
	return m
}

func init() {
	catalogue.Add(func() Metric { return Hinge() })
	catalogue.Add(func() Metric { return SquaredHinge() })
	catalogue.Add(func() Metric { return CategoricalHinge() })
}
