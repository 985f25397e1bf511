package plots

import (
	"cmp"
	"fmt"
	"image"
	"image/color"
	"math"
	"slices"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/tensors"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/gokeras/gokeras/internal/ndarray"
)

// ImagesOptions are the choices of [Images]; each zero value is the default.
type ImagesOptions struct {
	// Labels are the lines above the images, nil for none.
	Labels []string
	// Columns is how many images lie side by side. 0: 5, or all if there are fewer.
	Columns int
	// Size is the width of an image in inches. 0: 1.5.
	Size float64
	// DPI is the resolution of a PNG in dots per inch. 0: 100.
	DPI int
}

// Images draws images beside and below each other to path, a .png or .svg file. images is a tensor, or Go slices or arrays of numbers, of shape (batch, height, width) for shades of
// grey, or (batch, height, width, channels) with one channel or three. Whole numbers are from 0 to 255, floats from 0 to 1, as matplotlib has it; what lies outside is cut off.
func Images(images any, path string, opts ...ImagesOptions) error {
	o, err := one(opts)
	if err == nil {
		err = drawImages(images, path, o)
	}
	if err != nil {
		return fmt.Errorf("plots.Images: %w", err)
	}
	return nil
}

// mostImages bounds a grid.
const mostImages = 1000

func drawImages(images any, path string, o ImagesOptions) error {
	list, err := imagesOf("images", images)
	if err != nil {
		return err
	}
	return gallery(list, path, o, nil, nil)
}

// legend names colors, below a gallery.
type legend struct {
	name  string
	color color.Color
}

// gallery draws images of one size, and calls over, where it isn't nil, for what lies over each.
func gallery(list []*image.NRGBA, path string, o ImagesOptions, legends []legend, over func(c draw.Canvas, i int, at vg.Rectangle)) error {
	format, err := formatOf(path, "png", "svg")
	if err != nil {
		return err
	}
	switch {
	case len(list) > mostImages:
		return fmt.Errorf("%d images are too many for a picture, want %d at most", len(list), mostImages)
	case o.Labels != nil && len(o.Labels) != len(list):
		return fmt.Errorf("%d labels for %d images", len(o.Labels), len(list))
	case o.Columns < 0 || !(o.Size >= 0) || o.DPI < 0:
		return fmt.Errorf("options Columns %d, Size %v and DPI %d: want positive numbers, or 0 for the defaults", o.Columns, o.Size, o.DPI)
	}
	o.Columns = min(cmp.Or(o.Columns, 5), len(list))
	o.Size, o.DPI = cmp.Or(o.Size, 1.5), cmp.Or(o.DPI, 100)
	bounds := list[0].Bounds()
	const gap, line = 0.12, 0.2 // inches between images, and for a label
	high := o.Size*float64(bounds.Dy())/float64(bounds.Dx()) + gap
	if o.Labels != nil {
		high += line
	}
	wide := o.Size + gap
	rows := (len(list) + o.Columns - 1) / o.Columns
	width, height := wide*float64(o.Columns)+gap, high*float64(rows)+gap+line*float64(len(legends))
	return picture(path, format, width, height, o.DPI, func(c draw.Canvas) {
		style := draw.TextStyle{Color: color.Black, Font: sans, Handler: plot.DefaultTextHandler, XAlign: draw.XCenter}
		for i, img := range list {
			left := c.Min.X + vg.Length(gap+wide*float64(i%o.Columns))*vg.Inch
			bottom := c.Max.Y - vg.Length(high*float64(i/o.Columns+1))*vg.Inch
			at := vg.Rectangle{Min: vg.Point{X: left, Y: bottom}, Max: vg.Point{X: left + vg.Length(o.Size)*vg.Inch, Y: bottom + vg.Length(o.Size*float64(bounds.Dy())/float64(bounds.Dx()))*vg.Inch}}
			drawImage(c, at, img)
			if over != nil {
				over(c, i, at)
			}
			if o.Labels != nil {
				c.FillText(style, vg.Point{X: (at.Min.X + at.Max.X) / 2, Y: at.Max.Y + vg.Points(4)}, o.Labels[i])
			}
		}
		style.XAlign = draw.XLeft
		for i, l := range legends {
			corner := vg.Point{X: c.Min.X + gap*vg.Inch, Y: c.Min.Y + vg.Length(gap/2+line*float64(len(legends)-1-i))*vg.Inch}
			c.FillPolygon(l.color, rectangle(corner, vg.Point{X: corner.X + vg.Points(9), Y: corner.Y + vg.Points(9)}))
			c.FillText(style, vg.Point{X: corner.X + vg.Points(14), Y: corner.Y}, l.name)
		}
	})
}

// rectangle are the corners of one.
func rectangle(low, high vg.Point) []vg.Point {
	return []vg.Point{low, {X: high.X, Y: low.Y}, high, {X: low.X, Y: high.Y}}
}

// drawImage draws pixels as squares, which a small image needs to be large before it is scaled.
func drawImage(c draw.Canvas, at vg.Rectangle, img *image.NRGBA) {
	const fine = 200 // pixels that a side shall have
	b := img.Bounds()
	times := max(1, fine/max(1, min(b.Dx(), b.Dy())))
	large := image.NewNRGBA(image.Rect(0, 0, b.Dx()*times, b.Dy()*times))
	for y := range large.Rect.Dy() {
		for x := range large.Rect.Dx() {
			large.SetNRGBA(x, y, img.NRGBAAt(b.Min.X+x/times, b.Min.Y+y/times))
		}
	}
	c.DrawImage(at, large)
}

// imagesOf reads a batch of images, or a single one where what says so.
func imagesOf(what string, images any) ([]*image.NRGBA, error) {
	t, err := ndarray.ToTensor(what, images)
	if err != nil {
		return nil, err
	}
	dims, batch := slices.Clone(t.Shape().Dimensions), "batch, "
	if what == "image" {
		dims, batch = append([]int{1}, dims...), ""
	}
	if len(dims) == 3 {
		dims = append(dims, 1)
	}
	if len(dims) != 4 || dims[3] != 1 && dims[3] != 3 {
		return nil, fmt.Errorf("want shape (%sheight, width), or (%sheight, width, channels) with 1 channel or 3, received shape %v", batch, batch, t.Shape().Dimensions)
	}
	if t.Shape().Size() == 0 {
		return nil, fmt.Errorf("there is no image in shape %v", dims)
	}
	scale := 1.0
	if t.DType().IsFloat() {
		scale = 255
	}
	if t, err = ndarray.Convert(t, dtypes.Float64); err != nil {
		return nil, err
	}
	size := dims[1] * dims[2]
	list := make([]*image.NRGBA, dims[0])
	err = tensors.ConstFlatData(t, func(flat []float64) {
		for i := range list {
			img := image.NewNRGBA(image.Rect(0, 0, dims[2], dims[1]))
			for k := range size {
				var p [3]uint8
				for channel := range p {
					p[channel] = shade(flat[(i*size+k)*dims[3]+channel%dims[3]] * scale)
				}
				img.SetNRGBA(k%dims[2], k/dims[2], color.NRGBA{p[0], p[1], p[2], 0xff})
			}
			list[i] = img
		}
	})
	return list, err
}

// shade is a value from 0 to 255; NaN is 0.
func shade(v float64) uint8 {
	if !(v > 0) {
		return 0
	}
	return uint8(math.Round(min(v, 255)))
}
