package layers

import (
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/symbolic"
)

// GlobalAveragePooling2DLayer is Keras's GlobalAveragePooling2D: the mean of each channel.
type GlobalAveragePooling2DLayer struct {
	globalPooling[*GlobalAveragePooling2DLayer]
}

// GlobalMaxPooling2DLayer is Keras's GlobalMaxPooling2D: the largest value of each channel.
type GlobalMaxPooling2DLayer struct {
	globalPooling[*GlobalMaxPooling2DLayer]
}

func init() {
	symbolic.RegisterLayer(func() symbolic.Layer { return GlobalAveragePooling2D() })
	symbolic.RegisterLayer(func() symbolic.Layer { return GlobalMaxPooling2D() })
}

// GlobalAveragePooling2D returns a layer that turns images of shape (batch, height, width,
// channels) into the means of their channels, (batch, channels) (Keras: GlobalAveragePooling2D()).
func GlobalAveragePooling2D() *GlobalAveragePooling2DLayer {
	l := &GlobalAveragePooling2DLayer{}
	l.globalPooling.start(l)
	l.floats = true
	return l
}

// GlobalMaxPooling2D returns a layer that turns images of shape (batch, height, width,
// channels) into the maxima of their channels, (batch, channels) (Keras: GlobalMaxPooling2D()).
func GlobalMaxPooling2D() *GlobalMaxPooling2DLayer {
	l := &GlobalMaxPooling2DLayer{}
	l.globalPooling.start(l)
	return l
}

// KerasClass names Keras's GlobalAveragePooling2D.
func (l *GlobalAveragePooling2DLayer) KerasClass() symbolic.Class {
	return keras("GlobalAveragePooling2D")
}

// KerasClass names Keras's GlobalMaxPooling2D.
func (l *GlobalMaxPooling2DLayer) KerasClass() symbolic.Class { return keras("GlobalMaxPooling2D") }

// Call computes the layer.
func (l *GlobalAveragePooling2DLayer) Call(c *symbolic.Call, in []*graph.Node) []*graph.Node {
	return l.reduce(floats(c, in[0]), graph.ReduceMean)
}

// Call computes the layer.
func (l *GlobalMaxPooling2DLayer) Call(_ *symbolic.Call, in []*graph.Node) []*graph.Node {
	return l.reduce(in[0], reduceMax)
}

// reduceMax is graph.ReduceMax whose gradient, like JAX's, is shared by elements that are equally large.
func reduceMax(x *graph.Node, axes ...int) *graph.Node {
	if !x.DType().IsFloat() {
		return graph.ReduceMax(x, axes...)
	}
	fixed := graph.StopGradient(x)
	highest := graph.ReduceAndKeep(fixed, graph.ReduceMax, axes...)
	at := graph.ConvertDType(graph.Equal(fixed, graph.BroadcastToDims(highest, x.Shape().Dimensions...)), x.DType())
	share := graph.StopGradient(graph.Div(at, graph.ReduceAndKeep(at, graph.ReduceSum, axes...)))
	value := graph.ReduceMax(fixed, axes...)
	// The added term is 0 and has the gradient that is wanted.
	gradient := graph.ReduceSum(graph.Mul(share, graph.Sub(x, fixed)), axes...)
	return graph.Add(graph.StopGradient(value), gradient)
}

// globalPooling is what the layers that pool whole images share.
type globalPooling[L symbolic.Layer] struct {
	layer[L]
	sampleWise
	floats bool // means of integers are floats
	cfg    globalPoolingConfig
}

type globalPoolingConfig struct {
	symbolic.LayerConfig
	formatConfig
	KeepDims bool `keras:"keepdims"`
}

func (l *globalPooling[L]) start(self L) {
	l.init(self, &l.cfg.LayerConfig)
}

// KerasConfig returns the layer's configuration.
func (l *globalPooling[L]) KerasConfig() any { return &l.cfg }

// Validate reports arguments that Keras rejects.
func (c *globalPoolingConfig) Validate() error { return c.DataFormat.check() }

// Infer drops the height and the width, or makes them 1.
func (l *globalPooling[L]) Infer(in *symbolic.Inputs) ([]symbolic.Spec, error) {
	x, err := oneOfRank(in, 4)
	if err != nil {
		return nil, err
	}
	channels, height := l.cfg.DataFormat.axes()
	if l.cfg.KeepDims {
		x[height], x[height+1] = 1, 1
	} else {
		x = symbolic.Shape{x[0], x[channels]}
	}
	if l.floats {
		return l.floatOutput(x, nil)
	}
	return l.output(in, x, nil)
}

func (l *globalPooling[L]) reduce(x *graph.Node, reduce func(x *graph.Node, axes ...int) *graph.Node) []*graph.Node {
	channels, height := l.cfg.DataFormat.axes()
	dims := x.Shape().Dimensions
	y := reduce(x, height, height+1)
	if l.cfg.KeepDims {
		kept := []int{dims[0], 1, 1, 1}
		kept[channels] = dims[channels]
		y = graph.Reshape(y, kept...)
	}
	return []*graph.Node{y}
}
