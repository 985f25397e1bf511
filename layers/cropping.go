package layers

import (
	"fmt"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/symbolic"
)

// Cropping1DLayer is Keras's Cropping1D: sequences without their borders.
type Cropping1DLayer struct {
	cropping[*Cropping1DLayer]
	cfg cropping1DConfig
}

type cropping1DConfig struct {
	symbolic.LayerConfig
	Cropping borders `keras:"cropping" default:"1"`
}

// Cropping2DLayer is Keras's Cropping2D: images without their borders.
type Cropping2DLayer struct {
	cropping[*Cropping2DLayer]
	cfg cropping2DConfig
}

type cropping2DConfig struct {
	symbolic.LayerConfig
	Cropping borders `keras:"cropping" default:"0"`
	formatConfig
}

// Cropping3DLayer is Keras's Cropping3D: volumes without their borders.
type Cropping3DLayer struct {
	cropping[*Cropping3DLayer]
	cfg cropping3DConfig
}

type cropping3DConfig struct {
	symbolic.LayerConfig
	Cropping borders `keras:"cropping" default:"1"`
	formatConfig
}

func init() {
	symbolic.RegisterLayer(func() symbolic.Layer { return Cropping1D() })
	symbolic.RegisterLayer(func() symbolic.Layer { return Cropping2D() })
	symbolic.RegisterLayer(func() symbolic.Layer { return Cropping3D() })
}

// Cropping1D returns a layer that cuts off elements before and after the steps of sequences of shape (batch, steps, channels) (Keras:
// Cropping1D(cropping)): one number for all borders, 1 by default; see Cropping for borders that differ.
func Cropping1D(cropping ...int) *Cropping1DLayer {
	l := &Cropping1DLayer{}
	l.start(l, 1, &l.cfg.LayerConfig, &l.cfg.Cropping, nil, cropping)
	return l
}

// Cropping2D returns a layer that cuts off elements before and after the height and the width of images of shape (batch, height, width, channels) (Keras:
// Cropping2D(cropping)): one number for all borders, 0 by default; see Cropping for borders that differ.
func Cropping2D(cropping ...int) *Cropping2DLayer {
	l := &Cropping2DLayer{}
	l.start(l, 2, &l.cfg.LayerConfig, &l.cfg.Cropping, &l.cfg.DataFormat, cropping)
	return l
}

// Cropping3D returns a layer that cuts off elements before and after the depth, the height and the width of volumes of shape (batch, depth, height, width, channels) (Keras:
// Cropping3D(cropping)): one number for all borders, 1 by default; see Cropping for borders that differ.
func Cropping3D(cropping ...int) *Cropping3DLayer {
	l := &Cropping3DLayer{}
	l.start(l, 3, &l.cfg.LayerConfig, &l.cfg.Cropping, &l.cfg.DataFormat, cropping)
	return l
}

// Validate reports arguments that Keras rejects.
func (c *cropping1DConfig) Validate() error {
	return c.Cropping.check("cropping")
}

// Validate reports arguments that Keras rejects.
func (c *cropping2DConfig) Validate() error {
	if err := c.Cropping.check("cropping"); err != nil {
		return err
	}
	return c.DataFormat.check()
}

// Validate reports arguments that Keras rejects.
func (c *cropping3DConfig) Validate() error {
	if err := c.Cropping.check("cropping"); err != nil {
		return err
	}
	return c.DataFormat.check()
}

// cropping is what these layers share.
type cropping[L symbolic.Layer] struct {
	layer[L]
	sampleWise
	borders *borders
	format  *DataFormat // nil: the channels are last
}

func (l *cropping[L]) start(self L, axes int, cfg *symbolic.LayerConfig, b *borders, format *DataFormat, amounts []int) {
	l.borders, l.format = b, format
	*b = bordersOf(axes)
	l.init(self, cfg)
	l.Configure("cropping", func() error { return b.give(self.KerasClass().Name, "Cropping", amounts) })
}

func (l *cropping[L]) dataFormat() DataFormat {
	if l.format == nil {
		return ChannelsLast
	}
	return *l.format
}

// Infer returns the smaller shape.
func (l *cropping[L]) Infer(in *symbolic.Inputs) ([]symbolic.Spec, error) {
	return l.floatOutput(croppedShape(in, l.borders, l.dataFormat()))
}

// Call computes the layer.
func (l *cropping[L]) Call(_ *symbolic.Call, in []*graph.Node) []*graph.Node {
	return []*graph.Node{cropped(in[0], l.borders, l.dataFormat())}
}

// croppedShape takes the borders off the sizes of the spatial axes.
func croppedShape(in *symbolic.Inputs, b *borders, format DataFormat) (symbolic.Shape, error) {
	x, err := oneOfRank(in, len(b.pairs)+2)
	if err != nil {
		return nil, err
	}
	_, first := format.axesOf(len(b.pairs))
	for i, p := range b.pairs {
		switch size := &x[first+i]; {
		case *size == symbolic.None:
		case p[0]+p[1] >= *size:
			return nil, fmt.Errorf("values in `cropping` must be smaller than the size of the axis in sum, received inputs of shape %s, cropping %v", x, b.pairs)
		default:
			*size -= p[0] + p[1]
		}
	}
	return x, nil
}

func cropped(x *graph.Node, b *borders, format DataFormat) *graph.Node {
	_, first := format.axesOf(len(b.pairs))
	for i, p := range b.pairs {
		x = graph.SliceAxis(x, first+i, graph.AxisRange(p[0], x.Shape().Dimensions[first+i]-p[1]))
	}
	return x
}
