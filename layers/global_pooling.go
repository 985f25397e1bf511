package layers

import (
	"math"
	"slices"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/internal/kerasops"
	"github.com/gokeras/gokeras/internal/lowering"
	"github.com/gokeras/gokeras/internal/scan"
	"github.com/gokeras/gokeras/symbolic"
)

// GlobalAveragePooling1DLayer is Keras's GlobalAveragePooling1D: the mean of each channel over the steps that count.
type GlobalAveragePooling1DLayer struct {
	globalPooling[*GlobalAveragePooling1DLayer]
}

// GlobalMaxPooling1DLayer is Keras's GlobalMaxPooling1D: the largest value of each channel.
type GlobalMaxPooling1DLayer struct {
	globalPooling[*GlobalMaxPooling1DLayer]
}

// GlobalAveragePooling2DLayer is Keras's GlobalAveragePooling2D: the mean of each channel.
type GlobalAveragePooling2DLayer struct {
	globalPooling[*GlobalAveragePooling2DLayer]
}

// GlobalMaxPooling2DLayer is Keras's GlobalMaxPooling2D: the largest value of each channel.
type GlobalMaxPooling2DLayer struct {
	globalPooling[*GlobalMaxPooling2DLayer]
}

// GlobalAveragePooling3DLayer is Keras's GlobalAveragePooling3D: the mean of each channel of a volume.
type GlobalAveragePooling3DLayer struct {
	globalPooling[*GlobalAveragePooling3DLayer]
}

// GlobalMaxPooling3DLayer is Keras's GlobalMaxPooling3D: the largest value of each channel of a volume.
type GlobalMaxPooling3DLayer struct {
	globalPooling[*GlobalMaxPooling3DLayer]
}

func init() {
	symbolic.RegisterLayer(func() symbolic.Layer { return GlobalAveragePooling1D() })
	symbolic.RegisterLayer(func() symbolic.Layer { return GlobalMaxPooling1D() })
	symbolic.RegisterLayer(func() symbolic.Layer { return GlobalAveragePooling2D() })
	symbolic.RegisterLayer(func() symbolic.Layer { return GlobalMaxPooling2D() })
	symbolic.RegisterLayer(func() symbolic.Layer { return GlobalAveragePooling3D() })
	symbolic.RegisterLayer(func() symbolic.Layer { return GlobalMaxPooling3D() })
}

// GlobalAveragePooling1D returns a layer that turns sequences of shape (batch, steps, channels) into the means of their
// channels, (batch, channels) (Keras: GlobalAveragePooling1D()). Masked steps don't count; where all are masked, the mean is NaN.
func GlobalAveragePooling1D() *GlobalAveragePooling1DLayer {
	l := &GlobalAveragePooling1DLayer{}
	l.globalPooling.start(l, 1)
	return l
}

// GlobalMaxPooling1D returns a layer that turns sequences of shape (batch, steps, channels) into the maxima of their
// channels, (batch, channels) (Keras: GlobalMaxPooling1D()).
func GlobalMaxPooling1D() *GlobalMaxPooling1DLayer {
	l := &GlobalMaxPooling1DLayer{}
	l.globalPooling.start(l, 1)
	return l
}

// GlobalAveragePooling2D returns a layer that turns images of shape (batch, height, width,
// channels) into the means of their channels, (batch, channels) (Keras: GlobalAveragePooling2D()).
func GlobalAveragePooling2D() *GlobalAveragePooling2DLayer {
	l := &GlobalAveragePooling2DLayer{}
	l.globalPooling.start(l, 2)
	return l
}

// GlobalMaxPooling2D returns a layer that turns images of shape (batch, height, width,
// channels) into the maxima of their channels, (batch, channels) (Keras: GlobalMaxPooling2D()).
func GlobalMaxPooling2D() *GlobalMaxPooling2DLayer {
	l := &GlobalMaxPooling2DLayer{}
	l.globalPooling.start(l, 2)
	return l
}

// GlobalAveragePooling3D returns a layer that turns volumes of shape (batch, depth, height, width,
// channels) into the means of their channels, (batch, channels) (Keras: GlobalAveragePooling3D()).
func GlobalAveragePooling3D() *GlobalAveragePooling3DLayer {
	l := &GlobalAveragePooling3DLayer{}
	l.globalPooling.start(l, 3)
	return l
}

// GlobalMaxPooling3D returns a layer that turns volumes of shape (batch, depth, height, width,
// channels) into the maxima of their channels, (batch, channels) (Keras: GlobalMaxPooling3D()).
func GlobalMaxPooling3D() *GlobalMaxPooling3DLayer {
	l := &GlobalMaxPooling3DLayer{}
	l.globalPooling.start(l, 3)
	return l
}

// OutputSteps says that the added steps are left out.
func (l *GlobalAveragePooling1DLayer) OutputSteps(c *symbolic.Call) ([]*graph.Node, bool) {
	return l.outputSteps(c)
}

// Call computes the layer.
func (l *GlobalAveragePooling1DLayer) Call(c *symbolic.Call, in []*graph.Node) []*graph.Node {
	x, mask := kerasops.Inexact(in[0]), c.StepMask()
	if mask == nil {
		return l.reduce(x, lowering.Mean)
	}
	channels, _ := l.axes()
	counts := graph.InsertAxes(c.Op("Cast", map[string]any{"dtype": "bool"}, mask), channels)
	number := graph.ReduceSum(graph.ConvertDType(counts, x.DType()), 1, 2)
	counts, err := spreadMask(counts, x.Shape().Dimensions)
	if err != nil {
		panic(err)
	}
	return l.reduce(graph.Where(counts, x, graph.ZerosLike(x)), func(x *graph.Node, axes ...int) *graph.Node {
		return graph.Div(graph.ReduceSum(x, axes...), graph.InsertAxes(number, -1))
	})
}

// ComputeMask ends the mask: there are no steps any more.
func (l *GlobalAveragePooling1DLayer) ComputeMask(*symbolic.MaskCall) []symbolic.Mask { return nil }

// OutputSteps says that the added steps are left out.
func (l *GlobalMaxPooling1DLayer) OutputSteps(c *symbolic.Call) ([]*graph.Node, bool) {
	return l.outputSteps(c)
}

// Call computes the layer.
func (l *GlobalMaxPooling1DLayer) Call(c *symbolic.Call, in []*graph.Node) []*graph.Node {
	x := in[0]
	if steps := c.Steps(); steps != nil {
		x = graph.Where(symbolic.Counted(steps, x.Shape().Dimensions...), x, filled(x, -math.MaxFloat32))
	}
	return l.reduce(x, largest)
}

// Call computes the layer.
func (l *GlobalAveragePooling2DLayer) Call(_ *symbolic.Call, in []*graph.Node) []*graph.Node {
	return l.reduce(kerasops.Inexact(in[0]), lowering.Mean)
}

// Call computes the layer.
func (l *GlobalMaxPooling2DLayer) Call(_ *symbolic.Call, in []*graph.Node) []*graph.Node {
	return l.reduce(in[0], largest)
}

// Call computes the layer.
func (l *GlobalAveragePooling3DLayer) Call(_ *symbolic.Call, in []*graph.Node) []*graph.Node {
	return l.reduce(kerasops.Inexact(in[0]), lowering.Mean)
}

// Call computes the layer.
func (l *GlobalMaxPooling3DLayer) Call(_ *symbolic.Call, in []*graph.Node) []*graph.Node {
	return l.reduce(in[0], largest)
}

// largest is scan.Largest, of any type.
func largest(x *graph.Node, axes ...int) *graph.Node {
	return ofTruth(func(in ...*graph.Node) *graph.Node { return scan.Largest(in[0], axes...) }, x)
}

// globalPooling is what the layers that pool whole images share.
type globalPooling[L symbolic.Layer] struct {
	layer[L]
	sampleWise
	spatial int // the number of axes that are pooled
	cfg     globalPoolingConfig
}

type globalPoolingConfig struct {
	symbolic.LayerConfig
	formatConfig
	KeepDims bool `keras:"keepdims"`
}

func (l *globalPooling[L]) start(self L, spatial int) {
	l.init(self, &l.cfg.LayerConfig)
	l.spatial = spatial
}

// KerasConfig returns the layer's configuration.
func (l *globalPooling[L]) KerasConfig() any { return &l.cfg }

// Validate reports arguments that Keras rejects.
func (c *globalPoolingConfig) Validate() error { return c.DataFormat.check() }

// axes are the axis of the channels and those that are pooled.
func (l *globalPooling[L]) axes() (channels int, pooled []int) {
	channels, first := l.cfg.DataFormat.axesOf(l.spatial)
	for i := range l.spatial {
		pooled = append(pooled, first+i)
	}
	return channels, pooled
}

// Infer drops the pooled axes, or makes them 1.
func (l *globalPooling[L]) Infer(in *symbolic.Inputs) ([]symbolic.Spec, error) {
	x, err := oneOfRank(in, l.spatial+2)
	if err != nil {
		return nil, err
	}
	channels, pooled := l.axes()
	if l.cfg.KeepDims {
		for _, axis := range pooled {
			x[axis] = 1
		}
	} else {
		x = symbolic.Shape{x[0], x[channels]}
	}
	return l.floatOutput(x, nil)
}

// outputSteps is OutputSteps of the layers that pool sequences: there are no steps any more.
func (l *globalPooling[L]) outputSteps(c *symbolic.Call) ([]*graph.Node, bool) {
	return nil, l.cfg.DataFormat != ChannelsFirst && c.First()[0].DType() == dtypes.Float32
}

func (l *globalPooling[L]) reduce(x *graph.Node, reduce func(x *graph.Node, axes ...int) *graph.Node) []*graph.Node {
	channels, pooled := l.axes()
	dims := x.Shape().Dimensions
	y := reduce(x, pooled...)
	if l.cfg.KeepDims {
		kept := slices.Repeat([]int{1}, len(dims))
		kept[0], kept[channels] = dims[0], dims[channels]
		y = graph.Reshape(y, kept...)
	}
	return []*graph.Node{y}
}
