package main

import (
	"bytes"
	"context"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/internal/mnisttest"
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

func TestTransferLearning(t *testing.T) {
	functional.ClearSession()
	out := t.TempDir()
	var stdout, stderr bytes.Buffer
	err := run(t.Context(), []string{"-data", writeDigits(t, 130, 40), "-digits", "100", "-pairs", "30", "-epochs", "3", "-out", out}, &stdout, &stderr)
	require.NoError(t, err)
	text := stdout.String()
	require.Contains(t, text, "Odd or even, from 30 images")
	for _, name := range []string{"confusion.png", "digits.png", "gradcam.png"} {
		require.FileExists(t, filepath.Join(out, name))
		require.Contains(t, text, filepath.Join(out, name))
	}
	found := regexp.MustCompile(`fine-tuned: +(\d+\.\d) %`).FindStringSubmatch(text)
	require.NotNil(t, found, text)
	_, err = strconv.ParseFloat(found[1], 64)
	require.NoError(t, err)
}

func TestTransferLearningMistakes(t *testing.T) {
	for name, c := range map[string]struct {
		args []string
		want string
	}{
		"an argument":  {[]string{"mnist"}, `unexpected argument "mnist"`},
		"few digits":   {[]string{"-digits", "3"}, "-digits is 3"},
		"few pairs":    {[]string{"-pairs", "3"}, "-pairs is 3"},
		"no epoch":     {[]string{"-epochs", "0"}, "-epochs is 0"},
		"another flag": {[]string{"-digit", "3"}, "flag provided but not defined: -digit"},
	} {
		t.Run(name, func(t *testing.T) {
			var stdout, stderr bytes.Buffer
			require.ErrorIs(t, run(t.Context(), c.args, &stdout, &stderr), errUsage)
			require.Contains(t, stderr.String(), c.want)
			require.Empty(t, stdout.String())
		})
	}
	var stdout, stderr bytes.Buffer
	err := run(t.Context(), []string{"-data", writeDigits(t, 20, 10), "-pairs", "15", "-out", t.TempDir()}, &stdout, &stderr)
	require.ErrorContains(t, err, "too few for -pairs 15")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err = run(ctx, []string{"-data", writeDigits(t, 40, 10), "-digits", "20", "-pairs", "10", "-out", t.TempDir()}, &stdout, &stderr)
	require.ErrorIs(t, err, context.Canceled)
}
