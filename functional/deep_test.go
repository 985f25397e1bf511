package functional_test

import (
	"testing"

	"github.com/gomlx/compute"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/internal/golden"
	"github.com/gokeras/gokeras/layers"
)

// TestManyNormalizedBlocks trains a deep stack of dense residual blocks with BatchNormalization. What XLA makes of each block must not depend on how many
// there are: it once doubled its work every few blocks, so that this many took minutes and all memory.
func TestManyNormalizedBlocks(t *testing.T) {
	const blocks, width, batch = 60, 8, 16
	losses := map[string][]float64{}
	golden.OnEngines(t, func(t *testing.T, engine compute.Backend) {
		functional.SetRandomSeed(1)
		in := functional.Input(width)
		y := in
		for range blocks {
			branch := layers.Activation("relu").Apply(layers.BatchNormalization().Apply(layers.Dense(width).Apply(y)))
			y = layers.Add().Apply(y, branch)
		}
		m, err := functional.NewModel(in, layers.Dense(1).Apply(y))
		require.NoError(t, err)
		require.NoError(t, m.Compile(functional.Compile{Optimizer: "adam", Loss: "mae"}))
		for range 2 {
			scores, err := m.TrainOnBatch(golden.RuleInput(0, batch, width).Tensor(t), golden.RuleInput(1, batch, 1).Tensor(t), functional.BatchOptions{})
			require.NoError(t, err)
			losses[engine.Name()] = append(losses[engine.Name()], scores.Loss())
		}
	})
	var first []float64
	for name, l := range losses {
		if first == nil {
			first = l
		}
		require.InDeltaSlice(t, first, l, 1e-3*(1+first[0]), name)
	}
}
