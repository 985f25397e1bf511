package main

import (
	"bytes"
	"context"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/internal/mnisttest"
	"github.com/gokeras/gokeras/saving"
)

func TestMain(m *testing.M) {
	// The tests are small, and the same everywhere, on the engine that every machine has.
	_ = os.Setenv("GOKERAS_BACKEND", "go")
	os.Exit(m.Run())
}

// writeDigits writes MNIST's files with pictures that are easy to tell apart: a bar at a height that is the digit's own.
func writeDigits(t *testing.T, train, test int) (folder string) {
	t.Helper()
	folder = t.TempDir()
	rng := rand.New(rand.NewPCG(1, 2))
	for name, n := range map[string]int{"train": train, "t10k": test} {
		images, labels := make([]byte, n*28*28), make([]byte, n)
		for i := range n {
			labels[i] = byte(i % 10)
			for pixel := range 28 * 28 {
				images[i*28*28+pixel] = byte(rng.IntN(60))
			}
			top := 3 + 2*(i%10)
			for pixel := top * 28; pixel < (top+2)*28; pixel++ {
				images[i*28*28+pixel] = byte(180 + rng.IntN(70))
			}
		}
		require.NoError(t, mnisttest.Write(folder, name, images, labels))
	}
	return folder
}

func TestQuickstart(t *testing.T) {
	functional.ClearSession()
	out := t.TempDir()
	var stdout, stderr bytes.Buffer
	err := run(t.Context(), []string{"-data", writeDigits(t, 200, 50), "-samples", "200", "-epochs", "4", "-out", out}, &stdout, &stderr)
	require.NoError(t, err)
	text := stdout.String()
	require.Contains(t, text, "200 training and 50 test images\n")
	require.Contains(t, text, "Model: \"model\"\n")
	require.Contains(t, text, "Total params: 79370 (310.04 KB)\n")
	require.Contains(t, text, "Epoch 1/4\n")
	require.Regexp(t, `Epoch 1: val_accuracy improved from -inf to 0\.\d{5}, saving model to `+regexp.QuoteMeta(filepath.Join(out, "digits.keras"))+"\n", text)
	require.Regexp(t, `3/3 \[={30}\] - \d+s \d+m?s/step - loss: \S+ - accuracy: \S+ - val_loss: \S+ - val_accuracy: \S+\n`, text)
	require.Regexp(t, `2/2 \[={30}\] - \d+s \d+m?s/step - loss: \S+ - accuracy: \S+\n`, text)

	found := regexp.MustCompile(`Test accuracy: (\d+\.\d\d) %`).FindStringSubmatch(text)
	require.NotNil(t, found)
	accuracy, err := strconv.ParseFloat(found[1], 64)
	require.NoError(t, err)
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
	err := run(ctx, []string{"-data", writeDigits(t, 40, 10), "-samples", "40", "-out", t.TempDir()}, &stdout, &stderr)
	require.ErrorIs(t, err, context.Canceled)
}

func TestQuickstartMistakes(t *testing.T) {
	for name, c := range map[string]struct {
		args []string
		want string
	}{
		"an argument":    {[]string{"mnist"}, `unexpected argument "mnist"`},
		"too few images": {[]string{"-samples", "3"}, "-samples is 3"},
		"no epoch":       {[]string{"-epochs", "0"}, "-epochs is 0"},
		"a flag":         {[]string{"-sample", "3"}, "flag provided but not defined: -sample"},
	} {
		t.Run(name, func(t *testing.T) {
			var stdout, stderr bytes.Buffer
			require.ErrorIs(t, run(t.Context(), c.args, &stdout, &stderr), errUsage)
			require.Contains(t, stderr.String(), c.want)
			require.Empty(t, stdout.String())
		})
	}
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
