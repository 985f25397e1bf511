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
)

func TestMain(m *testing.M) {
	// The tests are small, and the same everywhere, on the engine that every machine has.
	_ = os.Setenv("GOKERAS_BACKEND", "go")
	os.Exit(m.Run())
}

func TestTextClassification(t *testing.T) {
	dir := t.TempDir()
	var out bytes.Buffer
	require.NoError(t, run(context.Background(), []string{"-output", dir, "-sentences", "800", "-epochs", "8"}, &out))
	require.Contains(t, out.String(), "600 reviews to train with, 200 to test")
	accuracy := number(t, out.String(), `never saw: ([0-9.]+) %`)
	require.Greater(t, accuracy, 85.0, "of two kinds")
	require.Greater(t, number(t, out.String(), `(\d+) % good: The film was great!`), 50.0)
	require.Less(t, number(t, out.String(), `(\d+) % good: The film was not great\.`), 50.0)
	require.FileExists(t, filepath.Join(dir, "reviews.png"))
	require.FileExists(t, filepath.Join(dir, "reviews.keras"))
}

func number(t *testing.T, text, pattern string) float64 {
	t.Helper()
	found := regexp.MustCompile(pattern).FindStringSubmatch(text)
	require.NotNil(t, found, text)
	v, err := strconv.ParseFloat(found[1], 64)
	require.NoError(t, err)
	return v
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
