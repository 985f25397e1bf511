package functional_test

import (
	"testing"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/layers"
	"github.com/gokeras/gokeras/ops"
	"github.com/gokeras/gokeras/optimizers"
)

// TestAddLoss trains by nothing but a loss that was added, which is the mean square of what the model predicts.
func TestAddLoss(t *testing.T) {
	inputs := functional.Input(3)
	out := layers.Dense(2).Apply(inputs)
	m, err := functional.NewModel(inputs, out)
	require.NoError(t, err)
	require.ErrorContains(t, m.AddLoss(ops.Square(out)), "want one number")
	require.NoError(t, m.AddLoss(ops.Mean(ops.Square(out))))
	require.Len(t, m.Outputs(), 1)
	require.NoError(t, m.Compile(functional.Compile{Optimizer: optimizers.SGD(0.1)}))
	require.ErrorContains(t, m.AddLoss(ops.Mean(out)), "before Compile")

	x := [][]float32{{1, 2, 3}, {-1, 0, 2}, {0.5, 0.25, -1}, {2, 1, 0}}
	mean := func() (sum float64) {
		p, err := m.Predict(x, functional.Predict{})
		require.NoError(t, err)
		rows, err := functional.As[[][]float32](p)
		require.NoError(t, err)
		for _, row := range rows {
			for _, v := range row {
				sum += float64(v) * float64(v) / 8
			}
		}
		return sum
	}
	scores, err := m.Evaluate(x, nil, functional.Evaluate{Verbose: functional.Silent})
	require.NoError(t, err)
	before := mean()
	require.InDelta(t, before, scores.Loss(), 1e-5*before)
	_, err = m.Fit(x, nil, functional.Fit{Epochs: 5, Verbose: functional.Silent, ValidationData: &functional.Data{X: x}})
	require.NoError(t, err)
	require.Less(t, mean(), before)

	other := functional.Input(3)
	alone, err := functional.NewModel(other, layers.Dense(1).Apply(other))
	require.NoError(t, err)
	require.Error(t, alone.AddLoss(ops.Mean(out)))
	require.NoError(t, alone.Compile(functional.Compile{Optimizer: optimizers.SGD(0.1), Loss: "mse"}))
}

// TestStepWithoutModels computes with arrays alone: the gradient of a square.
func TestStepWithoutModels(t *testing.T) {
	trainer, err := functional.NewTrainer(functional.TrainerOptions{TestStep: func(s *functional.Step) {
		x := s.X()
		s.Output("gradient", graph.Gradient(graph.ReduceAllSum(graph.Square(x)), x)[0])
	}})
	require.NoError(t, err)
	require.Equal(t, "step", trainer.Name())
	require.ErrorContains(t, trainer.Save("a.keras"), "no model")
	_, err = trainer.GetWeights()
	require.ErrorContains(t, err, "no model")
	for _, x := range [][]float32{{1, 2, 3}, {4, 5}} {
		scores, err := trainer.TestOnBatch(x, nil)
		require.NoError(t, err)
		got, err := functional.As[[]float32](scores.Outputs["gradient"])
		require.NoError(t, err)
		for i := range x {
			require.Equal(t, 2*x[i], got[i])
		}
	}
}
