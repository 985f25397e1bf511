package layers

import (
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/symbolic"
)

// ZeroPadding1DLayer is Keras's ZeroPadding1D: zeros around sequences.
type ZeroPadding1DLayer struct {
	zeroPadding[*ZeroPadding1DLayer]
}

// ZeroPadding2DLayer is Keras's ZeroPadding2D: zeros around images.
type ZeroPadding2DLayer struct {
	zeroPadding[*ZeroPadding2DLayer]
}

// ZeroPadding3DLayer is Keras's ZeroPadding3D: zeros around volumes.
type ZeroPadding3DLayer struct {
	zeroPadding[*ZeroPadding3DLayer]
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
	l.start(l, 1, padding)
	return l
}

// ZeroPadding2D returns a layer that adds zeros before and after the height and the width of images of shape (batch, height, width, channels) (Keras:
// ZeroPadding2D(padding)): one number for all borders, 1 by default; see Padding for borders that differ.
func ZeroPadding2D(padding ...int) *ZeroPadding2DLayer {
	l := &ZeroPadding2DLayer{}
	l.start(l, 2, padding)
	return l
}

// ZeroPadding3D returns a layer that adds zeros before and after the depth, the height and the width of volumes of shape (batch, depth, height, width, channels) (Keras:
// ZeroPadding3D(padding)): one number for all borders, 1 by default; see Padding for borders that differ.
func ZeroPadding3D(padding ...int) *ZeroPadding3DLayer {
	l := &ZeroPadding3DLayer{}
	l.start(l, 3, padding)
	return l
}

// zeroPadding is what these layers share.
type zeroPadding[L symbolic.Layer] struct {
	layer[L]
	sampleWise
	cfg zeroPaddingConfig
}

type zeroPaddingConfig struct {
	symbolic.LayerConfig
	Padding borders `keras:"padding" default:"1"`
	formatConfig
}

func (l *zeroPadding[L]) start(self L, axes int, padding []int) {
	l.cfg.Padding = bordersOf(axes)
	l.init(self, &l.cfg.LayerConfig)
	l.Configure("padding", func() error { return l.cfg.Padding.give(self.KerasClass().Name, "Padding", padding) })
}

// Validate reports arguments that Keras rejects.
func (c *zeroPaddingConfig) Validate() error {
	if err := c.Padding.check("padding"); err != nil {
		return err
	}
	return c.DataFormat.check()
}

// Infer returns the larger shape.
func (l *zeroPadding[L]) Infer(in *symbolic.Inputs) ([]symbolic.Spec, error) {
	return l.floatOutput(paddedShape(in, &l.cfg.Padding, l.cfg.DataFormat))
}

// Call computes the layer.
func (l *zeroPadding[L]) Call(_ *symbolic.Call, in []*graph.Node) []*graph.Node {
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
