package losses

import (
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
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

// impossible is the logarithm of the probability of what can't be. It is finite, so that sums have gradients.
const impossible = -1e5

// Values implements [Loss]: predictions (batch, steps, classes) give (batch,). Types smaller than float32 are computed in that.
func (l *CTCLoss) Values(yTrue, yPred *graph.Node) *graph.Node {
	target, logits := l.float(yTrue), ndarray.Cast(l.float(yPred), dtypes.Float32)
	if target.Rank() != 2 || logits.Rank() != 3 || target.Shape().Dim(0) != logits.Shape().Dim(0) || target.Shape().Size() == 0 || logits.Shape().Size() == 0 {
		panic(shapeError(l.KerasName(), yTrue, yPred, "want class numbers (batch, labels) and logits (batch, steps, classes), none of them 0"))
	}
	g := logits.Graph()
	steps, classes := logits.Shape().Dim(1), logits.Shape().Dim(2)
	batch, labels := target.Shape().Dim(0), target.Shape().Dim(1)
	logs := graph.LogSoftmax(logits, -1)
	class := ndarray.Saturate(target, dtypes.Int32)
	hot := graph.OneHot(class, classes, dtypes.Float32)
	length := graph.ReduceSum(graph.ConvertDType(graph.NotEqual(target, graph.ZerosLike(target)), dtypes.Int32), -1)

	// repeats is 1 at labels that are followed by the same.
	repeats := graph.Zeros(g, shapes.Make(dtypes.Float32, batch, 1))
	if labels > 1 {
		this, next := graph.Slice(class, graph.AxisRange(), graph.AxisRange(0, labels-1)), graph.Slice(class, graph.AxisRange(), graph.AxisRange(1))
		repeats = graph.Concatenate([]*graph.Node{graph.ConvertDType(graph.Equal(this, next), dtypes.Float32), repeats}, 1)
	}

	// The states are the logarithms of the probabilities to be, after a step, in a blank after so many labels, and at a label.
	blank := graph.Concatenate([]*graph.Node{graph.Zeros(g, shapes.Make(dtypes.Float32, batch, 1)), graph.MulScalar(graph.Ones(g, shapes.Make(dtypes.Float32, batch, labels)), impossible)}, 1)
	label := graph.MulScalar(graph.Ones(g, shapes.Make(dtypes.Float32, batch, labels)), impossible)
	loop := scan.Loop{
		Steps:  steps,
		States: []*graph.Node{blank, label},
		Inputs: []*graph.Node{
			graph.Transpose(graph.Slice(logs, graph.AxisRange(), graph.AxisRange(), graph.AxisElem(0)), 0, 1),     // (steps, batch, 1)
			graph.TransposeAllAxes(graph.Dot(logs, hot).General([]int{2}, []int{0}, []int{2}, []int{0}), 1, 0, 2), // (steps, batch, labels)
		},
		Params: []*graph.Node{repeats},
	}
	states, _ := loop.Run(func(s *scan.Step) (states, outputs []*graph.Node) {
		blank, label := s.States[0], s.States[1]
		logBlank, logLabel, repeats := s.Inputs[0], s.Inputs[1], s.Params[0]
		// Between two equal labels there must be a blank; between others there may be none.
		through := arrive(blank, graph.Add(label, graph.MulScalar(repeats, impossible)))
		nextLabel := logAddExp(graph.Add(graph.Slice(through, graph.AxisRange(), graph.AxisRange(0, labels)), logLabel), graph.Add(label, logLabel))
		nextBlank := arrive(graph.Add(through, logBlank), graph.Add(graph.Add(label, logBlank), graph.MulScalar(graph.OneMinus(repeats), impossible)))
		return []*graph.Node{nextBlank, nextLabel}, nil
	})
	end := arrive(states[0], states[1])
	own := graph.OneHot(length, labels+1, dtypes.Float32)
	return ndarray.Cast(graph.Neg(graph.ReduceSum(graph.Mul(end, own), -1)), l.dtype())
}

// arrive adds to blanks (batch, labels+1), but for the first, a way to get there from the label before.
func arrive(blank, from *graph.Node) *graph.Node {
	first := graph.Slice(blank, graph.AxisRange(), graph.AxisRange(0, 1))
	return graph.Concatenate([]*graph.Node{first, logAddExp(graph.Slice(blank, graph.AxisRange(), graph.AxisRange(1)), from)}, 1)
}

// logAddExp is log(exp(a) + exp(b)), of finite numbers. Its gradient is taken of the rounded result, as JAX's is, which shows where all ways are impossible.
func logAddExp(a, b *graph.Node) *graph.Node {
	fixed := graph.StopGradient
	sum := fixed(graph.Add(graph.Max(a, b), graph.Log1p(graph.Exp(graph.Neg(graph.Abs(graph.Sub(a, b)))))))
	share := func(x *graph.Node) *graph.Node {
		return graph.Mul(fixed(graph.Exp(graph.Sub(x, sum))), graph.Sub(x, fixed(x)))
	}
	return graph.Add(sum, graph.Add(share(a), share(b)))
}

func init() { catalogue.Add(func() Loss { return CTC() }) }
