package golden

import (
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"
)

// Read returns what testdata/<family>.json holds.
func Read[T any](t testing.TB, family string) (file T) {
	t.Helper()
	Load(t, family, &file)
	return file
}

// JSON is a value as text.
func JSON(t testing.TB, v any) string {
	t.Helper()
	raw, err := json.Marshal(v)
	require.NoError(t, err)
	return string(raw)
}

// Tensors are arrays as tensors.
func Tensors(t testing.TB, arrays []Array) []*tensors.Tensor {
	t.Helper()
	list := make([]*tensors.Tensor, len(arrays))
	for i, a := range arrays {
		list[i] = a.Tensor(t)
	}
	return list
}

// SetWeights gives weights their values, one array each.
func SetWeights[W interface{ Set(*tensors.Tensor) error }](t testing.TB, weights []W, values []Array) {
	t.Helper()
	require.Len(t, weights, len(values))
	for i, w := range weights {
		require.NoError(t, w.Set(values[i].Tensor(t)))
	}
}

// SameKept compares what a layer keeps in files with Keras's assets and arrays.
func SameKept(t testing.TB, wantFiles map[string]string, wantArrays map[string]Array, files map[string][]byte, arrays map[string]*tensors.Tensor) {
	t.Helper()
	require.Len(t, files, len(wantFiles))
	for name, content := range wantFiles {
		require.Equal(t, content, string(files[name]), name)
	}
	require.Len(t, arrays, len(wantArrays))
	for name, values := range wantArrays {
		Close(t, name, arrays[name], values, Float32)
	}
}

// Files writes files, whose contents are given in base64 by their paths, to a folder of their own.
func Files(t testing.TB, files map[string]string) (folder string) {
	t.Helper()
	folder = t.TempDir()
	for name, content := range files {
		raw, err := base64.StdEncoding.DecodeString(content)
		require.NoError(t, err)
		path := filepath.Join(folder, filepath.FromSlash(name))
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, raw, 0o644))
	}
	return folder
}

// Unpacked unpacks a file that ends in .gz into a folder of its own.
func Unpacked(t testing.TB, packed string) string {
	t.Helper()
	file, err := os.Open(packed)
	require.NoError(t, err)
	defer file.Close()
	unpack, err := gzip.NewReader(file)
	require.NoError(t, err)
	data, err := io.ReadAll(unpack)
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), strings.TrimSuffix(filepath.Base(packed), ".gz"))
	require.NoError(t, os.WriteFile(path, data, 0o600))
	return path
}
