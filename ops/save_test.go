package ops_test

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/layers"
	"github.com/gokeras/gokeras/ops"
	"github.com/gokeras/gokeras/saving"
)

// TestTrainSaveLoad trains a model through operations and layers of the same class names, and finds it again in a file.
func TestTrainSaveLoad(t *testing.T) {
	functional.ClearSession()
	functional.SetRandomSeed(1)
	x := functional.Input(3)
	h := layers.Dense(4).Apply(x)
	h = ops.Multiply(h, ops.Sigmoid(h))
	h = layers.Add().Apply(h, ops.Add(layers.Dense(4).Apply(x), 1))
	m, err := functional.NewModel(x, ops.Mean(h, ops.Axis(-1), ops.KeepDims()))
	require.NoError(t, err)
	require.NoError(t, m.Compile(functional.Compile{Optimizer: "adam", Loss: "mse"}))
	in, target := [][]float32{{1, 2, 3}, {-1, 0, 1}}, [][]float32{{1}, {2}}
	first, err := m.Evaluate(in, target, functional.Evaluate{Verbose: functional.Silent})
	require.NoError(t, err)
	_, err = m.Fit(in, target, functional.Fit{Epochs: 30, Verbose: functional.Silent})
	require.NoError(t, err)
	last, err := m.Evaluate(in, target, functional.Evaluate{Verbose: functional.Silent})
	require.NoError(t, err)
	require.Less(t, last.Loss(), first.Loss())
	want, err := m.Predict(in, functional.Predict{Verbose: functional.Silent})
	require.NoError(t, err)

	for _, name := range []string{"model.keras", "model.h5"} {
		path := filepath.Join(t.TempDir(), name)
		require.NoError(t, m.Save(path))
		again, err := saving.LoadModel(path)
		require.NoError(t, err, name)
		got, err := again.Predict(in, functional.Predict{Verbose: functional.Silent})
		require.NoError(t, err, name)
		require.Equal(t, want.Value(), got.Value(), name)
	}
}
