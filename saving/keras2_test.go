package saving_test

import (
	"compress/gzip"
	"encoding/json"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/internal/golden"
	"github.com/gokeras/gokeras/saving"
)

// keras2File unpacks a file that generate_keras2.py or generate_keras1.py wrote.
func keras2File(t testing.TB, name string) string {
	packed, err := os.Open(filepath.Join("testdata", "keras2", name+".gz"))
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

func keras2Cases(t testing.TB) map[string]legacyCase {
	all := map[string]legacyCase{}
	files, err := filepath.Glob("testdata/keras2/cases_*.json")
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

// TestKeras2Models opens what Keras 1 and 2 saved, predicts as they did, and goes on training as they did; then it saves each as a .keras archive, and
// finds the same again.
func TestKeras2Models(t *testing.T) {
	cases := keras2Cases(t)
	golden.OnEach(t, func(t *testing.T) {
		for _, name := range slices.Sorted(maps.Keys(cases)) {
			c := cases[name]
			if strings.Contains(name, "_unknown") || strings.Contains(name, "_weights") {
				continue
			}
			t.Run(name, func(t *testing.T) {
				check := func(path string) *functional.Model {
					m, err := saving.LoadModel(path)
					require.NoError(t, err)
					if c.Model != "" { // a Sequential of Keras 1 has no name in its file
						require.Equal(t, c.Model, m.Name())
					}
					if !strings.Contains(name, "_arithmetic") && !strings.Contains(name, "_scaled") {
						require.Subset(t, layerNames(m), c.Layers)
					}
					if c.Weights != nil {
						c.requireWeights(t, m)
					}
					c.requireOutputs(t, m)
					return m
				}
				m := check(keras2File(t, name))
				written := filepath.Join(t.TempDir(), "again.keras")
				require.NoError(t, m.Save(written))
				again := check(written)
				if c.Losses != nil {
					c.requireTraining(t, again)
				}
			})
		}
	})
}

// TestUnknownOperations names the operation of TensorFlow that nothing here stands for.
func TestUnknownOperations(t *testing.T) {
	_, err := saving.LoadModel(keras2File(t, "tfk_unknown.h5"))
	require.ErrorContains(t, err, "tf.math.lbeta")
	require.ErrorContains(t, err, "put a Keras layer in its place")
}
