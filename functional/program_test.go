package functional_test

import (
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/backend"
	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/internal/golden"
	"github.com/gokeras/gokeras/layers"
)

func count(nodes []*graph.Node, wanted func(*graph.Node) bool) int {
	n := 0
	for _, node := range nodes {
		if wanted(node) {
			n++
		}
	}
	return n
}

// TestFrozenLayersCost: no gradient of a frozen weight is computed, nor the way back below the lowest trainable layer.
func TestFrozenLayersCost(t *testing.T) {
	images := golden.RuleInput(0, 4, 12, 12, 3)
	labels := golden.RuleLabels(4, 5)
	// heavy counts the convolutions and matrix products of a training step; the pure-Go engine has the latter for the former.
	heavy := func(t *testing.T, frozen ...int) int {
		t.Helper()
		list := []any{
			functional.Input(12, 12, 3),
			layers.Conv2D(4, 3).Activation("relu"),
			layers.BatchNormalization(),
			layers.MaxPooling2D(2),
			layers.Dropout(0.3),
			layers.Conv2D(4, 2).Activation("relu").Padding("same"), // a size of 2 has a gradient of its own form
			layers.Flatten(),
			layers.Dense(6).Activation("relu"),
			layers.Dense(5).Activation("softmax"),
		}
		for _, i := range frozen {
			list[i+1].(functional.Layer).Base().SetTrainable(false)
		}
		m, err := functional.NewSequential(list...)
		require.NoError(t, err)
		require.NoError(t, m.Compile(functional.Compile{Loss: "sparse_categorical_crossentropy", Metrics: []any{"accuracy"}}))
		nodes, err := functional.TrainStepNodes(m, images.Tensor(t), tensors.FromFlatDataAndDimensions(labels, 4))
		require.NoError(t, err)
		return count(nodes, func(n *graph.Node) bool {
			return n.Type() == graph.NodeTypeConvGeneral || n.Type() == graph.NodeTypeDotGeneral
		})
	}
	golden.OnEngines(t, func(t *testing.T, engine compute.Backend) {
		defer backend.Use(engine)()
		// A trainable layer has its product, that of the weight's gradient and, unless it is the lowest, that of the inputs' gradient.
		for _, c := range []struct {
			name   string
			frozen []int
			want   int
		}{
			{"none", nil, 2 + 3 + 3 + 3},
			{"the lowest", []int{0}, 1 + 3 + 3 + 3}, // BatchNormalization above it still learns
			{"the base", []int{0, 1}, 1 + 2 + 3 + 3},
			{"the base but its normalization", []int{0, 4}, 1 + 2 + 3 + 3},
			{"in between", []int{4, 6}, 2 + 2 + 2 + 3},
			{"the head", []int{6, 7}, 2 + 3 + 2 + 2},
			{"all but the head", []int{0, 1, 4, 6}, 1 + 1 + 1 + 2},
			{"all", []int{0, 1, 4, 6, 7}, 4},
		} {
			t.Run(c.name, func(t *testing.T) { require.Equal(t, c.want, heavy(t, c.frozen...)) })
		}
	})
}

// TestStepForms: the loss of a softmax takes no logarithm of its elements, also through a model within the model,
// and dropout needs no generator of bits.
func TestStepForms(t *testing.T) {
	const batch, classes = 4, 5
	x, inner := functional.Input(7), functional.Input(7)
	within := model(inner, layers.Dense(classes).Activation("softmax").Apply(layers.Dropout(0.3).Apply(inner)))
	m := model(x, within.Apply(x))
	require.NoError(t, m.Compile(functional.Compile{Loss: "sparse_categorical_crossentropy", Metrics: []any{"accuracy", "sparse_categorical_crossentropy"}}))
	golden.OnEngines(t, func(t *testing.T, engine compute.Backend) {
		defer backend.Use(engine)()
		nodes, err := functional.TrainStepNodes(m, golden.RuleInput(0, batch, 7).Tensor(t), tensors.FromFlatDataAndDimensions(golden.RuleLabels(batch, classes), batch))
		require.NoError(t, err)
		require.Zero(t, count(nodes, func(n *graph.Node) bool {
			return n.Type() == graph.NodeTypeLog && n.Shape().Size() == batch*classes || n.Type() == graph.NodeTypeRNGBitGenerator
		}))
	})
}
