package saving_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/internal/golden"
	"github.com/gokeras/gokeras/internal/hdf5"
	"github.com/gokeras/gokeras/saving"
)

// readConfig gives a configuration to FromJSON and uses the model that comes of it.
func readConfig(t testing.TB, what string, raw []byte) error {
	t.Helper()
	return bounded(t, what, len(raw), func() error {
		m, err := functional.FromJSON(raw, true)
		if err != nil {
			return err
		}
		return useModel(m)
	})
}

// realConfigs are configurations that Keras wrote.
func realConfigs(t testing.TB) map[string]string {
	configs := map[string]string{}
	for _, family := range []string{"models", "operations"} {
		var cases []struct {
			Name string
			JSON json.RawMessage
		}
		golden.Load(t, family, &cases)
		for _, c := range cases {
			raw := string(c.JSON)
			if text := ""; json.Unmarshal(c.JSON, &text) == nil {
				raw = text
			}
			configs[family+"/"+c.Name] = raw
		}
	}
	var layers struct {
		Cases []struct {
			Name        string
			Layer       json.RawMessage
			InputShapes []json.RawMessage `json:"input_shapes"`
		}
	}
	for _, family := range []string{"layers", "layers_more"} {
		golden.Load(t, family, &layers)
		for _, c := range layers.Cases {
			if len(c.InputShapes) == 1 {
				configs[family+"/"+c.Name] = fmt.Sprintf(`{"module": "keras", "class_name": "Sequential", "config": {"name": "s", "trainable": true, "layers": [
					{"module": "keras.layers", "class_name": "InputLayer", "config": {"batch_shape": %s, "dtype": "float32", "name": "i"}}, %s]}}`, c.InputShapes[0], c.Layer)
			}
		}
	}
	for _, family := range []string{"normalization", "textvectorization"} {
		for _, p := range golden.LoadProbes(t, family).Cases {
			configs[family+"/"+p.Name] = string(p.Config)
		}
	}
	for _, name := range []string{"k3_outputs.keras", "k3_sharded_model.keras"} { // compiled ones
		data, err := os.ReadFile(legacyFile(t, name))
		require.NoError(t, err)
		configs[name] = string(configOf(t, data))
	}
	require.Greater(t, len(configs), 100)
	return configs
}

// mutants are the values that each value of a configuration is replaced with. The numbers in words are read as Python's Infinity and NaN are.
var mutants = []any{
	nil, true, false, 0.0, -1.0, 1.5, 1e12, -1e15, 9007199254740993.0, 1e300, json.Number("1e400"), json.Number("0e9"), "", "x", "a/b", "\x1b[31m", "None",
	[]any{}, []any{nil}, []any{1e12, 1e12, 1e12}, []any{[]any{[]any{}}}, map[string]any{},
	map[string]any{"class_name": "Dense", "config": map[string]any{"units": 1e15}},
	map[string]any{"class_name": "__keras_tensor__", "config": nil},
}

// mutate calls visit with the configuration after each of its values was replaced in turn with each mutant, and each key was left out.
func mutate(root map[string]any, visit func(path string)) {
	var walk func(path string, v any)
	walk = func(path string, v any) {
		switch v := v.(type) {
		case map[string]any:
			for _, key := range slices.Sorted(maps.Keys(v)) {
				at, was := path+"."+key, v[key]
				for i, mutant := range mutants {
					v[key] = mutant
					visit(fmt.Sprintf("%s = mutant %d (%.40v)", at, i, mutant))
				}
				delete(v, key)
				visit(at + " left out")
				v[key] = was
				walk(at, was)
			}
		case []any:
			for i, was := range v {
				at := fmt.Sprintf("%s[%d]", path, i)
				for k, mutant := range mutants {
					v[i] = mutant
					visit(fmt.Sprintf("%s = mutant %d (%.40v)", at, k, mutant))
				}
				v[i] = was
				walk(at, was)
			}
		}
	}
	walk("", root)
}

// TestMutatedConfigurations puts wrong values in each place of real configurations, one at a time.
func TestMutatedConfigurations(t *testing.T) {
	configs := realConfigs(t)
	every := 41 // all of them take many minutes
	if testing.Short() {
		every = 197
	}
	n, loaded := 0, 0
	for _, name := range slices.Sorted(maps.Keys(configs)) {
		var root map[string]any
		require.NoError(t, json.Unmarshal([]byte(configs[name]), &root), name)
		mutate(root, func(path string) {
			if n++; n%every != 0 {
				return
			}
			raw, err := json.Marshal(root)
			require.NoError(t, err)
			if readConfig(t, name+": "+path, raw) == nil {
				loaded++
			}
		})
	}
	t.Logf("%d mutants, %d of the tried ones make a model", n, loaded)
	require.Positive(t, loaded)
}

// TestMutatedLegacyConfigurations does the same to what legacy HDF5 files say of their models and training.
func TestMutatedLegacyConfigurations(t *testing.T) {
	every := 31
	if testing.Short() {
		every = 197
	}
	n := 0
	path := filepath.Join(t.TempDir(), "m.h5")
	for _, name := range []string{"k2_functional.h5", "k2_nested.h5", "k2_old_functional.h5", "k2_old_sequential.h5", "k2_outputs.h5", "k3_nested.h5"} {
		data, err := os.ReadFile(legacyFile(t, name))
		require.NoError(t, err)
		f, err := hdf5.Open(bytes.NewReader(data), int64(len(data)))
		require.NoError(t, err)
		root := map[string]any{}
		for _, key := range []string{"model_config", "training_config"} {
			attr, err := f.Root().Attribute(key)
			if errors.Is(err, hdf5.ErrNotFound) {
				continue // a model that wasn't compiled
			}
			require.NoError(t, err)
			text, err := attr.Text()
			require.NoError(t, err)
			var value any
			require.NoError(t, json.Unmarshal([]byte(text), &value))
			root[key] = value
		}
		mutate(root, func(at string) {
			if n++; n%every != 0 {
				return
			}
			b := hdf5.NewBuilder()
			for key, value := range root {
				text, err := json.Marshal(value)
				require.NoError(t, err)
				require.NoError(t, b.Root().SetAttr(key, string(text)))
			}
			weights, err := b.Root().Group("model_weights")
			require.NoError(t, err)
			require.NoError(t, weights.SetAttr("layer_names", hdf5.FixedStrings{}))
			var out bytes.Buffer
			_, err = b.WriteTo(&out)
			require.NoError(t, err)
			require.NoError(t, os.WriteFile(path, out.Bytes(), 0o600))
			_ = bounded(t, name+": "+at, out.Len(), func() error {
				_, err := saving.LoadModel(path)
				return err
			})
		})
	}
	require.Greater(t, n, 10_000)
}
