package plots

import (
	"fmt"
	"image/color"
	"math"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/tensors"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/gokeras/gokeras/boundingboxes"
	"github.com/gokeras/gokeras/internal/ndarray"
)

// Boxes are bounding boxes of a batch of images: Boxes of shape (batch, boxes, 4), Labels, the numbers of their classes, (batch, boxes), -1 for a box that isn't there, and, where it isn't
// nil, how sure each is: Confidences, (batch, boxes).
type Boxes struct {
	Boxes, Labels, Confidences any
}

// BoundingBoxesOptions are the choices of [BoundingBoxes]; each zero value is the default.
type BoundingBoxesOptions struct {
	ImagesOptions
	// Predicted are more boxes, in another color.
	Predicted *Boxes
	// Names are those of the classes, which stand above their boxes; nil for none.
	Names map[int]string
	// Legend says below what the two colors mean.
	Legend bool
}

// Keras's colors.
var (
	trueColor      = color.NRGBA{0, 188, 212, 255}
	predictedColor = color.NRGBA{255, 235, 59, 255}
)

// BoundingBoxes draws images, as [Images] does, with bounding boxes over them, to path, a .png or .svg file (Keras: plot_bounding_box_gallery).
func BoundingBoxes(images any, boxes *Boxes, format boundingboxes.Format, path string, opts ...BoundingBoxesOptions) error {
	o, err := one(opts)
	if err == nil {
		err = drawBoxes(images, boxes, format, path, o)
	}
	if err != nil {
		return fmt.Errorf("plots.BoundingBoxes: %w", err)
	}
	return nil
}

// boxLabel is a box of one image.
type boxLabel struct {
	x1, y1, x2, y2 float64 // from 0 to 1
	text           string
	color          color.NRGBA
}

func drawBoxes(images any, boxes *Boxes, format boundingboxes.Format, path string, o BoundingBoxesOptions) error {
	list, err := imagesOf("images", images)
	if err != nil {
		return err
	}
	bounds := list[0].Bounds()
	size := boundingboxes.Size{Height: float64(bounds.Dy()), Width: float64(bounds.Dx())}
	all := make([][]boxLabel, len(list))
	var legends []legend
	for _, p := range []struct {
		boxes *Boxes
		legend
	}{{boxes, legend{"Ground truth", trueColor}}, {o.Predicted, legend{"Prediction", predictedColor}}} {
		if p.boxes == nil {
			continue
		}
		if err := p.boxes.addTo(all, format, size, o.Names, p.color.(color.NRGBA)); err != nil {
			return err
		}
		if o.Legend {
			legends = append(legends, p.legend)
		}
	}
	return gallery(list, path, o.ImagesOptions, legends, func(c draw.Canvas, i int, at vg.Rectangle) {
		for _, b := range all[i] {
			b.draw(c, at)
		}
	})
}

// addTo puts the boxes of each image into its list.
func (b *Boxes) addTo(all [][]boxLabel, format boundingboxes.Format, size boundingboxes.Size, names map[int]string, color color.NRGBA) error {
	relative, err := boundingboxes.ConvertFormat(b.Boxes, format, boundingboxes.RelXYXY, size)
	if err != nil {
		return err
	}
	dims := relative.Shape().Dimensions
	if len(dims) != 3 || dims[0] != len(all) {
		return fmt.Errorf("boxes have shape %v, want (batch, boxes, 4) for %d images", dims, len(all))
	}
	classes, err := numbers("labels", b.Labels, dims[:2])
	if err != nil {
		return err
	}
	var sure []float64
	if b.Confidences != nil {
		if sure, err = numbers("confidences", b.Confidences, dims[:2]); err != nil {
			return err
		}
	}
	flat := tensors.MustCopyFlatData[float32](relative)
	for i, class := range classes {
		if class == -1 {
			continue
		}
		place := [4]float64{}
		for k := range place {
			if place[k] = float64(flat[4*i+k]); math.IsNaN(place[k]) || math.Abs(place[k]) > 1e6 {
				return fmt.Errorf("box %d of image %d is %v", i%dims[1], i/dims[1], flat[4*i:4*i+4])
			}
		}
		l := boxLabel{place[0], place[1], place[2], place[3], names[int(class)], color}
		if sure != nil && l.text != "" {
			l.text += fmt.Sprintf(" | %.2f", sure[i])
		}
		all[i/dims[1]] = append(all[i/dims[1]], l)
	}
	return nil
}

// numbers reads an array of that shape.
func numbers(what string, v any, dims []int) ([]float64, error) {
	t, err := ndarray.ToTensor(what, v)
	if err != nil {
		return nil, err
	}
	if got := t.Shape().Dimensions; len(got) != len(dims) || got[0] != dims[0] || got[1] != dims[1] {
		return nil, fmt.Errorf("%s have shape %v, want %v, one for each box", what, got, dims)
	}
	if t, err = ndarray.Convert(t, dtypes.Float64); err != nil {
		return nil, err
	}
	return tensors.MustCopyFlatData[float64](t), nil
}

// draw draws the box over an image; the text stands above it, or in it where there is no room.
func (l *boxLabel) draw(c draw.Canvas, at vg.Rectangle) {
	place := func(x, y float64) vg.Point {
		return vg.Point{X: at.Min.X + vg.Length(min(max(x, 0), 1))*(at.Max.X-at.Min.X), Y: at.Max.Y - vg.Length(min(max(y, 0), 1))*(at.Max.Y-at.Min.Y)}
	}
	low, high := place(l.x1, l.y2), place(l.x2, l.y1)
	corners := rectangle(low, high)
	c.StrokeLines(draw.LineStyle{Color: l.color, Width: vg.Points(1.5)}, append(corners, corners[0], corners[1]))
	if l.text == "" {
		return
	}
	font := sans
	font.Size = vg.Points(7)
	style := draw.TextStyle{Color: color.Black, Font: font, Handler: plot.DefaultTextHandler}
	box := style.Rectangle(l.text)
	height, width := box.Max.Y-box.Min.Y+vg.Points(2), box.Max.X-box.Min.X+vg.Points(4)
	from := vg.Point{X: low.X - vg.Points(0.75), Y: high.Y}
	if from.Y+height > at.Max.Y {
		from.Y -= height
	}
	c.FillPolygon(l.color, rectangle(from, vg.Point{X: from.X + width, Y: from.Y + height}))
	c.FillText(style, vg.Point{X: from.X + vg.Points(2), Y: from.Y + vg.Points(1) - box.Min.Y}, l.text)
}
