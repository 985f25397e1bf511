package plots

import (
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func readPNG(t *testing.T, path string) image.Image {
	t.Helper()
	f, err := os.Open(path)
	require.NoError(t, err)
	defer func() { _ = f.Close() }()
	img, err := png.Decode(f)
	require.NoError(t, err)
	return img
}

// at is the colour at a place of the picture, both from 0 to 1.
func at(img image.Image, x, y float64) [3]uint8 {
	b := img.Bounds()
	c := color.NRGBAModel.Convert(img.At(b.Min.X+int(x*float64(b.Dx())), b.Min.Y+int(y*float64(b.Dy())))).(color.NRGBA)
	return [3]uint8{c.R, c.G, c.B}
}

func TestImages(t *testing.T) {
	path := filepath.Join(t.TempDir(), "grid.png")
	red, green := [][][]uint8{{{255, 0, 0}}}, [][][]uint8{{{0, 255, 0}}}
	require.NoError(t, Images([][][][]uint8{red, green, red}, path, ImagesOptions{Columns: 2, Size: 1, Labels: []string{"one", "two", "three"}}))
	img := readPNG(t, path)
	require.Equal(t, [3]uint8{255, 0, 0}, at(img, 0.25, 0.3))
	require.Equal(t, [3]uint8{0, 255, 0}, at(img, 0.75, 0.3))
	require.Equal(t, [3]uint8{255, 0, 0}, at(img, 0.25, 0.8))
	require.Equal(t, [3]uint8{255, 255, 255}, at(img, 0.75, 0.8))

	// Shades of grey, in floats that end beyond the range and with NaN.
	require.NoError(t, Images([][][]float64{{{0, 1}, {7, math.NaN()}}}, path))
	img = readPNG(t, path)
	for place, want := range map[[2]float64]uint8{{0.3, 0.3}: 0, {0.7, 0.3}: 255, {0.3, 0.7}: 255, {0.7, 0.7}: 0} {
		require.Equal(t, [3]uint8{want, want, want}, at(img, place[0], place[1]), place)
	}
	svg := filepath.Join(t.TempDir(), "grid.svg")
	require.NoError(t, Images([][][]float64{{{0, 1}}}, svg, ImagesOptions{Labels: []string{"a < b"}}))
	text, err := os.ReadFile(svg)
	require.NoError(t, err)
	require.Contains(t, string(text), "a &lt; b")
}

func TestHeatmap(t *testing.T) {
	path := filepath.Join(t.TempDir(), "heat.png")
	black := make([][]uint8, 10)
	for i := range black {
		black[i] = make([]uint8, 10)
	}
	require.NoError(t, Heatmap(black, [][]float64{{0, 0}, {0, 5}}, path, HeatmapOptions{Alpha: 1}))
	img := readPNG(t, path)
	require.Equal(t, [3]uint8{0, 0, 128}, at(img, 0.05, 0.05), "nothing is dark blue")
	require.Equal(t, [3]uint8{128, 0, 0}, at(img, 0.95, 0.95), "the most is dark red")
	middle := at(img, 0.5, 0.95)
	require.Greater(t, middle[1], uint8(200), "between them is green")
	require.NoError(t, Heatmap(black, [][]float64{{math.NaN(), -1}}, path))
	require.Equal(t, [3]uint8{0, 0, 51}, at(readPNG(t, path), 0.5, 0.5))
	colours := [][][]float64{{{1, 1, 1}, {0, 0, 0}}}
	require.NoError(t, Heatmap(colours, [][]float64{{0, 0, 0}}, path))
	require.Equal(t, [3]uint8{153, 153, 204}, at(readPNG(t, path), 0.2, 0.5))
}

func TestConfusionMatrix(t *testing.T) {
	path := filepath.Join(t.TempDir(), "matrix.png")
	require.NoError(t, ConfusionMatrix([]int{0, 0, 1, 2}, [][]float32{{0.9, 0.1, 0}, {0.2, 0.8, 0}, {0, 1, 0}, {0, 0.1, 0.7}}, path))
	require.Greater(t, readPNG(t, path).Bounds().Dx(), 150)
	svg := filepath.Join(t.TempDir(), "matrix.svg")
	require.NoError(t, ConfusionMatrix([]uint8{0, 0, 1}, [][]int{{0}, {1}, {1}}, svg, ConfusionMatrixOptions{Labels: []string{"even", "odd", "neither"}, Normalize: true}))
	text, err := os.ReadFile(svg)
	require.NoError(t, err)
	for _, want := range []string{">even<", ">neither<", ">0.50<", ">1.00<", ">0.00<", ">True<", ">Predicted<"} {
		require.Contains(t, string(text), want)
	}
	counts, err := countsOf([]int{0, 0, 1, 2}, []int{0, 1, 1, 0}, 4)
	require.NoError(t, err)
	require.Equal(t, [][]int{{1, 1, 0, 0}, {0, 1, 0, 0}, {1, 0, 0, 0}, {0, 0, 0, 0}}, counts)
}

func TestPictureMistakes(t *testing.T) {
	path := filepath.Join(t.TempDir(), "picture.png")
	one := [][][]float64{{{0}}}
	for want, draw := range map[string]func() error{
		"plots.Images: the path":            func() error { return Images(one, "picture.jpg") },
		"2 options given":                   func() error { return Images(one, path, ImagesOptions{}, ImagesOptions{}) },
		"3 labels for 1 images":             func() error { return Images(one, path, ImagesOptions{Labels: []string{"a", "b", "c"}}) },
		"Columns -1":                        func() error { return Images(one, path, ImagesOptions{Columns: -1}) },
		"million pixels":                    func() error { return Images(one, path, ImagesOptions{Size: 1e6}) },
		"Size NaN":                          func() error { return Images(one, path, ImagesOptions{Size: math.NaN()}) },
		"want shape (batch, height, width)": func() error { return Images([]float64{1}, path) },
		"with 1 channel or 3":               func() error { return Images([][][][]float64{{{{1, 2}}}}, path) },
		"images: ":                          func() error { return Images("text", path) },
		"are too many for a picture":        func() error { return Images(make([][1][1]float64, 1001), path) },
		"want shape (height, width)":        func() error { return Heatmap([]float64{1}, [][]float64{{1}}, path) },
		"want a map of shape":               func() error { return Heatmap([][]float64{{1}}, []float64{1}, path) },
		"Alpha 2":                           func() error { return Heatmap([][]float64{{1}}, [][]float64{{1}}, path, HeatmapOptions{Alpha: 2}) },
		"heat: ":                            func() error { return Heatmap([][]float64{{1}}, "text", path) },
		"yTrue has 1 samples and yPred 2":   func() error { return ConfusionMatrix([]int{1}, []int{1, 2}, path) },
		"sample 1 has class -1":             func() error { return ConfusionMatrix([]int{1, -1}, []int{1, 2}, path) },
		"sample 0 has class 0.5":            func() error { return ConfusionMatrix([]int{1}, []float64{0.5}, path) },
		"1 labels for 2 classes": func() error {
			return ConfusionMatrix([]int{1}, []int{1}, path, ConfusionMatrixOptions{Labels: []string{"a"}})
		},
		"yPred has shape":      func() error { return ConfusionMatrix([]int{1}, [][][]int{{{1}}}, path) },
		"there are no samples": func() error { return ConfusionMatrix([]int{}, []int{}, path) },
		"DPI -1":               func() error { return ConfusionMatrix([]int{1}, []int{1}, path, ConfusionMatrixOptions{DPI: -1}) },
	} {
		err := draw()
		require.Error(t, err, want)
		if want == "there are no samples" || want == "heat: " || want == "images: " {
			continue // the words are those of what reads the values
		}
		require.ErrorContains(t, err, want)
	}
	_, err := os.Stat(path)
	require.ErrorIs(t, err, os.ErrNotExist, "nothing was written")
}
