package saving_test

import (
	"archive/zip"
	"bytes"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/datasets"
	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/saving"
)

// The inputs that fuzzing makes stay below this, so that what they may cost stays small too.
const fuzzSize = 1 << 16

// fuzzFile writes data where read finds it. An input that panics, hangs or takes all memory ends the test; any error will do.
func fuzzFile(f *testing.F, name string, read func(path string)) {
	path := filepath.Join(f.TempDir(), name)
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > fuzzSize {
			t.Skip()
		}
		require.NoError(t, os.WriteFile(path, data, 0o600))
		read(path)
	})
}

func fuzzModel(path string) {
	if m, err := saving.LoadModel(path); err == nil {
		_ = useModel(m)
	}
}

// configOf is the configuration in an archive.
func configOf(t testing.TB, archive []byte) []byte {
	t.Helper()
	r, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
	require.NoError(t, err)
	return entryOf(t, r, configEntry)
}

// entryOf reads a file of an archive.
func entryOf(t testing.TB, r *zip.Reader, name string) []byte {
	t.Helper()
	f, err := r.Open(name)
	require.NoError(t, err)
	defer f.Close()
	data, err := io.ReadAll(f)
	require.NoError(t, err)
	return data
}

// FuzzArchive opens .keras archives.
func FuzzArchive(f *testing.F) {
	config, weights := denseModel(4, 3, 1), hostileWeights(f, "good")
	f.Add(zipFile(f, zip.Store, zipEntry{metadataEntry, "{}"}, zipEntry{configEntry, config}, zipEntry{weightsEntry, weights}))
	f.Add(zipFile(f, zip.Deflate, zipEntry{configEntry, config}, zipEntry{weightsEntry, weights}, zipEntry{"assets/a", "b"}))
	fuzzFile(f, "m.keras", fuzzModel)
}

// FuzzArchiveWeights opens archives whose weights are anything, with the checksum that they should have.
func FuzzArchiveWeights(f *testing.F) {
	for _, name := range []string{"good", "doubles", "null_name", "no_bias"} {
		f.Add([]byte(hostileWeights(f, name)))
	}
	config := zipEntry{configEntry, denseModel(4, 3, 1)}
	path := filepath.Join(f.TempDir(), "m.keras")
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > fuzzSize {
			t.Skip()
		}
		require.NoError(t, os.WriteFile(path, zipFile(t, zip.Store, config, zipEntry{weightsEntry, string(data)}), 0o600))
		if m, err := saving.LoadModel(path); err == nil {
			require.NoError(t, predictOn(m, 4))
		}
	})
}

// FuzzLoadWeights reads weights of every format into a model.
func FuzzLoadWeights(f *testing.F) {
	f.Add([]byte(hostileWeights(f, "good")))
	for _, name := range []string{"k2_weights.h5", "k3_weights.h5", "k2_outputs.h5"} {
		data, err := os.ReadFile(legacyFile(f, name))
		require.NoError(f, err)
		f.Add(data)
	}
	m, err := functional.FromJSON([]byte(denseModel(4, 3, 1)), false)
	require.NoError(f, err)
	fuzzFile(f, "m.weights.h5", func(path string) {
		_ = m.LoadWeights(path)
		_, _ = m.LoadWeightsWith(path, functional.LoadWeightsOptions{SkipMismatch: true})
		_, _ = m.LoadWeightsWith(path, functional.LoadWeightsOptions{SkipMismatch: true, ByName: true})
	})
}

// FuzzLegacy opens whole models of the legacy format.
func FuzzLegacy(f *testing.F) {
	for _, name := range []string{"k2_sequential.h5", "k2_functional.h5", "k2_outputs.h5", "k3_outputs.h5", "k3_functional.h5", "k2_old_sequential.h5"} {
		data, err := os.ReadFile(legacyFile(f, name))
		require.NoError(f, err)
		f.Add(data)
	}
	fuzzFile(f, "m.h5", fuzzModel)
}

// FuzzFromJSON reads configurations, and those of them that make a model come out as they went in.
func FuzzFromJSON(f *testing.F) {
	for _, raw := range realConfigs(f) {
		if len(raw) < 6000 {
			f.Add([]byte(raw))
		}
	}
	for _, name := range []string{"k3_outputs.keras", "k3_sharded_model.keras"} {
		data, err := os.ReadFile(legacyFile(f, name))
		require.NoError(f, err)
		f.Add(configOf(f, data))
	}
	f.Add([]byte(nestedTwice(3)))
	f.Add([]byte(chain(5, true)))
	f.Fuzz(func(t *testing.T, raw []byte) {
		if len(raw) > fuzzSize {
			t.Skip()
		}
		m, err := functional.FromJSON(raw, true)
		if err != nil {
			return
		}
		_ = useModel(m)
		written, err := m.ToJSON()
		if err != nil {
			return
		}
		again, err := functional.FromJSON(written, true)
		require.NoError(t, err, "%s", written)
		rewritten, err := again.ToJSON()
		require.NoError(t, err)
		require.JSONEq(t, string(written), string(rewritten))
	})
}

// FuzzNPZ reads .npz archives.
func FuzzNPZ(f *testing.F) {
	for _, path := range []string{"types.npz", "shapes.npz", "compressed.npz", "refused.npz"} {
		data, err := os.ReadFile(filepath.Join("..", "internal", "npz", "testdata", path))
		require.NoError(f, err)
		f.Add(data)
	}
	fuzzFile(f, "a.npz", func(path string) { _, _ = datasets.LoadNPZ(path) })
}
