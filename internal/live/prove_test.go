//go:build live

package live

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/port"
)

// TestPortsProve runs scripts in Python and as Go programs; with GOKERAS_PROVE=all the notebook that this project began with, too, which takes some minutes.
func TestPortsProve(t *testing.T) {
	python := os.Getenv("GOKERAS_PYTHON")
	if python == "" {
		t.Skip("GOKERAS_PYTHON names no Python")
	}
	scripts, err := filepath.Glob("../../port/testdata/prove/*.py")
	require.NoError(t, err)
	require.NotEmpty(t, scripts)
	if os.Getenv("GOKERAS_PROVE") == "all" {
		scripts = append(scripts, "../../port/testdata/seed.ipynb")
	}
	for _, path := range scripts {
		t.Run(filepath.Base(path), func(t *testing.T) {
			raw, err := os.ReadFile(path)
			require.NoError(t, err)
			read := port.ReadNotebook
			if filepath.Ext(path) == ".py" {
				read = port.ReadScript
			}
			nb, err := read(raw)
			require.NoError(t, err)
			proof, err := port.ProvePython(context.Background(), nb, port.Options{Name: filepath.Base(path), Replace: "../.."}, port.Python{Command: python})
			require.NoError(t, err)
			require.True(t, proof.Holds(), proof.String())
			require.Greater(t, len(proof.Rows), 20)
		})
	}
}
