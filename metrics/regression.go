package metrics

import (
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/internal/align"
	"github.com/gokeras/gokeras/losses"
)

// MeanSquaredErrorMetric is the mean of (yTrue-yPred)² (Keras: keras.metrics.MeanSquaredError, "mse").
type MeanSquaredErrorMetric struct {
	plain[*MeanSquaredErrorMetric]
}

// MeanSquaredError returns the mean squared error.
func MeanSquaredError() *MeanSquaredErrorMetric {
	m := &MeanSquaredErrorMetric{}
	m.start(m, "MeanSquaredError", "mean_squared_error", Down, func(yTrue, yPred *graph.Node) *graph.Node {
		return losses.MeanSquaredError().Name(m.KerasName()).Values(yTrue, yPred)
	})
	return m
}

// RootMeanSquaredErrorMetric is the root of the mean of (yTrue-yPred)² over
// all samples (Keras: keras.metrics.RootMeanSquaredError).
type RootMeanSquaredErrorMetric struct {
	plain[*RootMeanSquaredErrorMetric]
}

// RootMeanSquaredError returns the root mean squared error.
func RootMeanSquaredError() *RootMeanSquaredErrorMetric {
	m := &RootMeanSquaredErrorMetric{}
	m.start(m, "RootMeanSquaredError", "root_mean_squared_error", Down, func(yTrue, yPred *graph.Node) *graph.Node {
		y, p := align.SameRank(asFloat(yTrue), asFloat(yPred))
		return graph.Square(graph.Sub(broadcast(m.KerasName(), "targets", y, "predictions", p)))
	})
	return m
}

// Update implements [Metric]. Keras's takes no notice of a mask.
func (m *RootMeanSquaredErrorMetric) Update(state []*graph.Node, b Batch) []*graph.Node {
	b.Mask = nil
	return m.plain.Update(state, b)
}

// Value implements [Metric].
func (m *RootMeanSquaredErrorMetric) Value(state []*graph.Node) *graph.Node {
	return graph.Sqrt(m.plain.Value(state))
}

// MeanAbsoluteErrorMetric is the mean of |yTrue-yPred| (Keras: keras.metrics.MeanAbsoluteError, "mae").
type MeanAbsoluteErrorMetric struct {
	plain[*MeanAbsoluteErrorMetric]
}

// MeanAbsoluteError returns the mean absolute error.
func MeanAbsoluteError() *MeanAbsoluteErrorMetric {
	m := &MeanAbsoluteErrorMetric{}
	m.start(m, "MeanAbsoluteError", "mean_absolute_error", Down, func(yTrue, yPred *graph.Node) *graph.Node {
		return losses.MeanAbsoluteError().Name(m.KerasName()).Values(yTrue, yPred)
	})
	return m
}

func init() {
	catalogue.Add(func() Metric { return MeanSquaredError() }, "mse", "MSE")
	catalogue.Add(func() Metric { return RootMeanSquaredError() })
	catalogue.Add(func() Metric { return MeanAbsoluteError() }, "mae", "MAE")
}
