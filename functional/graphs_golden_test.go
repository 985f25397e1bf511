package functional_test

import (
	"encoding/json"
	"testing"

	"github.com/gomlx/compute"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/backend"
	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/internal/golden"
)

// TestGraphsFromKeras reads models that are wired in unusual ways: layers and models inside several models, nested inputs,
// calls by keyword. Keras counts a shared layer's weights once, and so must the model that was read.
func TestGraphsFromKeras(t *testing.T) {
	var cases []struct {
		Name                     string
		JSON                     json.RawMessage
		Weights, Inputs, Outputs []golden.Array
	}
	golden.Load(t, "graphs", &cases)
	require.NotEmpty(t, cases)
	for at, tc := range cases {
		t.Run(tc.Name, func(t *testing.T) {
			m, err := functional.FromJSON(tc.JSON, true)
			require.NoError(t, err)
			again, err := m.ToJSON()
			require.NoError(t, err)
			golden.SameJSON(t, tc.JSON, again, "shared_object_id")
			restored, err := functional.FromJSON(again, true)
			require.NoError(t, err)
			for _, m := range []*functional.Model{m, restored} {
				golden.SetWeights(t, m.Weights(), tc.Weights)
				golden.OnSomeEngines(t, at, func(t *testing.T, engine compute.Backend) {
					defer backend.Use(engine)()
					outputs, err := m.PredictOnBatch(golden.Tensors(t, tc.Inputs))
					require.NoError(t, err)
					require.Len(t, outputs, len(tc.Outputs))
					for i, out := range outputs {
						tolerance := golden.Float32
						if tc.Name == "policies" { // half precision
							tolerance = golden.Tolerance{Abs: 2e-2, Rel: 2e-2}
						}
						golden.Close(t, "output", out, tc.Outputs[i], tolerance)
					}
				})
			}
		})
	}
}
