package losses

import (
	"math"

	"github.com/gomlx/gomlx/core/graph"
)

// MeanSquaredErrorLoss is the mean over the last axis of (yTrue-yPred)²
// (Keras: keras.losses.MeanSquaredError, "mse").
type MeanSquaredErrorLoss struct {
	rowwise[*MeanSquaredErrorLoss]
}

// MeanSquaredError returns the mean squared error with Keras's defaults.
func MeanSquaredError() *MeanSquaredErrorLoss {
	l := &MeanSquaredErrorLoss{}
	l.of(l, "MeanSquaredError", "mean_squared_error", func(y, p *graph.Node) *graph.Node { return meanLast(graph.Square(graph.Sub(y, p))) })
	return l
}

// MeanAbsoluteErrorLoss is the mean over the last axis of |yTrue-yPred|
// (Keras: keras.losses.MeanAbsoluteError, "mae").
type MeanAbsoluteErrorLoss struct {
	rowwise[*MeanAbsoluteErrorLoss]
}

// MeanAbsoluteError returns the mean absolute error with Keras's defaults.
func MeanAbsoluteError() *MeanAbsoluteErrorLoss {
	l := &MeanAbsoluteErrorLoss{}
	l.of(l, "MeanAbsoluteError", "mean_absolute_error", func(y, p *graph.Node) *graph.Node { return meanLast(graph.Abs(graph.Sub(y, p))) })
	return l
}

// MeanAbsolutePercentageErrorLoss is 100 times the mean over the last axis of |yTrue-yPred| / |yTrue|, the divisor at least 1e-7
// (Keras: keras.losses.MeanAbsolutePercentageError, "mape").
type MeanAbsolutePercentageErrorLoss struct {
	rowwise[*MeanAbsolutePercentageErrorLoss]
}

// MeanAbsolutePercentageError returns the mean absolute percentage error with Keras's defaults.
func MeanAbsolutePercentageError() *MeanAbsolutePercentageErrorLoss {
	l := &MeanAbsolutePercentageErrorLoss{}
	l.of(l, "MeanAbsolutePercentageError", "mean_absolute_percentage_error", func(y, p *graph.Node) *graph.Node {
		return graph.MulScalar(meanLast(graph.Abs(graph.Div(graph.Sub(y, p), atLeast(graph.Abs(y), epsilon)))), 100)
	})
	return l
}

// MeanSquaredLogarithmicErrorLoss is the mean over the last axis of (log(yTrue+1)-log(yPred+1))², where numbers below 1e-7 count as
// that (Keras: keras.losses.MeanSquaredLogarithmicError, "msle").
type MeanSquaredLogarithmicErrorLoss struct {
	rowwise[*MeanSquaredLogarithmicErrorLoss]
}

// MeanSquaredLogarithmicError returns the mean squared logarithmic error with Keras's defaults.
func MeanSquaredLogarithmicError() *MeanSquaredLogarithmicErrorLoss {
	l := &MeanSquaredLogarithmicErrorLoss{}
	l.of(l, "MeanSquaredLogarithmicError", "mean_squared_logarithmic_error", func(y, p *graph.Node) *graph.Node {
		log := func(x *graph.Node) *graph.Node { return graph.Log(graph.AddScalar(atLeast(x, epsilon), 1)) }
		return meanLast(graph.Square(graph.Sub(log(p), log(y))))
	})
	return l
}

// LogCoshLoss is the mean over the last axis of log(cosh(yPred-yTrue)) (Keras: keras.losses.LogCosh).
type LogCoshLoss struct{ rowwise[*LogCoshLoss] }

// LogCosh returns the logarithm of the hyperbolic cosine of the error with Keras's defaults.
func LogCosh() *LogCoshLoss {
	l := &LogCoshLoss{}
	l.of(l, "LogCosh", "log_cosh", func(y, p *graph.Node) *graph.Node {
		x := graph.Sub(p, y)
		return meanLast(graph.AddScalar(graph.Add(x, softplus(graph.MulScalar(x, -2))), -math.Ln2))
	})
	return l
}

// HuberLoss is the mean over the last axis of half the squared error, of errors beyond delta of a straight line that goes on from
// there (Keras: keras.losses.Huber).
type HuberLoss struct {
	base[*HuberLoss]
	cfg struct {
		commonConfig
		Delta float64 `keras:"delta,unsaved" default:"1.0"`
	}
}

// Huber returns the Huber loss with Keras's delta of 1.
func Huber() *HuberLoss {
	l := &HuberLoss{}
	l.start(l, "Huber", "huber_loss", &l.cfg, &l.cfg.commonConfig)
	return l
}

// Delta sets up to which error the loss is quadratic (Keras: delta=, default 1). Keras's files don't keep it.
func (l *HuberLoss) Delta(delta float64) *HuberLoss {
	l.cfg.Delta = delta
	return l
}

// Values implements [Loss]: predictions (batch, d0, … dN) give (batch, d0, … dN-1).
func (l *HuberLoss) Values(yTrue, yPred *graph.Node) *graph.Node {
	y, p := l.pair(yTrue, yPred)
	err := graph.Sub(p, y)
	size := graph.Abs(err)
	delta := graph.Scalar(size.Graph(), size.DType(), l.cfg.Delta)
	quadratic := graph.MulScalar(graph.Square(err), 0.5)
	linear := graph.Sub(graph.Mul(delta, size), graph.MulScalar(graph.Square(delta), 0.5))
	return meanLast(graph.Where(graph.LessOrEqual(size, delta), quadratic, linear))
}

// CosineSimilarityLoss is -1 times the cosine of the angle between targets and predictions along an axis: -1 where they point the same way
// (Keras: keras.losses.CosineSimilarity).
type CosineSimilarityLoss struct {
	base[*CosineSimilarityLoss]
	cfg struct {
		commonConfig
		Axis int `keras:"axis,unsaved" default:"-1"`
	}
}

// CosineSimilarity returns the cosine similarity with Keras's defaults.
func CosineSimilarity() *CosineSimilarityLoss {
	l := &CosineSimilarityLoss{}
	l.start(l, "CosineSimilarity", "cosine_similarity", &l.cfg, &l.cfg.commonConfig)
	return l
}

// Axis is the axis of the vectors (Keras: axis=, default -1). Keras's files don't keep it.
func (l *CosineSimilarityLoss) Axis(axis int) *CosineSimilarityLoss {
	l.cfg.Axis = axis
	return l
}

// Values implements [Loss]: predictions (batch, d0, … dN) give that shape without the axis.
func (l *CosineSimilarityLoss) Values(yTrue, yPred *graph.Node) *graph.Node {
	y, p := l.pair(yTrue, yPred)
	axis := adjustAxis(l.KerasName(), l.cfg.Axis, p)
	return graph.Neg(graph.ReduceSum(graph.Mul(unit(y, axis), unit(p, axis)), axis))
}

// unit gives vectors along the axis the length 1, those shorter than 1e-7 less.
func unit(x *graph.Node, axis int) *graph.Node {
	return graph.Mul(x, atMost(graph.Reciprocal(graph.Sqrt(graph.ReduceAndKeep(graph.Square(x), graph.ReduceSum, axis))), 1/epsilon))
}

func init() {
	catalogue.Add(func() Loss { return MeanSquaredError() }, "mse", "MSE")
	catalogue.Add(func() Loss { return MeanAbsoluteError() }, "mae", "MAE")
	catalogue.Add(func() Loss { return MeanAbsolutePercentageError() }, "mape", "MAPE")
	catalogue.Add(func() Loss { return MeanSquaredLogarithmicError() }, "msle", "MSLE")
	catalogue.Add(func() Loss { return LogCosh() })
	catalogue.Add(func() Loss { return Huber() })
	catalogue.Add(func() Loss { return CosineSimilarity() })
}
