package rewrite

import (
	"testing"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/internal/golden"
	"github.com/gokeras/gokeras/internal/kernels"
	"github.com/gokeras/gokeras/internal/lowering"
)

// TestDropout compares layers with a Dropout behind them, and their gradients, with XLA's own.
func TestDropout(t *testing.T) {
	engine := xlaWithKernels(t)
	kept := func(y *graph.Node, keep float64, dims ...int) *graph.Node {
		return lowering.Bernoulli(graph.Const(y.Graph(), []uint64{7, 11, 13}), keep, dims...)
	}
	dropped := func(y *graph.Node, keep float64) *graph.Node {
		return graph.Where(kept(y, keep, y.Shape().Dimensions...), graph.DivScalar(y, keep), graph.ZerosLike(y))
	}
	layer := func(x, kernel, bias *graph.Node) *graph.Node {
		y := graph.DotGeneral(x, []int{x.Rank() - 1}, nil, kernel, []int{0}, nil)
		return graph.Add(y, graph.ExpandLeftToRank(bias, y.Rank()))
	}
	const all = kernels.Bias | kernels.ReLU | kernels.Dropout
	for _, tc := range []struct {
		name    string
		x       []int
		filters int
		form    func(x, kernel, bias *graph.Node) *graph.Node
		options kernels.Options // of the layer's product
		selects int             // that are left
	}{
		{"behind a ReLU", []int{70, 130}, 45, func(x, kernel, bias *graph.Node) *graph.Node {
			return dropped(relu(layer(x, kernel, bias)), 0.8)
		}, all, 1}, // the gradient begins at the result
		{"without one", []int{70, 130}, 45, func(x, kernel, bias *graph.Node) *graph.Node { return dropped(layer(x, kernel, bias), 0.5) }, kernels.Bias | kernels.Dropout, 1},
		{"of sequences", []int{6, 11, 70}, 33, func(x, kernel, bias *graph.Node) *graph.Node {
			return dropped(relu(layer(x, kernel, bias)), 0.9)
		}, all, 1},
		{"of few samples", []int{3, 700}, 37, func(x, kernel, bias *graph.Node) *graph.Node {
			return dropped(relu(layer(x, kernel, bias)), 0.75)
		}, all, 1},
		{"deep", []int{20, 3000}, 37, func(x, kernel, bias *graph.Node) *graph.Node {
			return dropped(relu(layer(x, kernel, bias)), 0.75)
		}, all, 1},
		{"between two layers", []int{70, 64}, 64, func(x, kernel, bias *graph.Node) *graph.Node {
			return layer(dropped(relu(layer(x, kernel, bias)), 0.8), kernel, bias)
		}, kernels.Bias, 0}, // what is left is that of the second
		{"what goes in is used beside", []int{70, 130}, 45, func(x, kernel, bias *graph.Node) *graph.Node {
			y := relu(layer(x, kernel, bias))
			return graph.Add(dropped(y, 0.8), y)
		}, kernels.Bias | kernels.ReLU, 3},
		{"whether it is positive is asked beside", []int{70, 130}, 45, func(x, kernel, bias *graph.Node) *graph.Node {
			y := relu(layer(x, kernel, bias))
			return graph.Where(graph.LessOrEqual(y, graph.ScalarZero(y.Graph(), y.DType())), graph.ScalarOne(y.Graph(), y.DType()), dropped(y, 0.8))
		}, kernels.Bias | kernels.ReLU, 5},
		{"the same for all steps", []int{6, 11, 70}, 33, func(x, kernel, bias *graph.Node) *graph.Node {
			y := layer(x, kernel, bias)
			return graph.Where(graph.BroadcastToDims(kept(y, 0.8, 6, 1, 33), 6, 11, 33), graph.DivScalar(y, 0.8), graph.ZerosLike(y))
		}, kernels.Bias, 2},
		{"of what is larger", []int{70, 130}, 45, func(x, kernel, bias *graph.Node) *graph.Node {
			y := layer(x, kernel, bias)
			return graph.Where(graph.Slice(kept(y, 0.8, 71, 45), graph.AxisRange(1), graph.AxisRange()), graph.DivScalar(y, 0.8), graph.ZerosLike(y))
		}, kernels.Bias, 2},
		{"what is dropped is 1", []int{70, 130}, 45, func(x, kernel, bias *graph.Node) *graph.Node {
			y := layer(x, kernel, bias)
			return graph.Where(kept(y, 0.8, 70, 45), graph.DivScalar(y, 0.8), graph.OnesLike(y))
		}, kernels.Bias, 2},
	} {
		t.Run(tc.name, func(t *testing.T) {
			inputs := []*tensors.Tensor{golden.RuleInput(0, tc.x...).Tensor(t), golden.RuleInput(1, tc.x[len(tc.x)-1], tc.filters).Tensor(t), golden.RuleInput(2, tc.filters).Tensor(t)}
			form := func(in []*graph.Node) []*graph.Node {
				y := tc.form(in[0], in[1], in[2])
				return append([]*graph.Node{y}, graph.Gradient(graph.ReduceAllSum(graph.Square(y)), in...)...)
			}
			exact := exactly(t, form, inputs)
			plain := run(t, compiled(t, engine, form, inputs), engine, inputs)
			for level := kernels.AVX2; level <= kernels.Best(); level++ {
				counting := &counter{compiler: compiler{Backend: engine, level: level}}
				got := run(t, compiled(t, counting, form, inputs), engine, inputs)
				asNear(t, exact, plain, got)
				require.Equal(t, zeros(t, plain[0]), zeros(t, got[0]), "the same values are dropped")
				require.Equal(t, tc.selects, counting.operations["select"])
				calls := map[string]kernels.Options{}
				g := graph.NewGraph(checked{compiler{Backend: engine, level: level}, calls}, "options")
				require.ErrorIs(t, g.Compile(form([]*graph.Node{graph.Parameter(g, "x", inputs[0].Shape()), graph.Parameter(g, "kernel", inputs[1].Shape()), graph.Parameter(g, "bias", inputs[2].Shape())})[0]), errNotCompiled)
				require.Equal(t, tc.options, calls[kernels.Dot])
			}
		})
	}
}

// zeros tells which values are 0.
func zeros(t *testing.T, x *tensors.Tensor) []bool {
	var list []bool
	for _, v := range golden.Floats(t, x) {
		list = append(list, v == 0)
	}
	return list
}
