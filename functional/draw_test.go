package functional_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/internal/golden"
	"github.com/gokeras/gokeras/layers"
)

// TestWeightsAreDrawnAlike: all at once, on all cores, large weights get the values that each gets by itself.
func TestWeightsAreDrawnAlike(t *testing.T) {
	golden.OnGo(t)
	model := func() *functional.Model {
		functional.SetRandomSeed(5)
		m, err := functional.NewSequential(functional.Input(80), layers.Dense(90), layers.Dense(100).KernelInitializer("he_normal"), layers.BatchNormalization(), layers.Dense(70).KernelInitializer("orthogonal"), layers.Dense(3))
		require.NoError(t, err)
		return m
	}
	together, err := model().GetWeights()
	require.NoError(t, err)
	for i, w := range model().Weights() {
		alone, err := w.Value()
		require.NoError(t, err)
		require.True(t, alone.Equal(together[i]), w.Path())
	}
}
