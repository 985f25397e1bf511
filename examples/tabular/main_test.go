package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestMain(m *testing.M) {
	// The tests are small, and the same everywhere, on the engine that every machine has.
	_ = os.Setenv("GOKERAS_BACKEND", "go")
	os.Exit(m.Run())
}

func TestTabular(t *testing.T) {
	var out bytes.Buffer
	path := filepath.Join(t.TempDir(), "rides.keras")
	require.NoError(t, run(context.Background(), []string{"-rows", "400", "-epochs", "8", "-output", path}, &out))
	require.Regexp(t, `accuracy on rows that it didn't learn from: (0\.[6-9]\d|1\.00)\na tip for a late ride to the harbour: \d+%\n`, out.String())
	require.FileExists(t, path)
}

func TestMistakes(t *testing.T) {
	var out bytes.Buffer
	require.ErrorContains(t, run(context.Background(), []string{"-rows", "2"}, &out), "want 10 or more")
	require.Error(t, run(context.Background(), []string{"-x"}, &out))
	stopped, stop := context.WithCancel(context.Background())
	stop()
	require.ErrorIs(t, run(stopped, []string{"-rows", "50", "-output", filepath.Join(t.TempDir(), "m.keras")}, &out), context.Canceled)
}
