package golden

import (
	"archive/zip"
	"bytes"
	"encoding/base64"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// Shown is a model with layers that only Python has.
type Shown struct {
	Name   string
	Params int
	Layers []struct {
		Name, Class string
		Shape       []*int
		Params      int
		Sums        []float64
	}
	Files map[string]string
}

// Write writes the model as Keras saved it, to a file of that suffix, and returns its path.
func (m *Shown) Write(t testing.TB, suffix string) string {
	t.Helper()
	packed, err := base64.StdEncoding.DecodeString(m.Files[suffix])
	require.NoError(t, err)
	z, err := zip.NewReader(bytes.NewReader(packed), int64(len(packed)))
	require.NoError(t, err)
	f, err := z.Open("model")
	require.NoError(t, err)
	content, err := io.ReadAll(f)
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), m.Name+suffix)
	require.NoError(t, os.WriteFile(path, content, 0o600))
	return path
}

// LoadShown reads shown.json.
func LoadShown(t testing.TB) []Shown {
	var models []Shown
	Load(t, "shown", &models)
	return models
}
