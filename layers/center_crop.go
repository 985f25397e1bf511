package layers

import (
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/symbolic"
)

// CenterCropLayer is Keras's CenterCrop: the middle of images.
type CenterCropLayer struct {
	images[*CenterCropLayer]
	cfg centerCropConfig
}

type centerCropConfig struct {
	symbolic.LayerConfig
	Height int `keras:"height"`
	Width  int `keras:"width"`
	imageConfig
}

func init() { symbolic.RegisterLayer(func() symbolic.Layer { return CenterCrop(1, 1) }) }

// CenterCrop returns a layer that cuts the middle out of images of shape (batch, height, width, channels), or of one image (height, width,
// channels) (Keras: CenterCrop(height, width)). Of images that are smaller it takes the largest part of the right proportions, resized.
func CenterCrop(height, width int) *CenterCropLayer {
	l := &CenterCropLayer{}
	l.init(l, &l.cfg.LayerConfig)
	l.cfg.Height, l.cfg.Width = height, width
	return l
}

// KerasClass names Keras's CenterCrop.
func (l *CenterCropLayer) KerasClass() symbolic.Class { return keras("CenterCrop") }

// KerasConfig returns the layer's configuration.
func (l *CenterCropLayer) KerasConfig() any { return &l.cfg }

// Validate reports arguments that Keras rejects.
func (c *centerCropConfig) Validate() error {
	if err := imageSize(c.Height, c.Width); err != nil {
		return err
	}
	return c.imageConfig.check()
}

// Infer returns the new size.
func (l *CenterCropLayer) Infer(in *symbolic.Inputs) ([]symbolic.Spec, error) {
	x, err := l.of(in)
	return l.floatOutput(l.cfg.DataFormat.withSize(x, l.cfg.Height, l.cfg.Width), err)
}

// Call computes the layer.
func (l *CenterCropLayer) Call(c *symbolic.Call, in []*graph.Node) []*graph.Node {
	x := toCompute(c, in[0])
	h, w := l.cfg.DataFormat.spatialAxes(x.Rank())
	dims := x.Shape().Dimensions
	if down, right := dims[h]-l.cfg.Height, dims[w]-l.cfg.Width; down >= 0 && right >= 0 {
		return []*graph.Node{part(part(x, h, down/2, l.cfg.Height), w, right/2, l.cfg.Width)}
	}
	return []*graph.Node{resizedImages(c, x, l.cfg.DataFormat, l.cfg.Height, l.cfg.Width, map[string]any{"crop_to_aspect_ratio": true})}
}

// part is a part of an axis.
func part(x *graph.Node, axis, from, size int) *graph.Node {
	return graph.SliceAxis(x, axis, graph.AxisRange(from, from+size))
}
