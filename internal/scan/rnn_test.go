package scan

import (
	"slices"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/activations"
	"github.com/gokeras/gokeras/internal/golden"
	"github.com/gokeras/gokeras/internal/rewrite"
)

type goldenCase struct {
	Name      string `json:"name"`
	Cell      string `json:"cell"`
	Arguments struct {
		Activation          activations.Name `json:"activation"`
		RecurrentActivation activations.Name `json:"recurrent_activation"`
		UseBias             *bool            `json:"use_bias"`
		ResetAfter          *bool            `json:"reset_after"`
		GoBackwards         bool             `json:"go_backwards"`
		ZeroOutputForMask   bool             `json:"zero_output_for_mask"`
		Unroll              bool             `json:"unroll"`
	} `json:"arguments"`
	X            golden.Array   `json:"x"`
	Mask         *golden.Array  `json:"mask"`
	Initial      []golden.Array `json:"initial"`
	Weights      []golden.Array `json:"weights"`
	InputMasks   []golden.Array `json:"input_masks"`
	StateMasks   []golden.Array `json:"state_masks"`
	Outputs      []golden.Array `json:"outputs"`
	Cotangents   []golden.Array `json:"cotangents"`
	XGrad        golden.Array   `json:"x_grad"`
	InitialGrads []golden.Array `json:"initial_grads"`
	WeightGrads  []golden.Array `json:"weight_grads"`
}

func (c goldenCase) options(mask *graph.Node) Options {
	a := c.Arguments
	return Options{Mask: mask, GoBackwards: a.GoBackwards, ZeroOutputForMask: a.ZeroOutputForMask, Unroll: a.Unroll}
}

// run computes the case's layer.
func (c goldenCase) run(t *testing.T, x, mask *graph.Node, initial, weights, inputMasks, stateMasks []*graph.Node) Result {
	function := func(name activations.Name) func(x *graph.Node) *graph.Node {
		f, err := activations.Get(name)
		require.NoError(t, err)
		return f
	}
	o := c.options(mask)
	w := Weights{Activation: graph.Tanh, RecurrentActivation: graph.Sigmoid, InputMasks: inputMasks, StateMasks: stateMasks}
	if c.Arguments.Activation != "" {
		w.Activation = function(c.Arguments.Activation)
	}
	if c.Arguments.RecurrentActivation != "" {
		w.RecurrentActivation = function(c.Arguments.RecurrentActivation)
	}
	set := func(w *Weights, from []*graph.Node) {
		w.Kernel, w.RecurrentKernel = from[0], from[1]
		if len(from) > 2 {
			w.Bias = from[2]
		}
	}
	switch c.Cell {
	case "SimpleRNN":
		set(&w, weights)
		return SimpleRNN{w}.Run(x, initial, o)
	case "LSTM":
		set(&w, weights)
		return LSTM{w}.Run(x, initial, o)
	case "GRU":
		set(&w, weights)
		return GRU{w, c.Arguments.ResetAfter == nil || *c.Arguments.ResetAfter}.Run(x, initial, o)
	case "minimal":
		return RNN([]*graph.Node{x}, initial, weights, func(s *Step) (*graph.Node, []*graph.Node) {
			h := graph.Sin(graph.Add(s.Dot(s.Inputs[0], s.Params[0]), s.Dot(s.States[0], s.Params[1])))
			return graph.Add(graph.MulScalar(h, 2), s.States[0]), []*graph.Node{h}
		}, o)
	case "stacked":
		// The cells' weights aren't given to the step: it is unrolled.
		o.OutputState = 2
		lower, upper := LSTM{w}, GRU{w, true}
		set(&lower.Weights, weights[:3])
		set(&upper.Weights, weights[3:])
		return RNN([]*graph.Node{x}, initial, nil, func(s *Step) (*graph.Node, []*graph.Node) {
			between, first := lower.Step(s.Inputs[0], s.States[:2])
			output, second := upper.Step(between, s.States[2:])
			return output, append(first, second...)
		}, o)
	}
	t.Fatalf("cell %q", c.Cell)
	return Result{}
}

// TestKeras compares with Keras's layers: outputs, states and all gradients.
func TestKeras(t *testing.T) {
	var file struct {
		Cases []goldenCase `json:"cases"`
	}
	golden.Load(t, "scan", &file)
	golden.OnEngines(t, func(t *testing.T, engine compute.Backend) { compareWithKeras(t, engine, file.Cases) })
	t.Run("kernels", func(t *testing.T) {
		engine := withKernels(t)
		compareWithKeras(t, engine, slices.DeleteFunc(file.Cases, func(c goldenCase) bool { return !c.onKernel() }))
	})
}

// withKernels is XLA's CPU engine where it takes kernels.
func withKernels(t testing.TB) compute.Backend {
	t.Helper()
	for _, e := range golden.Engines(t) {
		if engine := rewrite.Compiler(e.Backend); rewrite.Describe(e.Backend).Level != "" {
			return engine
		}
	}
	t.Skip("no XLA CPU plugin that takes kernels")
	return nil
}

// onKernel reports whether a kernel computes the case.
func (c goldenCase) onKernel() bool {
	a := c.Arguments
	return a.Activation == "" && a.RecurrentActivation == "" && !a.Unroll && (a.ResetAfter == nil || *a.ResetAfter) && len(c.StateMasks) == 0 && c.Cell != "minimal" && c.Cell != "stacked"
}

func compareWithKeras(t *testing.T, engine compute.Backend, cases []goldenCase) {
	t.Helper()
	var args []any
	give := func(list ...golden.Array) {
		for _, a := range list {
			args = append(args, a.Tensor(t))
		}
	}
	for _, c := range cases {
		give(c.X)
		if c.Mask != nil {
			give(*c.Mask)
		}
		for _, list := range [][]golden.Array{c.Initial, c.Weights, c.InputMasks, c.StateMasks, c.Cotangents} {
			give(list...)
		}
	}
	out, err := graph.CallOnceN(engine, func(in []*graph.Node) (results []*graph.Node) {
		take := func(n int) []*graph.Node {
			list := in[:n:n]
			in = in[n:]
			return list
		}
		for _, c := range cases {
			x := take(1)[0]
			var mask *graph.Node
			if c.Mask != nil {
				mask = take(1)[0]
			}
			initial, weights := take(len(c.Initial)), take(len(c.Weights))
			r := c.run(t, x, mask, initial, weights, take(len(c.InputMasks)), take(len(c.StateMasks)))
			outputs := append([]*graph.Node{r.Outputs, r.Last}, r.States...)
			var loss *graph.Node
			for i, d := range take(len(c.Cotangents)) {
				loss = plus(loss, graph.ReduceAllSum(graph.Mul(outputs[i], d)))
			}
			results = append(results, outputs...)
			results = append(results, graph.Gradient(loss, append(append([]*graph.Node{x}, initial...), weights...)...)...)
		}
		return results
	}, args...)
	require.NoError(t, err)
	for _, c := range cases {
		compare := func(what string, list ...golden.Array) {
			for i, want := range list {
				golden.Close(t, c.Name+": "+what, out[i], want, golden.Float32)
			}
			out = out[len(list):]
		}
		compare("output", c.Outputs...)
		compare("gradient for x", c.XGrad)
		compare("gradient for initial state", c.InitialGrads...)
		compare("gradient for weight", c.WeightGrads...)
	}
	require.Empty(t, out)
}
