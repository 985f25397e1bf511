package plots

import (
	"fmt"
	"image"
	"image/color"
	"math"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/tensors"
	"gonum.org/v1/plot/vg/draw"

	"github.com/gokeras/gokeras/internal/ndarray"
)

// HeatmapOptions are the choices of [Heatmap]; each zero value is the default.
type HeatmapOptions struct {
	// Alpha is how much of the map's colours covers the image, from 0 to 1. 0: 0.4.
	Alpha float64
	// Width is the width of the picture in inches. 0: 4.
	Width float64
	// DPI is the resolution of a PNG in dots per inch. 0: 100.
	DPI int
}

// Heatmap draws a heat map over an image, to path, a .png or .svg file: what a Grad-CAM finds, blue for 0 and red for the largest value. The image is as those of [Images], of shape
// (height, width) or (height, width, channels); the map has shape (rows, columns), is stretched over the image, and what isn't above 0 counts as 0.
func Heatmap(img, heat any, path string, opts ...HeatmapOptions) error {
	o, err := one(opts)
	if err == nil {
		err = heatmap(img, heat, path, o)
	}
	if err != nil {
		return fmt.Errorf("plots.Heatmap: %w", err)
	}
	return nil
}

func heatmap(img, heat any, path string, o HeatmapOptions) error {
	format, err := formatOf(path, "png", "svg")
	if err != nil {
		return err
	}
	if !(o.Alpha >= 0 && o.Alpha <= 1) || !(o.Width >= 0) || o.DPI < 0 {
		return fmt.Errorf("options Alpha %v, Width %v and DPI %d: want Alpha from 0 to 1 and positive numbers, or 0 for the defaults", o.Alpha, o.Width, o.DPI)
	}
	if o.Alpha == 0 {
		o.Alpha = 0.4
	}
	if o.Width == 0 {
		o.Width = 4
	}
	if o.DPI == 0 {
		o.DPI = 100
	}
	list, err := imagesOf("image", img)
	if err != nil {
		return err
	}
	rows, columns, values, err := mapOf(heat)
	if err != nil {
		return err
	}
	below := list[0]
	b := below.Bounds()
	const least = 200 // pixels that the map is drawn with, so that it is smooth over a small image
	times := max(1, least/max(1, min(b.Dx(), b.Dy())))
	large := image.NewNRGBA(image.Rect(0, 0, b.Dx()*times, b.Dy()*times))
	for y := range large.Rect.Dy() {
		for x := range large.Rect.Dx() {
			v := between(values, rows, columns, (float64(y)+0.5)/float64(large.Rect.Dy()), (float64(x)+0.5)/float64(large.Rect.Dx()))
			large.SetNRGBA(x, y, mixed(below.NRGBAAt(b.Min.X+x/times, b.Min.Y+y/times), jet(v), o.Alpha))
		}
	}
	return picture(path, format, o.Width, o.Width*float64(b.Dy())/float64(b.Dx()), o.DPI, func(c draw.Canvas) {
		c.DrawImage(c.Rectangle, large)
	})
}

// mapOf reads a heat map and makes its largest value 1.
func mapOf(heat any) (rows, columns int, values []float64, err error) {
	t, err := ndarray.ToTensor("heat", heat)
	if err != nil {
		return 0, 0, nil, err
	}
	dims := t.Shape().Dimensions
	if len(dims) != 2 || t.Shape().Size() == 0 {
		return 0, 0, nil, fmt.Errorf("want a map of shape (rows, columns), received shape %v", dims)
	}
	if t, err = ndarray.Convert(t, dtypes.Float64); err != nil {
		return 0, 0, nil, err
	}
	largest := 0.0
	err = tensors.ConstFlatData(t, func(flat []float64) {
		for _, v := range flat {
			if !(v > 0) || math.IsInf(v, 0) {
				v = 0
			}
			largest = max(largest, v)
			values = append(values, v)
		}
	})
	for i := range values {
		if largest > 0 {
			values[i] /= largest
		}
	}
	return dims[0], dims[1], values, err
}

// between is the map's value at a place, both from 0 to 1, straight between the middles of its cells.
func between(values []float64, rows, columns int, y, x float64) float64 {
	row, down := cell(y, rows)
	column, right := cell(x, columns)
	at := func(r, c int) float64 { return values[min(r, rows-1)*columns+min(c, columns-1)] }
	top := at(row, column)*(1-right) + at(row, column+1)*right
	bottom := at(row+1, column)*(1-right) + at(row+1, column+1)*right
	return top*(1-down) + bottom*down
}

// cell is the cell whose middle lies before a place, and how far on it is to the next.
func cell(place float64, cells int) (int, float64) {
	at := min(max(place*float64(cells)-0.5, 0), float64(cells-1))
	before := math.Floor(at)
	return int(before), at - before
}

// jet is matplotlib's: blue, cyan, yellow, red.
func jet(v float64) color.NRGBA {
	part := func(middle float64) uint8 { return shade(255 * min(max(1.5-math.Abs(4*v-middle), 0), 1)) }
	return color.NRGBA{part(3), part(2), part(1), 0xff}
}

func mixed(a, b color.NRGBA, alpha float64) color.NRGBA {
	part := func(a, b uint8) uint8 { return shade(float64(a)*(1-alpha) + float64(b)*alpha) }
	return color.NRGBA{part(a.R, b.R), part(a.G, b.G), part(a.B, b.B), 0xff}
}
