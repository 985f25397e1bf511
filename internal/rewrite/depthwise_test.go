package rewrite

import (
	"fmt"
	"testing"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gokeras/gokeras/internal/golden"
	"github.com/gokeras/gokeras/internal/lowering"
)

// depthwise is a convolution of each channel by itself, with the gradients for its inputs and those of their sum of squares.
func depthwise(c lowering.ConvolutionND) func(in []*graph.Node) []*graph.Node {
	return func(in []*graph.Node) []*graph.Node {
		y := c.Depthwise(in[0], in[1])
		weights := graph.Sin(graph.ConvertDType(graph.IotaFull(y.Graph(), y.Shape()), y.DType()))
		first := graph.Gradient(graph.ReduceAllSum(graph.Mul(graph.Square(y), weights)), in...)
		second := graph.Gradient(graph.Add(graph.ReduceAllSum(graph.Square(first[0])), graph.ReduceAllSum(graph.Square(first[1]))), in...)
		return append(append([]*graph.Node{y}, first...), second...)
	}
}

// TestDepthwise compares convolutions of each channel by itself with what is made of them without kernels.
func TestDepthwise(t *testing.T) {
	engine := xlaWithKernels(t)
	plainly := func(strides ...int) lowering.ConvolutionND {
		dilations := make([]int, len(strides))
		for i := range dilations {
			dilations[i] = 1
		}
		return lowering.ConvolutionND{Strides: strides, Dilations: dilations, Paddings: make([][2]int, len(strides)), Groups: 1}
	}
	with := func(c lowering.ConvolutionND, paddings ...[2]int) lowering.ConvolutionND {
		c.Paddings = paddings
		return c
	}
	dilated := func(c lowering.ConvolutionND, dilations ...int) lowering.ConvolutionND {
		c.Dilations = dilations
		return c
	}
	for _, tc := range []struct {
		name      string
		x, kernel []int
		c         lowering.ConvolutionND
		calls     int
	}{
		{"same", []int{2, 7, 9, 8}, []int{3, 3, 8, 1}, with(plainly(1, 1), [2]int{1, 1}, [2]int{1, 1}), 3},
		{"valid", []int{3, 8, 12, 17}, []int{3, 3, 17, 1}, plainly(1, 1), 3},
		{"strides", []int{2, 9, 10, 24}, []int{3, 3, 24, 1}, with(plainly(2, 2), [2]int{0, 1}, [2]int{1, 1}), 3},
		{"strides that leave a rest", []int{2, 10, 11, 8}, []int{2, 3, 8, 1}, plainly(3, 2), 3},
		{"steps wider than the kernel", []int{1, 9, 14, 9}, []int{1, 2, 9, 1}, plainly(2, 5), 3},
		{"5×4", []int{2, 6, 13, 16}, []int{5, 4, 16, 1}, with(plainly(1, 2), [2]int{2, 2}, [2]int{2, 1}), 3},
		{"smaller than the kernel", []int{2, 2, 3, 8}, []int{5, 5, 8, 1}, with(plainly(1, 1), [2]int{2, 2}, [2]int{2, 2}), 3},
		{"one row", []int{3, 19, 11}, []int{3, 11, 1}, with(plainly(2), [2]int{1, 1}), 3},
		{"dilated", []int{2, 9, 12, 17}, []int{3, 3, 17, 1}, dilated(with(plainly(1, 1), [2]int{2, 2}, [2]int{3, 3}), 2, 3), 3},
		{"dilated columns", []int{2, 6, 15, 8}, []int{2, 4, 8, 1}, dilated(plainly(1, 1), 1, 3), 3},
		{"dilated beyond the image", []int{2, 4, 5, 24}, []int{3, 3, 24, 1}, dilated(with(plainly(1, 1), [2]int{5, 5}, [2]int{6, 6}), 5, 6), 3},
		{"dilated rows, strides of columns", []int{2, 9, 12, 16}, []int{3, 3, 16, 1}, dilated(with(plainly(1, 2), [2]int{2, 2}, [2]int{0, 1}), 2, 1), 3},
		{"dilations and strides of the same axis", []int{2, 9, 12, 16}, []int{3, 3, 16, 1}, dilated(plainly(2, 1), 2, 1), 0},
		{"dilated, causal row", []int{3, 19, 11}, []int{3, 11, 1}, dilated(with(plainly(1), [2]int{8, 0}), 4), 3},
		{"two for each", []int{2, 7, 9, 8}, []int{3, 3, 8, 2}, plainly(1, 1), 0},
		{"few channels", []int{2, 7, 9, 5}, []int{3, 3, 5, 1}, plainly(1, 1), 0},
	} {
		inputs := []*tensors.Tensor{golden.RuleInput(0, tc.x...).Tensor(t), golden.RuleInput(1, tc.kernel...).Tensor(t)}
		compareCalls(t, engine, func(in []*graph.Node) []*graph.Node { return depthwise(tc.c)(in)[:3] }, inputs, tc.calls, tc.name)
	}
}

// TestDepthwiseTwice takes gradients of gradients.
func TestDepthwiseTwice(t *testing.T) {
	engine := xlaWithKernels(t)
	inputs := []*tensors.Tensor{golden.RuleInput(0, 2, 7, 6, 8).Tensor(t), golden.RuleInput(1, 3, 2, 8, 1).Tensor(t)}
	for _, dilations := range [][]int{{1, 1}, {1, 2}} {
		c := lowering.ConvolutionND{Strides: []int{2, 1}, Dilations: dilations, Paddings: [][2]int{{1, 1}, {0, 1}}, Groups: 1}
		compareCalls(t, engine, depthwise(c), inputs, 9, fmt.Sprint("twice, dilations ", dilations))
	}
}
