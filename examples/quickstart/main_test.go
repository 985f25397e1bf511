package main

import (
	"bytes"
	"context"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/internal/exampletest"
	"github.com/gokeras/gokeras/saving"
)

func TestMain(m *testing.M) { exampletest.Main(m) }

func TestQuickstart(t *testing.T) {
	functional.ClearSession()
	out := t.TempDir()
	var stdout, stderr bytes.Buffer
	err := run(t.Context(), []string{"-data", exampletest.Bars(t, 200, 50), "-samples", "200", "-epochs", "4", "-out", out}, &stdout, &stderr)
	require.NoError(t, err)
	text := stdout.String()
	require.Contains(t, text, "200 training and 50 test images\n")
	require.Contains(t, text, "Model: \"model\"\n")
	require.Contains(t, text, "Total params: 79370 (310.04 KB)\n")
	require.Contains(t, text, "Epoch 1/4\n")
	require.Regexp(t, `Epoch 1: val_accuracy improved from -inf to 0\.\d{5}, saving model to `+regexp.QuoteMeta(filepath.Join(out, "digits.keras"))+"\n", text)
	require.Regexp(t, `3/3 \[={30}\] - \d+s \d+m?s/step - loss: \S+ - accuracy: \S+ - val_loss: \S+ - val_accuracy: \S+\n`, text)
	require.Regexp(t, `2/2 \[={30}\] - \d+s \d+m?s/step - loss: \S+ - accuracy: \S+\n`, text)

	accuracy := exampletest.Number(t, text, `Test accuracy: (\d+\.\d\d) %`)
	require.Greater(t, accuracy, 60.0, "the model has not learned")

	for _, name := range []string{"digits.keras", "history.png", "model.png"} {
		require.FileExists(t, filepath.Join(out, name))
		require.Contains(t, text, filepath.Join(out, name))
	}
	require.Regexp(t, `(\d \(\d+\.\d %\), is \d\s+){5}$`, text)
	require.NotContains(t, stderr.String(), "-samples 2000", "the hint is for those who gave no -samples")

	model, err := saving.LoadModel(filepath.Join(out, "digits.keras"))
	require.NoError(t, err)
	require.Equal(t, "model", model.Name())
}

func TestHint(t *testing.T) {
	var stderr bytes.Buffer
	hint(t.Context(), options{}, &stderr)
	require.Contains(t, stderr.String(), "-samples 2000 -epochs 1")
}

func TestQuickstartEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var stdout, stderr bytes.Buffer
	err := run(ctx, []string{"-data", exampletest.Bars(t, 40, 10), "-samples", "40", "-out", t.TempDir()}, &stdout, &stderr)
	require.ErrorIs(t, err, context.Canceled)
}

func TestQuickstartMistakes(t *testing.T) {
	exampletest.Refuses(t, run, errUsage, map[string][]string{
		`unexpected argument "mnist"`:            {"mnist"},
		"-samples is 3":                          {"-samples", "3"},
		"-epochs is 0":                           {"-epochs", "0"},
		"flag provided but not defined: -sample": {"-sample", "3"},
	})
	var stdout, stderr bytes.Buffer
	err := run(t.Context(), []string{"-data", filepath.Join(t.TempDir(), "none"), "-out", t.TempDir()}, &stdout, &stderr)
	require.ErrorContains(t, err, "data set not found")
}

func TestShade(t *testing.T) {
	var line strings.Builder
	for _, pixel := range []float32{-1, 0, 0.5, 1, 2} {
		line.WriteString(shade(pixel))
	}
	require.Equal(t, "  =@@", line.String())
}
