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

// MeanAbsolutePercentageErrorMetric is the mean of 100·|yTrue-yPred|/|yTrue| (Keras: keras.metrics.MeanAbsolutePercentageError, "mape").
type MeanAbsolutePercentageErrorMetric struct {
	plain[*MeanAbsolutePercentageErrorMetric]
}

// MeanAbsolutePercentageError returns the mean absolute percentage error.
func MeanAbsolutePercentageError() *MeanAbsolutePercentageErrorMetric {
	m := &MeanAbsolutePercentageErrorMetric{}
	m.start(m, "MeanAbsolutePercentageError", "mean_absolute_percentage_error", Down, func(yTrue, yPred *graph.Node) *graph.Node {
		return losses.MeanAbsolutePercentageError().Name(m.KerasName()).Values(yTrue, yPred)
	})
	return m
}

// MeanSquaredLogarithmicErrorMetric is the mean of (log(yTrue+1)-log(yPred+1))² (Keras: keras.metrics.MeanSquaredLogarithmicError, "msle").
type MeanSquaredLogarithmicErrorMetric struct {
	plain[*MeanSquaredLogarithmicErrorMetric]
}

// MeanSquaredLogarithmicError returns the mean squared logarithmic error.
func MeanSquaredLogarithmicError() *MeanSquaredLogarithmicErrorMetric {
	m := &MeanSquaredLogarithmicErrorMetric{}
	m.start(m, "MeanSquaredLogarithmicError", "mean_squared_logarithmic_error", Down, func(yTrue, yPred *graph.Node) *graph.Node {
		return losses.MeanSquaredLogarithmicError().Name(m.KerasName()).Values(yTrue, yPred)
	})
	return m
}

// LogCoshErrorMetric is the mean of log(cosh(yPred-yTrue)) (Keras: keras.metrics.LogCoshError).
type LogCoshErrorMetric struct{ plain[*LogCoshErrorMetric] }

// LogCoshError returns the logarithm of the hyperbolic cosine of the error, which Keras calls "logcosh" in logs.
func LogCoshError() *LogCoshErrorMetric {
	m := &LogCoshErrorMetric{}
	m.start(m, "LogCoshError", "logcosh", Down, func(yTrue, yPred *graph.Node) *graph.Node {
		return losses.LogCosh().Name(m.KerasName()).Values(yTrue, yPred)
	})
	return m
}

// CosineSimilarityMetric is the mean cosine of the angle between targets and predictions along an axis: 1 where they point the
// same way, unlike the loss of that name (Keras: keras.metrics.CosineSimilarity).
type CosineSimilarityMetric struct {
	meanOf[*CosineSimilarityMetric]
	classAxis[*CosineSimilarityMetric]
	cfg struct {
		commonConfig
		Axis int `keras:"axis,unsaved" default:"-1"`
	}
}

// CosineSimilarity returns the cosine similarity along the last axis. Keras's files don't keep another one.
func CosineSimilarity() *CosineSimilarityMetric {
	m := &CosineSimilarityMetric{}
	m.classAxis.metric, m.classAxis.axis = m, &m.cfg.Axis
	m.start(m, "CosineSimilarity", "cosine_similarity", Up, &m.cfg, &m.cfg.commonConfig, func(yTrue, yPred *graph.Node) *graph.Node {
		return graph.Neg(losses.CosineSimilarity().Name(m.KerasName()).Axis(m.cfg.Axis).Values(yTrue, yPred))
	})
	return m
}

func init() {
	catalogue.Add(func() Metric { return MeanSquaredError() }, "mse", "MSE")
	catalogue.Add(func() Metric { return RootMeanSquaredError() })
	catalogue.Add(func() Metric { return MeanAbsoluteError() }, "mae", "MAE")
	catalogue.Add(func() Metric { return MeanAbsolutePercentageError() }, "mape", "MAPE")
	catalogue.Add(func() Metric { return MeanSquaredLogarithmicError() }, "msle", "MSLE")
	catalogue.Add(func() Metric { return LogCoshError() })
	catalogue.Add(func() Metric { return CosineSimilarity() })
	catalogue.AddFunction("log_cosh", func() Metric { return Func("log_cosh", losses.LogCosh().Values) })
	catalogue.AddFunction("huber", func() Metric { return Func("huber", losses.Huber().Values) })
}
