package rewrite

import (
	"fmt"
	"math"
	"testing"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gokeras/gokeras/internal/golden"
	"github.com/gokeras/gokeras/internal/kernels"
	"github.com/gokeras/gokeras/internal/scan"
)

// maximaOver are maxima along the axes, and their gradient.
func maximaOver(axes ...int) func(in []*graph.Node) []*graph.Node {
	return func(in []*graph.Node) []*graph.Node {
		y := scan.Largest(in[0], axes...)
		weights := graph.Cos(graph.ConvertDType(graph.IotaFull(y.Graph(), y.Shape()), y.DType()))
		return []*graph.Node{y, graph.Gradient(graph.ReduceAllSum(graph.Mul(y, weights)), in[0])[0]}
	}
}

// TestMaxima compares maxima along axes in the middle with what XLA makes of them, also of values many of which are equal.
func TestMaxima(t *testing.T) {
	engine := xlaWithKernels(t)
	for _, tc := range []struct {
		dims, axes []int
		calls      int
	}{
		{[]int{4, 50, 64}, []int{1}, 2}, {[]int{3, 9, 11, 33}, []int{1, 2}, 2}, {[]int{9, 11, 97}, []int{0, 1}, 2}, {[]int{300, 40}, []int{0}, 2}, {[]int{2, 5000, 9}, []int{1}, 2},
		{[]int{64, 300}, []int{1}, 2}, {[]int{4, 50, 7}, []int{1}, 0}, {[]int{7, 50, 8, 60}, []int{1, 3}, 0}, {[]int{4, 5, 6}, []int{1}, 0},
	} {
		x := golden.RuleInput(0, tc.dims...).Tensor(t)
		compareCalls(t, engine, maximaOver(tc.axes...), []*tensors.Tensor{x}, tc.calls, fmt.Sprint(tc.dims, tc.axes))
		compareCalls(t, engine, maximaOver(tc.axes...), []*tensors.Tensor{someNumbers(-2, 3, tc.dims...)}, tc.calls, fmt.Sprint("equal ", tc.dims, tc.axes))
	}
}

// TestMaximaOfNaN: a maximum is NaN where a value is, and the first of these has its gradient.
func TestMaximaOfNaN(t *testing.T) {
	engine := xlaWithKernels(t)
	x := golden.RuleInput(0, 4, 40, 70).Tensor(t)
	tensors.MustMutableFlatData(x, func(flat []float32) {
		for i := 0; i < len(flat); i += 97 {
			flat[i] = float32(math.NaN())
		}
	})
	inputs := []*tensors.Tensor{x}
	want := run(t, compiled(t, engine, maximaOver(1), inputs), engine, inputs)
	for level := kernels.AVX2; level <= kernels.Best(); level++ {
		got := run(t, compiled(t, compiler{Backend: engine, level: level}, maximaOver(1), inputs), engine, inputs)
		nearOrNaN(t, want, got, 1e-6)
	}
}

// TestMaximaTwice takes gradients of gradients.
func TestMaximaTwice(t *testing.T) {
	engine := xlaWithKernels(t)
	inputs := []*tensors.Tensor{golden.RuleInput(0, 4, 50, 64).Tensor(t)}
	compareCalls(t, engine, func(in []*graph.Node) []*graph.Node {
		y := scan.Largest(in[0], 1)
		first := graph.Gradient(graph.ReduceAllSum(graph.Mul(graph.Mul(y, y), y)), in[0])[0]
		return graph.Gradient(graph.ReduceAllSum(graph.Square(first)), in[0])
	}, inputs, -1, "twice")
}
