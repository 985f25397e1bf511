package main

import (
	"image"
	"image/color"
	"image/png"
	"os"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/internal/npz"
	"github.com/gokeras/gokeras/layers"
)

// pictures makes a model that shows what it gets.
func pictures(t *testing.T, path string) {
	m, err := functional.NewSequential(functional.Input(2, 3, 3), layers.Flatten())
	saved(t, m, err, path)
}

// TestPredictPicture predicts for a picture and for an .npy file.
func TestPredictPicture(t *testing.T) {
	onGo(t)
	f := newFolder(t)
	pictures(t, f.at("m.keras"))
	img := image.NewNRGBA(image.Rect(0, 0, 3, 2))
	want := []float32{}
	for y := range 2 {
		for x := range 3 {
			c := color.NRGBA{R: uint8(10*x + y), G: 7, B: 255, A: 255}
			img.SetNRGBA(x, y, c)
			want = append(want, float32(c.R), float32(c.G), float32(c.B))
		}
	}
	w, err := os.Create(f.at("p.png"))
	require.NoError(t, err)
	require.NoError(t, png.Encode(w, img))
	require.NoError(t, w.Close())
	require.NoError(t, npz.WriteSingle(f.at("p.npy"), tensors.FromFlatDataAndDimensions(want, 1, 2, 3, 3)))
	for in, scale := range map[string]string{"p.png": "1", "p.npy": "1"} {
		gokeras(t, exitOK, "predict", f.at("m.keras"), "--inputs", f.at(in), "--scale", scale, "-o", f.at("out.npz"), "-q")
		require.Equal(t, [][]float32{want}, load(t, f.at("out.npz"))["output_0"].Value(), in)
	}
	gokeras(t, exitOK, "predict", f.at("m.keras"), "--inputs", f.at("p.png"), "--scale", "2", "-o", f.at("out.npz"), "-q")
	require.Equal(t, 2*want[0], load(t, f.at("out.npz"))["output_0"].Value().([][]float32)[0][0])

	classifier(t, f.at("c.keras"))
	_, stderr := gokeras(t, exitError, "predict", f.at("c.keras"), "--inputs", f.at("p.png"))
	require.Contains(t, stderr, "a picture is for an input (batch, height, width, channels)")
	require.NoError(t, os.WriteFile(f.at("broken.png"), []byte("\x89PNG\r\n"), 0o600))
	_, stderr = gokeras(t, exitError, "predict", f.at("m.keras"), "--inputs", f.at("broken.png"))
	require.Contains(t, stderr, "broken.png")
}
