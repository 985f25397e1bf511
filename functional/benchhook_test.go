package functional_test

import (
	"context"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/backend"
	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/internal/golden"
	"github.com/gokeras/gokeras/internal/training"
	"github.com/gokeras/gokeras/layers"
	"github.com/gokeras/gokeras/losses"
)

// TestBareSteps trains one model with bare steps and its twin batch by batch: the weights must come out the same.
func TestBareSteps(t *testing.T) {
	golden.OnEngines(t, func(t *testing.T, engine compute.Backend) {
		defer backend.Use(engine)()
		x := golden.RuleInput(0, 8, 6).Tensor(t)
		y := tensors.FromFlatDataAndDimensions(golden.RuleLabels(8, 3), 8)
		build := func() *functional.Model {
			in := functional.Input(6)
			h := layers.BatchNormalization().Apply(layers.Dense(5).Activation("relu").Apply(in))
			m := model(in, layers.Dense(3).Activation("softmax").Apply(h))
			require.NoError(t, m.Compile(functional.Compile{Optimizer: "adam", Loss: "sparse_categorical_crossentropy"}))
			return m
		}
		bare, twin := build(), build()
		start, err := bare.GetWeights()
		require.NoError(t, err)
		require.NoError(t, twin.SetWeights(start))

		steps, err := training.NewBareSteps(context.Background(), training.SessionOf(bare), x, y)
		require.NoError(t, err)
		require.NoError(t, steps.Run(3))
		require.ErrorContains(t, steps.Run(0), "want at least one")
		require.NoError(t, steps.Run(1))
		for range 5 {
			_, err := twin.TrainOnBatch(x, y, functional.BatchOptions{})
			require.NoError(t, err)
		}
		got, err := bare.GetWeights()
		require.NoError(t, err)
		want, err := twin.GetWeights()
		require.NoError(t, err)
		require.False(t, start[0].InDelta(got[0], 1e-5), "the weights have not moved")
		for i := range want {
			require.True(t, want[i].InDelta(got[i], 1e-6), "weight %d: %s, want %s", i, got[i], want[i])
		}
	})
}

func TestBareStepsOfModelWithoutCompile(t *testing.T) {
	in := functional.Input(2)
	m := model(in, layers.Dense(1).Apply(in))
	_, err := training.NewBareSteps(context.Background(), training.SessionOf(m), [][]float32{{1, 2}}, [][]float32{{1}})
	require.ErrorContains(t, err, "bare steps of model")
	require.Nil(t, training.BenchTargets(training.SessionOf(m)))
}

func TestBenchTargets(t *testing.T) {
	in := functional.Input(2)
	outputs := []*functional.Tensor{layers.Dense(3).Name("classes").Apply(in), layers.Dense(1).Name("free").Apply(in),
		layers.Dense(4).Name("watched").Apply(in), layers.Dense(2).Name("values").Apply(in)}
	m := model(in, outputs)
	require.NoError(t, m.Compile(functional.Compile{
		Loss:    map[string]any{"classes": losses.SparseCategoricalCrossentropy().FromLogits(true), "values": "mse"},
		Metrics: map[string]any{"watched": "mae"},
	}))
	require.Equal(t, []training.BenchTarget{
		{Output: "classes", Shape: functional.Shape{functional.None, 3}, Loss: "SparseCategoricalCrossentropy"},
		{Output: "watched", Shape: functional.Shape{functional.None, 4}},
		{Output: "values", Shape: functional.Shape{functional.None, 2}, Loss: "MeanSquaredError"},
	}, training.BenchTargets(training.SessionOf(m)))
}
