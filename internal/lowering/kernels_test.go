package lowering

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/activations"
	"github.com/gokeras/gokeras/internal/golden"
	"github.com/gokeras/gokeras/internal/kernels"
)

// xlaWithKernels is XLA's CPU engine where it takes the kernels.
func xlaWithKernels(t testing.TB) (engine compute.Backend) {
	t.Helper()
	for _, e := range golden.Engines(t) {
		if _, ok := Compiler(e.Backend).(compiler); ok {
			return e.Backend
		}
	}
	t.Skip("no XLA CPU plugin that takes kernels")
	return nil
}

// compiled builds a graph of the inputs on an engine as [Compiler] gives it.
func compiled(t testing.TB, engine compute.Backend, form func(in []*graph.Node) []*graph.Node, inputs []*tensors.Tensor) *graph.Graph {
	t.Helper()
	g := graph.NewGraph(engine, "test")
	nodes := make([]*graph.Node, len(inputs))
	for i, x := range inputs {
		nodes[i] = graph.Parameter(g, fmt.Sprint("x", i), x.Shape())
	}
	require.NoError(t, g.Compile(form(nodes)...))
	return g
}

// run runs the graph on an engine's buffers.
func run(t testing.TB, g *graph.Graph, engine compute.Backend, inputs []*tensors.Tensor) []*tensors.Tensor {
	t.Helper()
	buffers := make([]compute.Buffer, len(inputs))
	for i, x := range inputs {
		var err error
		buffers[i], err = x.Buffer(engine, 0)
		require.NoError(t, err)
	}
	out := g.RunWithBuffers(buffers, make([]bool, len(inputs)), 0)
	for _, y := range out {
		require.NoError(t, y.ToLocal())
	}
	return out
}

// layer is a convolution with bias and activation, and its gradients.
func layer(c Convolution, activation string) func(in []*graph.Node) []*graph.Node {
	return func(in []*graph.Node) []*graph.Node {
		y := c.Apply(in[0], in[1])
		y = graph.Add(y, graph.ExpandLeftToRank(in[2], 4))
		if activation == "relu" {
			y = activations.ReLUWith(y, 0, nil, 0)
		}
		weights := graph.Sin(graph.ConvertDType(graph.IotaFull(y.Graph(), y.Shape()), y.DType()))
		return append([]*graph.Node{y}, graph.Gradient(graph.ReduceAllSum(graph.Mul(y, weights)), in...)...)
	}
}

// TestKernels compares every kernel, for every set of instructions that this processor has, with XLA's own convolutions.
func TestKernels(t *testing.T) {
	engine := xlaWithKernels(t)
	one := [2]int{1, 1}
	same := [][2]int{{1, 1}, {1, 1}}
	for _, tc := range []struct {
		x, kernel []int
		c         Convolution
		calls     int // of kernels: the forward one, and those of the two gradients
	}{
		{[]int{3, 9, 8, 16}, []int{3, 3, 16, 32}, Convolution{Strides: one, Paddings: [2][2]int(same)}, 3},
		{[]int{2, 7, 19, 17}, []int{3, 3, 17, 35}, Convolution{Strides: one, Paddings: [2][2]int(same)}, 3},
		{[]int{5, 6, 5, 20}, []int{1, 1, 20, 70}, Convolution{Strides: one}, 3},
		{[]int{1, 12, 11, 16}, []int{5, 4, 16, 16}, Convolution{Strides: one, Paddings: [2][2]int{{2, 2}, {1, 2}}}, 3},
		{[]int{2, 13, 14, 32}, []int{3, 3, 32, 16}, Convolution{Strides: [2]int{2, 3}, Paddings: [2][2]int(same)}, 2},
		{[]int{9, 4, 4, 3}, []int{3, 3, 3, 16}, Convolution{Strides: one, Paddings: [2][2]int(same)}, 2},
		{[]int{2, 3, 2, 16}, []int{3, 3, 16, 16}, Convolution{Strides: one, Paddings: [2][2]int{{2, 2}, {2, 2}}}, 3},
		{[]int{2, 9, 9, 16}, []int{3, 3, 16, 16}, Convolution{Strides: one, Dilations: [2]int{2, 2}}, 0},
		{[]int{2, 9, 9, 8}, []int{3, 3, 8, 8}, Convolution{Strides: one}, 0},
	} {
		tc.c.Groups = 1
		if tc.c.Dilations == [2]int{} {
			tc.c.Dilations = one
		}
		inputs := []*tensors.Tensor{golden.RuleInput(0, tc.x...).Tensor(t), golden.RuleInput(1, tc.kernel...).Tensor(t), golden.RuleInput(2, tc.kernel[3]).Tensor(t)}
		for _, activation := range []string{"relu", "linear"} {
			form := layer(tc.c, activation)
			want := run(t, compiled(t, engine, form, inputs), engine, inputs)
			for level := kernels.Generic; level <= kernels.Best(); level++ {
				t.Run(fmt.Sprint(tc.x, tc.kernel, tc.c.Strides, activation, " level ", level), func(t *testing.T) {
					counting := &counter{compiler: compiler{Backend: engine, level: level}}
					got := run(t, compiled(t, counting, form, inputs), engine, inputs)
					require.Equal(t, tc.calls, counting.calls)
					for i := range want {
						w, g := golden.Floats(t, want[i]), golden.Floats(t, got[i])
						largest := 0.0
						for _, v := range w {
							largest = max(largest, math.Abs(v))
						}
						for k := range w {
							require.InDelta(t, w[k], g[k], 2e-6*largest, "result %d, value %d", i, k)
						}
					}
				})
			}
		}
	}
}

// counter is a compiler that counts the calls of kernels in its programs.
type counter struct {
	compiler
	calls int
}

func (c *counter) Builder(name string) compute.Builder {
	return countingBuilder{Builder: c.compiler.Builder(name), c: c}
}

type countingBuilder struct {
	compute.Builder
	c *counter
}

func (b countingBuilder) Compile() (compute.Executable, error) {
	executable, err := b.Builder.Compile()
	for _, s := range programOf(b.Builder).live {
		if target, ok := s.Attributes["call_target_name"].(string); ok && strings.HasPrefix(target, "gokeras.") {
			b.c.calls++
		}
	}
	return executable, err
}

// TestProgramInside fails when go-xla's builder has changed so that its program can't be reached.
func TestProgramInside(t *testing.T) {
	engine := xlaWithKernels(t)
	b := engine.Builder("test")
	require.NotNil(t, programOf(b))
	require.NotNil(t, customCall)
}

// TestKernelOfNaN keeps what isn't a number, as XLA's ReLU does.
func TestKernelOfNaN(t *testing.T) {
	engine := xlaWithKernels(t)
	x := golden.RuleInput(0, 1, 4, 4, 16).Tensor(t)
	require.NoError(t, tensors.MutableFlatData(x, func(flat []float32) { flat[0] = float32(math.NaN()) }))
	inputs := []*tensors.Tensor{x, golden.RuleInput(1, 3, 3, 16, 16).Tensor(t), golden.RuleInput(2, 16).Tensor(t)}
	form := layer(Convolution{Strides: [2]int{1, 1}, Dilations: [2]int{1, 1}, Paddings: [2][2]int{{1, 1}, {1, 1}}, Groups: 1}, "relu")
	want := golden.Floats(t, run(t, compiled(t, engine, form, inputs), engine, inputs)[0])
	got := golden.Floats(t, run(t, compiled(t, Compiler(engine), form, inputs), engine, inputs)[0])
	for i := range want {
		require.Equal(t, math.IsNaN(want[i]), math.IsNaN(got[i]), "value %d", i)
	}
}

// BenchmarkKernels times a training step of one layer of the notebook's networks, with XLA's convolutions and with the kernels.
func BenchmarkKernels(b *testing.B) {
	engine := xlaWithKernels(b)
	c := Convolution{Strides: [2]int{1, 1}, Dilations: [2]int{1, 1}, Paddings: [2][2]int{{1, 1}, {1, 1}}, Groups: 1}
	for _, s := range [][3]int{{32, 3, 32}, {32, 32, 32}, {16, 32, 64}, {16, 64, 64}, {8, 64, 128}, {8, 128, 128}} {
		inputs := []*tensors.Tensor{golden.RuleInput(0, 64, s[0], s[0], s[1]).Tensor(b), golden.RuleInput(1, 3, 3, s[1], s[2]).Tensor(b), golden.RuleInput(2, s[2]).Tensor(b)}
		form := func(in []*graph.Node) []*graph.Node {
			all := layer(c, "relu")(in)
			if s[1] == 3 { // nothing asks for an image's gradient
				return all[2:]
			}
			return all[1:]
		}
		for _, e := range []struct {
			name   string
			engine compute.Backend
		}{{"plain", engine}, {"kernels", Compiler(engine)}} {
			b.Run(fmt.Sprintf("%dx%d,%d-%d/%s", s[0], s[0], s[1], s[2], e.name), func(b *testing.B) {
				g := compiled(b, e.engine, form, inputs)
				for b.Loop() {
					for _, y := range run(b, g, engine, inputs) {
						require.NoError(b, y.FinalizeAll())
					}
				}
			})
		}
	}
}
