package functional_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/layers"
)

// TestCompileConfigKeepsItsSpelling: what means nothing here, and what could be written in two ways, leaves as it came.
func TestCompileConfigKeepsItsSpelling(t *testing.T) {
	functional.ClearSession()
	x := functional.Input(2)
	m, err := functional.NewModel(x, []*functional.Tensor{layers.Dense(1).Apply(x), layers.Dense(1).Apply(x)})
	require.NoError(t, err)
	require.NoError(t, m.Compile(functional.Compile{Loss: []any{"mse", "mae"}}))
	raw, err := m.ToJSON()
	require.NoError(t, err)
	var file map[string]json.RawMessage
	require.NoError(t, json.Unmarshal(raw, &file))
	var compile map[string]json.RawMessage
	require.NoError(t, json.Unmarshal(file["compile_config"], &compile))
	given := map[string]string{
		"run_eagerly": `true`, "jit_compile": `false`,
		"loss":         `["mse",{"class_name":"function","config":"mean_absolute_error","module":"builtins","registered_name":"function"}]`,
		"loss_weights": `[1,0.5]`,
	}
	for key, text := range given {
		compile[key] = json.RawMessage(text)
	}
	file["compile_config"], err = json.Marshal(compile)
	require.NoError(t, err)
	raw, err = json.Marshal(file)
	require.NoError(t, err)
	loaded, err := functional.FromJSON(raw, true)
	require.NoError(t, err)
	read := func() map[string]json.RawMessage {
		raw, err := loaded.ToJSON()
		require.NoError(t, err)
		var file struct {
			Compile map[string]json.RawMessage `json:"compile_config"`
		}
		require.NoError(t, json.Unmarshal(raw, &file))
		return file.Compile
	}
	again := read()
	for key, text := range given {
		require.JSONEq(t, text, string(again[key]), key)
	}
	require.NotContains(t, string(again["loss_weights"]), ".0", "the integer stays one")

	// What is compiled anew is the new.
	require.NoError(t, loaded.Compile(functional.Compile{Loss: []any{"mse", "mae"}, LossWeights: []float64{1, 2}}))
	again = read()
	require.JSONEq(t, `["mse","mae"]`, string(again["loss"]))
	require.Equal(t, `"auto"`, string(again["jit_compile"]))
}
