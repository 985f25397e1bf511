package losses

import (
	"fmt"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/internal/align"
)

// MeanSquaredErrorLoss is the mean over the last axis of (yTrue-yPred)²
// (Keras: keras.losses.MeanSquaredError, "mse").
type MeanSquaredErrorLoss struct {
	elementwise[*MeanSquaredErrorLoss]
}

// MeanSquaredError returns the mean squared error with Keras's defaults.
func MeanSquaredError() *MeanSquaredErrorLoss {
	l := &MeanSquaredErrorLoss{}
	l.of(l, "MeanSquaredError", "mean_squared_error", graph.Square)
	return l
}

// MeanAbsoluteErrorLoss is the mean over the last axis of |yTrue-yPred|
// (Keras: keras.losses.MeanAbsoluteError, "mae").
type MeanAbsoluteErrorLoss struct {
	elementwise[*MeanAbsoluteErrorLoss]
}

// MeanAbsoluteError returns the mean absolute error with Keras's defaults.
func MeanAbsoluteError() *MeanAbsoluteErrorLoss {
	l := &MeanAbsoluteErrorLoss{}
	l.of(l, "MeanAbsoluteError", "mean_absolute_error", graph.Abs)
	return l
}

// elementwise is a loss without arguments of its own: the mean over the last axis of a function of each difference.
type elementwise[S any] struct {
	base[S]
	cfg  commonConfig
	each func(difference *graph.Node) *graph.Node
}

func (l *elementwise[S]) of(self S, class, name string, each func(difference *graph.Node) *graph.Node) {
	l.start(self, class, name, &l.cfg, &l.cfg)
	l.each = each
}

// Values implements [Loss]: predictions (batch, d0, … dN) give (batch, d0, … dN-1).
func (l *elementwise[S]) Values(yTrue, yPred *graph.Node) *graph.Node {
	return meanLast(l.each(difference(l.KerasName(), yTrue, yPred)))
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

func init() {
	catalogue.Add(func() Loss { return MeanSquaredError() }, "mse", "MSE")
	catalogue.Add(func() Loss { return MeanAbsoluteError() }, "mae", "MAE")
}
