package main

import (
	"bytes"
	"context"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/internal/mnisttest"
)

// TestAdversarial deceives a network that has learned stripes: it knows all of them, and none of them when they are changed enough.
func TestAdversarial(t *testing.T) {
	folder := t.TempDir()
	const count = 64
	labels := make([]byte, count)
	images := make([]byte, 0, count*side*side)
	for i := range labels {
		labels[i] = byte(i % 2)
		for at := range side * side {
			stripe := at / side
			if labels[i] == 1 {
				stripe = at % side
			}
			images = append(images, byte(60+stripe%2*90))
		}
	}
	for _, part := range []string{"train", "t10k"} {
		require.NoError(t, mnisttest.Write(folder, part, images, labels))
	}
	path := filepath.Join(t.TempDir(), "adversarial.png")
	var out bytes.Buffer
	require.NoError(t, run(context.Background(), []string{"-data", folder, "-samples", "64", "-epochs", "12", "-output", path}, &out))
	require.Contains(t, out.String(), "epsilon 0.00: test accuracy 100.00 %")
	require.Contains(t, out.String(), "epsilon 0.30: test accuracy 0.00 %")
	file, err := os.Open(path)
	require.NoError(t, err)
	defer file.Close()
	picture, err := png.Decode(file)
	require.NoError(t, err)
	require.Greater(t, picture.Bounds().Dx(), drawn*side)
}
