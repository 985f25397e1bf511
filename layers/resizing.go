package layers

import (
	"fmt"
	"math"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/symbolic"
)

// ResizingLayer is Keras's Resizing: images, made larger or smaller.
type ResizingLayer struct {
	images[*ResizingLayer]
	cfg resizingConfig
}

type resizingConfig struct {
	symbolic.LayerConfig
	Height            int           `keras:"height"`
	Width             int           `keras:"width"`
	Interpolation     Interpolation `keras:"interpolation" default:"bilinear"`
	CropToAspectRatio bool          `keras:"crop_to_aspect_ratio"`
	PadToAspectRatio  bool          `keras:"pad_to_aspect_ratio"`
	FillMode          FillMode      `keras:"fill_mode" default:"constant"`
	FillValue         float64       `keras:"fill_value"`
	Antialias         bool          `keras:"antialias"`
	imageConfig
}

func init() { symbolic.RegisterLayer(func() symbolic.Layer { return Resizing(1, 1) }) }

// Resizing returns a layer that gives images of shape (batch, height, width, channels), or one image (height, width, channels), another
// height and width (Keras: Resizing(height, width)). Whole numbers stay whole numbers.
func Resizing(height, width int) *ResizingLayer {
	l := &ResizingLayer{}
	l.init(l, &l.cfg.LayerConfig)
	l.cfg.Height, l.cfg.Width = height, width
	return l
}

// largestImage bounds the height and the width of images that layers make.
const largestImage = 1 << 14

// imageSize checks the height and the width of images that a layer makes.
func imageSize(height, width int) error {
	if height < 1 || width < 1 || height > largestImage || width > largestImage {
		return fmt.Errorf("the height and the width are %d and %d, want numbers from 1 to %d", height, width, largestImage)
	}
	return nil
}

// Validate reports arguments that Keras rejects.
func (c *resizingConfig) Validate() error {
	if err := imageSize(c.Height, c.Width); err != nil {
		return err
	}
	if err := c.Interpolation.check(); err != nil {
		return err
	}
	if c.FillMode != FillConstant {
		return fmt.Errorf("invalid value for argument `fill_mode`: only \"constant\" is supported, received: fill_mode=%s", c.FillMode)
	}
	if c.CropToAspectRatio && c.PadToAspectRatio {
		return fmt.Errorf("only one of `pad_to_aspect_ratio` and `crop_to_aspect_ratio` can be true")
	}
	return c.imageConfig.check()
}

func (l *ResizingLayer) sized(x symbolic.Shape) symbolic.Shape {
	return l.cfg.DataFormat.withSize(x, l.cfg.Height, l.cfg.Width)
}

func (l *ResizingLayer) always() {}

func (l *ResizingLayer) keepsIntegers() {}

// withSize is the shape of images with another height and width.
func (f DataFormat) withSize(x symbolic.Shape, height, width int) symbolic.Shape {
	if len(x) >= 3 {
		h, w := f.spatialAxes(len(x))
		x[h], x[w] = height, width
	}
	return x
}

func (l *ResizingLayer) transform(c *symbolic.Call, x *graph.Node, _ transformation) *graph.Node {
	return l.resized(c, x, l.cfg.Interpolation)
}

func (l *ResizingLayer) masks(c *symbolic.Call, x *graph.Node, _ transformation) *graph.Node {
	return l.resized(c, x, Nearest)
}

func (l *ResizingLayer) resized(c *symbolic.Call, x *graph.Node, how Interpolation) *graph.Node {
	cfg := &l.cfg
	y := resizedImages(c, x, cfg.DataFormat, cfg.Height, cfg.Width, map[string]any{
		"interpolation": string(how), "antialias": cfg.Antialias, "fill_value": cfg.FillValue,
		"crop_to_aspect_ratio": cfg.CropToAspectRatio, "pad_to_aspect_ratio": cfg.PadToAspectRatio,
	})
	return rounded(y, x.DType())
}

// boxes keeps boxes of zeros or of -1 as none.
func (l *ResizingLayer) boxes(b boxes, _ transformation) boxes {
	wide, high := float32(l.cfg.Width), float32(l.cfg.Height)
	w, h := float32(b.width), float32(b.height)
	byX, byY := wide/w, high/h
	var right, down float32
	switch {
	case l.cfg.PadToAspectRatio:
		byX = min(byX, byY)
		byY = byX
		right, down = half(wide-w*byX), half(high-h*byY)
	case l.cfg.CropToAspectRatio:
		newWidth, newHeight := wide, high
		if ratio := w / h; ratio > float32(float64(wide)/float64(high)) {
			newWidth = high * ratio
		} else {
			newHeight = wide / ratio
		}
		byX, byY = newWidth/w, newHeight/h
		right, down = -half(newWidth-wide), -half(newHeight-high)
	}
	b.sides = b.sides.times(float64(byX), float64(byY)).plus(float64(right), float64(down))
	b.width, b.height = l.cfg.Width, l.cfg.Height
	b = b.within(float64(wide), float64(high))
	none := b.given[0]
	for i, v := range b.given {
		is := graph.LogicalOr(graph.Equal(v, graph.ZerosLike(v)), graph.Equal(v, graph.Neg(graph.OnesLike(v))))
		same := graph.Equal(v, b.given[0]) // all 0 or all -1
		if is = graph.LogicalAnd(is, same); i == 0 {
			none = is
		} else {
			none = graph.LogicalAnd(none, is)
		}
	}
	for i, v := range b.sides {
		b.sides[i] = graph.Where(none, graph.ZerosLike(v), v)
	}
	return b
}

// half is half of a number in whole pixels (Python: //).
func half(v float32) float32 { return float32(math.Floor(float64(v) / 2)) }

// CheckSymbolic refuses dictionaries, as Keras does.
func (l *ResizingLayer) CheckSymbolic(args []any) error { return onlyImages(args) }

// resizedImages is Keras's operation resize.
func resizedImages(c *symbolic.Call, x *graph.Node, format DataFormat, height, width int, cfg map[string]any) *graph.Node {
	cfg["size"], cfg["data_format"] = []any{height, width}, string(format)
	return c.Op("Resize", cfg, x)
}
