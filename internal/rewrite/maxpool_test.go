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
	"github.com/gokeras/gokeras/internal/lowering"
)

// windows are those of a max-pool, an entry an axis.
type windows struct {
	size, strides []int
	pads          [][2]int
}

// over are windows of that height and width over images.
func over(height, width, rows, columns int, pads ...[2]int) windows {
	w := windows{[]int{1, height, width, 1}, []int{1, rows, columns, 1}, make([][2]int, 4)}
	copy(w.pads[1:3], pads)
	return w
}

// steps are windows over sequences.
func steps(size, stride int, pads ...[2]int) windows {
	w := windows{[]int{1, size, 1}, []int{1, stride, 1}, make([][2]int, 3)}
	copy(w.pads[1:2], pads)
	return w
}

// pooledBy is the max-pool of what is pooled, and its gradient, each maximum having a weight of its own, a whole number.
func pooledBy(w windows) func(in []*graph.Node) []*graph.Node {
	return func(in []*graph.Node) []*graph.Node {
		y := lowering.MaxPool(in[0], w.size, w.strides, w.pads)
		weights := graph.ModScalar(graph.ConvertDType(graph.IotaFull(y.Graph(), y.Shape()), y.DType()), 101)
		return append([]*graph.Node{y}, graph.Gradient(graph.ReduceAllSum(graph.Mul(y, weights)), in...)...)
	}
}

// poolCases are max-pools that aren't those of 2 by 2 side by side.
var poolCases = []struct {
	name  string
	x     []int
	w     windows
	calls int // that and its gradient
}{
	{"3×3, strides 2, same", []int{2, 9, 12, 16}, over(3, 3, 2, 2, [2]int{1, 1}, [2]int{0, 1}), 2},
	{"3×3, strides 1, same", []int{3, 7, 8, 20}, over(3, 3, 1, 1, [2]int{1, 1}, [2]int{1, 1}), 2},
	{"2×2, strides 1", []int{2, 6, 5, 8}, over(2, 2, 1, 1), 2},
	{"2×2 with padding", []int{2, 5, 7, 9}, over(2, 2, 2, 2, [2]int{0, 1}, [2]int{1, 0}), 2},
	{"3×3 side by side", []int{2, 9, 10, 33}, over(3, 3, 3, 3), 2},
	{"rows alone", []int{2, 8, 5, 12}, over(4, 1, 4, 1), 2},
	{"one channel", []int{3, 9, 8, 1}, over(3, 2, 2, 1, [2]int{1, 0}, [2]int{0, 1}), 2},
	{"three channels", []int{2, 11, 9, 3}, over(3, 3, 2, 2, [2]int{1, 1}, [2]int{1, 1}), 2},
	{"something between the windows", []int{2, 11, 13, 24}, over(2, 1, 3, 4), 2},
	{"a large window", []int{1, 14, 13, 5}, over(13, 12, 1, 1, [2]int{6, 6}, [2]int{6, 5}), 2},
	{"a window of too many places", []int{1, 17, 17, 8}, over(16, 16, 1, 1), 0},
	{"steps", []int{3, 19, 11}, steps(3, 1, [2]int{1, 1}), 2},
	{"steps side by side", []int{3, 20, 32}, steps(4, 4), 2},
	{"steps, strides 2", []int{2, 12, 6}, steps(5, 2, [2]int{2, 1}), 2},
	{"of two channels beside each other", []int{2, 6, 6, 8}, windows{[]int{1, 3, 3, 2}, []int{1, 3, 3, 2}, make([][2]int, 4)}, 0},
	{"every other channel", []int{2, 6, 6, 8}, windows{[]int{1, 3, 3, 1}, []int{1, 1, 1, 2}, make([][2]int, 4)}, 0},
	{"around the channels", []int{2, 6, 6, 8}, windows{[]int{1, 3, 3, 1}, []int{1, 1, 1, 1}, [][2]int{{}, {}, {}, {1, 0}}}, 0},
	{"of three dimensions", []int{2, 4, 4, 4, 8}, windows{[]int{1, 2, 2, 2, 1}, []int{1, 2, 2, 2, 1}, make([][2]int, 5)}, 0},
}

// TestMaxPool compares max-pools with the pure-Go engine's: of equal maxima the first along a window's rows counts. (Of padded windows this XLA plugin may take
// the first along the columns.)
func TestMaxPool(t *testing.T) {
	engine := xlaWithKernels(t)
	for _, tc := range poolCases {
		for _, fill := range []struct {
			name string
			of   func(v float64) float64
		}{
			{"numbers", func(v float64) float64 { return v }},
			{"ties", func(v float64) float64 { return math.Round(2 * v) }},
			{"-inf", func(v float64) float64 { // mostly, so that some windows have nothing else
				if v < 0.5 {
					return math.Inf(-1)
				}
				return math.Round(2 * v)
			}},
			{"nothing else", func(float64) float64 { return math.Inf(-1) }},
		} {
			data := golden.RuleInput(0, tc.x...)
			for i, v := range data.Data {
				data.Data[i] = golden.Value(fill.of(float64(v)))
			}
			inputs := []*tensors.Tensor{data.Tensor(t)}
			want := exactly(t, pooledBy(tc.w), inputs)
			for level := kernels.AVX2; level <= kernels.Best(); level++ {
				t.Run(fmt.Sprint(tc.name, ", ", fill.name, ", level ", level), func(t *testing.T) {
					counting := &counter{compiler: compiler{Backend: engine, level: level}}
					got := run(t, compiled(t, counting, pooledBy(tc.w), inputs), engine, inputs)
					require.Equal(t, tc.calls, counting.calls, "%v", counting.of)
					for i := range want {
						require.Equal(t, golden.Floats(t, want[i]), golden.Floats(t, got[i]), "result %d", i)
					}
				})
			}
		}
	}
}

// TestMaxPoolBehindReLU has the pool's gradient do what ReLU's does.
func TestMaxPoolBehindReLU(t *testing.T) {
	engine := xlaWithKernels(t)
	c := lowering.Convolution{Strides: [2]int{1, 1}, Dilations: [2]int{1, 1}, Groups: 1}
	inputs := parameters(t, []int{2, 8, 6, 16}, [2]int{3, 3}, 32)
	counting := &counter{compiler: compiler{Backend: engine, level: kernels.Best()}}
	run(t, compiled(t, counting, stack(c, "conv", "overlap"), inputs), engine, inputs)
	require.Equal(t, map[string]int{kernels.Forward: 1, kernels.AnyPool: 1, kernels.AnyPoolGradient: 1, kernels.InputGradient: 1, kernels.KernelGradient: 1}, counting.of)
	require.Zero(t, counting.operations["select"])
}

// TestMaxPoolAlone remembers no positions where nothing asks for them.
func TestMaxPoolAlone(t *testing.T) {
	engine := xlaWithKernels(t)
	inputs := []*tensors.Tensor{golden.RuleInput(0, 2, 9, 8, 24).Tensor(t)}
	form := func(in []*graph.Node) []*graph.Node { return pooledBy(over(3, 3, 2, 2))(in)[:1] }
	want := exactly(t, form, inputs)
	counting := &counter{compiler: compiler{Backend: engine, level: kernels.Best()}}
	got := run(t, compiled(t, counting, form, inputs), engine, inputs)
	require.Equal(t, map[string]int{kernels.AnyPool: 1}, counting.of)
	require.Equal(t, golden.Floats(t, want[0]), golden.Floats(t, got[0]))
}

// TestMaxPoolOfNaN keeps what isn't a number, wherever in a window it is, and gives it the gradient.
func TestMaxPoolOfNaN(t *testing.T) {
	engine := xlaWithKernels(t)
	for _, channels := range []int{3, 16} {
		for at := range 9 {
			x := golden.RuleInput(0, 1, 3, 3, channels).Tensor(t)
			require.NoError(t, tensors.MutableFlatData(x, func(flat []float32) { flat[at*channels+1] = float32(math.NaN()) }))
			got := run(t, compiled(t, Compiler(engine), pooledBy(over(3, 3, 2, 2)), []*tensors.Tensor{x}), engine, []*tensors.Tensor{x})
			for i, y := range golden.Floats(t, got[0]) {
				require.Equal(t, i == 1, math.IsNaN(y), "place %d, channel %d", at, i)
			}
			require.Equal(t, 1.0, golden.Floats(t, got[1])[at*channels+1], "place %d", at)
		}
	}
}

// BenchmarkMaxPool times a max-pool and its gradient, with XLA's operations and with the kernels.
func BenchmarkMaxPool(b *testing.B) {
	engine := xlaWithKernels(b)
	for _, s := range []struct {
		x []int
		w windows
	}{
		{[]int{32, 32, 32, 32}, over(3, 3, 2, 2, [2]int{0, 1}, [2]int{0, 1})},
		{[]int{32, 16, 16, 64}, over(3, 3, 1, 1, [2]int{1, 1}, [2]int{1, 1})},
		{[]int{32, 30, 30, 32}, over(3, 3, 3, 3)},
		{[]int{32, 200, 128}, steps(5, 5)},
		{[]int{32, 200, 128}, steps(2, 2)},
		{[]int{1, 8, 8, 8}, over(3, 3, 2, 2, [2]int{0, 1}, [2]int{0, 1})},
		{[]int{1, 12, 8}, steps(2, 2)},
		{[]int{8, 12, 8}, steps(3, 3)},
		{[]int{32, 32, 32, 3}, over(3, 3, 3, 3)},
		{[]int{32, 32, 32, 1}, over(3, 3, 2, 2)},
	} {
		inputs := []*tensors.Tensor{golden.RuleInput(0, s.x...).Tensor(b)}
		for _, e := range enginesToCompare(engine) {
			for what, form := range map[string]func(in []*graph.Node) []*graph.Node{
				"both": pooledBy(s.w), "forward": func(in []*graph.Node) []*graph.Node { return pooledBy(s.w)(in)[:1] },
			} {
				b.Run(fmt.Sprint(s.x, s.w.size, s.w.strides, "/", what, "/", e.name), func(b *testing.B) {
					timeRuns(b, compiled(b, e.engine, form, inputs), engine, inputs)
				})
			}
		}
	}
}
