package rewrite

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/internal/execcache"
	"github.com/gokeras/gokeras/internal/golden"
	"github.com/gokeras/gokeras/internal/kernels"
	"github.com/gokeras/gokeras/internal/lowering"
)

// xlaWithKernels is XLA's CPU engine where it takes the kernels.
func xlaWithKernels(t testing.TB) (engine compute.Backend) {
	t.Helper()
	for _, e := range golden.Engines(t) {
		if c, ok := Compiler(e.Backend).(compiler); ok && c.level != kernels.None {
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

// stack is a network of convolutions ("conv", "linear": without ReLU), max-pools ("pool", "overlap": by windows that do) and other steps, its inputs the images and each convolution's kernel and
// bias; it returns the output and the gradients for all inputs.
func stack(c lowering.Convolution, steps ...string) func(in []*graph.Node) []*graph.Node {
	return func(in []*graph.Node) []*graph.Node {
		y, parameters := in[0], in[1:]
		for _, step := range steps {
			switch step {
			case "conv", "linear":
				y = c.Apply(y, parameters[0])
				y = graph.Add(y, graph.ExpandLeftToRank(parameters[1], 4))
				if step == "conv" {
					y = relu(y)
				}
				parameters = parameters[2:]
			case "pool":
				y = lowering.MaxPool(y, poolWindow, poolWindow, make([][2]int, 4))
			case "overlap":
				w := over(3, 3, 2, 2, [2]int{0, 1}, [2]int{1, 1})
				y = lowering.MaxPool(y, w.size, w.strides, w.pads)
			case "double":
				y = graph.MulScalar(y, 2)
			case "fork": // the images go two ways
				y = graph.Concatenate([]*graph.Node{y, graph.MulScalar(y, 3)}, 1)
			}
		}
		weights := graph.Sin(graph.ConvertDType(graph.IotaFull(y.Graph(), y.Shape()), y.DType()))
		return append([]*graph.Node{y}, graph.Gradient(graph.ReduceAllSum(graph.Mul(y, weights)), in...)...)
	}
}

// parameters makes up images and, for each further number of filters, a kernel of that size and a bias.
func parameters(t testing.TB, x []int, size [2]int, filters ...int) []*tensors.Tensor {
	list := []*tensors.Tensor{golden.RuleInput(0, x...).Tensor(t)}
	channels := x[3]
	for i, n := range filters {
		list = append(list, golden.RuleInput(2*i+1, size[0], size[1], channels, n).Tensor(t), golden.RuleInput(2*i+2, n).Tensor(t))
		channels = n
	}
	return list
}

// float64s are the tensors in the wider type.
func float64s(t testing.TB, list []*tensors.Tensor) []*tensors.Tensor {
	wide := make([]*tensors.Tensor, len(list))
	for i, x := range list {
		wide[i] = tensors.FromFlatDataAndDimensions(golden.Floats(t, x), x.Shape().Dimensions...)
	}
	return wide
}

// exactly computes with float64, on the pure-Go engine: XLA would compile for long.
func exactly(t testing.TB, form func(in []*graph.Node) []*graph.Node, inputs []*tensors.Tensor) []*tensors.Tensor {
	t.Helper()
	engine := golden.Engines(t)[0].Backend
	return run(t, compiled(t, engine, form, float64s(t, inputs)), engine, float64s(t, inputs))
}

// TestKernels compares programs that call kernels, for every set of instructions that this processor has, with XLA's own: what the kernels compute is as near to
// the exact result as what XLA does.
func TestKernels(t *testing.T) {
	engine := xlaWithKernels(t)
	one := [2]int{1, 1}
	same := lowering.Convolution{Strides: one, Dilations: one, Paddings: [2][2]int{{1, 1}, {1, 1}}, Groups: 1}
	valid := lowering.Convolution{Strides: one, Dilations: one, Groups: 1}
	with := func(c lowering.Convolution, change func(*lowering.Convolution)) lowering.Convolution {
		change(&c)
		return c
	}
	for _, tc := range []struct {
		name    string
		x       []int
		size    [2]int
		filters []int
		c       lowering.Convolution
		steps   []string
		calls   int // of kernels: one a convolution, one for each of its gradients; a pool that stands alone, and its gradient
	}{
		{"even", []int{3, 8, 8, 16}, [2]int{3, 3}, []int{32}, same, []string{"conv"}, 3},
		{"odd", []int{2, 7, 19, 17}, [2]int{3, 3}, []int{35}, same, []string{"conv"}, 3},
		{"linear", []int{2, 7, 19, 17}, [2]int{3, 3}, []int{35}, same, []string{"linear"}, 3},
		{"1×1", []int{5, 6, 5, 20}, one, []int{70}, valid, []string{"linear"}, 3},
		{"1×1, few filters", []int{5, 16, 15, 20}, one, []int{9}, valid, []string{"conv"}, 3},
		{"1×1 one after the other", []int{5, 16, 15, 20}, one, []int{30, 40}, valid, []string{"conv", "linear"}, 8}, // the biases' sums are calls of their own
		{"1×1 with zeros around", []int{5, 6, 5, 20}, one, []int{70}, with(valid, func(c *lowering.Convolution) { c.Paddings = [2][2]int{{1, 0}, {0, 1}} }), []string{"linear"}, 3},
		{"5×4", []int{1, 12, 11, 16}, [2]int{5, 4}, []int{16}, with(same, func(c *lowering.Convolution) { c.Paddings = [2][2]int{{2, 2}, {1, 2}} }), []string{"conv"}, 3},
		{"strides", []int{2, 13, 14, 32}, [2]int{3, 3}, []int{16}, with(same, func(c *lowering.Convolution) { c.Strides = [2]int{2, 3} }), []string{"conv"}, 3},
		{"strides, kernel of one", []int{2, 9, 8, 16}, one, []int{32}, with(valid, func(c *lowering.Convolution) { c.Strides = [2]int{2, 2} }), []string{"linear"}, 3},
		{"strides, even kernel", []int{3, 12, 15, 17}, [2]int{4, 5}, []int{33}, with(same, func(c *lowering.Convolution) { c.Strides, c.Paddings = [2]int{2, 2}, [2][2]int{{1, 1}, {1, 2}} }), []string{"conv"}, 3},
		{"strides and a rest", []int{2, 12, 12, 16}, [2]int{3, 3}, []int{16}, with(valid, func(c *lowering.Convolution) { c.Strides = [2]int{2, 4} }), []string{"conv"}, 3},
		{"strides one after the other", []int{2, 16, 16, 16}, [2]int{3, 3}, []int{32, 32}, with(same, func(c *lowering.Convolution) { c.Strides, c.Paddings = [2]int{2, 2}, [2][2]int{{0, 1}, {0, 1}} }), []string{"conv", "conv"}, 6},
		{"strides of rows alone, wide", []int{3, 13, 16, 32}, [2]int{5, 3}, []int{32}, with(same, func(c *lowering.Convolution) { c.Strides, c.Paddings = [2]int{2, 1}, [2][2]int{{2, 2}, {1, 1}} }), []string{"linear"}, 3},
		{"three channels", []int{9, 4, 4, 3}, [2]int{3, 3}, []int{16}, same, []string{"conv"}, 3},
		{"full", []int{2, 3, 2, 16}, [2]int{3, 3}, []int{16}, with(same, func(c *lowering.Convolution) { c.Paddings = [2][2]int{{2, 2}, {2, 2}} }), []string{"conv"}, 3},
		{"dilated", []int{2, 9, 9, 16}, [2]int{3, 3}, []int{16}, with(valid, func(c *lowering.Convolution) { c.Dilations = [2]int{2, 2} }), []string{"conv"}, 3},
		{"dilated, same", []int{3, 9, 14, 17}, [2]int{3, 4}, []int{35}, with(same, func(c *lowering.Convolution) { c.Dilations, c.Paddings = [2]int{3, 2}, [2][2]int{{3, 3}, {3, 3}} }), []string{"linear"}, 3},
		{"dilated, wide", []int{2, 12, 13, 32}, [2]int{3, 3}, []int{48, 32}, with(same, func(c *lowering.Convolution) { c.Dilations, c.Paddings = [2]int{2, 2}, [2][2]int{{2, 2}, {2, 2}} }), []string{"conv", "conv"}, 6},
		{"dilated beyond the image", []int{2, 5, 6, 16}, [2]int{3, 3}, []int{16}, with(same, func(c *lowering.Convolution) { c.Dilations, c.Paddings = [2]int{6, 6}, [2][2]int{{6, 6}, {6, 6}} }), []string{"conv"}, 3},
		{"dilated rows, strides of columns", []int{2, 11, 14, 16}, [2]int{3, 3}, []int{24}, with(same, func(c *lowering.Convolution) {
			c.Strides, c.Dilations, c.Paddings = [2]int{1, 2}, [2]int{2, 1}, [2][2]int{{2, 2}, {0, 1}}
		}), []string{"conv"}, 3},
		{"dilated columns, strides of rows", []int{2, 11, 14, 16}, [2]int{2, 3}, []int{24}, with(valid, func(c *lowering.Convolution) { c.Strides, c.Dilations = [2]int{2, 1}, [2]int{1, 3} }), []string{"conv"}, 3},
		{"dilations and strides of the same axis", []int{2, 11, 14, 16}, [2]int{3, 3}, []int{24}, with(valid, func(c *lowering.Convolution) { c.Strides, c.Dilations = [2]int{2, 1}, [2]int{2, 1} }), []string{"conv"}, 2}, // not the gradient for the input
		{"dilated, causal rows of one dimension", []int{3, 1, 40, 24}, [2]int{1, 2}, []int{32, 16}, with(valid, func(c *lowering.Convolution) { c.Dilations, c.Paddings = [2]int{1, 8}, [2][2]int{{}, {8, 0}} }), []string{"conv", "linear"}, 6},
		{"dilated, one long row", []int{1, 1, 700, 5}, [2]int{1, 3}, []int{12, 20}, with(valid, func(c *lowering.Convolution) { c.Dilations, c.Paddings = [2]int{1, 64}, [2][2]int{{}, {128, 0}} }), []string{"conv", "conv"}, 6},
		{"dilated, few filters", []int{2, 9, 11, 32}, [2]int{3, 3}, []int{1, 3}, with(same, func(c *lowering.Convolution) { c.Dilations, c.Paddings = [2]int{2, 2}, [2][2]int{{2, 2}, {2, 2}} }), []string{"conv", "linear"}, 6},
		{"dilated, a pool", []int{2, 10, 11, 16}, [2]int{3, 3}, []int{32, 21}, with(same, func(c *lowering.Convolution) { c.Dilations, c.Paddings = [2]int{2, 3}, [2][2]int{{2, 2}, {3, 3}} }), []string{"conv", "pool", "conv"}, 6},
		{"few filters", []int{2, 9, 9, 8}, [2]int{3, 3}, []int{8}, valid, []string{"conv"}, 3},
		{"filters for most of a vector", []int{2, 9, 9, 9}, [2]int{3, 3}, []int{15}, valid, []string{"conv"}, 3},
		{"one filter", []int{3, 9, 11, 32}, [2]int{3, 3}, []int{1}, same, []string{"linear"}, 3},
		{"seven filters", []int{2, 9, 6, 64}, [2]int{4, 3}, []int{7}, valid, []string{"conv"}, 3},
		{"three filters, strides", []int{2, 11, 10, 32}, [2]int{5, 4}, []int{3}, with(same, func(c *lowering.Convolution) { c.Strides = [2]int{2, 2} }), []string{"conv"}, 3},
		{"one channel, six filters and a pool", []int{3, 16, 18, 1}, [2]int{5, 5}, []int{6, 16}, valid, []string{"conv", "pool", "conv"}, 6},
		{"few of few", []int{2, 9, 8, 3}, [2]int{3, 3}, []int{5, 4}, same, []string{"conv", "linear"}, 6},
		{"one long row", []int{1, 1, 700, 5}, [2]int{1, 5}, []int{12, 20}, same, []string{"conv", "conv"}, 7},
		{"one after the other", []int{2, 8, 9, 16}, [2]int{3, 3}, []int{32, 16}, same, []string{"conv", "conv"}, 6},
		{"pool", []int{2, 8, 6, 16}, [2]int{3, 3}, []int{32}, same, []string{"conv", "pool"}, 3},
		{"pool of odd size", []int{3, 7, 9, 17}, [2]int{3, 3}, []int{21}, same, []string{"conv", "pool"}, 3},
		{"pool without activation", []int{3, 7, 8, 17}, [2]int{3, 3}, []int{21}, same, []string{"linear", "pool"}, 3},
		{"pools between", []int{2, 12, 12, 3}, [2]int{3, 3}, []int{16, 32, 16}, same, []string{"conv", "pool", "conv", "conv", "pool"}, 9},
		{"wide", []int{3, 8, 8, 32}, [2]int{3, 3}, []int{32}, same, []string{"conv"}, 3},
		{"wide, odd", []int{2, 7, 13, 48}, [2]int{3, 3}, []int{72}, same, []string{"linear"}, 3},
		{"wide, some filters over", []int{2, 7, 5, 32}, [2]int{3, 3}, []int{37}, same, []string{"conv"}, 3},
		{"wide, no zeros around", []int{2, 9, 8, 32}, [2]int{3, 3}, []int{32}, valid, []string{"conv"}, 3},
		{"wide, many", []int{4, 40, 44, 64}, [2]int{3, 3}, []int{32}, same, []string{"conv", "pool"}, 3},
		{"wide pools", []int{3, 11, 10, 32}, [2]int{3, 3}, []int{32, 64, 40}, same, []string{"conv", "conv", "pool", "linear", "pool"}, 9},
		{"pool alone", []int{2, 8, 7, 16}, one, nil, same, []string{"double", "pool"}, 2},
		{"overlapping pool", []int{2, 8, 6, 16}, [2]int{3, 3}, []int{32, 5}, same, []string{"conv", "overlap", "conv"}, 8},
		{"overlapping pool without activation", []int{2, 7, 9, 3}, [2]int{3, 3}, []int{20}, same, []string{"linear", "overlap"}, 5},
		{"overlapping pool, two users", []int{2, 8, 8, 16}, [2]int{3, 3}, []int{32}, same, []string{"conv", "fork", "overlap"}, 5},
		{"pools of both kinds", []int{2, 16, 16, 3}, [2]int{3, 3}, []int{16, 16}, same, []string{"conv", "overlap", "conv", "pool"}, 8},
		{"something between", []int{2, 8, 7, 16}, [2]int{3, 3}, []int{32}, same, []string{"conv", "double", "pool"}, 5},
		{"two users", []int{2, 8, 8, 16}, [2]int{3, 3}, []int{32}, same, []string{"conv", "fork", "pool"}, 5},
	} {
		inputs := parameters(t, tc.x, tc.size, tc.filters...)
		compareCalls(t, engine, stack(tc.c, tc.steps...), inputs, tc.calls, tc.name)
	}
}

// compareCalls compares a program that makes so many calls (-1: however many), for every set of instructions that this processor has, with XLA's own.
func compareCalls(t *testing.T, engine compute.Backend, form func(in []*graph.Node) []*graph.Node, inputs []*tensors.Tensor, calls int, title string) {
	t.Helper()
	exact := exactly(t, form, inputs)
	plain := run(t, compiled(t, engine, form, inputs), engine, inputs)
	for level := kernels.AVX2; level <= kernels.Best(); level++ {
		t.Run(fmt.Sprint(title, ", level ", level), func(t *testing.T) {
			counting := &counter{compiler: compiler{Backend: engine, level: level}}
			got := run(t, compiled(t, counting, form, inputs), engine, inputs)
			if calls >= 0 {
				require.Equal(t, calls, counting.calls, "%v", counting.of)
			}
			asNear(t, exact, plain, got)
		})
	}
}

// asNear requires the results to be as near to the exact ones as XLA's own.
func asNear(t *testing.T, exact, plain, got []*tensors.Tensor) {
	t.Helper()
	for i := range exact {
		require.Equal(t, plain[i].Shape(), got[i].Shape())
		e, p, g := golden.Floats(t, exact[i]), golden.Floats(t, plain[i]), golden.Floats(t, got[i])
		largest, deviation := 0.0, 0.0
		for k := range e {
			largest = max(largest, math.Abs(e[k]))
			deviation = max(deviation, math.Abs(p[k]-e[k]))
		}
		for k := range e {
			require.InDelta(t, e[k], g[k], 2*deviation+1e-6*largest, "result %d, value %d", i, k)
		}
	}
}

// counter is a compiler that counts the calls of kernels in its programs.
type counter struct {
	compiler
	calls      int
	of         map[string]int // calls of each kernel
	operations map[string]int // that are left
	inPlace    int            // parameters where results are written
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
	b.c.operations, b.c.inPlace = map[string]int{}, 0
	for _, v := range programOf(b.Builder).main.Inputs {
		if v.Attributes["tf.aliasing_output"] != nil {
			b.c.inPlace++
		}
	}
	for _, s := range programOf(b.Builder).main.Statements {
		b.c.operations[name(s)]++
		if target, ok := s.Attributes["call_target_name"].(string); ok && strings.HasPrefix(target, kernels.Prefix) {
			b.c.calls++
			if b.c.of == nil {
				b.c.of = map[string]int{}
			}
			b.c.of[target]++
		}
	}
	return executable, err
}

// TestKernelsFromCache calls kernels from a program that was compiled before.
func TestKernelsFromCache(t *testing.T) {
	engine := xlaWithKernels(t)
	t.Setenv("GOKERAS_CACHE", t.TempDir())
	inputs := parameters(t, []int{1, 4, 4, 16}, [2]int{3, 3}, 16)
	form := stack(lowering.Convolution{Strides: [2]int{1, 1}, Dilations: [2]int{1, 1}, Groups: 1}, "conv")
	want := run(t, compiled(t, Compiler(engine), form, inputs), engine, inputs)
	require.Equal(t, 1, execcache.Describe().Programs)
	got := run(t, compiled(t, Compiler(engine), form, inputs), engine, inputs)
	require.Equal(t, 1, execcache.Describe().Programs)
	for i := range want {
		require.Equal(t, golden.Floats(t, want[i]), golden.Floats(t, got[i]))
	}
}

// TestProgramInside fails when go-xla's builder has changed so that its program can't be reached.
func TestProgramInside(t *testing.T) {
	engine := xlaWithKernels(t)
	b := engine.Builder("test")
	require.NotNil(t, programOf(b))
	require.NotNil(t, customCall)
}

// TestKernelOfNaN keeps what isn't a number through ReLU and max-pool, as Keras does on JAX. (This XLA plugin's max-pool passes it over.)
func TestKernelOfNaN(t *testing.T) {
	engine := xlaWithKernels(t)
	c := lowering.Convolution{Strides: [2]int{1, 1}, Dilations: [2]int{1, 1}, Groups: 1}
	for at := range 4 { // the place in the window
		x := golden.RuleInput(0, 1, 2, 2, 16).Tensor(t)
		require.NoError(t, tensors.MutableFlatData(x, func(flat []float32) { flat[at*16+3] = float32(math.NaN()) }))
		alone := golden.Floats(t, run(t, compiled(t, Compiler(engine), stack(c, "double", "pool"), []*tensors.Tensor{x}), engine, []*tensors.Tensor{x})[0])
		inputs := append([]*tensors.Tensor{x}, parameters(t, []int{1, 2, 2, 16}, [2]int{1, 1}, 16)[1:]...)
		behind := golden.Floats(t, run(t, compiled(t, Compiler(engine), stack(c, "conv", "pool"), inputs), engine, inputs)[0])
		for i := range 16 {
			require.Equal(t, i == 3, math.IsNaN(alone[i]), "place %d, channel %d", at, i)
			require.True(t, math.IsNaN(behind[i]), "place %d, filter %d", at, i)
		}
	}
}

type namedEngine struct {
	name   string
	engine compute.Backend
}

func enginesToCompare(engine compute.Backend) []namedEngine {
	return []namedEngine{{"plain", engine}, {"kernels", Compiler(engine)}}
}

func timeRuns(b *testing.B, g *graph.Graph, engine compute.Backend, inputs []*tensors.Tensor) {
	for b.Loop() {
		for _, y := range run(b, g, engine, inputs) {
			require.NoError(b, y.FinalizeAll())
		}
	}
}

// BenchmarkKernels times a training step of one layer of the notebook's networks, with XLA's convolutions and with the kernels.
func BenchmarkKernels(b *testing.B) {
	engine := xlaWithKernels(b)
	c := lowering.Convolution{Strides: [2]int{1, 1}, Dilations: [2]int{1, 1}, Paddings: [2][2]int{{1, 1}, {1, 1}}, Groups: 1}
	for _, s := range [][3]int{{32, 3, 32}, {32, 32, 32}, {16, 32, 64}, {16, 64, 64}, {8, 64, 128}, {8, 128, 128}, {28, 32, 1}, {32, 64, 3}, {28, 1, 6}, {14, 16, 8}} {
		inputs := parameters(b, []int{64, s[0], s[0], s[1]}, [2]int{3, 3}, s[2])
		form := func(in []*graph.Node) []*graph.Node {
			all := stack(c, "conv")(in)
			if s[1] == 3 { // nothing asks for an image's gradient
				return all[2:]
			}
			return all[1:]
		}
		for _, e := range enginesToCompare(engine) {
			b.Run(fmt.Sprintf("%dx%d,%d-%d/%s", s[0], s[0], s[1], s[2], e.name), func(b *testing.B) {
				timeRuns(b, compiled(b, e.engine, form, inputs), engine, inputs)
			})
		}
	}
}
