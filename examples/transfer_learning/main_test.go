package main

import (
	"bytes"
	"context"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/internal/exampletest"
)

func TestMain(m *testing.M) { exampletest.Main(m) }

func TestTransferLearning(t *testing.T) {
	functional.ClearSession()
	out := t.TempDir()
	var stdout, stderr bytes.Buffer
	err := run(t.Context(), []string{"-data", exampletest.Bars(t, 130, 40), "-digits", "100", "-pairs", "30", "-epochs", "3", "-out", out}, &stdout, &stderr)
	require.NoError(t, err)
	text := stdout.String()
	require.Contains(t, text, "Odd or even, from 30 images")
	for _, name := range []string{"confusion.png", "digits.png", "gradcam.png"} {
		require.FileExists(t, filepath.Join(out, name))
		require.Contains(t, text, filepath.Join(out, name))
	}
	_ = exampletest.Number(t, text, `fine-tuned: +(\d+\.\d) %`)
}

func TestTransferLearningMistakes(t *testing.T) {
	exampletest.Refuses(t, run, errUsage, map[string][]string{
		`unexpected argument "mnist"`:           {"mnist"},
		"-digits is 3":                          {"-digits", "3"},
		"-pairs is 3":                           {"-pairs", "3"},
		"-epochs is 0":                          {"-epochs", "0"},
		"flag provided but not defined: -digit": {"-digit", "3"},
	})
	var stdout, stderr bytes.Buffer
	err := run(t.Context(), []string{"-data", exampletest.Bars(t, 20, 10), "-pairs", "15", "-out", t.TempDir()}, &stdout, &stderr)
	require.ErrorContains(t, err, "too few for -pairs 15")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err = run(ctx, []string{"-data", exampletest.Bars(t, 40, 10), "-digits", "20", "-pairs", "10", "-out", t.TempDir()}, &stdout, &stderr)
	require.ErrorIs(t, err, context.Canceled)
}
