package main

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/internal/exampletest"
)

// TestVAE trains on a few images of the right form, and looks at what is drawn.
func TestVAE(t *testing.T) {
	path := filepath.Join(t.TempDir(), "plane.png")
	out := exampletest.Run(t, run, "-data", exampletest.Plain(t), "-samples", "32", "-epochs", "2", "-output", path)
	require.Contains(t, out, "Epoch 2/2")
	require.Contains(t, out, "reconstruction_loss")
	require.Contains(t, out, "kl_loss")
	require.Greater(t, exampletest.Width(t, path), grid*side)
	require.FileExists(t, path+".keras")
}
