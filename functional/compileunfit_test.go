package functional

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestFileWithUnfitMetrics checks that a file opens whose metrics don't fit its outputs, as in Keras, which finds that out when it needs them:
// keras.saving.load_model of a model of two outputs compiled with metrics=["mae"] predicts, and evaluate raises.
func TestFileWithUnfitMetrics(t *testing.T) {
	x := Input(3)
	m, err := NewModel(x, []*Tensor{x.Mul(2), x.Add(1)})
	require.NoError(t, err)
	require.NoError(t, m.Compile(Compile{Optimizer: "sgd", Loss: []any{"mse", "mae"}, Metrics: [][]string{{"mae"}, {"mse"}}}))
	raw, err := m.ToJSON()
	require.NoError(t, err)
	var file map[string]any
	require.NoError(t, json.Unmarshal(raw, &file))
	arguments := file["compile_config"].(map[string]any)
	for key, unfit := range map[string]any{"metrics": []any{"mae"}, "weighted_metrics": []any{"mae"}} {
		t.Run(key, func(t *testing.T) {
			kept := arguments[key]
			defer func() { arguments[key] = kept }()
			arguments[key] = unfit
			raw, err := json.Marshal(file)
			require.NoError(t, err)
			m, err := FromJSON(raw, true)
			require.NoError(t, err)
			_, err = m.PredictAll([][]float32{{1, 2, 3}}, Predict{})
			require.NoError(t, err)
			y := []any{[][]float32{{1, 2, 3}}, [][]float32{{1, 2, 3}}}
			_, err = m.Evaluate([][]float32{{1, 2, 3}}, y, Evaluate{Verbose: Silent})
			require.ErrorContains(t, err, "call Compile with another")
			require.NotContains(t, err.Error(), "register it")
			again, err := m.CompileConfig()
			require.NoError(t, err)
			require.Equal(t, unfit, again[key], "what the file had")
			require.NoError(t, m.Compile(Compile{Optimizer: "sgd", Loss: "mse"}))
			_, err = m.Evaluate([][]float32{{1, 2, 3}}, y, Evaluate{Verbose: Silent})
			require.NoError(t, err)
		})
	}
}
