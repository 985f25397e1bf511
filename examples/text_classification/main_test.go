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

func TestTextClassification(t *testing.T) {
	dir := t.TempDir()
	out := exampletest.Run(t, run, "-output", dir, "-sentences", "800", "-epochs", "8")
	require.Contains(t, out, "600 reviews to train with, 200 to test")
	accuracy := exampletest.Number(t, out, `never saw: ([0-9.]+) %`)
	require.Greater(t, accuracy, 85.0, "of two kinds")
	require.Greater(t, exampletest.Number(t, out, `(\d+) % good: The film was great!`), 50.0)
	require.Less(t, exampletest.Number(t, out, `(\d+) % good: The film was not great\.`), 50.0)
	require.FileExists(t, filepath.Join(dir, "reviews.png"))
	require.FileExists(t, filepath.Join(dir, "reviews.keras"))
}

func TestMistakes(t *testing.T) {
	var out bytes.Buffer
	require.ErrorContains(t, run(context.Background(), []string{"-sentences", "2"}, &out), "want 50 or more")
	require.Error(t, run(context.Background(), []string{"-x"}, &out))
	t.Setenv("GOKERAS_OFFLINE", "1")
	require.ErrorContains(t, run(context.Background(), []string{"-imdb", "-data", t.TempDir()}, &out), "imdb")
	stopped, stop := context.WithCancel(context.Background())
	stop()
	require.ErrorIs(t, run(stopped, []string{"-sentences", "50", "-output", t.TempDir()}, &out), context.Canceled)
}
