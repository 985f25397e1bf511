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

func TestTimeSeries(t *testing.T) {
	dir := t.TempDir()
	var out bytes.Buffer
	require.NoError(t, run(context.Background(), []string{"-output", dir, "-hours", "1000", "-epochs", "4"}, &out))
	found := regexp.MustCompile(`Mean error: ([0-9.]+) degrees; of the guess that nothing changes: ([0-9.]+)`).FindStringSubmatch(out.String())
	require.NotNil(t, found, out.String())
	learnt, err := strconv.ParseFloat(found[1], 64)
	require.NoError(t, err)
	guess, err := strconv.ParseFloat(found[2], 64)
	require.NoError(t, err)
	require.Less(t, learnt, guess*0.75)
	require.FileExists(t, filepath.Join(dir, "temperatures.png"))
	_, err = saving.LoadModel(filepath.Join(dir, "temperatures.keras"))
	require.NoError(t, err)
	require.Error(t, run(context.Background(), []string{"-hours", "3"}, &out))
}
