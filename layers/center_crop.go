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

// Validate reports arguments that Keras rejects.
func (c *centerCropConfig) Validate() error {
	if err := imageSize(c.Height, c.Width); err != nil {
		return err
	}
	return c.imageConfig.check()
}

func (l *CenterCropLayer) sized(x symbolic.Shape) symbolic.Shape {
	return l.cfg.DataFormat.withSize(x, l.cfg.Height, l.cfg.Width)
}

func (l *CenterCropLayer) always() {}

func (l *CenterCropLayer) transform(c *symbolic.Call, x *graph.Node, _ transformation) *graph.Node {
	x = toCompute(c, x) // masks come in other types
	h, w := l.cfg.DataFormat.spatialAxes(x.Rank())
	dims := x.Shape().Dimensions
	if down, right := dims[h]-l.cfg.Height, dims[w]-l.cfg.Width; down >= 0 && right >= 0 {
		return part(part(x, h, down/2, l.cfg.Height), w, right/2, l.cfg.Width)
	}
	return resizedImages(c, x, l.cfg.DataFormat, l.cfg.Height, l.cfg.Width, map[string]any{"crop_to_aspect_ratio": true})
}

func (l *CenterCropLayer) makesFloatMasks() {}

func (l *CenterCropLayer) masks(c *symbolic.Call, x *graph.Node, t transformation) *graph.Node {
	return l.transform(c, x, t)
}

func (l *CenterCropLayer) boxes(b boxes, t transformation) boxes {
	high, wide := l.cfg.Height, l.cfg.Width
	if b.height >= high && b.width >= wide {
		b = b.cut(float64((b.width-wide)/2), float64((b.height-high)/2), float64(wide), float64(high))
	} else {
		top, left, tall, broad := proportioned(b.height, b.width, high, wide)
		b = b.cut(float64(left), float64(top), float64(broad), float64(tall))
		b.sides = b.sides.over(float64(broad), float64(tall)).times(float64(wide), float64(high))
	}
	b.height, b.width = high, wide
	return b.within(float64(wide), float64(high))
}

// CheckSymbolic refuses dictionaries, as Keras does.
func (l *CenterCropLayer) CheckSymbolic(args []any) error { return onlyImages(args) }

// proportioned is the largest part in the middle of an image that has the proportions of a size.
func proportioned(height, width, toHeight, toWidth int) (top, left, tall, broad int) {
	tall = max(min(height, int(float64(width*toHeight)/float64(toWidth))), 1)
	broad = max(min(width, int(float64(height*toWidth)/float64(toHeight))), 1)
	return (height - tall) / 2, (width - broad) / 2, tall, broad
}

// part is a part of an axis.
func part(x *graph.Node, axis, from, size int) *graph.Node {
	return graph.SliceAxis(x, axis, graph.AxisRange(from, from+size))
}
