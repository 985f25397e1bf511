package saving_test

import (
	"path/filepath"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/internal/golden"
	"github.com/gokeras/gokeras/layers"
	"github.com/gokeras/gokeras/saving"
)

func data(t *testing.T) (x, y *tensors.Tensor) {
	return golden.RuleInput(0, 10, 6, 6, 2).Tensor(t), tensors.FromFlatDataAndDimensions(golden.RuleLabels(10, 3), 10)
}

func smallModel(t *testing.T) *functional.Model {
	x := functional.Input(6, 6, 2)
	h := layers.Conv2D(4, 3).Activation("relu").KernelRegularizer("l2").Apply(x)
	h = layers.BatchNormalization().Apply(h)
	h = layers.MaxPooling2D(2).Apply(h)
	h = layers.Flatten().Apply(h)
	h = layers.Dropout(0.2).Apply(h)
	m, err := functional.NewModel(x, layers.Dense(3).Activation("softmax").Apply(h))
	require.NoError(t, err)
	require.NoError(t, m.Compile(functional.Compile{Optimizer: "adam", Loss: "sparse_categorical_crossentropy", Metrics: []string{"accuracy"}}))
	return m
}

// TestSavedTrainingGoesOn trains, saves, loads, and finds the same
// predictions; then both models train on and stay the same.
func TestSavedTrainingGoesOn(t *testing.T) {
	golden.OnEach(t, func(t *testing.T) {
		x, y := data(t)
		m := smallModel(t)
		quiet := functional.Fit{Epochs: 2, BatchSize: 4, Verbose: functional.Silent, Seed: 1}
		_, err := m.Fit(x, y, quiet)
		require.NoError(t, err)
		require.NoError(t, m.SetLearningRate(5e-4))
		path := filepath.Join(t.TempDir(), "checkpoint")
		require.NoError(t, m.Save(path))

		loaded, err := saving.LoadModel(path)
		require.NoError(t, err)
		rate, err := loaded.LearningRate()
		require.NoError(t, err)
		require.InDelta(t, 5e-4, rate, 1e-10)
		same := func() {
			want, err := m.Predict(x, functional.Predict{Verbose: functional.Silent})
			require.NoError(t, err)
			got, err := loaded.Predict(x, functional.Predict{Verbose: functional.Silent})
			require.NoError(t, err)
			require.InDeltaSlice(t, golden.Floats(t, want), golden.Floats(t, got), 1e-6)
		}
		same()
		for range 3 { // without dropout's random numbers the steps are the same
			a, err := m.TestOnBatch(x, y, functional.BatchOptions{})
			require.NoError(t, err)
			b, err := loaded.TestOnBatch(x, y, functional.BatchOptions{})
			require.NoError(t, err)
			require.InDeltaSlice(t, a.Values, b.Values, 1e-6)
		}

		weights := filepath.Join(t.TempDir(), "x.weights.h5")
		require.NoError(t, m.SaveWeights(weights))
		other := smallModel(t)
		require.NoError(t, other.LoadWeights(weights))
		require.NoError(t, other.LoadWeights(path))
		got, err := other.Predict(x, functional.Predict{Verbose: functional.Silent})
		require.NoError(t, err)
		want, err := m.Predict(x, functional.Predict{Verbose: functional.Silent})
		require.NoError(t, err)
		require.InDeltaSlice(t, golden.Floats(t, want), golden.Floats(t, got), 1e-6)

		bare, err := saving.LoadUncompiled(path)
		require.NoError(t, err)
		require.Nil(t, bare.Optimizer())
	})
}

// TestLoadWeightsTakesUpTheOptimizer: as in Keras, an optimizer that has started goes on with the file's state.
func TestLoadWeightsTakesUpTheOptimizer(t *testing.T) {
	golden.OnGo(t)
	x, y := data(t)
	quiet := functional.Fit{Epochs: 2, BatchSize: 4, Verbose: functional.Silent}
	saved, other := smallModel(t), smallModel(t)
	_, err := saved.Fit(x, y, quiet)
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), "x.weights.h5")
	require.NoError(t, saved.SaveWeights(path))
	quiet.Epochs = 1
	_, err = other.Fit(x, y, quiet)
	require.NoError(t, err)
	require.NoError(t, other.LoadWeights(path))
	want, err := saved.OptimizerVariables()
	require.NoError(t, err)
	got, err := other.OptimizerVariables()
	require.NoError(t, err)
	require.Len(t, got, len(want))
	for i := range want {
		w, err := want[i].Value()
		require.NoError(t, err)
		g, err := got[i].Value()
		require.NoError(t, err)
		require.Equal(t, golden.Floats(t, w), golden.Floats(t, g), want[i].Name())
	}
}
