package losses

import (
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/internal/ndarray"
	"github.com/gokeras/gokeras/internal/scan"
)

// CTCLoss is the connectionist temporal classification loss: -log of the probability that the steps of a sequence, without repetitions
// and blanks, spell the target. Targets are class numbers (batch, labels), padded with 0, which is the blank; predictions are logits
// (batch, steps, classes) (Keras: keras.losses.CTC).
type CTCLoss struct {
	base[*CTCLoss]
	cfg commonConfig
}

// CTC returns the connectionist temporal classification loss with Keras's defaults.
func CTC() *CTCLoss {
	l := &CTCLoss{}
	l.start(l, "CTC", "ctc", &l.cfg, &l.cfg)
	return l
}

// Values implements [Loss]: predictions (batch, steps, classes) give (batch,). Types smaller than float32 are computed in that.
func (l *CTCLoss) Values(yTrue, yPred *graph.Node) *graph.Node {
	target, logits := l.float(yTrue), ndarray.Cast(l.float(yPred), dtypes.Float32)
	if target.Rank() != 2 || logits.Rank() != 3 || target.Shape().Dim(0) != logits.Shape().Dim(0) || target.Shape().Size() == 0 || logits.Shape().Size() == 0 {
		panic(shapeError(l.KerasName(), yTrue, yPred, "want class numbers (batch, labels) and logits (batch, steps, classes), none of them 0"))
	}
	length := graph.ReduceSum(graph.ConvertDType(graph.NotEqual(target, graph.ZerosLike(target)), dtypes.Int32), -1)
	ctc := scan.CTC{Logits: logits, Target: ndarray.Saturate(target, dtypes.Int32), Labels: length}
	return ndarray.Cast(ctc.Loss(), l.dtype())
}

func init() { catalogue.Add(func() Loss { return CTC() }) }
