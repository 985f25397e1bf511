package saving_test

import (
	"compress/gzip"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/backend"
	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/internal/golden"
	"github.com/gokeras/gokeras/saving"
)

// legacyCase is what generate_legacy.py notes of a file.
type legacyCase struct {
	Model   string
	Layers  []string
	Inputs  []golden.Array
	Outputs []golden.Array
	Weights []golden.Array
	Targets []golden.Array
	Losses  []float64
}

func legacyCases(t testing.TB) map[string]legacyCase {
	raw, err := os.ReadFile(legacyPath("cases.json"))
	require.NoError(t, err)
	cases := map[string]legacyCase{}
	require.NoError(t, json.Unmarshal(raw, &cases))
	return cases
}

func legacyPath(name string) string { return filepath.Join("testdata", "legacy", name) }

// legacyFile is the path of a fixture, unpacked if it lies there packed.
func legacyFile(t testing.TB, name string) string {
	packed, err := os.Open(legacyPath(name + ".gz"))
	if os.IsNotExist(err) {
		return legacyPath(name)
	}
	require.NoError(t, err)
	defer packed.Close()
	unpack, err := gzip.NewReader(packed)
	require.NoError(t, err)
	data, err := io.ReadAll(unpack)
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(path, data, 0o600))
	return path
}

func layerNames(m *functional.Model) []string {
	var names []string
	for _, l := range m.Layers() {
		names = append(names, l.Base().Name())
	}
	return names
}

func (c legacyCase) requireOutputs(t *testing.T, m *functional.Model) {
	t.Helper()
	out, err := m.PredictAll(c.Inputs[0].Tensor(t), functional.Predict{Verbose: functional.Silent})
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
	targets := make([]*tensors.Tensor, len(c.Targets))
	for i, a := range c.Targets {
		targets[i] = a.Tensor(t)
	}
	var y any = targets
	if len(targets) == 1 {
		y = targets[0]
	}
	for _, want := range c.Losses {
		logs, err := m.TrainOnBatch(c.Inputs[0].Tensor(t), y, functional.BatchOptions{})
		require.NoError(t, err)
		require.InEpsilon(t, want, logs.Values[0], 1e-4)
	}
}

// TestLegacyModels opens the files of both Keras, and finds the layers, weights, predictions and the optimizer as they were there; then it
// writes each in the legacy format itself, and finds the same again.
func TestLegacyModels(t *testing.T) {
	cases := legacyCases(t)
	golden.OnEngines(t, func(t *testing.T, engine compute.Backend) {
		defer backend.Use(engine)()
		for name, c := range cases {
			if strings.HasSuffix(name, ".json") || strings.HasSuffix(name, "_weights.h5") {
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
