package rewrite

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/internal/golden"
	"github.com/gokeras/gokeras/internal/kernels"
	"github.com/gokeras/gokeras/internal/scan"
)

// A recurrentCase is a layer on sequences.
type recurrentCase struct {
	layer                         string
	batch, steps, features, units int
	asked                         string // "outputs", "last", "states" or "all"
	masked, backwards             bool
}

func (c recurrentCase) gates() int {
	return map[string]int{"SimpleRNN": 1, "GRU": 3, "GRU without bias": 3, "LSTM": 4}[c.layer]
}

// inputs are x, the initial states, the weights and what the mask is made of.
func (c recurrentCase) inputs(t testing.TB) (list []*tensors.Tensor) {
	width := c.gates() * c.units
	dims := [][]int{{c.batch, c.steps, c.features}, {c.batch, c.units}, {c.batch, c.units}, {c.features, width}, {c.units, width}, {width}, {c.batch, c.steps}}
	if c.layer == "GRU" {
		dims[5] = []int{2, width}
	}
	for i, d := range dims {
		list = append(list, golden.RuleInput(i, d...).Tensor(t))
	}
	return list
}

// build returns what is asked for, and the gradients of a sum of it.
func (c recurrentCase) build(in []*graph.Node) []*graph.Node {
	x, h, carry := in[0], in[1], in[2]
	w := scan.Weights{Kernel: in[3], RecurrentKernel: in[4], Bias: in[5], Activation: graph.Tanh, RecurrentActivation: graph.Sigmoid}
	o := scan.Options{GoBackwards: c.backwards}
	if c.masked {
		o.Mask = graph.LessThan(in[6], graph.Scalar(x.Graph(), in[6].DType(), 0.3))
	}
	var r scan.Result
	switch c.layer {
	case "SimpleRNN":
		r = scan.SimpleRNN{Weights: w}.Run(x, []*graph.Node{h}, o)
	case "LSTM":
		r = scan.LSTM{Weights: w}.Run(x, []*graph.Node{h, carry}, o)
	case "GRU without bias":
		w.Bias = nil
		fallthrough
	default:
		r = scan.GRU{Weights: w, ResetAfter: true}.Run(x, []*graph.Node{h}, o)
	}
	var results []*graph.Node
	switch c.asked {
	case "outputs":
		results = append(results, r.Outputs)
	case "last":
		results = append(results, r.Last)
	case "states":
		results = append(results, r.States...)
	default:
		results = append([]*graph.Node{r.Outputs, r.Last}, r.States...)
	}
	var loss *graph.Node
	for i, y := range results {
		places := graph.Reshape(graph.Iota(y.Graph(), shapes.Make(y.DType(), y.Shape().Size()), 0), y.Shape().Dimensions...)
		part := graph.ReduceAllSum(graph.Mul(y, graph.Cos(graph.AddScalar(graph.MulScalar(places, 0.7), float64(i)))))
		if loss == nil {
			loss = part
		} else {
			loss = graph.Add(loss, part)
		}
	}
	return append(results, graph.Gradient(loss, x, h, carry, in[3], in[4], in[5])...)
}

// TestRecurrent compares recurrent layers with XLA's own loops.
func TestRecurrent(t *testing.T) {
	engine := xlaWithKernels(t)
	for _, c := range []recurrentCase{
		{"SimpleRNN", 1, 10, 1, 1, "last", false, false},
		{"SimpleRNN", 9, 4, 3, 33, "all", true, true},
		{"SimpleRNN", 70, 5, 3, 64, "outputs", false, false},
		{"LSTM", 1, 10, 1, 1, "all", false, false},
		{"LSTM", 9, 1, 2, 8, "all", false, false},
		{"LSTM", 13, 7, 3, 20, "states", true, true},
		{"LSTM", 70, 5, 3, 40, "last", false, true},
		{"LSTM", 131, 3, 2, 16, "outputs", true, false},
		{"GRU", 4, 6, 2, 7, "last", true, true},
		{"GRU", 7, 5, 3, 32, "outputs", false, true},
		{"GRU", 66, 4, 3, 24, "all", true, false},
		{"GRU without bias", 130, 3, 2, 9, "all", true, false},
	} {
		t.Run(fmt.Sprintf("%+v", c), func(t *testing.T) {
			inputs := c.inputs(t)
			exact := exactly(t, c.build, inputs)
			plain := run(t, compiled(t, engine, c.build, inputs), engine, inputs)
			for level := kernels.AVX2; level <= kernels.Best(); level++ {
				counting := &counter{compiler: compiler{Backend: engine, level: level}}
				asNear(t, exact, plain, run(t, compiled(t, counting, c.build, inputs), engine, inputs))
				require.Equal(t, 2, counting.calls-counting.of[kernels.Sum]-counting.of[kernels.Dot], "calls: the layer and its gradient")
			}
		})
	}
}

// both returns what two layers give that go through a sequence in both directions, the second one of other weights; deep: the second of what the first gives.
func (c recurrentCase) both(in []*graph.Node, deep bool) []*graph.Node {
	other := c
	other.backwards = !c.backwards
	list := c.build(in)
	turned := slices.Clone(in)
	for _, i := range []int{3, 4} {
		turned[i] = graph.Neg(in[i])
	}
	if deep {
		turned[0] = graph.Sin(graph.Concatenate([]*graph.Node{list[0], in[0]}, -1))
		turned[0] = graph.Slice(turned[0], graph.AxisRange(), graph.AxisRange(), graph.AxisRange(0, c.features))
	}
	return append(list, other.build(turned)...)
}

// TestBothDirections compares layers that run side by side with XLA's own loops, and leaves those alone of which one needs the other.
func TestBothDirections(t *testing.T) {
	engine := xlaWithKernels(t)
	for _, c := range []struct {
		recurrentCase
		calls int
		deep  bool
	}{
		{recurrentCase{"SimpleRNN", 1, 10, 3, 5, "outputs", false, false}, 3, false},
		{recurrentCase{"LSTM", 1, 30, 3, 64, "outputs", false, false}, 3, false},
		{recurrentCase{"LSTM", 3, 7, 3, 20, "all", true, true}, 3, false},
		{recurrentCase{"LSTM", 8, 5, 2, 16, "last", false, true}, 3, false},
		{recurrentCase{"LSTM", 9, 5, 2, 16, "last", false, true}, 4, false},
		{recurrentCase{"LSTM", 2, 5, 2, 16, "outputs", false, false}, 5, true}, // the gradient for the bias goes through both
		{recurrentCase{"GRU", 2, 6, 2, 7, "states", true, false}, 3, false},
		{recurrentCase{"GRU without bias", 1, 40, 2, 32, "outputs", false, true}, 3, false},
	} {
		t.Run(fmt.Sprintf("%+v", c), func(t *testing.T) {
			inputs := c.inputs(t)
			build := func(in []*graph.Node) []*graph.Node { return c.both(in, c.deep) }
			exact := exactly(t, build, inputs)
			plain := run(t, compiled(t, engine, build, inputs), engine, inputs)
			for level := kernels.AVX2; level <= kernels.Best(); level++ {
				counting := &counter{compiler: compiler{Backend: engine, level: level}}
				asNear(t, exact, plain, run(t, compiled(t, counting, build, inputs), engine, inputs))
				require.Equal(t, c.calls, counting.calls-counting.of[kernels.Sum]-counting.of[kernels.Dot], "calls: both layers, and their gradients")
			}
		})
	}
}

// TestRecurrentOfNaN keeps what isn't a number in its own sequence, and what is infinite in bounds.
func TestRecurrentOfNaN(t *testing.T) {
	engine := xlaWithKernels(t)
	for _, layer := range []string{"SimpleRNN", "LSTM", "GRU"} {
		c := recurrentCase{layer, 9, 5, 2, 5, "outputs", false, false}
		inputs := c.inputs(t)
		require.NoError(t, tensors.MutableFlatData(inputs[0], func(flat []float32) {
			flat[3*5*2+2*2] = float32(math.NaN()) // sample 3, step 2
			flat[4*5*2] = float32(math.Inf(1))
			flat[5*5*2+1] = -1e30
		}))
		got := golden.Floats(t, run(t, compiled(t, Compiler(engine), func(in []*graph.Node) []*graph.Node { return c.build(in)[:1] }, inputs), engine, inputs)[0])
		for i, v := range got {
			sample, step := i/25, i/5%5
			require.Equal(t, sample == 3 && step >= 2, math.IsNaN(v), "%s: sample %d, step %d", layer, sample, step)
			require.False(t, math.Abs(v) > 1, "%s: sample %d, step %d: %v", layer, sample, step, v)
		}
	}
}

// TestRecurrentLeavesOthers has loops without a mark, or with one that doesn't fit, left as they are.
func TestRecurrentLeavesOthers(t *testing.T) {
	engine := xlaWithKernels(t)
	c := recurrentCase{"LSTM", 2, 6, 3, 4, "all", false, false}
	for name, build := range map[string]func(in []*graph.Node) []*graph.Node{
		"float64": func(in []*graph.Node) []*graph.Node {
			wide := make([]*graph.Node, len(in))
			for i, x := range in {
				wide[i] = graph.ConvertDType(x, dtypes.Float64)
			}
			return c.build(wide)
		},
		"another activation": func(in []*graph.Node) []*graph.Node {
			r := scan.LSTM{Weights: scan.Weights{Kernel: in[3], RecurrentKernel: in[4], Activation: graph.Sin, RecurrentActivation: graph.Sigmoid}}.Run(in[0], nil, scan.Options{})
			return []*graph.Node{r.Outputs}
		},
		"the gradient of a gradient": func(in []*graph.Node) []*graph.Node {
			all := c.build(in)
			return graph.Gradient(graph.ReduceAllSum(graph.Square(all[len(all)-2])), in[3])
		},
	} {
		t.Run(name, func(t *testing.T) {
			inputs := c.inputs(t)
			want := run(t, compiled(t, engine, build, inputs), engine, inputs)
			counting := &counter{compiler: compiler{Backend: engine, level: kernels.Best()}}
			got := run(t, compiled(t, counting, build, inputs), engine, inputs)
			golden.Same(t, got, want, golden.Tolerance{Abs: 1e-6, Rel: 1e-4})
			if name != "the gradient of a gradient" { // of which the layer itself may be a call
				require.Zero(t, counting.calls)
			}
		})
	}
}
