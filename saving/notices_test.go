package saving_test

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/internal/golden"
	"github.com/gokeras/gokeras/internal/notice"
	"github.com/gokeras/gokeras/layers"
)

// TestOptimizerStateLeftOut says when weights are loaded and an optimizer's state beside them isn't, as Keras warns.
func TestOptimizerStateLeftOut(t *testing.T) {
	golden.OnGo(t)
	x, y := [][]float32{{1, 2, 3}, {3, 2, 1}}, [][]float32{{1}, {2}}
	model := func(optimizer string, steps int) *functional.Model {
		input := functional.Input(3)
		m, err := functional.NewModel(input, layers.Dense(1).Name("dense").Apply(input))
		require.NoError(t, err)
		require.NoError(t, m.Compile(functional.Compile{Optimizer: optimizer, Loss: "mse"}))
		for range steps {
			_, err := m.TrainOnBatch(x, y, functional.BatchOptions{})
			require.NoError(t, err)
		}
		return m
	}
	path := filepath.Join(t.TempDir(), "m.weights.h5")
	require.NoError(t, model("adam", 2).SaveWeights(path))
	for name, c := range map[string]struct {
		into *functional.Model
		says string
	}{
		"fresh":   {model("adam", 0), "has the state of an optimizer, which a model that has made no step of training doesn't take up"},
		"started": {model("adam", 1), ""},
		"another": {model("sgd", 1), "has the state of another optimizer than the model's"},
	} {
		t.Run(name, func(t *testing.T) {
			var out strings.Builder
			defer notice.To(&out)()
			require.NoError(t, c.into.LoadWeights(path))
			if c.says == "" {
				require.Empty(t, out.String())
				variables, err := c.into.OptimizerVariables()
				require.NoError(t, err)
				step, err := variables[0].Value()
				require.NoError(t, err)
				require.EqualValues(t, 2, step.Value())
				return
			}
			require.Contains(t, out.String(), c.says)
		})
	}
}

// TestWayRoundCompileArguments names the way to read a model whose compile arguments make no sense.
func TestWayRoundCompileArguments(t *testing.T) {
	golden.OnGo(t)
	input := functional.Input(3)
	m, err := functional.NewModel(input, layers.Dense(1).Apply(input))
	require.NoError(t, err)
	require.NoError(t, m.Compile(functional.Compile{Loss: "mse"}))
	raw, err := m.ToJSON()
	require.NoError(t, err)
	var text map[string]any
	require.NoError(t, json.Unmarshal(raw, &text))
	text["compile_config"].(map[string]any)["optimizer"] = []any{1}
	raw, err = json.Marshal(text)
	require.NoError(t, err)
	_, err = functional.FromJSON(raw, true)
	require.ErrorContains(t, err, "saving.LoadUncompiled (--no-compile of the command) reads the model without")
}
