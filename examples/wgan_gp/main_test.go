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

// TestWGAN trains on a few images of the right form, and looks at what is drawn.
func TestWGAN(t *testing.T) {
	folder := t.TempDir()
	const count = 40
	for _, part := range []string{"train", "t10k"} {
		require.NoError(t, mnisttest.Write(folder, part, bytes.Repeat([]byte{0, 200}, count*side*side/2), make([]byte, count)))
	}
	path := filepath.Join(t.TempDir(), "digits.png")
	var out bytes.Buffer
	require.NoError(t, run(context.Background(), []string{"-data", folder, "-samples", "32", "-epochs", "2", "-output", path}, &out))
	require.Contains(t, out.String(), "Epoch 2/2")
	require.Contains(t, out.String(), "penalty")
	file, err := os.Open(path)
	require.NoError(t, err)
	defer file.Close()
	picture, err := png.Decode(file)
	require.NoError(t, err)
	require.Greater(t, picture.Bounds().Dx(), columns*side)
	require.FileExists(t, path+".keras")
}
