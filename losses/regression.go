package losses

import (
	"fmt"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/internal/align"
	"github.com/gokeras/gokeras/internal/config"
)

type meanSquaredErrorConfig struct {
	Name      string         `keras:"name" default:"mean_squared_error"`
	Reduction reductionField `keras:"reduction" default:"sum_over_batch_size"`
}

// MeanSquaredErrorLoss is the mean over the last axis of (yTrue-yPred)²
// (Keras: keras.losses.MeanSquaredError, "mse").
type MeanSquaredErrorLoss struct {
	base[*MeanSquaredErrorLoss]
	cfg meanSquaredErrorConfig
}

// MeanSquaredError returns the mean squared error with Keras's defaults.
func MeanSquaredError() *MeanSquaredErrorLoss {
	l := &MeanSquaredErrorLoss{}
	config.SetDefaults(&l.cfg)
	l.base = base[*MeanSquaredErrorLoss]{l, &l.cfg.Name, &l.cfg.Reduction}
	return l
}

// KerasClass implements [Loss].
func (l *MeanSquaredErrorLoss) KerasClass() config.Class { return class("MeanSquaredError") }

// KerasConfig implements [Loss].
func (l *MeanSquaredErrorLoss) KerasConfig() any { return &l.cfg }

// Values implements [Loss]: predictions (batch, d0, … dN) give (batch, d0, … dN-1).
func (l *MeanSquaredErrorLoss) Values(yTrue, yPred *graph.Node) *graph.Node {
	return meanLast(graph.Square(difference(l.cfg.Name, yTrue, yPred)))
}

type meanAbsoluteErrorConfig struct {
	Name      string         `keras:"name" default:"mean_absolute_error"`
	Reduction reductionField `keras:"reduction" default:"sum_over_batch_size"`
}

// MeanAbsoluteErrorLoss is the mean over the last axis of |yTrue-yPred|
// (Keras: keras.losses.MeanAbsoluteError, "mae").
type MeanAbsoluteErrorLoss struct {
	base[*MeanAbsoluteErrorLoss]
	cfg meanAbsoluteErrorConfig
}

// MeanAbsoluteError returns the mean absolute error with Keras's defaults.
func MeanAbsoluteError() *MeanAbsoluteErrorLoss {
	l := &MeanAbsoluteErrorLoss{}
	config.SetDefaults(&l.cfg)
	l.base = base[*MeanAbsoluteErrorLoss]{l, &l.cfg.Name, &l.cfg.Reduction}
	return l
}

// KerasClass implements [Loss].
func (l *MeanAbsoluteErrorLoss) KerasClass() config.Class { return class("MeanAbsoluteError") }

// KerasConfig implements [Loss].
func (l *MeanAbsoluteErrorLoss) KerasConfig() any { return &l.cfg }

// Values implements [Loss]: predictions (batch, d0, … dN) give (batch, d0, … dN-1).
func (l *MeanAbsoluteErrorLoss) Values(yTrue, yPred *graph.Node) *graph.Node {
	return meanLast(graph.Abs(difference(l.cfg.Name, yTrue, yPred)))
}

func difference(loss string, yTrue, yPred *graph.Node) *graph.Node {
	yTrue, yPred = align.SameRank(asFloat(yTrue), asFloat(yPred))
	if !align.Broadcasts(yTrue.Shape().Dimensions, yPred.Shape().Dimensions) {
		panic(shapeError(loss, yTrue, yPred, "want shapes that broadcast to one"))
	}
	return graph.Sub(align.Broadcast("targets", yTrue, "predictions", yPred))
}

func meanLast(x *graph.Node) *graph.Node {
	if x.IsScalar() {
		panic(fmt.Errorf("a loss of scalars: want at least the batch axis"))
	}
	return graph.ReduceMean(x, -1)
}

func shapeError(loss string, yTrue, yPred *graph.Node, want string) error {
	return fmt.Errorf("loss %s: targets of shape %s don't fit predictions of shape %s: %s", loss, align.Of(yTrue), align.Of(yPred), want)
}

func class(name string) config.Class { return config.Class{Module: "keras.losses", Name: name} }

func init() {
	catalogue.Add(func() Loss { return MeanSquaredError() }, "mse", "MSE")
	catalogue.Add(func() Loss { return MeanAbsoluteError() }, "mae", "MAE")
}
