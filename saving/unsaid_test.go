package saving_test

import (
	"archive/zip"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/internal/golden"
	"github.com/gokeras/gokeras/internal/kerasfile"
	"github.com/gokeras/gokeras/internal/notice"
	"github.com/gokeras/gokeras/layers"
	"github.com/gokeras/gokeras/saving"
	"github.com/gokeras/gokeras/symbolic"
)

// TestUnsaidVersions makes the models of Keras 1's and 2's files from their configurations alone, which name no version: as they are, and as get_config
// returns them.
func TestUnsaidVersions(t *testing.T) {
	golden.OnGo(t)
	cases := keras2Cases(t)
	for _, name := range slices.Sorted(maps.Keys(cases)) {
		family, _, _ := strings.Cut(name, "_")
		if !slices.Contains([]string{"k1", "k23", "tfk"}, family) || !strings.HasSuffix(name, ".h5") || strings.Contains(name, "_unknown") {
			continue
		}
		t.Run(name, func(t *testing.T) {
			path := keras2File(t, name)
			want, err := saving.LoadUncompiled(path)
			require.NoError(t, err)
			f, err := kerasfile.OpenHDF5(path)
			require.NoError(t, err)
			defer f.Close()
			text, ok := f.Weights().Attr("model_config").(string)
			require.True(t, ok)
			var whole struct {
				Config json.RawMessage
			}
			require.NoError(t, json.Unmarshal([]byte(text), &whole))
			texts := []string{text}
			if whole.Config[0] == '{' { // a list of layers was all that a Sequential had at first
				texts = append(texts, string(whole.Config))
			}
			for _, text := range texts {
				m, err := functional.FromJSON([]byte(text), false)
				require.NoError(t, err)
				require.Equal(t, len(want.Weights()), len(m.Weights()))
				require.NoError(t, m.LoadWeights(path))
				cases[name].requireOutputs(t, m)
			}
		})
	}
}

// TestNoClass refuses other texts.
func TestNoClass(t *testing.T) {
	for text, says := range map[string]string{
		`{}`:                                    "it names no class, want what Keras's to_json or get_config gives",
		`{"layers": 3}`:                         "it names no class",
		`{"modelTopology": {"class_name": ""}}`: "it is TensorFlow.js's, want what",
	} {
		_, err := functional.FromJSON([]byte(text), false)
		require.ErrorContains(t, err, says)
	}
}

// TestKeras1Lambda gives a Lambda layer of Keras 1 a body.
func TestKeras1Lambda(t *testing.T) {
	text := func(name string) []byte {
		return []byte(`{"class_name": "Sequential", "keras_version": "1.2.1", "config": [{"class_name": "Lambda", "config": {"function": ["4wEAAAA=", null, null], "function_type": "lambda",
			"output_shape": [2], "output_shape_type": "raw", "arguments": {}, "trainable": true, "batch_input_shape": [null, 2], "input_dtype": "float32", "name": "` + name + `"}}]}`)
	}
	_, err := functional.FromJSON(text("lambda_1"), false)
	require.ErrorContains(t, err, `layer "lambda_1": a Lambda layer holds Python code, which is never run here: give it a body in Go with functional.RegisterLambda("lambda_1", …)`)
	functional.RegisterLambda("halves_of_keras_1", functional.LambdaBody{Call: func(_ *symbolic.Call, x []*graph.Node, _ map[string]any) []*graph.Node {
		return []*graph.Node{graph.MulScalar(x[0], 0.5)}
	}})
	m, err := functional.FromJSON(text("halves_of_keras_1"), false)
	require.NoError(t, err)
	golden.OnGo(t)
	out, err := m.PredictOnBatch([][]float32{{2, 4}})
	require.NoError(t, err)
	require.Equal(t, [][]float32{{1, 2}}, out[0].Value())
}

// TestAnotherOptimizersState loads an archive whose compile arguments leave the optimizer out, which is Keras's default then, beside the state of the one
// that it was trained with. Keras warns, and starts anew.
func TestAnotherOptimizersState(t *testing.T) {
	golden.OnGo(t)
	x, y := [][]float32{{1, 2, 3}, {3, 2, 1}}, [][]float32{{1}, {2}}
	input := functional.Input(3)
	m, err := functional.NewModel(input, layers.Dense(1).Apply(input))
	require.NoError(t, err)
	require.NoError(t, m.Compile(functional.Compile{Optimizer: "adam", Loss: "mse"}))
	for range 2 {
		_, err := m.TrainOnBatch(x, y, functional.BatchOptions{})
		require.NoError(t, err)
	}
	path := filepath.Join(t.TempDir(), "m.keras")
	require.NoError(t, m.Save(path))
	archive, err := os.ReadFile(path)
	require.NoError(t, err)
	var cfg map[string]any
	require.NoError(t, json.Unmarshal(configOf(t, archive), &cfg))
	delete(cfg["compile_config"].(map[string]any), "optimizer")
	raw, err := json.Marshal(cfg)
	require.NoError(t, err)
	weights, err := zip.OpenReader(path)
	require.NoError(t, err)
	defer weights.Close()
	held := zipEntry{weightsEntry, string(entryOf(t, &weights.Reader, weightsEntry))}
	again := zipFile(t, zip.Store, zipEntry{configEntry, string(raw)}, zipEntry{metadataEntry, `{"keras_version": "3.15.1"}`}, held)

	var out strings.Builder
	defer notice.To(&out)()
	got, err := saving.LoadModelBytes(again)
	require.NoError(t, err)
	require.Contains(t, out.String(), "the state of the file's optimizer isn't of the kind that the optimizer has here, which starts anew")
	steps, err := got.Iterations()
	require.NoError(t, err)
	require.Zero(t, steps)
	require.Equal(t, "RMSprop", got.Optimizer().KerasClass().Name)
	_, err = got.TrainOnBatch(x, y, functional.BatchOptions{})
	require.NoError(t, err)
}
