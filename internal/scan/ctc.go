package scan

import (
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
)

// CTC is what Keras's connectionist temporal classification compares.
type CTC struct {
	Logits *graph.Node // (batch, steps, classes), float32
	Target *graph.Node // class numbers (batch, labels), int32
	// Labels and Steps are how many of them count, int32 (batch); nil Steps: all.
	Labels, Steps *graph.Node
	Blank         int // the class of a blank
}

// impossible is the logarithm of the probability of what can't be. It is finite, so that sums have gradients.
const impossible = -1e5

// Loss is -log of the probability that the steps of each sequence, without repetitions and blanks, spell its target: (batch).
func (c CTC) Loss() *graph.Node {
	g := c.Logits.Graph()
	steps, classes := c.Logits.Shape().Dim(1), c.Logits.Shape().Dim(2)
	batch, labels := c.Target.Shape().Dim(0), c.Target.Shape().Dim(1)
	logs := graph.LogSoftmax(c.Logits, -1)
	hot := graph.OneHot(c.Target, classes, dtypes.Float32)

	// repeats is 1 at labels that are followed by the same.
	repeats := graph.Zeros(g, shapes.Make(dtypes.Float32, batch, 1))
	if labels > 1 {
		this, next := graph.Slice(c.Target, graph.AxisRange(), graph.AxisRange(0, labels-1)), graph.Slice(c.Target, graph.AxisRange(), graph.AxisRange(1))
		repeats = graph.Concatenate([]*graph.Node{graph.ConvertDType(graph.Equal(this, next), dtypes.Float32), repeats}, 1)
	}

	// The states are the logarithms of the probabilities to be, after a step, in a blank after so many labels, and at a label.
	blank := graph.Concatenate([]*graph.Node{graph.Zeros(g, shapes.Make(dtypes.Float32, batch, 1)), graph.MulScalar(graph.Ones(g, shapes.Make(dtypes.Float32, batch, labels)), impossible)}, 1)
	label := graph.MulScalar(graph.Ones(g, shapes.Make(dtypes.Float32, batch, labels)), impossible)
	loop := Loop{
		Steps:  steps,
		States: []*graph.Node{blank, label},
		Inputs: []*graph.Node{
			graph.Transpose(graph.Slice(logs, graph.AxisRange(), graph.AxisRange(), graph.AxisRange(c.Blank, c.Blank+1)), 0, 1), // (steps, batch, 1)
			graph.TransposeAllAxes(graph.Dot(logs, hot).General([]int{2}, []int{0}, []int{2}, []int{0}), 1, 0, 2),               // (steps, batch, labels)
		},
		Params: []*graph.Node{repeats},
	}
	if c.Steps != nil {
		shape := shapes.Make(dtypes.Int32, steps, batch, 1)
		counts := graph.LessThan(graph.Iota(g, shape, 0), graph.BroadcastToDims(graph.Reshape(c.Steps, 1, batch, 1), steps, batch, 1))
		loop.Inputs = append(loop.Inputs, graph.ConvertDType(counts, dtypes.Float32))
	}
	states, _ := loop.Run(func(s *Step) (states, outputs []*graph.Node) {
		blank, label := s.States[0], s.States[1]
		logBlank, logLabel, repeats := s.Inputs[0], s.Inputs[1], s.Params[0]
		// Between two equal labels there must be a blank; between others there may be none.
		through := arrive(blank, graph.Add(label, graph.MulScalar(repeats, impossible)))
		nextLabel := logAddExp(graph.Add(graph.Slice(through, graph.AxisRange(), graph.AxisRange(0, labels)), logLabel), graph.Add(label, logLabel))
		nextBlank := arrive(graph.Add(through, logBlank), graph.Add(graph.Add(label, logBlank), graph.MulScalar(graph.OneMinus(repeats), impossible)))
		if c.Steps != nil {
			counts := s.Inputs[2]
			mix := func(next, before *graph.Node) *graph.Node {
				return graph.Add(graph.Mul(counts, next), graph.Mul(graph.OneMinus(counts), before))
			}
			nextBlank, nextLabel = mix(nextBlank, blank), mix(nextLabel, label)
		}
		return []*graph.Node{nextBlank, nextLabel}, nil
	})
	end := arrive(states[0], states[1])
	own := graph.OneHot(c.Labels, labels+1, dtypes.Float32)
	return graph.Neg(graph.ReduceSum(graph.Mul(end, own), -1))
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
