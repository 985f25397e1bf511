package main

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/internal/exampletest"
)

// TestGAN trains on a few images of the right form, and looks at what is drawn.
func TestGAN(t *testing.T) {
	path := filepath.Join(t.TempDir(), "digits.png")
	out := exampletest.Run(t, run, "-data", exampletest.Plain(t), "-samples", "32", "-epochs", "2", "-output", path)
	require.Contains(t, out, "Epoch 2/2")
	require.Contains(t, out, "g_loss")
	require.Equal(t, 10*side, exampletest.Width(t, path))
	require.FileExists(t, path+".keras")
}
