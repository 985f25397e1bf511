package rewrite

import (
	"fmt"
	"testing"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/internal/golden"
	"github.com/gokeras/gokeras/internal/kernels"
)

// sumsOver are the axes but the last, and the way to spread a value a column over them.
func sumsOver(shape []int) (sum, spread func(*graph.Node) *graph.Node) {
	n := len(shape) - 1
	var axes []int
	along := make([]int, n+1)
	for i := range n {
		axes, along[i] = append(axes, i), 1
	}
	along[n] = shape[n]
	return func(x *graph.Node) *graph.Node { return graph.ReduceSum(x, axes...) }, func(row *graph.Node) *graph.Node { return graph.Reshape(row, along...) }
}

// TestSums compares sums over all axes but the last with XLA's own.
func TestSums(t *testing.T) {
	engine := xlaWithKernels(t)
	for _, shape := range [][]int{{4100, 8}, {5, 41, 19, 17}, {64, 700}, {2, 17000}, {40, 100, 33}, {7, 2500, 12}} {
		sum, spread := sumsOver(shape)
		inputs := []*tensors.Tensor{golden.RuleInput(0, shape...).Tensor(t), golden.RuleInput(1, shape...).Tensor(t), golden.RuleInput(2, shape[len(shape)-1]).Tensor(t)}
		form := func(in []*graph.Node) []*graph.Node {
			return []*graph.Node{
				sum(in[0]), sum(graph.Mul(in[0], in[1])), // one call
				sum(graph.Square(graph.Sub(in[1], spread(in[2])))), sum(graph.Square(in[1])), sum(graph.Add(in[0], in[1])),
			}
		}
		compareCalls(t, engine, form, inputs, 4, fmt.Sprint(shape))
	}
}

// TestSumsOf tells what becomes one call.
func TestSumsOf(t *testing.T) {
	engine := xlaWithKernels(t)
	shape := []int{64, 600}
	sum, spread := sumsOver(shape)
	inputs := []*tensors.Tensor{golden.RuleInput(0, shape...).Tensor(t), golden.RuleInput(1, shape...).Tensor(t), golden.RuleInput(2, shape[1]).Tensor(t)}
	for _, tc := range []struct {
		name  string
		form  func(in []*graph.Node) []*graph.Node
		calls int
	}{
		{"differences of arrays", func(in []*graph.Node) []*graph.Node { return []*graph.Node{sum(graph.Square(graph.Sub(in[0], in[1])))} }, 1},
		{"variance", func(in []*graph.Node) []*graph.Node {
			mean := graph.MulScalar(sum(in[0]), 1./float64(shape[0]))
			return []*graph.Node{mean, sum(graph.Square(graph.Sub(in[0], spread(mean))))}
		}, 2},
		{"products first", func(in []*graph.Node) []*graph.Node { return []*graph.Node{sum(graph.Mul(in[1], in[0])), sum(in[0])} }, 1},
		{"one known later", func(in []*graph.Node) []*graph.Node {
			first := sum(in[0])
			return []*graph.Node{first, sum(graph.Mul(in[0], graph.Add(in[1], spread(first))))}
		}, 2},
		{"times a row", func(in []*graph.Node) []*graph.Node { return []*graph.Node{sum(graph.Mul(in[0], spread(in[2])))} }, 1},
		{"over the last axis", func(in []*graph.Node) []*graph.Node { return []*graph.Node{graph.ReduceSum(in[0], 1)} }, 1},
		{"of all", func(in []*graph.Node) []*graph.Node { return []*graph.Node{graph.ReduceAllSum(in[0])} }, 1},
		{"of one column, which leaves an axis", func(in []*graph.Node) []*graph.Node {
			return []*graph.Node{graph.Concatenate([]*graph.Node{graph.ReduceSum(graph.Reshape(in[0], -1, 1), 0), graph.Slice(in[2], graph.AxisRange(0, 1))}, 0)}
		}, 0},
		{"of all squares", func(in []*graph.Node) []*graph.Node { return []*graph.Node{graph.ReduceAllSum(graph.Square(in[0]))} }, 1},
		{"of all products", func(in []*graph.Node) []*graph.Node {
			return []*graph.Node{graph.ReduceAllSum(graph.Mul(in[0], in[1]))}
		}, 1},
		{"of all that is computed", func(in []*graph.Node) []*graph.Node {
			return []*graph.Node{graph.ReduceAllMean(graph.Abs(graph.Sub(in[0], in[1])))}
		}, 1},
		{"of a product of what is computed", func(in []*graph.Node) []*graph.Node {
			return []*graph.Node{graph.ReduceAllSum(graph.Mul(graph.Exp(in[0]), in[1]))}
		}, 1},
	} {
		compareCalls(t, engine, tc.form, inputs, tc.calls, tc.name)
	}
}

// TestFewSums leaves small sums to XLA.
func TestFewSums(t *testing.T) {
	engine := xlaWithKernels(t)
	for _, shape := range [][]int{{100, 16}, {10000, 7}} {
		counting := &counter{compiler: compiler{Backend: engine, level: kernels.Best()}}
		compiled(t, counting, func(in []*graph.Node) []*graph.Node { return []*graph.Node{graph.ReduceSum(in[0], 0)} }, []*tensors.Tensor{golden.RuleInput(0, shape...).Tensor(t)})
		require.Zero(t, counting.calls)
	}
}
