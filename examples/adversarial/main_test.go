package main

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/internal/exampletest"
)

// TestAdversarial deceives a network that has learned stripes: it knows all of them, and none of them when they are changed enough.
func TestAdversarial(t *testing.T) {
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
	path := filepath.Join(t.TempDir(), "adversarial.png")
	out := exampletest.Run(t, run, "-data", exampletest.Digits(t, images, labels), "-samples", "64", "-epochs", "12", "-output", path)
	require.Contains(t, out, "epsilon 0.00: test accuracy 100.00 %")
	require.Contains(t, out, "epsilon 0.30: test accuracy 0.00 %")
	require.Greater(t, exampletest.Width(t, path), drawn*side)
}
