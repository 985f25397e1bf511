package functional_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/layers"
)

// TestCompileAgain goes on training with other metrics and the optimizer's state carried over.
func TestCompileAgain(t *testing.T) {
	onGo(t)
	run := func(again bool) []float32 {
		functional.SetRandomSeed(3)
		m := classifier(t)
		x, y := classes(t, 16)
		o := quiet
		o.Shuffle, o.Epochs = functional.Off, 2
		_, err := m.Fit(x, y, o)
		require.NoError(t, err)
		if again {
			c, ok := m.Compiled()
			require.True(t, ok)
			require.Equal(t, "sparse_categorical_crossentropy", c.Loss)
			old, err := m.OptimizerVariables()
			require.NoError(t, err)
			require.Equal(t, "iteration", old[0].Name())
			require.Equal(t, "learning_rate", old[1].Name())
			c.Metrics = nil
			require.NoError(t, m.Compile(c))
			fresh, err := m.OptimizerVariables()
			require.NoError(t, err)
			require.Len(t, fresh, len(old))
			for i, v := range old {
				value, err := v.Value()
				require.NoError(t, err)
				require.NoError(t, fresh[i].Set(value))
			}
		}
		_, err = m.Fit(x, y, o)
		require.NoError(t, err)
		values, err := m.GetWeights()
		require.NoError(t, err)
		return values[0].Value().([][]float32)[0]
	}
	require.Equal(t, run(false), run(true))

	m, err := functional.NewSequential(functional.Input(2), layers.Dense(1))
	require.NoError(t, err)
	_, ok := m.Compiled()
	require.False(t, ok)
	_, err = m.OptimizerVariables()
	require.ErrorContains(t, err, "Compile")
}
