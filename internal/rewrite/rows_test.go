package rewrite

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/internal/golden"
	"github.com/gokeras/gokeras/internal/kernels"
)

// TestRows compares what programs compute with rows of values, in calls and by XLA: values and gradients.
func TestRows(t *testing.T) {
	engine := xlaWithKernels(t)
	type node = *graph.Node
	label := func(x node) node { // of each row, a place in it
		dims := x.Shape().Dimensions
		place := graph.Iota(x.Graph(), shapes.Make(dtypes.Int32, dims[:len(dims)-1]...), 0)
		return graph.ModScalar(graph.MulScalar(place, 7), int32(dims[len(dims)-1]))
	}
	oneHot := func(x node) node {
		last := x.Rank() - 1
		dims := make([]int, x.Rank())
		for i := range dims {
			dims[i] = 1
		}
		dims[last] = x.Shape().Dimensions[last]
		places := graph.Iota(x.Graph(), shapes.Make(dtypes.Int32, dims...), last)
		wide := func(v node) node { return graph.BroadcastToDims(v, x.Shape().Dimensions...) }
		return graph.ConvertDType(graph.Equal(wide(places), wide(graph.ExpandAxes(label(x), -1))), dtypes.Float32)
	}
	square := func(x node) node { return graph.ReduceAllSum(graph.Mul(x, x)) }
	logSoftmax := func(x node) node {
		shifted := graph.Sub(x, graph.StopGradient(graph.ReduceAndKeep(x, graph.ReduceMax, -1)))
		return graph.Sub(shifted, graph.Log(graph.ReduceAndKeep(graph.Exp(shifted), graph.ReduceSum, -1)))
	}
	for _, tc := range []struct {
		name  string
		form  func(x, y node) []node
		calls int // at least
	}{
		{"softmax", func(x, y node) []node { return []node{graph.Softmax(x, -1)} }, 1},
		{"softmax and gradient", func(x, y node) []node {
			p := graph.Softmax(x, -1)
			return append(graph.Gradient(square(graph.Mul(p, y)), x, y), p)
		}, 1},
		{"crossentropy of classes", func(x, y node) []node {
			loss := graph.Neg(graph.ReduceSum(graph.Mul(oneHot(x), logSoftmax(x)), -1))
			return append(graph.Gradient(graph.ReduceAllMean(loss), x), loss, graph.ArgMax(graph.Softmax(x, -1), -1))
		}, 1},
		{"a loss behind a mask", func(x, y node) []node {
			loss := graph.Neg(graph.ReduceSum(graph.Mul(oneHot(x), logSoftmax(x)), -1))
			counts := graph.ConvertDType(graph.LessThan(label(x), graph.Const(x.Graph(), int32(9))), dtypes.Float32)
			return append(graph.Gradient(graph.Div(graph.ReduceAllSum(graph.Mul(loss, counts)), graph.AddScalar(graph.ReduceAllSum(counts), 1)), x), loss)
		}, 1},
		{"normalized", func(x, y node) []node {
			mean := graph.ReduceAndKeep(x, graph.ReduceMean, -1)
			variance := graph.ReduceAndKeep(graph.Square(graph.Sub(x, mean)), graph.ReduceMean, -1)
			z := graph.Add(graph.Div(graph.Sub(x, mean), graph.Sqrt(graph.AddScalar(variance, 1e-3))), y)
			return append(graph.Gradient(square(graph.Sin(z)), x, y), z)
		}, 1},
		{"of unit length", func(x, y node) []node {
			z := graph.Div(x, graph.Sqrt(graph.MaxScalar(graph.ReduceAndKeep(graph.Mul(x, x), graph.ReduceSum, -1), 1e-6)))
			return append(graph.Gradient(square(graph.Mul(z, y)), x, y), z)
		}, 1},
		{"extremes", func(x, y node) []node {
			wide := graph.Sub(graph.ReduceAndKeep(x, graph.ReduceMax, -1), graph.ReduceAndKeep(graph.Mul(x, y), graph.ReduceMin, -1))
			return []node{graph.Mul(y, wide), graph.ReduceMin(graph.Abs(y), -1), graph.ArgMax(y, -1)}
		}, 1},
		{"a number between two parts", func(x, y node) []node { // the mean of all stands between: two calls, or one and XLA's
			p := graph.Softmax(x, -1)
			mean := graph.ReduceAllMean(p)
			return []node{graph.ReduceSum(graph.Mul(graph.Exp(graph.Sub(p, graph.BroadcastToShape(mean, p.Shape()))), y), -1)}
		}, 1},
		{"other shapes", func(x, y node) []node {
			flat := graph.Reshape(x, -1, x.Shape().Dim(-1))
			p := graph.Reshape(graph.Softmax(graph.AddScalar(flat, 1), -1), x.Shape().Dimensions...)
			return []node{graph.Mul(p, y), graph.ReduceSum(graph.Mul(p, y), 1)}
		}, 1},
		{"along another axis", func(x, y node) []node {
			weights := graph.Softmax(x, 1)
			return []node{graph.ReduceSum(graph.Mul(weights, y), -1)}
		}, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			for _, dims := range [][]int{{3, 40, 70}, {2, 5, 1031}, {130, 64}, {4, 1, 5, 513}} {
				if len(dims) == 2 && tc.name == "other shapes" {
					continue
				}
				rng := rand.New(rand.NewPCG(1, uint64(dims[0])))
				values := func() *tensors.Tensor {
					list := make([]float32, size(dims))
					for i := range list {
						list[i] = float32(rng.NormFloat64())
					}
					return tensors.FromFlatDataAndDimensions(list, dims...)
				}
				inputs := []*tensors.Tensor{values(), values()}
				of := func(in []*graph.Node) []*graph.Node { return tc.form(in[0], in[1]) }
				plain := run(t, compiled(t, engine, of, inputs), engine, inputs)
				for level := kernels.AVX2; level <= kernels.Best(); level++ {
					counting := &counter{compiler: compiler{Backend: engine, level: level}}
					got := run(t, compiled(t, counting, of, inputs), engine, inputs)
					require.GreaterOrEqual(t, counting.of[kernels.Rows], tc.calls, "calls for %v", dims)
					golden.Same(t, got, plain, golden.Tolerance{Abs: 1e-5, Rel: 2e-5})
				}
			}
		})
	}
}

func size(dims []int) int {
	n := 1
	for _, d := range dims {
		n *= d
	}
	return n
}

// TestRowsOfSpecialNumbers: NaN is passed on, and its place that of the largest.
func TestRowsOfSpecialNumbers(t *testing.T) {
	engine := xlaWithKernels(t)
	const rows, columns = 96, 100
	list := make([]float32, rows*columns)
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	for i := range list {
		list[i] = float32(i*7%31) - 15
		row, column := i/columns, i%columns
		switch {
		case row%8 == 1 && column == row, row%8 == 2 && column > 60:
			list[i] = nan
		case row%8 == 3 && column%17 == 5:
			list[i] = inf
		case row%8 == 4, row%8 == 5 && column%2 == 0:
			list[i] = -inf
		case row%8 == 6:
			list[i] = 2
		}
	}
	inputs := []*tensors.Tensor{tensors.FromFlatDataAndDimensions(list, rows, columns)}
	of := func(in []*graph.Node) []*graph.Node {
		x := graph.Mul(in[0], graph.Const(in[0].Graph(), float32(1.5)))
		return []*graph.Node{graph.ArgMax(x, -1), graph.ReduceMax(x, -1), graph.ReduceMin(x, -1), graph.ReduceSum(graph.Exp(x), -1), graph.Log(x)}
	}
	plain := run(t, compiled(t, engine, of, inputs), engine, inputs)
	for level := kernels.AVX2; level <= kernels.Best(); level++ {
		counting := &counter{compiler: compiler{Backend: engine, level: level}}
		got := run(t, compiled(t, counting, of, inputs), engine, inputs)
		require.Equal(t, 1, counting.of[kernels.Rows])
		golden.Same(t, got, plain, golden.Tolerance{Abs: 1e-30, Rel: 2e-6})
	}
}
