package rewrite

import (
	"fmt"
	"testing"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gokeras/gokeras/internal/golden"
	"github.com/gokeras/gokeras/internal/scan"
)

func normalizedRows(in []*graph.Node) []*graph.Node {
	y := scan.LayerNormalization{Epsilon: 1e-3}.Run(in[0], in[1], in[2])
	weights := graph.Cos(graph.ConvertDType(graph.IotaFull(y.Graph(), y.Shape()), y.DType()))
	return append([]*graph.Node{y}, graph.Gradient(graph.ReduceAllSum(graph.Mul(graph.Square(y), weights)), in[:3]...)...)
}

// TestLayerNormalization compares normalized rows with what XLA makes of them.
func TestLayerNormalization(t *testing.T) {
	engine := xlaWithKernels(t)
	for _, dims := range [][]int{{1, 1}, {3, 5}, {5, 8}, {64, 17}, {65, 33}, {700, 48}, {2, 1000}} {
		inputs := []*tensors.Tensor{golden.RuleInput(0, dims...).Tensor(t), golden.RuleInput(1, dims[1]).Tensor(t), golden.RuleInput(2, dims[1]).Tensor(t)}
		compareCalls(t, engine, normalizedRows, inputs, 2, fmt.Sprint(dims))
	}
}

// TestLayerNormalizationTwice takes gradients of gradients.
func TestLayerNormalizationTwice(t *testing.T) {
	engine := xlaWithKernels(t)
	inputs := []*tensors.Tensor{golden.RuleInput(0, 4, 7).Tensor(t), golden.RuleInput(1, 7).Tensor(t), golden.RuleInput(2, 7).Tensor(t)}
	compareCalls(t, engine, func(in []*graph.Node) []*graph.Node {
		first := normalizedRows(in)[1:]
		return graph.Gradient(graph.Add(graph.ReduceAllSum(graph.Square(first[0])), graph.ReduceAllSum(graph.Square(first[1]))), in[:3]...)
	}, inputs, 3, "twice")
}
