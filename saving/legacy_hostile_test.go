package saving_test

import (
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/internal/kerasfile"
	"github.com/gokeras/gokeras/saving"
)

// openDamaged opens a file of a model in every way there is; there may be errors, but nothing else.
func openDamaged(t *testing.T, path string) error {
	m, err := saving.LoadModel(path)
	if err != nil {
		require.NotEmpty(t, err.Error())
		if m, err := saving.LoadUncompiled(path); err == nil {
			_, _ = m.LoadWeightsWith(path, functional.LoadWeightsOptions{SkipMismatch: true})
		}
		return err
	}
	_, _ = m.LoadWeightsWith(path, functional.LoadWeightsOptions{ByName: true, SkipMismatch: true})
	return nil
}

// TestTruncatedLegacyFiles cuts files at many places: a whole model is in none of them.
func TestTruncatedLegacyFiles(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"k2_old_functional.h5", "k3_nested.h5"} {
		data, err := os.ReadFile(legacyPath(name))
		require.NoError(t, err)
		path := filepath.Join(dir, name)
		for i := range 100 {
			n := len(data) * i / 100
			require.NoError(t, os.WriteFile(path, data[:n], 0o600))
			require.Error(t, openDamaged(t, path), "%s cut at %d of %d bytes", name, n, len(data))
		}
	}
	// A shard that is cut or missing.
	shards, err := filepath.Glob(legacyPath("k3_sharded*.weights.*"))
	require.NoError(t, err)
	require.Len(t, shards, 3)
	whole := map[string][]byte{}
	for _, shard := range shards {
		whole[filepath.Base(shard)], err = os.ReadFile(shard)
		require.NoError(t, err)
	}
	m, err := saving.LoadUncompiled(legacyPath("k3_sharded_model.keras"))
	require.NoError(t, err)
	for cut, data := range whole {
		for i := range 20 {
			for name, data := range whole {
				require.NoError(t, os.WriteFile(filepath.Join(dir, name), data, 0o600))
			}
			require.NoError(t, os.WriteFile(filepath.Join(dir, cut), data[:len(data)*i/20], 0o600))
			require.Error(t, m.LoadWeights(filepath.Join(dir, "k3_sharded.weights.json")), "%s cut at %d/20", cut, i)
		}
	}
}

// legacyTree reads a fixture to be changed.
func legacyTree(t testing.TB, name string) *kerasfile.Group {
	r, err := kerasfile.OpenHDF5(legacyPath(name))
	require.NoError(t, err)
	t.Cleanup(func() { _ = r.Close() })
	return r.Weights()
}

// TestHostileLegacyFiles opens intact HDF5 files whose content is not what Keras writes.
func TestHostileLegacyFiles(t *testing.T) {
	set := func(name string, value any) func(*kerasfile.Group) error {
		return func(g *kerasfile.Group) error { return g.SetAttr(name, value) }
	}
	in := func(path string, change func(*kerasfile.Group) error) func(*kerasfile.Group) error {
		return func(g *kerasfile.Group) error { return change(g.Group(path)) }
	}
	array := func(path, dtype string, shape []int, data []byte) func(*kerasfile.Group) error {
		return func(g *kerasfile.Group) error {
			a, err := kerasfile.NewArray(dtype, shape, data)
			require.NoError(t, err)
			return g.Set(path, a)
		}
	}
	for name, c := range map[string]struct {
		change func(*kerasfile.Group) error
		says   string
	}{
		"number for configuration":        {set("model_config", 5), "model_config is a int64, want a text"},
		"texts for configuration":         {set("model_config", []string{"{}", "{}"}), "want a text"},
		"no JSON":                         {set("model_config", "{"), "model_config"},
		"JSON list":                       {set("model_config", "[]"), "model_config"},
		"deep JSON":                       {set("model_config", strings.Repeat(`{"a":`, 5000)+"1"+strings.Repeat("}", 5000)), "nests"},
		"empty object":                    {set("model_config", "{}"), "without a class_name"},
		"no layers":                       {set("model_config", `{"class_name": "Functional", "config": {"name": "m"}}`), "layers"},
		"cyclic graph":                    {set("model_config", `{"class_name": "Functional", "config": {"name": "m", "layers": [{"class_name": "ReLU", "name": "a", "config": {"name": "a"}, "inbound_nodes": [[["a", 0, 0, {}]]]}], "input_layers": [["a", 0, 0]], "output_layers": [["a", 0, 0]]}}`), "cycle"},
		"negative node":                   {set("model_config", `{"class_name": "Functional", "config": {"name": "m", "layers": [{"class_name": "ReLU", "name": "a", "config": {"name": "a"}, "inbound_nodes": [[["a", -7, 0, {}]]]}], "input_layers": [["a", 0, 0]], "output_layers": [["a", 0, 0]]}}`), "reference"},
		"training is a number":            {set("training_config", 1.5), "training_config is a float64, want a text"},
		"training without an optimizer":   {set("training_config", `{"optimizer_config": 5}`), "Optimizer"},
		"layer names are a number":        {in("model_weights", set("layer_names", 3)), "layer_names is a int64, want a list of texts"},
		"layer names are numbers":         {in("model_weights", set("layer_names", []float64{1, 2})), "want a list of texts"},
		"layer names lead nowhere":        {in("model_weights", set("layer_names", []string{"../x"})), "no such group"},
		"layer names lead up":             {in("model_weights", set("layer_names", []string{".."})), "no such group"},
		"layer missing":                   {in("model_weights", set("layer_names", []string{"hidden"})), "the file has 1"},
		"layer twice":                     {in("model_weights", set("layer_names", []string{"hidden", "hidden", "hidden"})), "layer \"norm\" has 4 weights"},
		"weight names are numbers":        {in("model_weights/hidden", set("weight_names", []int{1})), "want a list of texts"},
		"weight names lead nowhere":       {in("model_weights/hidden", set("weight_names", []string{"hidden/kernel", "/etc/passwd"})), "no such weight"},
		"weight names lead to a group":    {in("model_weights/hidden", set("weight_names", []string{"hidden", "hidden"})), "no such weight"},
		"weight twice":                    {in("model_weights/hidden", set("weight_names", []string{"stacked/hidden/kernel", "stacked/hidden/kernel"})), "has shape"},
		"weights of the model itself":     {in("model_weights/top_level_model_weights", set("weight_names", []string{"x"})), "no such weight"},
		"weight of another shape":         {array("model_weights/hidden/stacked/hidden/kernel", "float32", []int{1}, make([]byte, 4)), "has shape"},
		"no weights at all":               {in("model_weights/hidden", set("weight_names", []float64{})), "the file has 2"},
		"optimizer weights lead nowhere":  {in("optimizer_weights", set("weight_names", []string{"a", "b"})), ""},
		"optimizer weights are a number":  {in("optimizer_weights", set("weight_names", 5)), "want a list of texts"},
		"optimizer weights of other kind": {in("optimizer_weights", set("weight_names", []string{"SGD/iteration"})), ""},
	} {
		t.Run(name, func(t *testing.T) {
			tree := legacyTree(t, "k3_sequential.h5")
			require.NoError(t, c.change(tree))
			path := filepath.Join(t.TempDir(), "m.h5")
			require.NoError(t, kerasfile.WriteWeights(path, tree))
			err := openDamaged(t, path)
			if c.says == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, c.says)
			require.ErrorContains(t, err, path)
		})
	}
}

// FuzzLegacyFile opens damaged files.
func FuzzLegacyFile(f *testing.F) {
	for _, name := range []string{"k2_old_sequential.h5", "k3_sequential.h5", "k2_weights.h5"} {
		data, err := os.ReadFile(legacyPath(name))
		require.NoError(f, err)
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		defer debug.SetMemoryLimit(debug.SetMemoryLimit(1 << 30))
		path := filepath.Join(t.TempDir(), "m.h5")
		require.NoError(t, os.WriteFile(path, data, 0o600))
		_ = openDamaged(t, path)
	})
}

// FuzzLegacyConfig opens files with other configurations than their weights are of.
func FuzzLegacyConfig(f *testing.F) {
	files, err := filepath.Glob(legacyPath("k*_*.h5"))
	require.NoError(f, err)
	require.NotEmpty(f, files)
	for _, path := range files {
		tree := legacyTree(f, filepath.Base(path))
		if model, ok := tree.Attr("model_config").(string); ok {
			training, _ := tree.Attr("training_config").(string)
			f.Add(model, training)
		}
	}
	tree := legacyTree(f, "k2_nested.h5")
	f.Fuzz(func(t *testing.T, model, training string) {
		require.NoError(t, tree.SetAttr("model_config", "x"))
		if tree.SetAttr("model_config", model) != nil || tree.SetAttr("training_config", training) != nil {
			return
		}
		path := filepath.Join(t.TempDir(), "m.h5")
		require.NoError(t, kerasfile.WriteWeights(path, tree))
		_ = openDamaged(t, path)
	})
}
