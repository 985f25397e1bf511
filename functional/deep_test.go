package functional_test

import (
	"testing"

	"github.com/gomlx/compute"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/internal/golden"
	"github.com/gokeras/gokeras/internal/rewrite"
	"github.com/gokeras/gokeras/layers"
)

// TestManyNormalizedBlocks trains a deep stack of dense residual blocks with BatchNormalization. Left alone, XLA doubles its work every few of them: this
// many would take minutes, or all memory.
func TestManyNormalizedBlocks(t *testing.T) {
	const width, batch = 16, 16
	losses := map[int][]float64{} // by blocks: of one engine after the other, two
	golden.OnEngines(t, func(t *testing.T, engine compute.Backend) {
		blocks := 60
		if rewrite.Describe(engine).Off != "" { // left alone
			blocks = 10
		}
		functional.SetRandomSeed(1)
		in := functional.Input(width)
		y := in
		for range blocks {
			y = layers.BatchNormalization().Apply(layers.Add().Apply(y, layers.Dense(width).Activation("relu").Apply(y)))
		}
		m, err := functional.NewModel(in, layers.Dense(1).Apply(y))
		require.NoError(t, err)
		require.NoError(t, m.Compile(functional.Compile{Optimizer: "adam", Loss: "mae"}))
		for range 2 {
			scores, err := m.TrainOnBatch(golden.RuleInput(0, batch, width).Tensor(t), golden.RuleInput(1, batch, 1).Tensor(t), functional.BatchOptions{})
			require.NoError(t, err)
			losses[blocks] = append(losses[blocks], scores.Loss())
		}
	})
	for blocks, l := range losses {
		for i := 2; i < len(l); i++ {
			require.InDelta(t, l[i-2], l[i], 1e-3*(1+l[0]), "%d blocks", blocks)
		}
	}
}
