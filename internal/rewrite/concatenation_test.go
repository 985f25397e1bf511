package rewrite

import (
	"fmt"
	"testing"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/internal/golden"
	"github.com/gokeras/gokeras/internal/kernels"
	"github.com/gokeras/gokeras/internal/lowering"
)

// TestBeside compares convolutions of concatenated channels, with what follows them, and leaves the concatenation where something else uses it.
func TestBeside(t *testing.T) {
	engine := xlaWithKernels(t)
	for _, tc := range []struct {
		x, kernel []int
		own       int // of the channels
		stride    int
		dilation  int
		padding   [2]int
		steps     []string
	}{
		{[]int{2, 9, 11, 48}, []int{3, 3, 48, 32}, 16, 1, 1, [2]int{1, 1}, []string{"bias", "relu"}}, // Winograd's
		{[]int{1, 9, 8, 40}, []int{3, 3, 40, 20}, 3, 1, 1, [2]int{1, 1}, []string{"bias", "normal"}},
		{[]int{2, 7, 8, 5}, []int{2, 3, 5, 3}, 4, 1, 1, [2]int{0, 0}, []string{"bias", "added", "relu"}},
		{[]int{2, 12, 12, 33}, []int{3, 3, 33, 7}, 17, 2, 1, [2]int{0, 1}, nil},
		{[]int{2, 9, 11, 48}, []int{3, 3, 48, 32}, 16, 1, 2, [2]int{2, 2}, []string{"bias", "added", "relu"}},
		{[]int{1, 6, 70, 36}, []int{3, 2, 36, 16}, 1, 1, 1, [2]int{1, 0}, []string{"relu6"}},
	} {
		inputs := []*tensors.Tensor{golden.RuleInput(0, tc.x...).Tensor(t), golden.RuleInput(1, tc.kernel...).Tensor(t)}
		for i := range 5 {
			inputs = append(inputs, golden.RuleInput(2+i, tc.kernel[3]).Tensor(t))
		}
		c := lowering.ConvolutionND{Strides: []int{tc.stride, tc.stride}, Dilations: []int{tc.dilation, tc.dilation}, Paddings: [][2]int{tc.padding, tc.padding}, Groups: 1}
		joined := func(in []*graph.Node) *graph.Node {
			all := graph.AxisRange()
			return graph.Concatenate([]*graph.Node{graph.Slice(in[0], all, all, all, graph.AxisRange(0, tc.own)), graph.Sin(graph.Slice(in[0], all, all, all, graph.AxisRange(tc.own)))}, -1)
		}
		form := func(in []*graph.Node) []*graph.Node {
			return []*graph.Node{followed(c.Apply(joined(in), in[1]), in[2:], tc.steps)}
		}
		compareCalls(t, engine, form, inputs, 1, fmt.Sprint(tc))
		counting := &counter{compiler: compiler{Backend: engine, level: kernels.Best()}}
		compiled(t, counting, form, inputs)
		require.Zero(t, counting.operations["concatenate"], tc)
		compareCalls(t, engine, func(in []*graph.Node) []*graph.Node {
			return graph.Gradient(graph.ReduceAllSum(graph.Square(form(in)[0])), in...)
		}, inputs, -1, fmt.Sprint(tc, ", gradients"))
	}
}
