package functional_test

import (
	"encoding/json"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/backend"
	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/internal/golden"
	_ "github.com/gokeras/gokeras/layers"
)

type modelCase struct {
	Name         string
	Source       string
	JSON         json.RawMessage
	Built        *bool
	Layers       []string
	OutputNames  []string `json:"output_names"`
	Weights      []weightInfo
	Trainable    []string `json:"trainable_weights"`
	NonTrainable []string `json:"non_trainable_weights"`
	CountParams  int      `json:"count_params"`
	Inputs       []golden.Array
	Outputs      []golden.Array
	InShapes     [][]*int        `json:"input_shapes"`
	Structure    json.RawMessage `json:"output_structure"`
}

type weightInfo struct {
	Path      string
	Shape     []int
	Trainable bool
}

// TestModelsFromKeras reads the configurations that Keras wrote, writes them
// again, and compares weights, order and predictions.
func TestModelsFromKeras(t *testing.T) {
	var cases []modelCase
	golden.Load(t, "models", &cases)
	require.NotEmpty(t, cases)
	for at, tc := range cases {
		t.Run(tc.Name, func(t *testing.T) {
			m, err := functional.FromJSON(tc.JSON, true)
			require.NoError(t, err)
			again, err := m.ToJSON()
			require.NoError(t, err)
			// shared_object_id is the address of a Python object; jit_compile depends on Keras's backend.
			golden.SameJSON(t, tc.JSON, again, "shared_object_id", "jit_compile")

			var names []string
			for _, l := range m.Layers() {
				names = append(names, l.Base().Name())
			}
			require.Equal(t, tc.Layers, names)
			if tc.Built != nil && !*tc.Built {
				return
			}
			var got []weightInfo
			for _, w := range m.Weights() {
				got = append(got, weightInfo{w.Path(), w.Shape(), w.Trainable()})
			}
			require.Equal(t, tc.Weights, got)
			require.Equal(t, tc.Trainable, paths(m.TrainableWeights()))
			require.Equal(t, tc.NonTrainable, paths(m.NonTrainableWeights()))
			require.Equal(t, tc.CountParams, m.CountParams())
			setRuleWeights(t, m)
			golden.OnSomeEngines(t, at, func(t *testing.T, engine compute.Backend) {
				if len(tc.Name) > 8 && tc.Name[:8] == "notebook" && engine.Name() == "go" && testing.Short() {
					t.Skip("convolutions are slow on the pure-Go engine")
				}
				defer backend.Use(engine)()
				var inputs []*tensors.Tensor
				for j, shape := range tc.InShapes {
					dims := []int{2}
					for _, d := range shape[1:] {
						dims = append(dims, *d)
					}
					inputs = append(inputs, golden.RuleInput(j, dims...).Tensor(t))
				}
				outputs, err := m.PredictOnBatch(inputs)
				require.NoError(t, err)
				require.Len(t, outputs, len(tc.Outputs))
				for i, out := range outputs {
					golden.Close(t, "output", out, tc.Outputs[i], golden.Float32)
				}
			})
		})
	}
}

func paths(weights []*functional.Weight) []string {
	list := []string{}
	for _, w := range weights {
		list = append(list, w.Path())
	}
	return list
}

func setRuleWeights(t *testing.T, m *functional.Model) {
	t.Helper()
	for k, w := range m.Weights() {
		require.NoError(t, w.Set(golden.RuleWeight(k, w.Name(), w.Shape()...).Tensor(t)))
	}
}
