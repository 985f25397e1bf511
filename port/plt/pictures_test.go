package plt_test

import (
	"encoding/json"
	"fmt"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/port/np"
	"github.com/gokeras/gokeras/port/plt"
)

// draw makes one figure of all kinds of marks.
func draw() {
	plt.NewFigure(plt.FigSize{14, 9})
	x := np.Linspace(0, 10, 50)
	plt.Subplot(2, 3, 1)
	plt.Plot(x, np.Sin(x), "r--", plt.Label("sin"))
	plt.Plot(x, np.Cos(x), plt.Label("cos"), plt.Marker("o"))
	plt.Title("Curves")
	plt.Xlabel("x")
	plt.Ylabel("y")
	plt.Grid()
	plt.Legend()
	r := np.NewRandomState(0)
	plt.Subplot(2, 3, 2)
	plt.Scatter(r.Randn(60), r.Randn(60), plt.C{Values: r.Rand(60)}, plt.Cmap("viridis"), plt.Alpha(0.7))
	plt.Title("Points")
	plt.Colorbar()
	plt.Subplot(2, 3, 3)
	plt.Bar([]string{"cat", "dog", "bird"}, []int{3, 7, 5}, plt.Label("animals"))
	plt.Xticks([]int{0, 1, 2}, plt.Labels{"cat", "dog", "bird"}, plt.Rotation(45))
	plt.Legend(plt.Loc("upper left"))
	plt.Subplot(2, 3, 4)
	plt.Hist(r.Normal(0, 1, 500), plt.Bins(20), plt.Color("green"), plt.EdgeColor("black"))
	plt.Axvline(0, "k--")
	plt.Subplot(2, 3, 5)
	plt.Imshow(np.Arange(100).Reshape(10, 10), plt.Cmap("gray"))
	plt.Axis("off")
	plt.Title("Image")
	plt.Subplot(2, 3, 6)
	plt.Heatmap([][]int{{50, 3}, {7, 40}}, plt.Annot(true), plt.Fmt("d"), plt.Cmap("Blues"), plt.Labels{"no", "yes"})
	plt.Xlabel("Predicted")
	plt.Ylabel("True")
	plt.Suptitle("All")
	plt.TightLayout()
}

func TestPictures(t *testing.T) {
	dir := t.TempDir()
	if keep := os.Getenv("GOKERAS_PICTURES"); keep != "" {
		dir = keep
	}
	defer plt.Close("all")
	draw()
	for _, name := range []string{"all.png", "all.svg"} {
		plt.Savefig(filepath.Join(dir, name))
	}
	f, err := os.Open(filepath.Join(dir, "all.png"))
	require.NoError(t, err)
	img, err := png.Decode(f)
	require.NoError(t, err)
	require.NoError(t, f.Close())
	require.Equal(t, 1400, img.Bounds().Dx())
	require.Equal(t, 900, img.Bounds().Dy())
	seen := map[[3]uint32]bool{}
	for y := range 900 {
		for x := range 1400 {
			r, g, b, _ := img.At(x, y).RGBA()
			seen[[3]uint32{r >> 8, g >> 8, b >> 8}] = true
		}
	}
	require.True(t, seen[[3]uint32{255, 0, 0}], "the red line")
	require.True(t, seen[[3]uint32{0x1f, 0x77, 0xb4}], "the first colour of the cycle")
	require.True(t, seen[[3]uint32{0, 128, 0}], "green bars")

	plt.NewFigure()
	plt.Plot([]float64{1, 2, math.Inf(1)}, plt.Label("a"))
	plt.Plot([]float64{}, plt.Label("b"))
	plt.Yscale("log")
	plt.Legend()
	plt.Text(0.5, 1.5, "here")
	plt.Savefig(filepath.Join(dir, "log.png"))

	plt.Close("all")
	_, panes := plt.Subplots(2, 5, plt.FigSize{10, 4})
	for i, ax := range panes.Flat() {
		ax.Imshow(np.Multiply(np.Ones(8, 8, 3), float32(i)/10))
		ax.Title("digit")
		ax.Axis("off")
	}
	plt.Savefig(filepath.Join(dir, "images.png"))
}

func TestImread(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.png")
	defer plt.Close("all")
	plt.NewFigure(plt.FigSize{1, 1})
	plt.Savefig(path)
	require.Equal(t, "(100, 100, 3)", plt.Imread(path).ShapeString())
	require.Equal(t, 1.0, plt.Imread(path).Min().Float())
}

// TestImreadValues holds pictures to matplotlib's values.
func TestImreadValues(t *testing.T) {
	raw, err := os.ReadFile("testdata/imread.json")
	require.NoError(t, err)
	var pictures map[string]struct {
		Shape  []int
		Type   string
		Values []float64
	}
	require.NoError(t, json.Unmarshal(raw, &pictures))
	require.NotEmpty(t, pictures)
	for name, want := range pictures {
		got := plt.Imread(filepath.Join("../../datasets/testdata/images", name))
		require.Equal(t, want.Shape, got.Shape(), name)
		require.Equal(t, want.Type, fmt.Sprint(got.DType()), name)
		for i, v := range got.Floats() {
			require.Equal(t, float32(want.Values[i]), float32(v), "%s: value %d", name, i)
		}
	}
}

func TestErrors(t *testing.T) {
	defer plt.Close("all")
	for text, f := range map[string]func(){
		"ValueError: x and y must have same first dimension, but have shapes (2,) and (3,)": func() { plt.Plot([]int{1, 2}, []int{1, 2, 3}) },
		"ValueError: 'nocolor' is not a valid color value.":                                 func() { plt.Plot([]int{1}, plt.Color("nocolor")) },
		"ValueError: 'nomap' is not a known value for cmap":                                 func() { plt.Imshow(np.Ones(2, 2), plt.Cmap("nomap")) },
		"TypeError: Invalid shape (2, 2, 2) for image data":                                 func() { plt.Imshow(np.Ones(2, 2, 2)) },
		"ValueError: num must be an integer with 1 <= num <= 4, not 5":                      func() { plt.Subplot(2, 2, 5) },
		"ValueError: x and y must be the same size":                                         func() { plt.Scatter([]int{1}, []int{1, 2}) },
		"ValueError: Format 'bmp' is not supported (supported formats: png, svg)":           func() { plt.Savefig("a.bmp") },
	} {
		require.EqualError(t, np.Try(f), text)
	}
	for _, f := range []func(){
		func() { plt.NewFigure(plt.FigSize{1e9, 1}) }, func() { plt.NewFigure(plt.FigSize{500, 500}); plt.Savefig("a.png", plt.DPI(1000)) },
		func() { plt.Subplot(1<<20, 1<<20, 1) }, func() { plt.Axis("nonsense") }, func() { plt.Xlim(math.NaN()) }, func() { plt.Plot("r") },
		func() { plt.Imread("nowhere.png") }, func() { plt.Xticks([]int{1}, plt.Labels{"a", "b"}) }, func() { plt.Hist([]float64{math.NaN()}) },
		func() { plt.Close("all"); plt.Colorbar() }, func() { plt.Imshow(np.Zeros(0, 3)) }, func() { plt.Plot([]int{1}, []int{1}, "?") },
	} {
		require.Error(t, np.Try(f))
	}
}
