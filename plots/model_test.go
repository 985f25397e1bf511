package plots_test

import (
	"fmt"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/layers"
	"github.com/gokeras/gokeras/plots"
)

func input(name string, shape ...int) *functional.Tensor {
	return functional.InputWith(functional.InputOptions{Name: name, Shape: shape})
}

func newModel(t *testing.T, name string, inputs, outputs any) *functional.Model {
	t.Helper()
	m, err := functional.NewModel(inputs, outputs)
	require.NoError(t, err)
	return m.Named(name)
}

// twoPaths is a small model whose graph isn't a plain stack.
func twoPaths(t *testing.T) *functional.Model {
	x := input("image", 8, 8, 1)
	a := layers.Flatten().Name("left").Apply(layers.Conv2D(4, 3).Activation("relu").Name("wide").Apply(x))
	b := layers.Flatten().Name("right").Apply(x)
	merged := layers.Concatenate().Name("both").Apply(a, b)
	return newModel(t, "two_paths", x, layers.Dense(10).Activation("softmax").Name("digits").Apply(merged))
}

func TestDOTGolden(t *testing.T) {
	text, err := plots.DOT(twoPaths(t), plots.ModelOptions{ShowShapes: true, ShowDType: true, ShowLayerNames: true,
		ShowLayerActivations: true, ShowTrainable: true, RankDir: "LR"})
	require.NoError(t, err)
	golden(t, "two_paths.dot", text)
}

func TestDOTDefaults(t *testing.T) {
	text, err := plots.DOT(twoPaths(t))
	require.NoError(t, err)
	golden(t, "defaults.dot", text)
}

func TestDOTExpandNested(t *testing.T) {
	encoderInput := input("pixels", 4)
	encoder := newModel(t, "encoder", encoderInput, layers.Dense(3).Name("code").Apply(encoderInput))
	head, err := functional.NewSequential(layers.Dense(2).Name("first"), layers.Dense(1).Name("second"))
	require.NoError(t, err)
	head.Named("head")
	a, b := input("a", 4), input("b", 4)
	merged := layers.Concatenate().Name("merged").Apply(encoder.Apply(a), encoder.Apply(b))
	outer := newModel(t, "siamese", []*functional.Tensor{a, b}, head.Apply(merged))

	text, err := plots.DOT(outer, plots.ModelOptions{ExpandNested: true, ShowLayerNames: true})
	require.NoError(t, err)
	golden(t, "nested.dot", text)

	text, err = plots.DOT(outer, plots.ModelOptions{ShowLayerNames: true})
	require.NoError(t, err)
	require.Contains(t, text, `"encoder" -> "merged"`)
	require.Equal(t, 1, strings.Count(text, `"encoder" -> "merged"`), "one arrow for both applications")
	require.NotContains(t, text, "subgraph")

	path := filepath.Join(t.TempDir(), "nested.svg")
	require.NoError(t, plots.Model(outer, path, plots.ModelOptions{ExpandNested: true}))
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Contains(t, textsOf(t, data), "encoder")
}

// golden compares text with a file of testdata; GOKERAS_UPDATE=1 writes it instead.
func golden(t *testing.T, name, text string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if os.Getenv("GOKERAS_UPDATE") == "1" {
		require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, string(want), text)
}

func TestModelSVG(t *testing.T) {
	path := filepath.Join(t.TempDir(), "model.svg")
	require.NoError(t, plots.Model(twoPaths(t), path, plots.ModelOptions{ShowShapes: true, ShowLayerNames: true, ShowDType: true}))
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Subset(t, textsOf(t, data), []string{
		"image", "(InputLayer)", "wide", "(Conv2D)", "Input shape:", "(None, 8, 8, 1)", "Output shape:", "(None, 6, 6, 4)",
		"both", "(Concatenate)", "[(None, 144), (None, 64)]", "digits", "(None, 10)", "Output dtype:", "float32",
	})
	for _, edge := range []string{"image&#45;&gt;wide", "image&#45;&gt;right", "wide&#45;&gt;left", "left&#45;&gt;both", "right&#45;&gt;both", "both&#45;&gt;digits"} {
		require.Contains(t, string(data), "<title>"+edge+"</title>")
	}
	require.Equal(t, 6, strings.Count(string(data), `class="edge"`))
}

func decode(t *testing.T, path string) image.Image {
	t.Helper()
	file, err := os.Open(path)
	require.NoError(t, err)
	defer file.Close()
	img, err := png.Decode(file)
	require.NoError(t, err)
	return img
}

func TestModelPNG(t *testing.T) {
	folder := t.TempDir()
	model := twoPaths(t)
	high, low := filepath.Join(folder, "high.png"), filepath.Join(folder, "low.png")
	require.NoError(t, plots.Model(model, high))
	require.NoError(t, plots.Model(model, low, plots.ModelOptions{DPI: 50}))
	big, small := decode(t, high).Bounds(), decode(t, low).Bounds()
	require.InDelta(t, 4, float64(big.Dx())/float64(small.Dx()), 0.05)
	require.InDelta(t, 4, float64(big.Dy())/float64(small.Dy()), 0.05)
	require.Greater(t, big.Dy(), big.Dx(), "from top to bottom")

	require.NoError(t, plots.Model(model, low, plots.ModelOptions{DPI: 50, RankDir: "LR"}))
	small = decode(t, low).Bounds()
	require.Greater(t, small.Dx(), small.Dy(), "from left to right")
}

// Letters are there: the same box with a name of spaces changes less often from black to white.
func TestModelPNGHasText(t *testing.T) {
	x := input("x", 4)
	path := filepath.Join(t.TempDir(), "text.png")
	whites := func(name string) (count int) {
		require.NoError(t, plots.Model(newModel(t, "m", x, layers.Dense(2).Name(name).Apply(x)), path,
			plots.ModelOptions{DPI: 72, ShowLayerNames: true}))
		img := decode(t, path)
		for y := range img.Bounds().Dy() {
			black := false
			for x := range img.Bounds().Dx() {
				r, _, _, _ := img.At(x, y).RGBA()
				if black && r > 0xc000 {
					count++
				}
				black = r < 0x4000
			}
		}
		return count
	}
	require.Greater(t, whites("HHHHHHHHHHHHHHHH"), whites("                ")+100)
}

func TestModelDOTFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "model.dot")
	model := twoPaths(t)
	require.NoError(t, plots.Model(model, path))
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	text, err := plots.DOT(model)
	require.NoError(t, err)
	require.Equal(t, text, string(data))
}

// Graphviz must not read a name as markup.
func TestModelNamesOfAnyText(t *testing.T) {
	for _, name := range []string{`a"b`, `a\`, `<b>`, "&amp;", "日本語", "\xff", `\N`, "]]>", strings.Repeat("x", 300)} {
		x := input("x", 4)
		path := filepath.Join(t.TempDir(), "name.svg")
		model := newModel(t, name, x, layers.Dense(2).Name(name).Apply(x))
		require.NoError(t, plots.Model(model, path, plots.ModelOptions{ShowLayerNames: true}), "%q", name)
		data, err := os.ReadFile(path)
		require.NoError(t, err)
		shown := strings.ReplaceAll(name, "\xff", "\uFFFD")
		require.Contains(t, textsOf(t, data), shown)
		require.NoError(t, plots.Model(model, filepath.Join(t.TempDir(), "name.png"), plots.ModelOptions{ShowLayerNames: true, DPI: 30}), "%q", name)
	}
}

func TestModelErrors(t *testing.T) {
	unbuilt, err := functional.NewSequential(layers.Dense(2))
	require.NoError(t, err)
	folder := t.TempDir()
	for name, c := range map[string]struct {
		model   *functional.Model
		path    string
		options []plots.ModelOptions
		want    string
	}{
		"another suffix":     {twoPaths(t), "model.pdf", nil, "ends in .pdf: want .png, .svg or .dot"},
		"no suffix":          {twoPaths(t), "model", nil, "no suffix"},
		"nil":                {nil, "model.png", nil, "the model is nil"},
		"not built":          {unbuilt, "model.png", nil, "has not yet been built"},
		"a direction":        {twoPaths(t), "model.png", []plots.ModelOptions{{RankDir: "tb"}}, `RankDir is "tb", want TB, LR`},
		"edges":              {twoPaths(t), "model.png", []plots.ModelOptions{{Splines: "; }"}}, `Splines is "; }"`},
		"a resolution":       {twoPaths(t), "model.png", []plots.ModelOptions{{DPI: -1}}, "DPI is -1"},
		"options twice":      {twoPaths(t), "model.png", make([]plots.ModelOptions, 2), "2 options"},
		"a folder not there": {twoPaths(t), "none/model.dot", nil, "no such file"},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(folder, c.path)
			err := plots.Model(c.model, path, c.options...)
			require.ErrorContains(t, err, c.want)
			require.ErrorContains(t, err, "plots.Model: ")
			require.NoFileExists(t, path)
		})
	}
}

// Graphviz has one memory for the whole process.
func TestModelConcurrently(t *testing.T) {
	model := twoPaths(t)
	folder := t.TempDir()
	var wg sync.WaitGroup
	errs := make([]error, 8)
	for i := range errs {
		wg.Go(func() { errs[i] = plots.Model(model, filepath.Join(folder, string(rune('a'+i))+".svg")) })
	}
	wg.Wait()
	for _, err := range errs {
		require.NoError(t, err)
	}
}

// A deep model's PNG is drawn at a lower resolution than one that would not fit.
func TestModelPNGOfADeepModel(t *testing.T) {
	x := input("x", 4)
	y := x
	for range 150 {
		y = layers.Dense(4).Apply(y)
	}
	path := filepath.Join(t.TempDir(), "deep.png")
	require.NoError(t, plots.Model(newModel(t, "deep", x, y), path, plots.ModelOptions{DPI: 400}))
	size := decode(t, path).Bounds()
	require.LessOrEqual(t, size.Dy(), 32767)
	require.Greater(t, size.Dy(), 32767*9/10)
}

// Arrows are drawn whole: between the boxes there are no more than the few empty rows at an arrow's ends.
func TestModelPNGHasEdges(t *testing.T) {
	x := input("x", 4)
	path := filepath.Join(t.TempDir(), "edges.png")
	model := newModel(t, "m", x, layers.Dense(2).Apply(layers.Dense(2).Apply(x)))
	for _, splines := range []string{"ortho", "spline", "line", "polyline", "curved"} {
		require.NoError(t, plots.Model(model, path, plots.ModelOptions{DPI: 72, Splines: splines}))
		img := decode(t, path)
		empty := 0
		for y := 10; y < img.Bounds().Dy()-10; y++ {
			dark := false
			for x := range img.Bounds().Dx() {
				r, _, _, _ := img.At(x, y).RGBA()
				dark = dark || r < 0x8000
			}
			empty++
			if dark {
				empty = 0
			}
			require.Less(t, empty, 6, "%s: rows up to %d are empty", splines, y)
		}
	}
}

// TestLayerRange draws a part of a deep model.
func TestLayerRange(t *testing.T) {
	x := functional.Input(4)
	h := x
	for i := range 6 {
		h = layers.Dense(4).Name(fmt.Sprint("d", i)).Apply(h)
	}
	m, err := functional.NewModel(x, h)
	require.NoError(t, err)
	for _, c := range []struct {
		ends [2]string
		want []string
	}{
		{[2]string{"d1", "d3"}, []string{"d1", "d2", "d3"}},
		{[2]string{"d4", ""}, []string{"d4", "d5"}},
		{[2]string{"", "d0"}, []string{x.Layer().Base().Name(), "d0"}},
	} {
		text, err := plots.DOT(m, plots.ModelOptions{LayerRange: c.ends})
		require.NoError(t, err)
		require.Equal(t, len(c.want), strings.Count(text, "label="))
		require.Equal(t, len(c.want)-1, strings.Count(text, "->"))
		for _, name := range c.want {
			require.Contains(t, text, `"`+name+`" [`)
		}
	}
	_, err = plots.DOT(m, plots.ModelOptions{LayerRange: [2]string{"d3", "d1"}})
	require.ErrorContains(t, err, `layer "d3" comes after layer "d1"`)
	_, err = plots.DOT(m, plots.ModelOptions{LayerRange: [2]string{"d9", ""}})
	require.ErrorContains(t, err, `"d9"`)
}
