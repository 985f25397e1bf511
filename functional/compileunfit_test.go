package functional

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestFileWithUnfitArguments checks that a file opens whose losses or metrics don't fit its outputs, as in Keras, which finds that out when it needs them:
// keras.saving.load_model of a model of two outputs compiled with metrics=["mae"], or with three losses, predicts, and evaluate raises.
func TestFileWithUnfitArguments(t *testing.T) {
	x := Input(3)
	m, err := NewModel(x, []*Tensor{x.Mul(2), x.Add(1)})
	require.NoError(t, err)
	require.NoError(t, m.Compile(Compile{Optimizer: "sgd", Loss: []any{"mse", "mae"}, Metrics: [][]string{{"mae"}, {"mse"}}}))
	raw, err := m.ToJSON()
	require.NoError(t, err)
	var file map[string]any
	require.NoError(t, json.Unmarshal(raw, &file))
	arguments := file["compile_config"].(map[string]any)
	for _, tc := range []struct {
		key   string
		unfit any
	}{
		{"metrics", []any{"mae"}}, {"weighted_metrics", []any{"mae"}},
		{"loss", []any{"mse", "mae", "mse"}}, {"loss", map[string]any{"no_output": "mse"}}, {"loss_weights", []any{1., 2., 3.}}, {"loss_weights", map[string]any{"no_output": 1.}},
	} {
		key, unfit := tc.key, tc.unfit
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
			require.EqualValues(t, fmt.Sprint(unfit), fmt.Sprint(again[key]), "what the file had")
			require.NoError(t, m.Compile(Compile{Optimizer: "sgd", Loss: "mse"}))
			_, err = m.Evaluate([][]float32{{1, 2, 3}}, y, Evaluate{Verbose: Silent})
			require.NoError(t, err)
		})
	}
}

// TestFileWithFewLosses checks that a file's losses may be fewer than the outputs: in Keras, evaluate of such a model gives {"a_loss": 4.0, "b_loss": 1.0, "loss": 5.0} and {"loss": 4.0}.
func TestFileWithFewLosses(t *testing.T) {
	x := Input(1)
	m, err := NewModel(x, []*Tensor{x.Mul(3), x.Mul(3), x.Add(1)})
	require.NoError(t, err)
	require.NoError(t, m.Compile(Compile{Optimizer: "sgd", Loss: "mse"}))
	names := m.OutputNames()
	for _, tc := range []struct {
		loss []any
		want map[string]float64
	}{
		{[]any{"mse", "mae"}, map[string]float64{names[0] + "_loss": 4, names[1] + "_loss": 1, "loss": 5}},
		{[]any{"mse"}, map[string]float64{"loss": 4}},
	} {
		raw, err := m.ToJSON()
		require.NoError(t, err)
		var file map[string]any
		require.NoError(t, json.Unmarshal(raw, &file))
		file["compile_config"].(map[string]any)["loss"] = tc.loss
		raw, err = json.Marshal(file)
		require.NoError(t, err)
		few, err := FromJSON(raw, true)
		require.NoError(t, err)
		scores, err := few.Evaluate([][]float32{{1}}, []any{[][]float32{{1}}, [][]float32{{2}}, [][]float32{{9}}}, Evaluate{Verbose: Silent})
		require.NoError(t, err)
		require.Equal(t, tc.want, scores.Map())
		again, err := few.CompileConfig()
		require.NoError(t, err)
		require.Equal(t, tc.loss, again["loss"])
	}
	require.Error(t, m.Compile(Compile{Optimizer: "sgd", Loss: []any{"mse"}}))
}
