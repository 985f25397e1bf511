package losses

import (
	"fmt"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/internal/align"
)

// rowwise is a loss without arguments of its own, which makes a value of each row along the last axis.
type rowwise[S any] struct {
	base[S]
	cfg commonConfig
	row func(yTrue, yPred *graph.Node) *graph.Node
}

func (l *rowwise[S]) of(self S, class, name string, row func(yTrue, yPred *graph.Node) *graph.Node) {
	l.start(self, class, name, &l.cfg, &l.cfg)
	l.row = row
}

// Values implements [Loss]: predictions (batch, d0, … dN) give (batch, d0, … dN-1).
func (l *rowwise[S]) Values(yTrue, yPred *graph.Node) *graph.Node { return l.row(l.pair(yTrue, yPred)) }

// pair returns targets and predictions in the loss's type, with ranks at which they broadcast, of at least one axis.
func (b *base[S]) pair(yTrue, yPred *graph.Node) (y, p *graph.Node) {
	y, p = align.SameRank(b.float(yTrue), b.float(yPred))
	if !align.Broadcasts(y.Shape().Dimensions, p.Shape().Dimensions) {
		panic(shapeError(b.KerasName(), y, p, "want shapes that broadcast to one"))
	}
	if p.IsScalar() && y.IsScalar() {
		panic(b.errorf("targets and predictions are scalars: want at least the batch axis"))
	}
	return align.Broadcast("targets", y, "predictions", p)
}

func meanLast(x *graph.Node) *graph.Node {
	if x.Shape().Size() == 0 { // which GoMLX would divide by
		return graph.ReduceSum(x, -1)
	}
	return graph.ReduceMean(x, -1)
}

func shapeError(loss string, yTrue, yPred *graph.Node, want string) error {
	return fmt.Errorf("loss %s: targets of shape %s don't fit predictions of shape %s: %s", loss, align.Of(yTrue), align.Of(yPred), want)
}

// RowsAlone reports whether each value of the loss is known to follow from the row along the last axis that is at its place in the targets and the
// predictions, and from nothing else.
func RowsAlone(l Loss) bool {
	alone, ok := l.(interface{ rowsAlone() bool })
	return ok && alone.rowsAlone() && l.KerasReduction() != None && l.KerasReduction() != ""
}

func (l *rowwise[S]) rowsAlone() bool { return true }

func (l *smoothed[S]) rowsAlone() bool { return l.args.Axis == -1 }

func (l *SparseCategoricalCrossentropyLoss) rowsAlone() bool { return l.cfg.Axis == -1 }

func (l *CosineSimilarityLoss) rowsAlone() bool { return l.cfg.Axis == -1 }

func (l *HuberLoss) rowsAlone() bool { return true }

func (l *CategoricalGeneralizedCrossEntropyLoss) rowsAlone() bool { return true }
