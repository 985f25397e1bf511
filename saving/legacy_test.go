package saving_test

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/backend"
	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/internal/golden"
	"github.com/gokeras/gokeras/saving"
)

// legacyCase is what generate_legacy.py notes of a file.
type legacyCase struct {
	Model   string
	File    string // of a partial load
	ByName  bool
	Skip    bool
	Layers  []string
	Inputs  []golden.Array
	Outputs []golden.Array
	Weights []golden.Array
	Targets []golden.Array
	Losses  []float64
}

func legacyCases(t testing.TB) map[string]legacyCase {
	return readCases(t, "testdata/legacy/cases*.json")
}

// readCases reads the cases of several files.
func readCases(t testing.TB, pattern string) map[string]legacyCase {
	all := map[string]legacyCase{}
	files, err := filepath.Glob(pattern)
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, path := range files {
		raw, err := os.ReadFile(path)
		require.NoError(t, err)
		cases := map[string]legacyCase{}
		require.NoError(t, json.Unmarshal(raw, &cases))
		maps.Copy(all, cases)
	}
	return all
}

func legacyPath(name string) string { return filepath.Join("testdata", "legacy", name) }

// legacyFile is the path of a fixture, unpacked if it lies there packed.
func legacyFile(t testing.TB, name string) string {
	packed := legacyPath(name + ".gz")
	if _, err := os.Stat(packed); err != nil {
		return legacyPath(name)
	}
	return golden.Unpacked(t, packed)
}

func layerNames(m *functional.Model) []string {
	var names []string
	for _, l := range m.Layers() {
		names = append(names, l.Base().Name())
	}
	return names
}

// input is the model's input, or a list of its inputs.
func (c legacyCase) input(t *testing.T) any {
	if len(c.Inputs) == 1 {
		return c.Inputs[0].Tensor(t)
	}
	return golden.Tensors(t, c.Inputs)
}

func (c legacyCase) requireOutputs(t *testing.T, m *functional.Model) {
	t.Helper()
	out, err := m.PredictAll(c.input(t), functional.Predict{Verbose: functional.Silent})
	require.NoError(t, err)
	require.Len(t, out, len(c.Outputs))
	for i, want := range c.Outputs {
		golden.Close(t, "output", out[i], want, golden.Tolerance{Abs: 1e-6, Rel: 1e-5})
	}
}

func (c legacyCase) requireWeights(t *testing.T, m *functional.Model) {
	t.Helper()
	weights, err := m.GetWeights()
	require.NoError(t, err)
	require.Len(t, weights, len(c.Weights))
	for i, want := range c.Weights {
		golden.Close(t, m.Weights()[i].Path(), weights[i], want, golden.Tolerance{Rel: 1e-8})
	}
}

// requireTraining trains the model further, as Keras did after it wrote the file: the losses show whether the optimizer is where it was.
func (c legacyCase) requireTraining(t *testing.T, m *functional.Model) {
	t.Helper()
	targets := golden.Tensors(t, c.Targets)
	var y any = targets
	if len(targets) == 1 {
		y = targets[0]
	}
	for _, want := range c.Losses {
		logs, err := m.TrainOnBatch(c.input(t), y, functional.BatchOptions{})
		require.NoError(t, err)
		require.InEpsilon(t, want, logs.Values[0], 1e-4)
	}
}

// TestLegacyModels opens the files of both Keras, and finds the layers, weights, predictions and the optimizer as they were there; then it
// writes each in the legacy format itself, and finds the same again.
func TestLegacyModels(t *testing.T) {
	cases := legacyCases(t)
	golden.OnEach(t, func(t *testing.T) {
		for name, c := range cases {
			if c.Model == "" || strings.HasSuffix(name, ".json") || strings.Contains(name, "_weights.") {
				continue
			}
			t.Run(name, func(t *testing.T) {
				check := func(path string) *functional.Model {
					m, err := saving.LoadModel(path)
					require.NoError(t, err)
					require.Equal(t, c.Model, m.Name())
					names := layerNames(m)
					for i := range names {
						names[i] = strings.TrimRight(names[i], "x") // the long names
					}
					want := slices.Clone(c.Layers)
					for i := range want {
						want[i] = strings.TrimRight(want[i], "x")
					}
					require.Equal(t, want, names)
					c.requireWeights(t, m)
					c.requireOutputs(t, m)
					return m
				}
				m := check(legacyFile(t, name))
				written := filepath.Join(t.TempDir(), "again.h5")
				require.NoError(t, m.Save(written))
				c.requireTraining(t, check(written))
			})
		}
	})
}

// TestLegacyWeights loads weights alone, and writes them again.
func TestLegacyWeights(t *testing.T) {
	cases := legacyCases(t)
	engine := golden.Engines(t)[0]
	defer backend.Use(engine.Backend)()
	for weights, model := range map[string]string{
		"k2_weights.h5": "k2_nested.h5", "k3_weights.h5": "k3_nested.h5", "k3_sharded.weights.json": "k3_sharded_model.keras",
		"k3_bfloat16_weights.weights.h5": "k3_bfloat16.h5",
	} {
		t.Run(weights, func(t *testing.T) {
			c := cases[weights]
			m, err := saving.LoadUncompiled(legacyPath(model))
			require.NoError(t, err)
			require.NoError(t, m.LoadWeights(legacyPath(weights)))
			c.requireWeights(t, m)
			c.requireOutputs(t, m)
			for _, suffix := range []string{"w.h5", "w.hdf5", "w.weights.h5"} {
				path := filepath.Join(t.TempDir(), suffix)
				require.NoError(t, m.SaveWeights(path))
				other, err := saving.LoadUncompiled(legacyPath(model))
				require.NoError(t, err)
				report, err := other.LoadWeightsWith(path, functional.LoadWeightsOptions{})
				require.NoError(t, err)
				require.Empty(t, report.Skipped)
				require.NotEmpty(t, report.Loaded)
				c.requireWeights(t, other)
			}
		})
	}
}

// TestPartialLoads loads files that don't quite fit, with Keras's options, and leaves the same weights as Keras.
func TestPartialLoads(t *testing.T) {
	skipped := map[string][]string{
		"partial: in order":        {"classes"},
		"partial: by name":         {"other_conv", "classes"},
		"partial: tree":            {"classes"},
		"partial: fitting by name": {"other_conv", "norm", "norm", "norm", "norm", "classes"},
	}
	cases := legacyCases(t)
	for name, layers := range skipped {
		t.Run(name, func(t *testing.T) {
			c := cases[name]
			m, err := saving.LoadModel(legacyPath("k3_variant.keras"))
			require.NoError(t, err)
			before, err := m.GetWeights()
			require.NoError(t, err)
			_, err = m.LoadWeightsWith(legacyPath(c.File), functional.LoadWeightsOptions{ByName: c.ByName})
			require.ErrorContains(t, err, "has shape")
			after, err := m.GetWeights()
			require.NoError(t, err)
			for i := range before {
				require.Equal(t, golden.Floats(t, before[i]), golden.Floats(t, after[i]), "a failed load changed a weight")
			}

			report, err := m.LoadWeightsWith(legacyPath(c.File), functional.LoadWeightsOptions{ByName: c.ByName, SkipMismatch: true})
			require.NoError(t, err)
			c.requireWeights(t, m)
			var got []string
			for _, s := range report.Skipped {
				got = append(got, s.Layer)
				require.NotEmpty(t, s.Reason)
			}
			require.Equal(t, layers, got)
		})
	}
	m, err := saving.LoadModel(legacyPath("k3_variant.keras"))
	require.NoError(t, err)
	for path, says := range map[string]string{
		"k3_variant.keras":        "ByName is for legacy HDF5 files; this is a .keras archive",
		"k3_sharded.weights.json": "ByName is for legacy HDF5 files; this is the index of weights",
	} {
		_, err = m.LoadWeightsWith(legacyPath(path), functional.LoadWeightsOptions{ByName: true})
		require.ErrorContains(t, err, says)
	}
	_, err = m.LoadWeightsWith(legacyPath("k3_nested.h5"), functional.LoadWeightsOptions{SkipMismatch: true})
	require.ErrorContains(t, err, "3 layers with weights (other_conv, norm, classes), the file has 5")
}

// TestSkippedWeights loads files of models with other sizes, with all of Keras's options: what it refuses is refused, and where it loads, the same weights
// are there afterwards.
func TestSkippedWeights(t *testing.T) {
	cases := legacyCases(t)
	target := legacyFile(t, "skip_target.keras")
	tried := 0
	for name, c := range cases {
		if !strings.HasPrefix(name, "skip: ") {
			continue
		}
		tried++
		t.Run(name, func(t *testing.T) {
			m, err := saving.LoadModel(target)
			require.NoError(t, err)
			report, err := m.LoadWeightsWith(legacyFile(t, c.File), functional.LoadWeightsOptions{ByName: c.ByName, SkipMismatch: c.Skip})
			if c.Weights == nil {
				require.ErrorContains(t, err, "weights")
				return
			}
			require.NoError(t, err)
			require.NotEmpty(t, report.Skipped)
			c.requireWeights(t, m)
		})
	}
	require.Equal(t, 18, tried)
}

// TestOtherFormats opens what can't be opened, and is told what it is and what to do.
func TestOtherFormats(t *testing.T) {
	dir := t.TempDir()
	put := func(name string) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte("{}"), 0o600))
		return filepath.Dir(path)
	}
	put("folder/config.json")
	for path, says := range map[string][]string{
		put("saved/saved_model.pb"):               {"is a TensorFlow SavedModel folder", "tf_keras", `model.save("model.h5")`},
		put("folder/metadata.json"):               {"saved unzipped, as a folder", `model.save("model.keras")`},
		legacyPath("k2_weights.h5"):               {"holds the weights of a model and not the model itself", "LoadWeights"},
		legacyPath("k3_sharded.weights.json"):     {"the index of weights split over several files", "LoadWeights"},
		legacyPath("k3_sharded_00000.weights.h5"): {"is a .weights.h5 file", "LoadWeights"},
		legacyPath("k3_lambda.keras"):             {"Lambda layer holds Python code", "never run here", "re-save"},
		legacyPath("k3_lambda.h5"):                {"Lambda layer holds Python code", "never run here", "re-save"},
		legacyPath("k3_custom.keras"):             {"layer class Twice", "defined in Python and not registered", "functional.RegisterLayer"},
	} {
		_, err := saving.LoadModel(path)
		require.ErrorContains(t, err, path)
		for _, s := range says {
			require.ErrorContains(t, err, s)
		}
	}
	m, err := saving.LoadUncompiled(legacyPath("k3_sequential.h5"))
	require.NoError(t, err)
	require.ErrorContains(t, m.LoadWeights(filepath.Join(dir, "saved")), "TensorFlow SavedModel")
	require.ErrorContains(t, m.SaveWeights(filepath.Join(dir, "w.npz")), "must end in .weights.h5")
}
