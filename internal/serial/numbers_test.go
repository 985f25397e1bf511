package serial

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/internal/config"
)

// TestOrderOfOptimizers: the keys of an OptimizerMap keep their order, at any depth, and all else is as ever.
func TestOrderOfOptimizers(t *testing.T) {
	m, err := decodeJSON([]byte(`{"a": [{"optimizer_map": {"class_name": "OptimizerMap", "config": {"optimizer_map": {"z": {"learning_rate": 1}, "b": 2.5, "y": null}}}}], "loss_weights": [1]}`))
	require.NoError(t, err)
	require.Equal(t, map[string]any{
		"a": []any{map[string]any{"optimizer_map": map[string]any{"class_name": "OptimizerMap", "config": map[string]any{
			"optimizer_map": config.Ordered{{Key: "z", Value: map[string]any{"learning_rate": 1.0}}, {Key: "b", Value: 2.5}, {Key: "y"}}}}}},
		"loss_weights": []any{1},
	}, m)
	raw, err := config.Marshal(m)
	require.NoError(t, err)
	require.Contains(t, string(raw), `{"z":{"learning_rate":1.0},"b":2.5,"y":null}`)
}

// TestNumbersOfOperations reads whole numbers of operations as such, also where a legacy file leaves out the module.
func TestNumbersOfOperations(t *testing.T) {
	for text, want := range map[string]any{
		`{"module": "keras.src.ops.numpy", "class_name": "Concatenate", "config": {"axis": -1}}`: -1,
		`{"class_name": "Concatenate", "config": {"axis": -1}}`:                                  -1,
		`{"class_name": "Concatenate", "config": {"axis": -1, "trainable": true}}`:               -1.0,
		`{"module": "keras.layers", "class_name": "Concatenate", "config": {"axis": -1}}`:        -1.0,
	} {
		m, err := decodeJSON([]byte(text))
		require.NoError(t, err)
		require.Equal(t, want, m["config"].(map[string]any)["axis"], text)
	}
}
