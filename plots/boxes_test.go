package plots

import (
	"image/color"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/internal/golden"
)

// TestDrawSegmentationMasks requires Keras's pixels.
func TestDrawSegmentationMasks(t *testing.T) {
	var f struct {
		Masks struct {
			Images, Masks golden.Array
			Drawn         []struct {
				Classes *int
				Alpha   float64
				Blend   bool
				Ignore  int
				Colors  [][3]uint8
				Images  golden.Array
			}
		}
	}
	golden.Load(t, "bounding_boxes", &f)
	images := f.Masks.Images
	images.DType = "uint8"
	for i, c := range f.Masks.Drawn {
		o := MasksOptions{Alpha: c.Alpha, NoBlend: !c.Blend, Ignore: &c.Ignore}
		if c.Classes != nil {
			o.Classes = *c.Classes
		}
		for _, rgb := range c.Colors {
			o.Colors = append(o.Colors, color.NRGBA{rgb[0], rgb[1], rgb[2], 255})
		}
		got, err := DrawSegmentationMasks(images.Tensor(t), f.Masks.Masks.Tensor(t), o)
		require.NoError(t, err)
		require.Equal(t, golden.Floats(t, c.Images.Tensor(t)), golden.Floats(t, got), i)
	}
	for name, c := range map[string]struct {
		images, masks any
		o             MasksOptions
		want          string
	}{
		"floats":      {make([][2][2]uint8, 1), [1][2][2]float32{}, MasksOptions{}, "whole numbers"},
		"another":     {make([][2][2]uint8, 1), [1][2][3]int32{}, MasksOptions{}, "masks have shape"},
		"alpha":       {make([][2][2]uint8, 1), [1][2][2]int32{}, MasksOptions{Alpha: 2}, "Alpha is 2"},
		"few colors":  {make([][2][2]uint8, 1), [1][2][2]int32{}, MasksOptions{Classes: 2, Colors: make([]color.NRGBA, 1)}, "1 colors for 2 classes"},
		"many":        {make([][2][2]uint8, 1), [1][2][2]int64{{{1 << 40}}}, MasksOptions{}, "at most"},
		"no pictures": {3, [1][2][2]int64{}, MasksOptions{}, "want shape"},
	} {
		_, err := DrawSegmentationMasks(c.images, c.masks, c.o)
		require.ErrorContains(t, err, c.want, name)
	}
}

// scenes are two pictures of a field with a house, and what is where.
func scenes() (images [2][60][80][3]uint8, masks [2][60][80]int32) {
	for i := range images {
		for y := range 60 {
			for x := range 80 {
				images[i][y][x] = [3]uint8{120, 170, 220}
				switch {
				case y > 40:
					images[i][y][x], masks[i][y][x] = [3]uint8{90, 140, 60}, 1
				case x > 20+20*i && x < 50+20*i && y > 15:
					images[i][y][x], masks[i][y][x] = [3]uint8{190, 80, 60}, 2
				}
			}
		}
	}
	return images, masks
}

func TestBoundingBoxes(t *testing.T) {
	images, _ := scenes()
	truth := &Boxes{Boxes: [2][2][4]float32{{{21, 16, 29, 25}, {0, 41, 80, 19}}, {{41, 16, 29, 25}, {0, 0, 1, 1}}}, Labels: [2][2]int{{0, 1}, {0, -1}}}
	guess := &Boxes{Boxes: [2][1][4]float32{{{25, 12, 30, 26}}, {{38, 0, 30, 40}}}, Labels: [2][1]int{{0}, {0}}, Confidences: [2][1]float64{{0.91}, {0.5}}}
	o := BoundingBoxesOptions{Predicted: guess, Names: map[int]string{0: "house", 1: "field"}, Legend: true, ImagesOptions: ImagesOptions{Size: 3}}
	dir := t.TempDir()
	for _, name := range []string{"boxes.png", "boxes.svg"} {
		require.NoError(t, BoundingBoxes(images, truth, "xywh", filepath.Join(dir, name), o))
	}
	keep(t, filepath.Join(dir, "boxes.png"))
	seen := colorsOf(t, filepath.Join(dir, "boxes.png"))
	require.Greater(t, seen[trueColor], 500)
	require.Greater(t, seen[predictedColor], 500)
	for name, c := range map[string]struct {
		boxes *Boxes
		want  string
	}{
		"another batch": {&Boxes{Boxes: [1][1][4]float32{}, Labels: [1][1]int{}}, "for 2 images"},
		"no labels":     {&Boxes{Boxes: [2][1][4]float32{}}, "labels"},
		"few labels":    {&Boxes{Boxes: [2][2][4]float32{}, Labels: [2][1]int{}}, "labels have shape"},
		"huge":          {&Boxes{Boxes: [2][1][4]float32{{{0, 0, 1e30, 1}}}, Labels: [2][1]int{}}, "box 0 of image 0"},
	} {
		require.ErrorContains(t, BoundingBoxes(images, c.boxes, "xywh", filepath.Join(dir, "x.png")), c.want, name)
	}
	require.ErrorContains(t, BoundingBoxes(images, truth, "xy", filepath.Join(dir, "x.png")), "bounding box format")
	require.NoFileExists(t, filepath.Join(dir, "x.png"))
}

func TestSegmentationMasks(t *testing.T) {
	images, masks := scenes()
	guess := masks
	for y := range 30 {
		for x := range 80 {
			guess[0][y][x] = 0
		}
	}
	path := filepath.Join(t.TempDir(), "masks.png")
	o := SegmentationMasksOptions{Predicted: guess, MasksOptions: MasksOptions{Classes: 3, Alpha: 1, Colors: []color.NRGBA{{0, 0, 0, 255}, {255, 0, 255, 255}, {255, 255, 0, 255}}}, Size: 2}
	require.NoError(t, SegmentationMasks(images, masks, path, o))
	keep(t, path)
	seen := colorsOf(t, path)
	require.Greater(t, seen[color.NRGBA{255, 0, 255, 255}], 10_000)
	require.Greater(t, seen[color.NRGBA{190, 80, 60, 255}], 1000, "the images themselves")
	require.ErrorContains(t, SegmentationMasks(images, masks[:1], path), "masks have shape")
}

// keep copies a picture to where GOKERAS_KEEP_PICTURES says, to look at it.
func keep(t *testing.T, path string) {
	t.Helper()
	if dir := os.Getenv("GOKERAS_KEEP_PICTURES"); dir != "" {
		content, err := os.ReadFile(path)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(dir, filepath.Base(path)), content, 0o644))
	}
}

// colorsOf counts the pixels of each color.
func colorsOf(t *testing.T, path string) map[color.NRGBA]int {
	t.Helper()
	img := readPNG(t, path)
	seen := map[color.NRGBA]int{}
	for y := range img.Bounds().Dy() {
		for x := range img.Bounds().Dx() {
			seen[color.NRGBAModel.Convert(img.At(x, y)).(color.NRGBA)]++
		}
	}
	return seen
}
