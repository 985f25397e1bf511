package layers

import (
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/symbolic"
)

// ZeroPadding1DLayer is Keras's ZeroPadding1D: zeros around sequences.
type ZeroPadding1DLayer struct {
	layer[*ZeroPadding1DLayer]
	sampleWise
	cfg zeroPadding1DConfig
}

type zeroPadding1DConfig struct {
	symbolic.LayerConfig
	Padding borders `keras:"padding" default:"1"`
	formatConfig
}

// ZeroPadding2DLayer is Keras's ZeroPadding2D: zeros around images.
type ZeroPadding2DLayer struct {
	layer[*ZeroPadding2DLayer]
	sampleWise
	cfg zeroPadding2DConfig
}

type zeroPadding2DConfig struct {
	symbolic.LayerConfig
	Padding borders `keras:"padding" default:"1"`
	formatConfig
}

// ZeroPadding3DLayer is Keras's ZeroPadding3D: zeros around volumes.
type ZeroPadding3DLayer struct {
	layer[*ZeroPadding3DLayer]
	sampleWise
	cfg zeroPadding3DConfig
}

type zeroPadding3DConfig struct {
	symbolic.LayerConfig
	Padding borders `keras:"padding" default:"1"`
	formatConfig
}

func init() {
	symbolic.RegisterLayer(func() symbolic.Layer { return ZeroPadding1D() })
	symbolic.RegisterLayer(func() symbolic.Layer { return ZeroPadding2D() })
	symbolic.RegisterLayer(func() symbolic.Layer { return ZeroPadding3D() })
}

// ZeroPadding1D returns a layer that adds zeros before and after the steps of sequences of shape (batch, steps, channels) (Keras:
// ZeroPadding1D(padding)): one number for all borders, 1 by default; see Padding for borders that differ.
func ZeroPadding1D(padding ...int) *ZeroPadding1DLayer {
	l := &ZeroPadding1DLayer{}
	l.cfg.Padding = bordersOf(1)
	l.init(l, &l.cfg.LayerConfig)
	l.Configure("padding", func() error { return l.cfg.Padding.give("ZeroPadding1D", "Padding", padding) })
	return l
}

// ZeroPadding2D returns a layer that adds zeros before and after the height and the width of images of shape (batch, height, width, channels) (Keras:
// ZeroPadding2D(padding)): one number for all borders, 1 by default; see Padding for borders that differ.
func ZeroPadding2D(padding ...int) *ZeroPadding2DLayer {
	l := &ZeroPadding2DLayer{}
	l.cfg.Padding = bordersOf(2)
	l.init(l, &l.cfg.LayerConfig)
	l.Configure("padding", func() error { return l.cfg.Padding.give("ZeroPadding2D", "Padding", padding) })
	return l
}

// ZeroPadding3D returns a layer that adds zeros before and after the depth, the height and the width of volumes of shape (batch, depth, height, width, channels) (Keras:
// ZeroPadding3D(padding)): one number for all borders, 1 by default; see Padding for borders that differ.
func ZeroPadding3D(padding ...int) *ZeroPadding3DLayer {
	l := &ZeroPadding3DLayer{}
	l.cfg.Padding = bordersOf(3)
	l.init(l, &l.cfg.LayerConfig)
	l.Configure("padding", func() error { return l.cfg.Padding.give("ZeroPadding3D", "Padding", padding) })
	return l
}

// Validate reports arguments that Keras rejects.
func (c *zeroPadding1DConfig) Validate() error {
	if err := c.Padding.check("padding"); err != nil {
		return err
	}
	return c.DataFormat.check()
}

// Infer returns the larger shape.
func (l *ZeroPadding1DLayer) Infer(in *symbolic.Inputs) ([]symbolic.Spec, error) {
	return l.floatOutput(paddedShape(in, &l.cfg.Padding, l.cfg.DataFormat))
}

// Call computes the layer.
func (l *ZeroPadding1DLayer) Call(_ *symbolic.Call, in []*graph.Node) []*graph.Node {
	return []*graph.Node{padded(in[0], &l.cfg.Padding, l.cfg.DataFormat)}
}

// Validate reports arguments that Keras rejects.
func (c *zeroPadding2DConfig) Validate() error {
	if err := c.Padding.check("padding"); err != nil {
		return err
	}
	return c.DataFormat.check()
}

// Infer returns the larger shape.
func (l *ZeroPadding2DLayer) Infer(in *symbolic.Inputs) ([]symbolic.Spec, error) {
	return l.floatOutput(paddedShape(in, &l.cfg.Padding, l.cfg.DataFormat))
}

// Call computes the layer.
func (l *ZeroPadding2DLayer) Call(_ *symbolic.Call, in []*graph.Node) []*graph.Node {
	return []*graph.Node{padded(in[0], &l.cfg.Padding, l.cfg.DataFormat)}
}

// Validate reports arguments that Keras rejects.
func (c *zeroPadding3DConfig) Validate() error {
	if err := c.Padding.check("padding"); err != nil {
		return err
	}
	return c.DataFormat.check()
}

// Infer returns the larger shape.
func (l *ZeroPadding3DLayer) Infer(in *symbolic.Inputs) ([]symbolic.Spec, error) {
	return l.floatOutput(paddedShape(in, &l.cfg.Padding, l.cfg.DataFormat))
}

// Call computes the layer.
func (l *ZeroPadding3DLayer) Call(_ *symbolic.Call, in []*graph.Node) []*graph.Node {
	return []*graph.Node{padded(in[0], &l.cfg.Padding, l.cfg.DataFormat)}
}

// paddedShape adds the borders to the sizes of the spatial axes.
func paddedShape(in *symbolic.Inputs, b *borders, format DataFormat) (symbolic.Shape, error) {
	x, err := oneOfRank(in, len(b.pairs)+2)
	if err != nil {
		return nil, err
	}
	_, first := format.axesOf(len(b.pairs))
	for i, p := range b.pairs {
		if x[first+i] != symbolic.None {
			x[first+i] += p[0] + p[1]
		}
	}
	return x, nil
}

func padded(x *graph.Node, b *borders, format DataFormat) *graph.Node {
	_, first := format.axesOf(len(b.pairs))
	for i, p := range b.pairs {
		x = withZeros(x, first+i, p[0], p[1])
	}
	return x
}
