package main

import (
	"bytes"
	"context"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/internal/exampletest"
)

func TestMain(m *testing.M) { exampletest.Main(m) }

func TestTabular(t *testing.T) {
	path := filepath.Join(t.TempDir(), "rides.keras")
	out := exampletest.Run(t, run, "-rows", "400", "-epochs", "8", "-output", path)
	require.Regexp(t, `accuracy on rows that it didn't learn from: (0\.[6-9]\d|1\.00)\na tip for a late ride to the harbour: \d+%\n`, out)
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
