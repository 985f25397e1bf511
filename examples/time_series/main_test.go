package main

import (
	"io"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/internal/exampletest"
	"github.com/gokeras/gokeras/saving"
)

func TestMain(m *testing.M) { exampletest.Main(m) }

func TestTimeSeries(t *testing.T) {
	dir := t.TempDir()
	out := exampletest.Run(t, run, "-output", dir, "-hours", "1000", "-epochs", "4")
	found := regexp.MustCompile(`Mean error: ([0-9.]+) degrees; of the guess that nothing changes: ([0-9.]+)`).FindStringSubmatch(out)
	require.NotNil(t, found, out)
	learnt, err := strconv.ParseFloat(found[1], 64)
	require.NoError(t, err)
	guess, err := strconv.ParseFloat(found[2], 64)
	require.NoError(t, err)
	require.Less(t, learnt, guess*0.75)
	require.FileExists(t, filepath.Join(dir, "temperatures.png"))
	_, err = saving.LoadModel(filepath.Join(dir, "temperatures.keras"))
	require.NoError(t, err)
	require.Error(t, run(t.Context(), []string{"-hours", "3"}, io.Discard))
}
