package rewrite

import (
	"fmt"
	"math"
	"testing"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/internal/golden"
	"github.com/gokeras/gokeras/internal/kernels"
)

// denseInputs makes up samples, a kernel and a bias.
func denseInputs(t testing.TB, rows, channels, filters int) []*tensors.Tensor {
	return []*tensors.Tensor{golden.RuleInput(0, rows, channels).Tensor(t), golden.RuleInput(1, channels, filters).Tensor(t), golden.RuleInput(2, filters).Tensor(t)}
}

// relu is a ReLU as package activations has it.
func relu(y *graph.Node) *graph.Node {
	zero := graph.ScalarZero(y.Graph(), y.DType())
	return graph.Where(graph.LessOrEqual(y, zero), zero, y)
}

// denseLayer is a layer of those, with so much of it: "product", "bias", "relu".
func denseLayer(upTo string) func(in []*graph.Node) []*graph.Node {
	return func(in []*graph.Node) []*graph.Node {
		y := graph.DotGeneral(in[0], []int{1}, nil, in[1], []int{0}, nil)
		if upTo != "product" {
			y = graph.Add(y, graph.ExpandLeftToRank(in[2], 2))
		}
		if upTo == "relu" {
			y = relu(y)
		}
		return []*graph.Node{y}
	}
}

// TestDense compares layers of few samples with XLA's own.
func TestDense(t *testing.T) {
	engine := xlaWithKernels(t)
	for _, tc := range []struct {
		rows, channels, filters int
		upTo                    string
		calls                   int
	}{
		{1, 1, 1, "product", 1},
		{1, 7, 10, "bias", 1},
		{1, 64, 16, "relu", 1},
		{2, 65, 37, "relu", 1},
		{3, 200, 32, "relu", 1},
		{4, 131, 33, "product", 1},
		{5, 128, 100, "relu", 1},
		{7, 72, 1200, "relu", 1}, // in pieces of the filters
		{8, 1000, 40, "bias", 1},
		{1, 2048, 300, "relu", 1}, // on all threads
		{6, 300, 9000, "relu", 1},
		{9, 64, 16, "relu", 0}, // too little for a call
		{9, 64, 64, "relu", 1},
		{20, 3000, 37, "relu", 1}, // in parts of the depth
		{9, 20000, 33, "bias", 1},
	} {
		t.Run(fmt.Sprintf("%d×%d·%d, %s", tc.rows, tc.channels, tc.filters, tc.upTo), func(t *testing.T) {
			inputs, form := denseInputs(t, tc.rows, tc.channels, tc.filters), denseLayer(tc.upTo)
			exact := exactly(t, form, inputs)
			plain := run(t, compiled(t, engine, form, inputs), engine, inputs)
			for level := kernels.AVX2; level <= kernels.Best(); level++ {
				counting := &counter{compiler: compiler{Backend: engine, level: level}}
				asNear(t, exact, plain, run(t, compiled(t, counting, form, inputs), engine, inputs))
				require.Equal(t, tc.calls, counting.calls)
				if tc.calls == 1 {
					require.Zero(t, counting.operations["add"]+counting.operations["select"], "the call does all of the layer")
				}
			}
		})
	}
}

// TestDot compares products of matrices that are made of several axes, lie turned, or are turned before or after, and their gradients with XLA's own.
func TestDot(t *testing.T) {
	engine := xlaWithKernels(t)
	dot := graph.DotGeneral
	for _, tc := range []struct {
		name string
		a, b []int
		form func(a, b *graph.Node) *graph.Node
		dots int // with the two gradients
	}{
		{"a layer", []int{70, 130}, []int{130, 45}, func(a, b *graph.Node) *graph.Node { return dot(a, []int{1}, nil, b, []int{0}, nil) }, 3},
		{"a layer of steps", []int{5, 14, 100}, []int{100, 33}, func(a, b *graph.Node) *graph.Node { return dot(a, []int{2}, nil, b, []int{0}, nil) }, 3},
		{"heads", []int{4, 9, 60}, []int{60, 3, 20}, func(a, b *graph.Node) *graph.Node { return dot(a, []int{2}, nil, b, []int{0}, nil) }, 3},
		{"heads joined", []int{4, 9, 3, 20}, []int{3, 20, 60}, func(a, b *graph.Node) *graph.Node { return dot(a, []int{2, 3}, nil, b, []int{0, 1}, nil) }, 3},
		{"both turned", []int{300, 50}, []int{40, 300}, func(a, b *graph.Node) *graph.Node { return dot(a, []int{0}, nil, b, []int{1}, nil) }, 3},
		{"turned before", []int{50, 300}, []int{300, 40}, func(a, b *graph.Node) *graph.Node {
			return dot(graph.Transpose(a, 0, 1), []int{0}, nil, graph.Transpose(b, 0, 1), []int{1}, nil)
		}, 3},
		{"turned after", []int{50, 300}, []int{300, 40}, func(a, b *graph.Node) *graph.Node {
			return graph.Transpose(dot(a, []int{1}, nil, b, []int{0}, nil), 0, 1)
		}, 3},
		{"axes mixed after", []int{4, 9, 60}, []int{60, 3, 20}, func(a, b *graph.Node) *graph.Node {
			return graph.TransposeAllAxes(dot(a, []int{2}, nil, b, []int{0}, nil), 0, 2, 1, 3)
		}, 3},
		{"axes turned about after", []int{4, 9, 60}, []int{60, 3, 20}, func(a, b *graph.Node) *graph.Node {
			return graph.TransposeAllAxes(dot(a, []int{2}, nil, b, []int{0}, nil), 1, 2, 3, 0)
		}, 3},
		{"deep", []int{20, 3000}, []int{3000, 30}, func(a, b *graph.Node) *graph.Node { return dot(a, []int{1}, nil, b, []int{0}, nil) }, 3},
		{"long and deep", []int{700, 600}, []int{600, 20}, func(a, b *graph.Node) *graph.Node { return dot(a, []int{1}, nil, b, []int{0}, nil) }, 3},
		{"deep and large", []int{260, 8200}, []int{8200, 260}, func(a, b *graph.Node) *graph.Node { return dot(a, []int{1}, nil, b, []int{0}, nil) }, 3}, // in passes
		{"wide", []int{30, 40}, []int{40, 2500}, func(a, b *graph.Node) *graph.Node { return dot(a, []int{1}, nil, b, []int{0}, nil) }, 3},
		{"pairs of matrices", []int{6, 20, 30}, []int{6, 30, 40}, func(a, b *graph.Node) *graph.Node { return dot(a, []int{2}, []int{0}, b, []int{1}, []int{0}) }, 0},
		{"contracted in the middle", []int{20, 100, 3}, []int{100, 40}, func(a, b *graph.Node) *graph.Node { return dot(a, []int{1}, nil, b, []int{0}, nil) }, 1},
		{"all contracted", []int{20, 2000}, []int{20, 2000}, func(a, b *graph.Node) *graph.Node { return dot(a, []int{0, 1}, nil, b, []int{0, 1}, nil) }, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			inputs := []*tensors.Tensor{golden.RuleInput(0, tc.a...).Tensor(t), golden.RuleInput(1, tc.b...).Tensor(t)}
			form := func(in []*graph.Node) []*graph.Node {
				y := tc.form(in[0], in[1])
				return append([]*graph.Node{y}, graph.Gradient(graph.ReduceAllSum(graph.Square(y)), in...)...)
			}
			exact := exactly(t, form, inputs)
			plain := run(t, compiled(t, engine, form, inputs), engine, inputs)
			for level := kernels.AVX2; level <= kernels.Best(); level++ {
				counting := &counter{compiler: compiler{Backend: engine, level: level}}
				asNear(t, exact, plain, run(t, compiled(t, counting, form, inputs), engine, inputs))
				require.Equal(t, tc.dots, counting.of[kernels.Dot])
			}
		})
	}
}

// TestLayers compares a step of a stack of dense layers, whose bias, of one axis or more, and ReLU, and that of the gradient, the products take in.
func TestLayers(t *testing.T) {
	engine := xlaWithKernels(t)
	inputs := []*tensors.Tensor{
		golden.RuleInput(0, 6, 11, 70).Tensor(t), golden.RuleInput(1, 70, 3, 17).Tensor(t), golden.RuleInput(2, 3, 17).Tensor(t),
		golden.RuleInput(3, 3, 17, 90).Tensor(t), golden.RuleInput(4, 90).Tensor(t),
	}
	form := func(in []*graph.Node) []*graph.Node {
		y := relu(graph.Add(graph.DotGeneral(in[0], []int{2}, nil, in[1], []int{0}, nil), graph.ExpandLeftToRank(in[2], 4)))
		y = relu(graph.Add(graph.DotGeneral(y, []int{2, 3}, nil, in[3], []int{0, 1}, nil), graph.ExpandLeftToRank(in[4], 3)))
		return append([]*graph.Node{y}, graph.Gradient(graph.ReduceAllSum(graph.Square(y)), in...)...)
	}
	exact := exactly(t, form, inputs)
	plain := run(t, compiled(t, engine, form, inputs), engine, inputs)
	for level := kernels.AVX2; level <= kernels.Best(); level++ {
		calls := map[string]kernels.Options{}
		g := graph.NewGraph(checked{compiler{Backend: engine, level: level}, calls}, "options")
		nodes := make([]*graph.Node, len(inputs))
		for i, x := range inputs {
			nodes[i] = graph.Parameter(g, fmt.Sprint("x", i), x.Shape())
		}
		require.ErrorIs(t, g.Compile(form(nodes)[0]), errNotCompiled)
		require.Equal(t, map[string]kernels.Options{kernels.Dot: kernels.Bias | kernels.ReLU}, calls)
		counting := &counter{compiler: compiler{Backend: engine, level: level}}
		asNear(t, exact, plain, run(t, compiled(t, counting, form, inputs), engine, inputs))
		require.Equal(t, 6, counting.of[kernels.Dot])
	}
}

// TestProfile counts the calls of a program, what they read and write, and the operations in their products.
func TestProfile(t *testing.T) {
	engine := xlaWithKernels(t)
	inputs := denseInputs(t, 70, 130, 45)
	g := compiled(t, Compiler(engine), denseLayer("relu"), inputs)
	spent, err := kernels.Profile(func() error {
		for range 3 {
			run(t, g, engine, inputs)
		}
		return nil
	})
	require.NoError(t, err)
	require.Len(t, spent, 1)
	require.Positive(t, spent[0].Time)
	spent[0].Time = 0
	require.Equal(t, kernels.Spent{Target: kernels.Dot, Calls: 3, Bytes: 3 * 4 * (70*130 + 130*45 + 45 + 70*45), Operations: 3 * 2 * 70 * 130 * 45}, spent[0])
	run(t, g, engine, inputs) // nobody asks
	spent, err = kernels.Profile(func() error { return nil })
	require.NoError(t, err)
	require.Empty(t, spent)
}

// TestDenseOfNaN keeps what isn't a number where it belongs, and through ReLU.
func TestDenseOfNaN(t *testing.T) {
	engine := xlaWithKernels(t)
	inputs := denseInputs(t, 3, 20, 37)
	require.NoError(t, tensors.MutableFlatData(inputs[1], func(flat []float32) { flat[9*37+4] = float32(math.NaN()) }))
	got := golden.Floats(t, run(t, compiled(t, Compiler(engine), denseLayer("relu"), inputs), engine, inputs)[0])
	for i, v := range got {
		require.Equal(t, i%37 == 4, math.IsNaN(v), "sample %d, filter %d", i/37, i%37)
	}
}

// BenchmarkDot times a layer's product and both of its gradients, with XLA's and with the kernel.
func BenchmarkDot(b *testing.B) {
	engine := xlaWithKernels(b)
	for _, s := range [][3]int{{256, 512, 1}, {256, 512, 2}, {256, 512, 4}, {16, 64, 64}, {32, 32, 32}, {64, 16, 10}, {256, 512, 10}, {64, 512, 512}, {256, 784, 512}, {6400, 64, 256}, {7680, 14, 96}} {
		inputs := denseInputs(b, s[0], s[1], s[2])
		dy := golden.RuleInput(3, s[0], s[2]).Tensor(b)
		for _, form := range []struct {
			name   string
			inputs []*tensors.Tensor
			form   func(in []*graph.Node) []*graph.Node
		}{
			{"forward", inputs, denseLayer("relu")},
			{"input", []*tensors.Tensor{dy, inputs[1]}, func(in []*graph.Node) []*graph.Node {
				return []*graph.Node{graph.DotGeneral(in[0], []int{1}, nil, in[1], []int{1}, nil)}
			}},
			{"kernel", []*tensors.Tensor{inputs[0], dy}, func(in []*graph.Node) []*graph.Node {
				return []*graph.Node{graph.DotGeneral(in[0], []int{0}, nil, in[1], []int{0}, nil)}
			}},
		} {
			for _, e := range enginesToCompare(engine) {
				b.Run(fmt.Sprintf("%d×%d·%d/%s/%s", s[0], s[1], s[2], form.name, e.name), func(b *testing.B) {
					timeRuns(b, compiled(b, e.engine, form.form, form.inputs), engine, form.inputs)
				})
			}
		}
	}
}

// BenchmarkDense times a layer of few samples, with XLA's product and with the kernel.
func BenchmarkDense(b *testing.B) {
	engine := xlaWithKernels(b)
	for _, size := range [][2]int{{32, 32}, {300, 10}, {2048, 300}, {8192, 300}} {
		for _, rows := range []int{1, 2, 4, mostSamples} {
			inputs := denseInputs(b, rows, size[0], size[1])
			for _, e := range enginesToCompare(engine) {
				b.Run(fmt.Sprintf("%d×%d·%d/%s", rows, size[0], size[1], e.name), func(b *testing.B) {
					timeRuns(b, compiled(b, e.engine, denseLayer("relu"), inputs), engine, inputs)
				})
			}
		}
	}
}
