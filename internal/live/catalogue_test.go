//go:build live

package live

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/internal/config"
	"github.com/gokeras/gokeras/internal/golden"
)

// entry is what Python says of a model of the catalogue.
type entry struct {
	X         []array
	Tolerance float64
	Classes   []string
}

func (e entry) tensors(t testing.TB) []*tensors.Tensor {
	t.Helper()
	x := make([]*tensors.Tensor, len(e.X))
	for i, a := range e.X {
		x[i] = a.tensor(t)
	}
	return x
}

// outputs are predictions, with the types that they had.
type outputs struct {
	Values []array
	DTypes []string
}

// TestCatalogue takes each model of catalogue/ from Python to Go and back: the files say the same, key by key and number by number, and the
// predictions are the same on both sides, through .keras and .weights.h5 files.
func TestCatalogue(t *testing.T) {
	on(t, "xla")
	var names []string
	ask(t, &names, "entries", nil)
	require.GreaterOrEqual(t, len(names), 60)
	seen, ran := map[string]bool{}, 0
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			for _, class := range checkEntry(t, name) {
				seen[config.SnakeCase(class)] = true
			}
			ran++
		})
	}
	if ran < len(names) {
		return // others failed, or were not asked for
	}
	for _, layer := range functional.LayerNames() {
		switch layer {
		case "equalization": // which Keras 3.15 can't put into a model
			continue
		case "text_vectorization", "string_lookup", "integer_lookup", "hashing", "hashed_crossing": // need Keras on TensorFlow: TestTextsFromGo
			continue
		}
		if strings.HasPrefix(layer, "gokeras>") { // Keras has no class for it
			continue
		}
		require.True(t, seen[layer], "no model of the catalogue has the layer %s: add one to catalogue/layers.py", layer)
	}
}

// checkEntry returns the names of the classes in the model.
func checkEntry(t *testing.T, name string) []string {
	t.Helper()
	dir := t.TempDir()
	path := func(name string) string { return filepath.Join(dir, name) }
	python := handle(t)
	var e entry
	ask(t, &e, "make", map[string]any{"model": python, "entry": name})
	ask(t, nil, "save", map[string]any{"model": python, "path": path("python.keras")})
	ask(t, nil, "save_weights", map[string]any{"model": python, "path": path("python.weights.h5")})
	original := pythonState(t, python)
	var want outputs
	ask(t, &want, "outputs", map[string]any{"model": python, "x": e.X})

	m, err := functional.Load(path("python.keras"), functional.LoadOptions{})
	require.NoError(t, err)
	own, err := m.ToJSON()
	require.NoError(t, err)
	sameFileJSON(t, []byte(original.JSON), own)
	weightsWithin(t, m, original, 0)
	require.Equal(t, endings(original.Trainable), endings(pathsOf(m.TrainableWeights())), "the trainable weights")
	samePrediction(t, m, e.tensors(t), want, e.Tolerance)

	require.NoError(t, m.Save(path("go.keras")))
	require.NoError(t, m.SaveWeights(path("go.weights.h5")))
	sameFileJSON(t, archived(t, path("python.keras"), "config.json"), archived(t, path("go.keras"), "config.json"))
	back := python + "-back"
	var loaded state
	ask(t, &loaded, "load", map[string]any{"model": back, "path": path("go.keras")})
	defer ask(t, nil, "forget", map[string]any{"model": back})
	sameFileJSON(t, []byte(original.JSON), []byte(loaded.JSON))
	sameWeights(t, original, loaded)
	sameOptimizer(t, original, loaded)
	samePythonPrediction(t, back, e, want)

	// Weights alone.
	ask(t, nil, "load_weights", map[string]any{"model": back, "path": path("go.weights.h5")})
	sameWeights(t, original, pythonState(t, back))
	fresh, err := functional.FromJSON(own, false)
	require.NoError(t, err)
	require.NoError(t, fresh.LoadWeights(path("python.weights.h5")))
	weightsWithin(t, fresh, original, 0)
	return e.Classes
}

// sameWeights requires that Python loaded the weights that it had, bit by bit.
func sameWeights(t testing.TB, want, got state) {
	t.Helper()
	require.Len(t, got.Weights, len(want.Weights))
	for i, w := range want.Weights {
		require.Equal(t, endings([]string{w.Path}), endings([]string{got.Weights[i].Path}))
		require.Equal(t, w.Value, got.Weights[i].Value, "%s", w.Path)
	}
}

// sameOptimizer requires that Python loaded the optimizer's variables that it had, bit by bit. Their names hold the paths of the weights, which
// depend on how a Sequential was built.
func sameOptimizer(t testing.TB, want, got state) {
	t.Helper()
	require.Len(t, got.Optimizer, len(want.Optimizer))
	for i, v := range want.Optimizer {
		require.Equal(t, v.Value, got.Optimizer[i].Value, "%s", v.Path)
	}
}

// samePythonPrediction requires that Python's model predicts what it did.
func samePythonPrediction(t testing.TB, python string, e entry, want outputs) {
	t.Helper()
	var got outputs
	ask(t, &got, "outputs", map[string]any{"model": python, "x": e.X})
	require.Equal(t, want.DTypes, got.DTypes)
	values := make([]*tensors.Tensor, len(got.Values))
	for i, a := range got.Values {
		values[i] = a.tensor(t)
	}
	sameValues(t, values, want.Values, 1e-6)
}

// samePrediction requires of the model Python's predictions.
func samePrediction(t testing.TB, m *functional.Model, x []*tensors.Tensor, want outputs, tolerance float64) {
	t.Helper()
	got, err := m.PredictOnBatch(x)
	require.NoError(t, err)
	require.Len(t, got, len(want.Values))
	for i, dtype := range want.DTypes {
		require.Equal(t, dtype, strings.ToLower(got[i].DType().String()), "the type of output %d", i)
	}
	sameValues(t, got, want.Values, tolerance)
}

// sameValues compares, relative to the largest number of each output.
func sameValues(t testing.TB, got []*tensors.Tensor, want []array, tolerance float64) {
	t.Helper()
	for i, w := range want {
		largest := 0.0
		for _, v := range w.floats(t) {
			largest = max(largest, math.Abs(v))
		}
		worst, where := furthest(t, got[i:i+1], want[i:i+1], []string{fmt.Sprintf("output %d", i)})
		require.LessOrEqual(t, worst, tolerance*largest, "%s, where the largest is %v", where, largest)
	}
}

// sameFileJSON compares configurations key by key, and tells 1 from 1.0, as Python does. Left out is what depends on the process.
func sameFileJSON(t testing.TB, want, got []byte) {
	t.Helper()
	golden.SameJSON(t, want, got, "shared_object_id")
	decode := func(raw []byte) (v any) {
		d := json.NewDecoder(bytes.NewReader(raw))
		d.UseNumber()
		require.NoError(t, d.Decode(&v))
		return v
	}
	sameKinds(t, "", decode(want), decode(got))
}

// floats are the arguments for which a user of Keras may write 1 where 1.0 is meant.
var floats = map[string]bool{"scale": true, "offset": true, "max_value": true, "clipvalue": true, "global_clipnorm": true,
	"factor": true, "height_factor": true, "width_factor": true, "value_range": true, "bin_boundaries": true,
	"sigma": true, "addition_factor": true, "threshold_factor": true, "x_factor": true, "y_factor": true}

// sameKinds requires that what is a float in want is one in got, and what is an integer an integer. Both have the same keys.
func sameKinds(t testing.TB, path string, want, got any) {
	t.Helper()
	switch w := want.(type) {
	case map[string]any:
		for key, v := range w {
			if key != "shared_object_id" {
				sameKinds(t, path+"."+key, v, got.(map[string]any)[key])
			}
		}
	case []any:
		for i, v := range w {
			sameKinds(t, fmt.Sprintf("%s[%d]", path, i), v, got.([]any)[i])
		}
	case json.Number:
		key, _, _ := strings.Cut(path[strings.LastIndex(path, ".")+1:], "[")
		isFloat := func(n json.Number) bool { return floats[key] || strings.ContainsAny(string(n), ".eE") }
		g := got.(json.Number)
		require.Equal(t, isFloat(w), isFloat(g), "%s is %s, Keras has %s", path, g, w)
	}
}

// archived reads a file from a .keras archive.
func archived(t testing.TB, path, name string) []byte {
	t.Helper()
	archive, err := zip.OpenReader(path)
	require.NoError(t, err)
	defer archive.Close()
	file, err := archive.Open(name)
	require.NoError(t, err)
	defer file.Close()
	raw, err := io.ReadAll(file)
	require.NoError(t, err)
	return raw
}
