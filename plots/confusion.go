package plots

import (
	"fmt"
	"image/color"
	"strconv"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/tensors"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/gokeras/gokeras/internal/ndarray"
)

// ConfusionMatrixOptions are the choices of [ConfusionMatrix]; each zero value is the default.
type ConfusionMatrixOptions struct {
	// Labels are the names of the classes. nil: their numbers.
	Labels []string
	// Normalize shows parts of each true class instead of counts.
	Normalize bool
	// Size is the side of a cell in inches. 0: 0.5.
	Size float64
	// DPI is the resolution of a PNG in dots per inch. 0: 100.
	DPI int
}

// ConfusionMatrix draws how often each class was taken for each, to path, a .png or .svg file: a row for each true class, a column for each that was predicted. yTrue and yPred are
// tensors, or Go slices or arrays of numbers: classes from 0 on, of shape (samples,) or (samples, 1), or scores of shape (samples, classes), of which the highest counts.
func ConfusionMatrix(yTrue, yPred any, path string, opts ...ConfusionMatrixOptions) error {
	o, err := one(opts)
	if err == nil {
		err = confusion(yTrue, yPred, path, o)
	}
	if err != nil {
		return fmt.Errorf("plots.ConfusionMatrix: %w", err)
	}
	return nil
}

// mostClasses bounds a matrix.
const mostClasses = 200

func confusion(yTrue, yPred any, path string, o ConfusionMatrixOptions) error {
	format, err := formatOf(path, "png", "svg")
	if err != nil {
		return err
	}
	if !(o.Size >= 0) || o.DPI < 0 {
		return fmt.Errorf("options Size %v and DPI %d: want positive numbers, or 0 for the defaults", o.Size, o.DPI)
	}
	counts, err := countsOf(yTrue, yPred, len(o.Labels))
	if err != nil {
		return err
	}
	labels := o.Labels
	for i := len(labels); i < len(counts); i++ {
		labels = append(labels[:i:i], strconv.Itoa(i))
	}
	if o.Size == 0 {
		o.Size = 0.5
	}
	if o.DPI == 0 {
		o.DPI = 100
	}
	style := draw.TextStyle{Color: color.Black, Font: sans, Handler: plot.DefaultTextHandler, XAlign: draw.XCenter, YAlign: draw.YCenter}
	var text vg.Length
	for _, label := range labels {
		text = max(text, style.Width(label))
	}
	margin := float64(text/vg.Inch)*1.1 + 0.55 // for the labels and the axis's name
	side := o.Size * float64(len(counts))
	return picture(path, format, margin+side+0.15, margin+side+0.15, o.DPI, func(c draw.Canvas) {
		left, top := c.Min.X+vg.Length(margin)*vg.Inch, c.Max.Y-vg.Points(10)
		edge := vg.Length(o.Size) * vg.Inch
		for i, row := range counts {
			total := 0
			for _, n := range row {
				total += n
			}
			y := top - edge*(vg.Length(i)+0.5)
			for k, n := range row {
				part := 0.0
				if total > 0 {
					part = float64(n) / float64(total)
				}
				x := left + edge*vg.Length(k)
				c.FillPolygon(blue(part), []vg.Point{{X: x, Y: y - edge/2}, {X: x + edge, Y: y - edge/2}, {X: x + edge, Y: y + edge/2}, {X: x, Y: y + edge/2}})
				cell := style
				if part > 0.5 {
					cell.Color = color.White
				}
				shown := strconv.Itoa(n)
				if o.Normalize {
					shown = strconv.FormatFloat(part, 'f', 2, 64)
				}
				c.FillText(cell, vg.Point{X: x + edge/2, Y: y}, shown)
			}
			name := style
			name.XAlign = draw.XRight
			c.FillText(name, vg.Point{X: left - vg.Points(5), Y: y}, labels[i])
			name.Rotation = 1.5707963267948966 // along the column
			c.FillText(name, vg.Point{X: left + edge*(vg.Length(i)+0.5), Y: top - edge*vg.Length(len(counts)) - vg.Points(5)}, labels[i])
		}
		bottom := top - edge*vg.Length(len(counts))
		middle := edge * vg.Length(len(counts)) / 2
		c.StrokeLines(draw.LineStyle{Color: color.Black, Width: vg.Points(0.8)},
			[]vg.Point{{X: left, Y: bottom}, {X: left + 2*middle, Y: bottom}, {X: left + 2*middle, Y: top}, {X: left, Y: top}, {X: left, Y: bottom}})
		c.FillText(style, vg.Point{X: left + middle, Y: c.Min.Y + vg.Points(10)}, "Predicted")
		style.Rotation = 1.5707963267948966
		c.FillText(style, vg.Point{X: c.Min.X + vg.Points(10), Y: top - middle}, "True")
	})
}

// blue is white for 0 and a dark blue for 1, as matplotlib's Blues.
func blue(v float64) color.NRGBA {
	return mixed(color.NRGBA{0xf7, 0xfb, 0xff, 0xff}, color.NRGBA{0x08, 0x30, 0x6b, 0xff}, v)
}

// countsOf counts, for each true class, what was predicted. There are as many classes as labels, or as occur.
func countsOf(yTrue, yPred any, labels int) ([][]int, error) {
	truth, first, err := classesOf("yTrue", yTrue)
	if err != nil {
		return nil, err
	}
	found, second, err := classesOf("yPred", yPred)
	if err != nil {
		return nil, err
	}
	classes := max(first, second)
	switch {
	case len(truth) != len(found):
		return nil, fmt.Errorf("yTrue has %d samples and yPred %d", len(truth), len(found))
	case len(truth) == 0:
		return nil, fmt.Errorf("there are no samples")
	case labels > 0 && labels < classes:
		return nil, fmt.Errorf("%d labels for %d classes", labels, classes)
	}
	classes = max(classes, labels)
	if classes > mostClasses {
		return nil, fmt.Errorf("%d classes are too many for a picture, want %d at most", classes, mostClasses)
	}
	counts := make([][]int, classes)
	for i := range counts {
		counts[i] = make([]int, classes)
	}
	for i, class := range truth {
		counts[class][found[i]]++
	}
	return counts, nil
}

// classesOf reads classes, or those with the highest scores, and how many there can be.
func classesOf(what string, y any) (list []int, classes int, err error) {
	t, err := ndarray.ToTensor(what, y)
	if err != nil {
		return nil, 0, err
	}
	dims := t.Shape().Dimensions
	if len(dims) == 2 && dims[1] == 1 {
		dims = dims[:1]
	}
	if len(dims) != 1 && len(dims) != 2 {
		return nil, 0, fmt.Errorf("%s has shape %v: want classes of shape (samples,) or scores of shape (samples, classes)", what, t.Shape().Dimensions)
	}
	if t, err = ndarray.Convert(t, dtypes.Float64); err != nil {
		return nil, 0, err
	}
	copyErr := tensors.ConstFlatData(t, func(flat []float64) {
		if len(dims) == 2 {
			classes = dims[1]
			for i := range dims[0] {
				best := 0
				row := flat[i*classes : (i+1)*classes]
				for k, v := range row {
					if v > row[best] {
						best = k
					}
				}
				list = append(list, best)
			}
			return
		}
		for i, v := range flat {
			if !(v >= 0 && v < mostClasses) || v != float64(int(v)) {
				err = fmt.Errorf("%s: sample %d has class %v, want whole numbers from 0 to %d", what, i, v, mostClasses-1)
				return
			}
			list = append(list, int(v))
			classes = max(classes, int(v)+1)
		}
	})
	if err == nil {
		err = copyErr
	}
	return list, classes, err
}
