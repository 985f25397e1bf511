package metrics

import (
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/internal/align"
	"github.com/gokeras/gokeras/internal/config"
	"github.com/gokeras/gokeras/losses"
)

type meanSquaredErrorConfig struct {
	Name string `keras:"name" default:"mean_squared_error"`
	dtypeConfig
}

// MeanSquaredErrorMetric is the mean of (yTrue-yPred)² (Keras: keras.metrics.MeanSquaredError, "mse").
type MeanSquaredErrorMetric struct {
	meanOf[*MeanSquaredErrorMetric]
	cfg meanSquaredErrorConfig
}

// MeanSquaredError returns the mean squared error.
func MeanSquaredError() *MeanSquaredErrorMetric {
	m := &MeanSquaredErrorMetric{}
	m.start(m, &m.cfg, &m.cfg.Name, Down, func(yTrue, yPred *graph.Node) *graph.Node {
		return losses.MeanSquaredError().Name(m.cfg.Name).Values(yTrue, yPred)
	})
	return m
}

// KerasClass implements [Metric].
func (m *MeanSquaredErrorMetric) KerasClass() config.Class { return class("MeanSquaredError") }

// KerasConfig implements [Metric].
func (m *MeanSquaredErrorMetric) KerasConfig() any { return &m.cfg }

type rootMeanSquaredErrorConfig struct {
	Name string `keras:"name" default:"root_mean_squared_error"`
	dtypeConfig
}

// RootMeanSquaredErrorMetric is the root of the mean of (yTrue-yPred)² over
// all samples (Keras: keras.metrics.RootMeanSquaredError).
type RootMeanSquaredErrorMetric struct {
	meanOf[*RootMeanSquaredErrorMetric]
	cfg rootMeanSquaredErrorConfig
}

// RootMeanSquaredError returns the root mean squared error.
func RootMeanSquaredError() *RootMeanSquaredErrorMetric {
	m := &RootMeanSquaredErrorMetric{}
	m.start(m, &m.cfg, &m.cfg.Name, Down, func(yTrue, yPred *graph.Node) *graph.Node {
		y, p := align.SameRank(asFloat(yTrue), asFloat(yPred))
		return graph.Square(graph.Sub(broadcast(m.cfg.Name, "targets", y, "predictions", p)))
	})
	return m
}

// KerasClass implements [Metric].
func (m *RootMeanSquaredErrorMetric) KerasClass() config.Class { return class("RootMeanSquaredError") }

// KerasConfig implements [Metric].
func (m *RootMeanSquaredErrorMetric) KerasConfig() any { return &m.cfg }

// Result implements [Metric].
func (m *RootMeanSquaredErrorMetric) Result(state []*graph.Node) *graph.Node {
	return graph.Sqrt(m.meanOf.Result(state))
}

type meanAbsoluteErrorConfig struct {
	Name string `keras:"name" default:"mean_absolute_error"`
	dtypeConfig
}

// MeanAbsoluteErrorMetric is the mean of |yTrue-yPred| (Keras: keras.metrics.MeanAbsoluteError, "mae").
type MeanAbsoluteErrorMetric struct {
	meanOf[*MeanAbsoluteErrorMetric]
	cfg meanAbsoluteErrorConfig
}

// MeanAbsoluteError returns the mean absolute error.
func MeanAbsoluteError() *MeanAbsoluteErrorMetric {
	m := &MeanAbsoluteErrorMetric{}
	m.start(m, &m.cfg, &m.cfg.Name, Down, func(yTrue, yPred *graph.Node) *graph.Node {
		return losses.MeanAbsoluteError().Name(m.cfg.Name).Values(yTrue, yPred)
	})
	return m
}

// KerasClass implements [Metric].
func (m *MeanAbsoluteErrorMetric) KerasClass() config.Class { return class("MeanAbsoluteError") }

// KerasConfig implements [Metric].
func (m *MeanAbsoluteErrorMetric) KerasConfig() any { return &m.cfg }

func init() {
	catalogue.Add(func() Metric { return MeanSquaredError() }, "mse", "MSE")
	catalogue.Add(func() Metric { return RootMeanSquaredError() })
	catalogue.Add(func() Metric { return MeanAbsoluteError() }, "mae", "MAE")
}
