package metrics

import (
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/losses"
)

// KLDivergenceMetric is the mean of the loss of that name (Keras: keras.metrics.KLDivergence).
type KLDivergenceMetric struct{ plain[*KLDivergenceMetric] }

// KLDivergence returns the Kullback-Leibler divergence as a metric.
func KLDivergence() *KLDivergenceMetric {
	m := &KLDivergenceMetric{}
	m.start(m, "KLDivergence", "kl_divergence", Down, func(yTrue, yPred *graph.Node) *graph.Node {
		return losses.KLDivergence().Name(m.KerasName()).Values(yTrue, yPred)
	})
	return m
}

// PoissonMetric is the mean of the loss of that name (Keras: keras.metrics.Poisson).
type PoissonMetric struct{ plain[*PoissonMetric] }

// Poisson returns the Poisson loss as a metric.
func Poisson() *PoissonMetric {
	m := &PoissonMetric{}
	m.start(m, "Poisson", "poisson", Down, func(yTrue, yPred *graph.Node) *graph.Node {
		return losses.Poisson().Name(m.KerasName()).Values(yTrue, yPred)
	})
	return m
}

func init() {
	catalogue.Add(func() Metric { return KLDivergence() })
	catalogue.Add(func() Metric { return Poisson() })
	catalogue.AddFunction("binary_focal_crossentropy", func() Metric {
		return Func("binary_focal_crossentropy", losses.BinaryFocalCrossentropy().Values)
	})
	catalogue.AddFunction("categorical_focal_crossentropy", func() Metric {
		return Func("categorical_focal_crossentropy", losses.CategoricalFocalCrossentropy().Values)
	})
}
