package saving_test

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/compute/dtypes"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/internal/golden"
	"github.com/gokeras/gokeras/internal/ndarray"
	"github.com/gokeras/gokeras/internal/notice"
	"github.com/gokeras/gokeras/saving"
)

// keras2File unpacks a file that generate_keras2.py or generate_keras1.py wrote.
func keras2File(t testing.TB, name string) string {
	return golden.Unpacked(t, filepath.Join("testdata", "keras2", name+".gz"))
}

func keras2Cases(t testing.TB) map[string]legacyCase {
	return readCases(t, "testdata/keras2/cases_*.json")
}

// TestKeras2Models opens what Keras 1 and 2 saved, predicts as they did, and goes on training as they did; then it saves each as a .keras archive, and
// finds the same again, under names that Keras 3 can have.
func TestKeras2Models(t *testing.T) {
	cases := keras2Cases(t)
	golden.OnEach(t, func(t *testing.T) {
		for _, name := range slices.Sorted(maps.Keys(cases)) {
			c := cases[name]
			masked := strings.HasPrefix(name, "masks_") || strings.HasPrefix(name, "own_epsilon_") // losses under masks, and steps, that files of Keras 3 can't say
			if strings.Contains(name, "_unknown") || strings.Contains(name, "_weights") {
				continue
			}
			t.Run(name, func(t *testing.T) {
				check := func(path string, named func(string) string) *functional.Model {
					m, err := saving.LoadModel(path)
					require.NoError(t, err)
					if c.Model != "" { // a Sequential of Keras 1 has no name in its file
						require.Equal(t, named(c.Model), m.Name())
					}
					for _, layer := range c.Layers {
						if !strings.HasPrefix(layer, "tf.") && !strings.HasPrefix(layer, "tf_op_layer_") && !strings.HasPrefix(layer, "add_metric") { // operations, and metrics inside
							require.Contains(t, layerNames(m), named(layer))
						}
					}
					if c.Weights != nil {
						c.requireWeights(t, m)
					}
					c.requireOutputs(t, m)
					return m
				}
				m := check(keras2File(t, name), func(name string) string { return name })
				forms := []string{"again.keras"}
				if name == "masks_products.h5" { // whose values Keras 3 has otherwise
					forms = nil
				}
				if strings.HasPrefix(name, "names_") {
					forms = append(forms, "again.h5")
				}
				for _, form := range forms {
					written := filepath.Join(t.TempDir(), form)
					require.NoError(t, m.Save(written))
					again := check(written, plainName)
					if c.Losses != nil && !masked {
						c.requireTraining(t, again)
					}
				}
				if masked && c.Losses != nil {
					c.requireTraining(t, m)
				}
			})
		}
	})
}

// TestKeras2Places gives the places of the largest elements the types that TensorFlow gives them.
func TestKeras2Places(t *testing.T) {
	c := keras2Cases(t)["masks_places.h5"]
	m, err := saving.LoadModel(keras2File(t, "masks_places.h5"))
	require.NoError(t, err)
	again := filepath.Join(t.TempDir(), "again.keras")
	require.NoError(t, m.Save(again))
	saved, err := saving.LoadModel(again)
	require.NoError(t, err)
	for _, m := range []*functional.Model{m, saved} {
		out, err := m.PredictAll(c.input(t), functional.Predict{Verbose: functional.Silent})
		require.NoError(t, err)
		for i, want := range c.Outputs {
			require.Equal(t, want.DType, strings.ToLower(out[i].DType().String()), "output %d", i)
		}
	}
}

// plainName is a name of the models here as Keras 3 can have it.
func plainName(name string) string {
	if name == "conv1/bn" { // beside a "conv1_bn"
		return "conv1_bn_1"
	}
	return strings.ReplaceAll(name, "/", "_")
}

// TestSlashedNames loads weights by names such as "conv1/bn", from files of Keras 2 and from those that were written here.
func TestSlashedNames(t *testing.T) {
	c := keras2Cases(t)["names_slashes_weights.h5"]
	load := func() *functional.Model {
		m, err := saving.LoadUncompiled(keras2File(t, "names_slashes.h5"))
		require.NoError(t, err)
		return m
	}
	filled := load()
	require.NoError(t, filled.LoadWeights(keras2File(t, "names_slashes_weights.h5")))
	c.requireWeights(t, filled)
	_, err := filled.GetLayer("conv1/bn")
	require.NoError(t, err)
	path := func(name string) string { return filepath.Join(t.TempDir(), name) }
	weights, tree, whole := path("w.h5"), path("w.weights.h5"), path("whole.h5")
	require.NoError(t, filled.SaveWeights(weights))
	require.NoError(t, filled.SaveWeights(tree))
	require.NoError(t, filled.Save(whole))
	for _, from := range []struct {
		path   string
		byName bool
	}{
		{keras2File(t, "names_slashes_weights.h5"), true}, {keras2File(t, "names_slashes_weights.weights.h5"), false},
		{weights, false}, {weights, true}, {tree, false}, {whole, false},
	} {
		m := load()
		report, err := m.LoadWeightsWith(from.path, functional.LoadWeightsOptions{ByName: from.byName})
		require.NoError(t, err)
		require.Empty(t, report.Skipped)
		c.requireWeights(t, m)
	}
}

// TestWindowsWeights reads weights that Keras 2 saved on Windows.
func TestWindowsWeights(t *testing.T) {
	golden.OnGo(t)
	const name = "windows_cells_weights.weights.h5"
	m, err := saving.LoadUncompiled(keras2File(t, "tfk_cells.keras"))
	require.NoError(t, err)
	require.NoError(t, m.LoadWeights(keras2File(t, name)))
	keras2Cases(t)[name].requireOutputs(t, m)
}

// TestSavedHardSigmoid says what Python needs to read what is saved of a model of Keras 2.
func TestSavedHardSigmoid(t *testing.T) {
	m, err := saving.LoadUncompiled(keras2File(t, "tfk_wide.h5"))
	require.NoError(t, err)
	var out strings.Builder
	defer notice.To(&out)()
	require.NoError(t, m.Save(filepath.Join(t.TempDir(), "m.keras")))
	require.Contains(t, out.String(), `keras.saving.register_keras_serializable("Keras2", "hard_sigmoid")`)
}

// TestKeras2Texts opens a model of texts, with its vocabularies.
func TestKeras2Texts(t *testing.T) {
	raw, err := os.ReadFile("testdata/keras2/texts.json")
	require.NoError(t, err)
	var c struct {
		Texts   [][]string
		Outputs []golden.Array
	}
	require.NoError(t, json.Unmarshal(raw, &c))
	golden.OnEach(t, func(t *testing.T) {
		m, err := saving.LoadModel(keras2File(t, "texts_all.keras"))
		require.NoError(t, err)
		again := filepath.Join(t.TempDir(), "again.keras")
		require.NoError(t, m.Save(again))
		saved, err := saving.LoadModel(again)
		require.NoError(t, err)
		for _, m := range []*functional.Model{m, saved} {
			got, err := m.PredictAll(c.Texts, functional.Predict{Verbose: functional.Silent})
			require.NoError(t, err)
			require.Len(t, got, len(c.Outputs))
			for i, want := range c.Outputs {
				out, err := ndarray.Convert(got[i], dtypes.Float32)
				require.NoError(t, err)
				golden.Close(t, "output", out, want, golden.Tolerance{Abs: 1e-6, Rel: 1e-5})
			}
		}
	})
}

// TestUnknownOperations names the operation of TensorFlow that nothing here stands for.
func TestUnknownOperations(t *testing.T) {
	_, err := saving.LoadModel(keras2File(t, "special_unknown.h5"))
	require.ErrorContains(t, err, "tf.math.igamma")
	require.ErrorContains(t, err, "put a Keras layer in its place")
	_, err = saving.LoadModel(keras2File(t, "segments_unknown.h5"))
	require.ErrorContains(t, err, "a tensor where Keras has plain values alone")
	require.ErrorContains(t, err, "(roll)")
}
