package saving_test

import (
	"encoding/json"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/internal/golden"
	"github.com/gokeras/gokeras/layers"
	"github.com/gokeras/gokeras/saving"
)

// TestUnknownCompileArguments loads models whose losses, metrics and optimizers, as Keras writes a user's own, aren't known here: they predict, are
// saved with them as they were, fail only where they are needed, and take others.
func TestUnknownCompileArguments(t *testing.T) {
	golden.OnGo(t)
	own := map[string]any{"module": nil, "class_name": "Mine", "config": map[string]any{"name": "mine", "rate": 0.5}, "registered_name": "my>Mine"}
	function := map[string]any{"module": "builtins", "class_name": "function", "config": "my>loss", "registered_name": "function"}
	x, y := [][]float32{{1, 2, 3}}, [][]float32{{1, 2}}
	for name, c := range map[string]struct {
		argument  string
		value     any
		evaluates bool
	}{
		"loss":             {"loss", own, false},
		"function":         {"loss", function, false},
		"loss's name":      {"loss", "my_loss", false},
		"metric":           {"metrics", []any{"mae", own}, false},
		"metric's name":    {"metrics", []any{"mine"}, false},
		"weighted metrics": {"weighted_metrics", []any{[]any{own}}, false},
		"optimizer":        {"optimizer", own, true},
	} {
		t.Run(name, func(t *testing.T) {
			input := functional.Input(3)
			plain, err := functional.NewModel(input, layers.Dense(2).Apply(input))
			require.NoError(t, err)
			require.NoError(t, plain.Compile(functional.Compile{Loss: "mse"}))
			raw, err := plain.ToJSON()
			require.NoError(t, err)
			var text map[string]any
			require.NoError(t, json.Unmarshal(raw, &text))
			text["compile_config"].(map[string]any)[c.argument] = c.value
			raw, err = json.Marshal(text)
			require.NoError(t, err)

			m, err := functional.FromJSON(raw, true)
			require.NoError(t, err)
			_, err = m.Predict(x, functional.Predict{Verbose: functional.Silent})
			require.NoError(t, err)
			_, err = m.Fit(x, y, functional.Fit{Verbose: functional.Silent})
			require.ErrorContains(t, err, "as the file has it: unknown")
			_, err = m.Evaluate(x, y, functional.Evaluate{Verbose: functional.Silent})
			if c.evaluates {
				require.NoError(t, err)
			} else {
				require.ErrorContains(t, err, "as the file has it: unknown")
			}

			path := filepath.Join(t.TempDir(), "m.keras")
			require.NoError(t, m.Save(path))
			again, err := saving.LoadModel(path)
			require.NoError(t, err)
			written, err := again.ToJSON()
			require.NoError(t, err)
			golden.SameJSON(t, raw, written)

			given, ok := again.Compiled()
			require.True(t, ok)
			require.Error(t, again.Compile(given), "what is unknown must be replaced")
			require.NoError(t, again.Compile(functional.Compile{Loss: "mse"}))
			_, err = again.Fit(x, y, functional.Fit{Verbose: functional.Silent})
			require.NoError(t, err)
		})
	}
}

// TestLayersOfPackages names the Python package that a layer is from, in place of a layer that is spelled alike.
func TestLayersOfPackages(t *testing.T) {
	for class, pkg := range map[string]string{
		"QDense": "qkeras", "QConv2D": "qkeras", "PruneLowMagnitude": "tensorflow_model_optimization", "KerasLayer": "tensorflow_hub", "Addons>WeightNormalization": "tensorflow_addons",
		"DenseFlipout": "tensorflow_probability",
	} {
		_, err := functional.FromJSON([]byte(`{"class_name": "Sequential", "config": {"name": "m", "layers": [{"class_name": "`+class+`", "config": {"name": "first"}}]}, "keras_version": "2.9.0"}`), false)
		require.ErrorContains(t, err, `layer "first" is of the Python package `+pkg)
		require.NotContains(t, err.Error(), "did you mean")
	}
}
