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

// denseLayer is a layer of those, with so much of it: "product", "bias", "relu".
func denseLayer(upTo string) func(in []*graph.Node) []*graph.Node {
	return func(in []*graph.Node) []*graph.Node {
		y := graph.DotGeneral(in[0], []int{1}, nil, in[1], []int{0}, nil)
		if upTo != "product" {
			y = graph.Add(y, graph.ExpandLeftToRank(in[2], 2))
		}
		if upTo == "relu" {
			zero := graph.ScalarZero(y.Graph(), y.DType())
			y = graph.Where(graph.LessOrEqual(y, zero), zero, y)
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
		{9, 64, 16, "relu", 0},
	} {
		t.Run(fmt.Sprintf("%d×%d·%d, %s", tc.rows, tc.channels, tc.filters, tc.upTo), func(t *testing.T) {
			inputs, form := denseInputs(t, tc.rows, tc.channels, tc.filters), denseLayer(tc.upTo)
			exact := run(t, compiled(t, engine, form, float64s(t, inputs)), engine, float64s(t, inputs))
			plain := run(t, compiled(t, engine, form, inputs), engine, inputs)
			for level := kernels.AVX2; level <= kernels.Best(); level++ {
				counting := &counter{compiler: compiler{Backend: engine, level: level}}
				asNear(t, exact, plain, run(t, compiled(t, counting, form, inputs), engine, inputs))
				require.Equal(t, tc.calls, counting.calls)
			}
		})
	}
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
