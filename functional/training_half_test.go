package functional_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/backend"
	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/internal/golden"
)

// TestHalfTrainingAgainstKeras trains models whose weights are float16, in which an epsilon of 1e-7 is one of the smallest numbers. Twice as far
// as Keras gets from itself, when the last digit of its weights changes, is allowed.
func TestHalfTrainingAgainstKeras(t *testing.T) {
	var fixture struct {
		X, Y golden.Array
		Runs []struct {
			Name        string
			JSON        json.RawMessage
			Optimizer   map[string]any
			BatchSize   int          `json:"batch_size"`
			Initial     []namedArray `json:"initial_weights"`
			Final       []namedArray `json:"final_weights"`
			Losses      golden.Array
			Sensitivity struct{ Losses, Weights float64 }
		}
	}
	golden.Load(t, "training_half", &fixture)
	require.NotEmpty(t, fixture.Runs)
	for at, run := range fixture.Runs {
		t.Run(run.Name, func(t *testing.T) {
			golden.OnSomeEngines(t, at, func(t *testing.T, engine compute.Backend) {
				defer backend.Use(engine)()
				m, err := functional.FromJSON(run.JSON, false)
				require.NoError(t, err)
				begin(t, m, run.Initial)
				for _, w := range m.Weights() {
					require.Equal(t, dtypes.Float16, w.DType())
				}
				require.NoError(t, m.Compile(functional.Compile{Optimizer: run.Optimizer, Loss: "categorical_crossentropy"}))
				x, y := fixture.X.Tensor(t), fixture.Y.Tensor(t)
				for i, want := range run.Losses.Data {
					scores, err := m.TrainOnBatch(rows(t, x, i*run.BatchSize, run.BatchSize), rows(t, y, i*run.BatchSize, run.BatchSize), functional.BatchOptions{})
					require.NoError(t, err)
					closeNumbers(t, fmt.Sprintf("step %d: loss", i), scores.Values, []float64{float64(want)}, golden.Tolerance{Abs: 2 * run.Sensitivity.Losses})
				}
				for i, w := range m.Weights() {
					value, err := w.Value()
					require.NoError(t, err)
					golden.Close(t, w.Path(), value, run.Final[i].Value, golden.Tolerance{Abs: 2 * run.Sensitivity.Weights})
				}
			})
		})
	}
}
