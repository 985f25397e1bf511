package layers

import (
	"fmt"

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

// KerasClass names Keras's Resizing.
func (l *ResizingLayer) KerasClass() symbolic.Class { return keras("Resizing") }

// KerasConfig returns the layer's configuration.
func (l *ResizingLayer) KerasConfig() any { return &l.cfg }

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

// Infer returns the new size.
func (l *ResizingLayer) Infer(in *symbolic.Inputs) ([]symbolic.Spec, error) {
	x, err := l.of(in)
	return l.floatOutput(l.cfg.DataFormat.withSize(x, l.cfg.Height, l.cfg.Width), err)
}

// withSize is the shape of images with another height and width.
func (f DataFormat) withSize(x symbolic.Shape, height, width int) symbolic.Shape {
	if len(x) >= 3 {
		h, w := f.spatialAxes(len(x))
		x[h], x[w] = height, width
	}
	return x
}

// Call computes the layer.
func (l *ResizingLayer) Call(c *symbolic.Call, in []*graph.Node) []*graph.Node {
	cfg := &l.cfg
	y := resizedImages(c, in[0], cfg.DataFormat, cfg.Height, cfg.Width, map[string]any{
		"interpolation": string(cfg.Interpolation), "antialias": cfg.Antialias, "fill_value": cfg.FillValue,
		"crop_to_aspect_ratio": cfg.CropToAspectRatio, "pad_to_aspect_ratio": cfg.PadToAspectRatio,
	})
	return []*graph.Node{rounded(y, in[0].DType())}
}

// resizedImages is Keras's operation resize.
func resizedImages(c *symbolic.Call, x *graph.Node, format DataFormat, height, width int, cfg map[string]any) *graph.Node {
	cfg["size"], cfg["data_format"] = []any{height, width}, string(format)
	return c.Op("Resize", cfg, x)
}
