package rewrite

import (
	"fmt"
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

// plainRows are a table's rows of these numbers.
func plainRows(table, at *graph.Node) *graph.Node {
	return graph.Gather(table, graph.InsertAxes(at, -1))
}

// embedded are the rows as an Embedding takes them: numbers below 0 count from the end, and others that the table hasn't give NaN.
func embedded(table, at *graph.Node) *graph.Node {
	number := func(n int) *graph.Node {
		return graph.BroadcastToDims(graph.Scalar(at.Graph(), at.DType(), n), at.Shape().Dimensions...)
	}
	words := table.Shape().Dim(0)
	at = graph.Where(graph.LessThan(at, number(0)), graph.Add(at, number(words)), at)
	inside := graph.LogicalAnd(graph.GreaterOrEqual(at, number(0)), graph.LessThan(at, number(words)))
	rows := plainRows(table, graph.Where(inside, at, number(0)))
	inside = graph.BroadcastToDims(graph.InsertAxes(inside, -1), rows.Shape().Dimensions...)
	return graph.Where(inside, rows, graph.BroadcastToDims(graph.Scalar(rows.Graph(), rows.DType(), math.NaN()), rows.Shape().Dimensions...))
}

// someNumbers are whole numbers from least up to end.
func someNumbers(least, end int, dimensions ...int) *tensors.Tensor {
	t := tensors.FromShape(shapes.Make(dtypes.Float32, dimensions...))
	random := rand.New(rand.NewPCG(1, 2))
	tensors.MustMutableFlatData(t, func(flat []float32) {
		for i := range flat {
			flat[i] = float32(least + random.IntN(end-least))
		}
	})
	return t
}

// TestLookups compares rows of tables, their sums and their gradients with XLA's own.
func TestLookups(t *testing.T) {
	engine := xlaWithKernels(t)
	type node = *graph.Node
	sum := func(x node) node { return graph.ReduceSum(x, -2) }
	for _, shape := range []struct {
		words, size int
		at          []int
	}{{50, 16, []int{8, 30}}, {300, 7, []int{5, 41}}, {17, 130, []int{3, 2, 9}}, {1000, 3, []int{700}}} {
		for _, tc := range []struct {
			name  string
			least int // of the numbers
			form  func(table, at node) node
			calls int
		}{
			{"plain", 0, plainRows, 2},
			{"embedded", -shape.words, embedded, 2},
			{"sums", -shape.words, func(table, at node) node { return sum(embedded(table, at)) }, 2},
			{"plain sums", 0, func(table, at node) node { return sum(plainRows(table, at)) }, 2},
			{"sums of some", -shape.words, func(table, at node) node {
				counts := graph.ConvertDType(graph.NotEqual(at, graph.ZerosLike(at)), table.DType())
				return sum(graph.Mul(embedded(table, at), graph.InsertAxes(counts, -1)))
			}, 2},
		} {
			table, at := golden.RuleInput(0, shape.words, shape.size).Tensor(t), someNumbers(tc.least, shape.words, shape.at...)
			form := func(in []node) []node {
				rows := tc.form(in[0], graph.ConvertDType(in[1], dtypes.Int32))
				weights := graph.Sin(graph.AddScalar(graph.Mul(rows, rows), 1))
				return []node{rows, graph.Gradient(graph.ReduceAllSum(graph.Mul(rows, graph.StopGradient(weights))), in[0])[0]}
			}
			if tc.name == "sums" && len(shape.at) > 1 {
				counting := &counter{compiler: compiler{Backend: engine, level: kernels.AVX2}}
				compiled(t, counting, func(in []node) []node { return []node{tc.form(in[0], graph.ConvertDType(in[1], dtypes.Int32))} }, []*tensors.Tensor{table, at})
				require.Zero(t, counting.operations["reduce"], "the call makes the sums")
			}
			compareCalls(t, engine, form, []*tensors.Tensor{table, at}, tc.calls, fmt.Sprint(tc.name, " ", shape))
		}
	}
}

// TestLookupOutside: numbers that a table hasn't give NaN, and what XLA gives where nobody asks; their gradients go nowhere.
func TestLookupOutside(t *testing.T) {
	engine := xlaWithKernels(t)
	const words, size = 20, 16
	inputs := []*tensors.Tensor{golden.RuleInput(0, words, size).Tensor(t), someNumbers(-3*words, 3*words, 30, 9)}
	form := func(in []*graph.Node) []*graph.Node {
		at := graph.ConvertDType(in[1], dtypes.Int32)
		rows, sums, plain := embedded(in[0], at), graph.ReduceSum(embedded(in[0], at), -2), plainRows(in[0], at)
		total := graph.Add(graph.ReduceAllSum(rows), graph.ReduceAllSum(sums))
		return []*graph.Node{rows, sums, plain, graph.Gradient(total, in[0])[0], graph.Gradient(graph.ReduceAllSum(plain), in[0])[0]}
	}
	want := run(t, compiled(t, engine, form, inputs), engine, inputs)
	for level := kernels.AVX2; level <= kernels.Best(); level++ {
		counting := &counter{compiler: compiler{Backend: engine, level: level}}
		got := run(t, compiled(t, counting, form, inputs), engine, inputs)
		require.Positive(t, counting.of[kernels.Lookup])
		require.Positive(t, counting.of[kernels.LookupGradient])
		nearOrNaN(t, want, got, 1e-4)
	}
}

// nearOrNaN requires results to be near to those wanted, and NaN where these are.
func nearOrNaN(t *testing.T, want, got []*tensors.Tensor, tolerance float64) {
	t.Helper()
	for i := range want {
		w, g := golden.Floats(t, want[i]), golden.Floats(t, got[i])
		for k := range w {
			require.Equal(t, math.IsNaN(w[k]), math.IsNaN(g[k]), "result %d, value %d", i, k)
			if !math.IsNaN(w[k]) {
				require.InDelta(t, w[k], g[k], tolerance, "result %d, value %d", i, k)
			}
		}
	}
}
