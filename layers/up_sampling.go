package layers

import (
	"fmt"
	"math"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/symbolic"
)

// UpSampling1DLayer is Keras's UpSampling1D: each step of a sequence, repeated.
type UpSampling1DLayer struct {
	layer[*UpSampling1DLayer]
	sampleWise
	cfg upSampling1DConfig
}

type upSampling1DConfig struct {
	symbolic.LayerConfig
	Size int `keras:"size" default:"2"`
}

// UpSampling2DLayer is Keras's UpSampling2D: images, made larger.
type UpSampling2DLayer struct {
	layer[*UpSampling2DLayer]
	sampleWise
	cfg upSampling2DConfig
}

type upSampling2DConfig struct {
	symbolic.LayerConfig
	Size [2]int `keras:"size" default:"2"`
	formatConfig
	Interpolation Interpolation `keras:"interpolation" default:"nearest"`
}

// UpSampling3DLayer is Keras's UpSampling3D: each element of a volume, repeated.
type UpSampling3DLayer struct {
	layer[*UpSampling3DLayer]
	sampleWise
	cfg upSampling3DConfig
}

type upSampling3DConfig struct {
	symbolic.LayerConfig
	Size [3]int `keras:"size" default:"2"`
	formatConfig
}

func init() {
	symbolic.RegisterLayer(func() symbolic.Layer { return UpSampling1D() })
	symbolic.RegisterLayer(func() symbolic.Layer { return UpSampling2D() })
	symbolic.RegisterLayer(func() symbolic.Layer { return UpSampling3D() })
}

// UpSampling1D returns a layer that repeats each step size times, 2 by default (Keras: UpSampling1D(size)): sequences of shape
// (batch, steps, channels) become (batch, size·steps, channels).
func UpSampling1D(size ...int) *UpSampling1DLayer {
	l := &UpSampling1DLayer{}
	l.init(l, &l.cfg.LayerConfig)
	l.Configure("size", func() error { return oneSize("UpSampling1D", []*int{&l.cfg.Size}, size) })
	return l
}

// UpSampling2D returns a layer that makes images of shape (batch, height, width, channels) size times as high and wide, 2 by default
// (Keras: UpSampling2D(size)); see Size for factors that differ, Interpolation for what lies between the pixels.
func UpSampling2D(size ...int) *UpSampling2DLayer {
	l := &UpSampling2DLayer{}
	l.init(l, &l.cfg.LayerConfig)
	l.Configure("size", func() error { return oneSize("UpSampling2D", []*int{&l.cfg.Size[0], &l.cfg.Size[1]}, size) })
	return l
}

// UpSampling3D returns a layer that repeats the elements of volumes of shape (batch, depth, height, width, channels) size times along
// each axis, 2 by default (Keras: UpSampling3D(size)); see Size for factors that differ.
func UpSampling3D(size ...int) *UpSampling3DLayer {
	l := &UpSampling3DLayer{}
	l.init(l, &l.cfg.LayerConfig)
	l.Configure("size", func() error {
		return oneSize("UpSampling3D", []*int{&l.cfg.Size[0], &l.cfg.Size[1], &l.cfg.Size[2]}, size)
	})
	return l
}

// oneSize sets what a constructor may be given, which is one number.
func oneSize(class string, to []*int, size []int) error {
	if len(size) > 1 {
		return fmt.Errorf("%s got %d values: write .Size(…) for factors that differ", class, len(size))
	}
	for _, field := range to {
		for _, n := range size {
			*field = n
		}
	}
	return nil
}

// Validate reports arguments that Keras rejects.
func (c *upSampling1DConfig) Validate() error { return positive("size", []int{c.Size}) }

// Validate reports arguments that Keras rejects.
func (c *upSampling2DConfig) Validate() error {
	if err := positive("size", c.Size[:]); err != nil {
		return err
	}
	if err := c.Interpolation.check(); err != nil {
		return err
	}
	return c.DataFormat.check()
}

// Validate reports arguments that Keras rejects.
func (c *upSampling3DConfig) Validate() error {
	if err := positive("size", c.Size[:]); err != nil {
		return err
	}
	return c.DataFormat.check()
}

// Infer multiplies the number of steps.
func (l *UpSampling1DLayer) Infer(in *symbolic.Inputs) ([]symbolic.Spec, error) {
	return l.floatOutput(upSampledShape(in, []int{l.cfg.Size}, ChannelsLast))
}

// Infer multiplies the height and the width.
func (l *UpSampling2DLayer) Infer(in *symbolic.Inputs) ([]symbolic.Spec, error) {
	return l.floatOutput(upSampledShape(in, l.cfg.Size[:], l.cfg.DataFormat))
}

// Infer multiplies the depth, the height and the width.
func (l *UpSampling3DLayer) Infer(in *symbolic.Inputs) ([]symbolic.Spec, error) {
	return l.floatOutput(upSampledShape(in, l.cfg.Size[:], l.cfg.DataFormat))
}

// Call computes the layer.
func (l *UpSampling1DLayer) Call(_ *symbolic.Call, in []*graph.Node) []*graph.Node {
	return []*graph.Node{repeatedAlong(in[0], 1, l.cfg.Size)}
}

// Call computes the layer. Integers stay integers, as in Keras, though the model takes the outputs for floats.
func (l *UpSampling2DLayer) Call(c *symbolic.Call, in []*graph.Node) []*graph.Node {
	x := in[0]
	_, first := l.cfg.DataFormat.axesOf(2)
	for i, times := range l.cfg.Size {
		if l.cfg.Interpolation == Nearest {
			x = repeatedAlong(x, first+i, times)
		} else {
			x = resized(floats(c, x), first+i, times*x.Shape().Dimensions[first+i], l.cfg.Interpolation)
		}
	}
	return []*graph.Node{rounded(x, in[0].DType())}
}

// Call computes the layer.
func (l *UpSampling3DLayer) Call(_ *symbolic.Call, in []*graph.Node) []*graph.Node {
	x := in[0]
	_, first := l.cfg.DataFormat.axesOf(3)
	for i, times := range l.cfg.Size {
		x = repeatedAlong(x, first+i, times)
	}
	return []*graph.Node{x}
}

// upSampledShape multiplies the sizes of the spatial axes.
func upSampledShape(in *symbolic.Inputs, size []int, format DataFormat) (symbolic.Shape, error) {
	x, err := oneOfRank(in, len(size)+2)
	if err != nil {
		return nil, err
	}
	_, first := format.axesOf(len(size))
	for i, times := range size {
		switch n := x[first+i]; {
		case n == symbolic.None:
		case n > 0 && times > math.MaxInt/n:
			return nil, fmt.Errorf("%d times an input of shape %s is too large", times, x)
		default:
			x[first+i] *= times
		}
	}
	return x, nil
}

// repeatedAlong repeats each element along an axis.
func repeatedAlong(x *graph.Node, axis, times int) *graph.Node {
	if times == 1 {
		return x
	}
	dims := append([]int{}, x.Shape().Dimensions...)
	y := graph.InsertAxes(x, axis+1)
	wide := append([]int{}, y.Shape().Dimensions...)
	wide[axis+1] = times
	dims[axis] *= times
	return graph.Reshape(graph.BroadcastToDims(y, wide...), dims...)
}
