package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/saving"
)

func TestMain(m *testing.M) {
	// The tests are small, and the same everywhere, on the engine that every machine has.
	_ = os.Setenv("GOKERAS_BACKEND", "go")
	os.Exit(m.Run())
}

func TestImagesFromFolder(t *testing.T) {
	dir := t.TempDir()
	var out bytes.Buffer
	require.NoError(t, run(context.Background(), []string{"-output", dir, "-images", "40", "-size", "20", "-epochs", "16"}, &out))
	require.Contains(t, out.String(), `90 images to train with and 30 to validate, of the classes ["circle" "square" "triangle"]`)
	found := regexp.MustCompile(`never saw: ([0-9.]+) %`).FindStringSubmatch(out.String())
	require.NotNil(t, found)
	accuracy, err := strconv.ParseFloat(found[1], 64)
	require.NoError(t, err)
	require.Greater(t, accuracy, 60.0, "of three classes")
	for _, name := range []string{"shapes_history.png", "shapes.png"} {
		require.FileExists(t, filepath.Join(dir, name))
	}
	_, err = saving.LoadModel(filepath.Join(dir, "shapes.keras"))
	require.NoError(t, err)
	require.Error(t, run(context.Background(), []string{"-data", dir}, &out), "a folder without classes")
}
