package functional_test

import (
	"math"
	"testing"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/internal/golden"
	"github.com/gokeras/gokeras/layers"
)

// TestZeroLength has an input with an axis of size 0, as Keras's may have.
func TestZeroLength(t *testing.T) {
	golden.OnEach(t, func(t *testing.T) {
		none, some := functional.Input(0, 3), functional.Input(2, 3)
		y := layers.Concatenate().Axis(1).Apply(none, some)
		m, err := functional.NewModel([]*functional.Tensor{none, some}, y)
		require.NoError(t, err)
		require.Equal(t, functional.Shape{functional.None, 2, 3}, m.Output().Shape())
		raw, err := m.ToJSON()
		require.NoError(t, err)
		_, err = functional.FromJSON(raw, true)
		require.NoError(t, err)
		empty := tensors.FromShape(shapes.Make(dtypes.Float32, 4, 0, 3))
		full := golden.RuleInput(0, 4, 2, 3).Tensor(t)
		got, err := m.Predict([]*tensors.Tensor{empty, full}, functional.Predict{Verbose: functional.Silent})
		require.NoError(t, err)
		require.Equal(t, golden.Floats(t, full), golden.Floats(t, got))
	})
}

// TestMeansOfNothing normalizes and averages along axes of size 0 as Keras does: what is empty stays empty, a mean of nothing is NaN.
func TestMeansOfNothing(t *testing.T) {
	golden.OnEach(t, func(t *testing.T) {
		x := functional.Input(0, 4)
		outputs := []*functional.Tensor{
			layers.LayerNormalization().Apply(x), layers.RMSNormalization().Apply(x), layers.GlobalAveragePooling1D().Apply(x),
		}
		m, err := functional.NewModel(x, outputs)
		require.NoError(t, err)
		got, err := m.PredictAll(tensors.FromShape(shapes.Make(dtypes.Float32, 3, 0, 4)), functional.Predict{Verbose: functional.Silent})
		require.NoError(t, err)
		for _, y := range got[:2] {
			require.Equal(t, []int{3, 0, 4}, y.Shape().Dimensions)
		}
		for _, v := range golden.Floats(t, got[2]) {
			require.True(t, math.IsNaN(float64(v)))
		}
	})
}
