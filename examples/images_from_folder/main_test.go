package main

import (
	"io"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/internal/exampletest"
	"github.com/gokeras/gokeras/saving"
)

func TestMain(m *testing.M) { exampletest.Main(m) }

func TestImagesFromFolder(t *testing.T) {
	dir := t.TempDir()
	out := exampletest.Run(t, run, "-output", dir, "-images", "40", "-size", "20", "-epochs", "16")
	require.Contains(t, out, `90 images to train with and 30 to validate, of the classes ["circle" "square" "triangle"]`)
	accuracy := exampletest.Number(t, out, `never saw: ([0-9.]+) %`)
	require.Greater(t, accuracy, 60.0, "of three classes")
	for _, name := range []string{"shapes_history.png", "shapes.png"} {
		require.FileExists(t, filepath.Join(dir, name))
	}
	_, err := saving.LoadModel(filepath.Join(dir, "shapes.keras"))
	require.NoError(t, err)
	require.Error(t, run(t.Context(), []string{"-data", dir}, io.Discard), "a folder without classes")
}
