package rewrite

import (
	"fmt"
	"slices"
	"testing"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gokeras/gokeras/internal/golden"
	"github.com/gokeras/gokeras/internal/lowering"
)

// TestTransposed compares transposes of convolutions, their gradients and gradients of these with what is made of them without kernels.
func TestTransposed(t *testing.T) {
	engine := xlaWithKernels(t)
	for _, tc := range []struct {
		name                   string
		x, kernel              []int
		strides, starts, sizes []int
		calls                  int
	}{
		{"doubled", []int{2, 5, 7, 17}, []int{3, 3, 19, 17}, []int{2, 2}, []int{0, 0}, []int{10, 14}, 3},
		{"whole", []int{2, 5, 4, 16}, []int{3, 4, 16, 16}, []int{1, 3}, []int{0, 0}, []int{7, 13}, 3},
		{"the middle", []int{3, 4, 6, 16}, []int{4, 3, 32, 16}, []int{2, 1}, []int{1, 1}, []int{8, 6}, 3},
		{"gaps", []int{2, 4, 5, 16}, []int{2, 1, 16, 16}, []int{3, 2}, []int{0, 0}, []int{11, 9}, 3},
		{"one row", []int{3, 9, 16}, []int{3, 24, 16}, []int{2}, []int{1}, []int{17}, 3},
		{"zeros behind", []int{2, 4, 5, 16}, []int{2, 2, 16, 16}, []int{2, 2}, []int{0, 0}, []int{9, 10}, 3},
		{"few filters", []int{2, 4, 5, 16}, []int{2, 2, 3, 16}, []int{2, 2}, []int{0, 0}, []int{8, 10}, 3},
	} {
		c := lowering.Transposed{Strides: tc.strides, Dilations: []int{1, 1}[:len(tc.strides)], Starts: tc.starts, Sizes: tc.sizes}
		form := func(in []*graph.Node) []*graph.Node {
			y := c.Apply(in[0], in[1])
			weights := graph.Sin(graph.ConvertDType(graph.IotaFull(y.Graph(), y.Shape()), y.DType()))
			return append([]*graph.Node{y}, graph.Gradient(graph.ReduceAllSum(graph.Mul(graph.Square(y), weights)), in...)...)
		}
		inputs := []*tensors.Tensor{golden.RuleInput(0, tc.x...).Tensor(t), golden.RuleInput(1, tc.kernel...).Tensor(t)}
		compareCalls(t, engine, form, inputs, tc.calls, tc.name)
		filters := tc.kernel[len(tc.kernel)-2]
		for _, steps := range [][]string{{"bias", "relu"}, {"bias", "normal", "relu6"}, {"normal", "added"}} {
			following := slices.Clone(inputs)
			for i := range 5 {
				following = append(following, golden.RuleInput(2+i, filters).Tensor(t))
			}
			inference := func(in []*graph.Node) []*graph.Node {
				return []*graph.Node{followed(c.Apply(in[0], in[1]), in[2:], steps)}
			}
			compareCalls(t, engine, inference, following, 1, fmt.Sprint(tc.name, " ", steps))
			compareCalls(t, engine, func(in []*graph.Node) []*graph.Node {
				return graph.Gradient(graph.ReduceAllSum(graph.Square(inference(in)[0])), in...)
			}, following, -1, fmt.Sprint(tc.name, " ", steps, ", gradients"))
		}
		if tc.name == "doubled" {
			compareCalls(t, engine, func(in []*graph.Node) []*graph.Node {
				first := form(in)[1:]
				return graph.Gradient(graph.Add(graph.ReduceAllSum(graph.Square(first[0])), graph.ReduceAllSum(graph.Square(first[1]))), in...)
			}, inputs, 9, "twice")
		}
	}
}
