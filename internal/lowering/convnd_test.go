package lowering

import (
	"fmt"
	"slices"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/internal/golden"
)

// TestConvolutionND compares rows and volumes with images that hold the same: those that have one row, or one element along the first axis.
func TestConvolutionND(t *testing.T) {
	image := Convolution{Strides: [2]int{1, 2}, Dilations: [2]int{1, 1}, Paddings: [2][2]int{{0, 0}, {1, 0}}, Groups: 1}
	for _, tc := range []struct {
		name      string
		x, kernel []int
		c         ConvolutionND
		axis      int // which the image lacks, or has more
	}{
		{"volume", []int{2, 1, 3, 4, 2}, []int{1, 2, 3, 2, 2}, ConvolutionND{Strides: []int{1, 1, 2}, Dilations: []int{1, 1, 1}, Paddings: [][2]int{{}, {}, {1, 0}}, Groups: 1}, -1},
		{"row", []int{2, 4, 2}, []int{3, 2, 2}, ConvolutionND{Strides: []int{2}, Dilations: []int{1}, Paddings: [][2]int{{1, 0}}, Groups: 1}, 1},
	} {
		t.Run(tc.name, func(t *testing.T) {
			golden.OnEngines(t, func(t *testing.T, engine compute.Backend) {
				x, kernel := golden.RuleInput(0, tc.x...).Tensor(t), golden.RuleInput(1, tc.kernel...).Tensor(t)
				want := gradients(t, engine, func(x, kernel *graph.Node) *graph.Node {
					if tc.axis > 0 {
						return graph.Squeeze(image.Apply(graph.InsertAxes(x, 1), graph.InsertAxes(kernel, 0)), 1)
					}
					return graph.InsertAxes(image.Apply(graph.Squeeze(x, 1), graph.Squeeze(kernel, 0)), 1)
				}, x, kernel)
				golden.Same(t, gradients(t, engine, tc.c.Apply, x, kernel), want, tolerance)
			})
		})
	}
}

// TestDepthwise compares both ways to compute it.
func TestDepthwise(t *testing.T) {
	for _, first := range []bool{false, true} {
		t.Run(fmt.Sprint(first), func(t *testing.T) {
			c := ConvolutionND{ChannelsFirst: first, Strides: []int{1, 2}, Dilations: []int{1, 1}, Paddings: [][2]int{{6, 6}, {1, 2}}}
			xDims := []int{2, 5, 12, 2}
			if first {
				xDims = []int{2, 2, 5, 12}
			}
			kernelDims := []int{12, 11, 2, 2}
			require.Greater(t, kernelDims[0]*kernelDims[1], fewPositions)
			golden.OnEngines(t, func(t *testing.T, engine compute.Backend) {
				x, kernel := golden.RuleInput(0, xDims...).Tensor(t), golden.RuleInput(1, kernelDims...).Tensor(t)
				// The rows of the kernel in two halves, whose positions are few.
				want := gradients(t, engine, func(x, kernel *graph.Node) *graph.Node {
					upper, lower := c, c
					upper.Paddings = slices.Clone(c.Paddings)
					lower.Paddings = slices.Clone(c.Paddings)
					upper.Paddings[0][1] -= 6
					lower.Paddings[0][0] -= 6
					return graph.Add(upper.Depthwise(x, graph.SliceAxis(kernel, 0, graph.AxisRange(0, 6))), lower.Depthwise(x, graph.SliceAxis(kernel, 0, graph.AxisRange(6))))
				}, x, kernel)
				golden.Same(t, gradients(t, engine, c.Depthwise, x, kernel), want, tolerance)
			})
		})
	}
}

// TestConvolutionTwice compares a convolution, its gradients and gradients of these with sums of products, one for each of the kernel's positions.
func TestConvolutionTwice(t *testing.T) {
	for _, tc := range []struct {
		name      string
		x, kernel []int
		c         Convolution
	}{
		{"strides and a rest", []int{2, 8, 7, 3}, []int{3, 2, 3, 4}, Convolution{Strides: [2]int{3, 2}, Dilations: [2]int{1, 1}, Paddings: [2][2]int{{1, 0}, {0, 1}}, Groups: 1}},
		{"dilated", []int{2, 9, 8, 3}, []int{2, 3, 3, 4}, Convolution{Strides: [2]int{1, 1}, Dilations: [2]int{3, 2}, Paddings: [2][2]int{{2, 1}, {0, 3}}, Groups: 1}},
		{"more zeros than the kernel is wide", []int{2, 4, 5, 3}, []int{2, 3, 3, 4}, Convolution{Strides: [2]int{2, 1}, Dilations: [2]int{1, 1}, Paddings: [2][2]int{{3, 2}, {1, 1}}, Groups: 1}},
		{"channels first", []int{2, 3, 5, 6}, []int{3, 3, 3, 4}, Convolution{ChannelsFirst: true, Strides: [2]int{2, 1}, Dilations: [2]int{1, 1}, Paddings: [2][2]int{{1, 1}, {0, 0}}, Groups: 1}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			nd := ConvolutionND{ChannelsFirst: tc.c.ChannelsFirst, Strides: tc.c.Strides[:], Dilations: tc.c.Dilations[:], Paddings: tc.c.Paddings[:]}
			channels := tc.c.axes().InputChannels
			byPositions := func(x, kernel *graph.Node) *graph.Node {
				var sum *graph.Node
				for p, part := range nd.parts(x, tc.kernel[:2]) {
					weights := graph.Squeeze(graph.Slice(graph.Reshape(kernel, -1, tc.kernel[2], tc.kernel[3]), graph.AxisElem(p)), 0)
					term := graph.DotGeneral(part, []int{channels}, nil, weights, []int{0}, nil)
					if channels == 1 {
						term = graph.TransposeAllAxes(term, 0, 3, 1, 2)
					}
					if sum == nil {
						sum = term
					} else {
						sum = graph.Add(sum, term)
					}
				}
				return sum
			}
			// The squares of the first gradients are what the second ones are of. In float32 they would differ by more.
			twice := func(apply func(x, kernel *graph.Node) *graph.Node) func(x, kernel *graph.Node) *graph.Node {
				return func(x, kernel *graph.Node) *graph.Node {
					x, kernel = graph.ConvertDType(x, dtypes.Float64), graph.ConvertDType(kernel, dtypes.Float64)
					first := graph.Gradient(graph.ReduceAllSum(graph.Square(apply(x, kernel))), x, kernel)
					return graph.Add(graph.Square(first[0]), graph.ReduceAllSum(graph.Square(first[1])))
				}
			}
			golden.OnEngines(t, func(t *testing.T, engine compute.Backend) {
				x, kernel := golden.RuleInput(0, tc.x...).Tensor(t), golden.RuleInput(1, tc.kernel...).Tensor(t)
				golden.Same(t, gradients(t, engine, tc.c.Apply, x, kernel), gradients(t, engine, byPositions, x, kernel), tolerance)
				golden.Same(t, gradients(t, engine, twice(tc.c.Apply), x, kernel), gradients(t, engine, twice(byPositions), x, kernel), tolerance)
			})
		})
	}
}
