package lowering

import (
	"fmt"
	"slices"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/internal/golden"
)

// gradients runs y = form(x, kernel) and returns y and the gradients of
// sum(y·c) for a fixed c.
func gradients(t testing.TB, engine compute.Backend, form func(x, kernel *graph.Node) *graph.Node, x, kernel *tensors.Tensor) []*tensors.Tensor {
	t.Helper()
	out, err := graph.CallOnceN(engine, func(x, kernel *graph.Node) []*graph.Node {
		y := form(x, kernel)
		c := graph.Sin(graph.ConvertDType(graph.IotaFull(y.Graph(), y.Shape()), y.DType()))
		loss := graph.ReduceAllSum(graph.Mul(y, c))
		return append([]*graph.Node{y}, graph.Gradient(loss, x, kernel)...)
	}, x, kernel)
	require.NoError(t, err)
	return out
}

// tolerance is what two orders of summing up differ by.
var tolerance = golden.Tolerance{Abs: 2e-5, Rel: 1e-5}

// byPatches is the convolution by its definition: the products of the kernel and the patches of the padded images, which
// differentiate by the rules of slices and products.
func (c Convolution) byPatches(x, kernel *graph.Node) *graph.Node {
	k := kernel.Shape().Dimensions
	var out [2]int
	for i := range 2 {
		zeros := func(n int) *graph.Node {
			dims := slices.Clone(x.Shape().Dimensions)
			dims[i+1] = n
			return graph.Zeros(x.Graph(), shapes.Make(x.DType(), dims...))
		}
		if c.Paddings[i] != [2]int{} {
			x = graph.Concatenate([]*graph.Node{zeros(c.Paddings[i][0] + 1), x, zeros(c.Paddings[i][1] + 1)}, i+1) // one more: none may be empty
			x = graph.SliceAxis(x, i+1, graph.AxisRange(1, -1))
		}
		out[i] = (x.Shape().Dimensions[i+1]-(k[i]-1)*c.Dilations[i]-1)/c.Strides[i] + 1
	}
	var patches []*graph.Node
	for row := range k[0] {
		for column := range k[1] {
			specs := []graph.SliceAxisSpec{graph.AxisRange()}
			for i, at := range []int{row, column} {
				start := at * c.Dilations[i]
				spec := graph.AxisRange(start, start+(out[i]-1)*c.Strides[i]+1)
				if c.Strides[i] > 1 {
					spec = spec.Stride(c.Strides[i])
				}
				specs = append(specs, spec)
			}
			patches = append(patches, graph.Slice(x, specs...))
		}
	}
	all := patches[0]
	if len(patches) > 1 {
		all = graph.Concatenate(patches, 3)
	}
	size, batch := k[0]*k[1]*k[2], x.Shape().Dimensions[0]
	y := graph.Dot(graph.Reshape(all, batch*out[0]*out[1], size), graph.Reshape(kernel, size, k[3])).Product()
	return graph.Reshape(y, batch, out[0], out[1], k[3])
}

// TestConvolution compares the convolution and its gradients with the definition's, on every engine.
func TestConvolution(t *testing.T) {
	for _, tc := range []struct {
		x, kernel []int
		c         Convolution
	}{
		{[]int{2, 7, 6, 3}, []int{3, 3, 3, 4}, Convolution{Strides: [2]int{1, 1}, Dilations: [2]int{1, 1}, Paddings: [2][2]int{{1, 1}, {1, 1}}, Groups: 1}},
		{[]int{2, 7, 6, 3}, []int{5, 2, 3, 4}, Convolution{Strides: [2]int{1, 1}, Dilations: [2]int{1, 1}, Paddings: [2][2]int{{2, 2}, {0, 1}}, Groups: 1}},
		{[]int{2, 9, 8, 2}, []int{3, 2, 2, 5}, Convolution{Strides: [2]int{2, 3}, Dilations: [2]int{1, 1}, Groups: 1}},
		{[]int{1, 9, 8, 2}, []int{2, 3, 2, 1}, Convolution{Strides: [2]int{1, 1}, Dilations: [2]int{2, 3}, Paddings: [2][2]int{{1, 1}, {3, 3}}, Groups: 1}},
		{[]int{2, 4, 4, 4}, []int{1, 1, 4, 8}, Convolution{Strides: [2]int{1, 1}, Dilations: [2]int{1, 1}, Groups: 1}},
	} {
		t.Run(fmt.Sprint(tc), func(t *testing.T) {
			golden.OnEngines(t, func(t *testing.T, engine compute.Backend) {
				x, kernel := golden.RuleInput(0, tc.x...).Tensor(t), golden.RuleInput(1, tc.kernel...).Tensor(t)
				want := gradients(t, engine, tc.c.byPatches, x, kernel)
				golden.Same(t, gradients(t, engine, tc.c.Apply, x, kernel), want, tolerance)
			})
		})
	}
}

// TestMaxPool compares values and gradients, with and without ties, with
// SelectAndScatter's.
func TestMaxPool(t *testing.T) {
	for _, tc := range []struct {
		x, windows, strides []int
		pads                [][2]int
	}{
		{[]int{2, 6, 4, 3}, []int{1, 2, 2, 1}, []int{1, 2, 2, 1}, make([][2]int, 4)},
		{[]int{2, 7, 5, 3}, []int{1, 2, 2, 1}, []int{1, 2, 2, 1}, make([][2]int, 4)},
		{[]int{2, 3, 8, 6}, []int{1, 1, 4, 3}, []int{1, 1, 4, 3}, make([][2]int, 4)},
		{[]int{2, 6, 6, 2}, []int{1, 3, 3, 1}, []int{1, 2, 2, 1}, make([][2]int, 4)},
		{[]int{2, 5, 5, 2}, []int{1, 2, 2, 1}, []int{1, 2, 2, 1}, [][2]int{{}, {0, 1}, {0, 1}, {}}},
	} {
		for _, ties := range []bool{false, true} {
			t.Run(fmt.Sprint(tc.x, tc.windows, tc.strides, ties), func(t *testing.T) {
				data := golden.RuleInput(0, tc.x...)
				for i := range data.Data {
					if ties && data.Data[i] < 0.3 {
						data.Data[i] = 0
					}
				}
				golden.OnEngines(t, func(t *testing.T, engine compute.Backend) {
					x, unused := data.Tensor(t), golden.RuleInput(1, 1).Tensor(t)
					plain := func(x, _ *graph.Node) *graph.Node {
						return graph.BackendReduceWindow(x, compute.ReduceOpMax, tc.windows, tc.strides, nil, nil, tc.pads)
					}
					got := gradients(t, engine, func(x, _ *graph.Node) *graph.Node { return MaxPool(x, tc.windows, tc.strides, tc.pads) }, x, unused)
					golden.Same(t, got, gradients(t, engine, plain, x, unused), tolerance)
				})
			})
		}
	}
}

// benchmark times y and its gradients.
func benchmark(b *testing.B, engine compute.Backend, form func(x, kernel *graph.Node) *graph.Node, x, kernel *tensors.Tensor) {
	b.Helper()
	exec, err := graph.NewExec(engine, func(x, kernel *graph.Node) []*graph.Node {
		return graph.Gradient(graph.ReduceAllSum(graph.Square(form(x, kernel))), x, kernel)
	})
	require.NoError(b, err)
	run := func() {
		out, err := exec.Call(x, kernel)
		require.NoError(b, err)
		for _, t := range out {
			require.NoError(b, t.ToLocal())
			require.NoError(b, t.FinalizeAll())
		}
	}
	run()
	for b.Loop() {
		run()
	}
}

// BenchmarkMaxPool is of the fastest engine.
func BenchmarkMaxPool(b *testing.B) {
	windows, pads := []int{1, 2, 2, 1}, make([][2]int, 4)
	unused := golden.RuleInput(1, 1).Tensor(b)
	engines := golden.Engines(b)
	fastest := engines[len(engines)-1].Backend
	for _, s := range [][2]int{{32, 32}, {16, 64}, {8, 128}} {
		x := golden.RuleInput(0, 64, s[0], s[0], s[1]).Tensor(b)
		b.Run(fmt.Sprintf("%dx%d,%d/plain", s[0], s[0], s[1]), func(b *testing.B) {
			benchmark(b, fastest, func(x, _ *graph.Node) *graph.Node {
				return graph.BackendReduceWindow(x, compute.ReduceOpMax, windows, windows, nil, nil, pads)
			}, x, unused)
		})
		b.Run(fmt.Sprintf("%dx%d,%d/lowered", s[0], s[0], s[1]), func(b *testing.B) {
			benchmark(b, fastest, func(x, _ *graph.Node) *graph.Node { return MaxPool(x, windows, windows, pads) }, x, unused)
		})
	}
}
