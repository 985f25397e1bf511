package functional_test

import (
	"fmt"
	"testing"

	"github.com/gomlx/compute"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/internal/golden"
	"github.com/gokeras/gokeras/internal/rewrite"
	"github.com/gokeras/gokeras/layers"
)

// TestManyNormalizedBlocks trains deep stacks of dense residual blocks with BatchNormalization as Keras does. Left alone, XLA doubles its work every few of
// them: 60 would take minutes, 300 all memory.
func TestManyNormalizedBlocks(t *testing.T) {
	const width, batch = 16, 16
	var cases []struct {
		Blocks int
		Losses []float64
	}
	golden.Load(t, "deep_blocks", &cases)
	golden.OnEngines(t, func(t *testing.T, engine compute.Backend) {
		for _, c := range cases {
			if c.Blocks > 10 && rewrite.Describe(engine).Off != "" { // XLA left alone
				continue
			}
			t.Run(fmt.Sprint(c.Blocks), func(t *testing.T) {
				in := functional.Input(width)
				y := in
				for range c.Blocks {
					y = layers.BatchNormalization().Apply(layers.Add().Apply(y, layers.Dense(width).Activation("relu").Apply(y)))
				}
				m, err := functional.NewModel(in, layers.Dense(1).Apply(y))
				require.NoError(t, err)
				for k, w := range m.Weights() {
					value := golden.RuleWeight(k, w.Name(), w.Shape()...)
					if w.Name() == "kernel" { // small, or rounding grows from block to block
						for i := range value.Data {
							value.Data[i] /= 16
						}
					}
					require.NoError(t, w.Set(value.Tensor(t)))
				}
				require.NoError(t, m.Compile(functional.Compile{Optimizer: "adam", Loss: "mae"}))
				for step, want := range c.Losses {
					scores, err := m.TrainOnBatch(golden.RuleInput(0, batch, width).Tensor(t), golden.RuleInput(1, batch, 1).Tensor(t), functional.BatchOptions{})
					require.NoError(t, err)
					require.InEpsilon(t, want, scores.Loss(), 1e-4, "step %d", step)
				}
			})
		}
	})
}
