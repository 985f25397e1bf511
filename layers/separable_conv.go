package layers

import (
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/constraints"
	"github.com/gokeras/gokeras/initializers"
	"github.com/gokeras/gokeras/internal/kerasops"
	"github.com/gokeras/gokeras/internal/lowering"
	"github.com/gokeras/gokeras/regularizers"
	"github.com/gokeras/gokeras/symbolic"
)

// SeparableConv1DLayer is Keras's SeparableConv1D: a convolution of each channel by itself along sequences, then one of all channels at each step.
type SeparableConv1DLayer struct {
	separableConv[*SeparableConv1DLayer, [1]int]
}

// SeparableConv2DLayer is Keras's SeparableConv2D: a convolution of each channel by itself over images, then one of all channels at each pixel.
type SeparableConv2DLayer struct {
	separableConv[*SeparableConv2DLayer, [2]int]
}

func init() {
	symbolic.RegisterLayer(func() symbolic.Layer { return SeparableConv1D(0, 0) }, "SeparableConvolution1D")
	symbolic.RegisterLayer(func() symbolic.Layer { return SeparableConv2D(0, 0) }, "SeparableConvolution2D")
}

// SeparableConv1D returns a convolution along sequences in two steps (Keras: SeparableConv1D(filters, kernel_size)): what [DepthwiseConv1D] does, then a
// product of the channels with a matrix at each step. Inputs of shape (batch, steps, channels) become (batch, new steps, filters).
func SeparableConv1D(filters, kernelSize int) *SeparableConv1DLayer {
	l := &SeparableConv1DLayer{}
	l.start(l, filters, kernelSize)
	return l
}

// SeparableConv2D returns a convolution over images in two steps (Keras: SeparableConv2D(filters, kernel_size)): what [DepthwiseConv2D] does, then a
// product of the channels with a matrix at each pixel; kernelSize is a number or [2]int{height, width}. Inputs of shape (batch, height,
// width, channels) become (batch, new height, new width, filters).
func SeparableConv2D[K int | [2]int](filters int, kernelSize K) *SeparableConv2DLayer {
	l := &SeparableConv2DLayer{}
	l.start(l, filters, kernelSize)
	return l
}

// separableConv is what the two have in common; L is the layer's own type.
type separableConv[L symbolic.Layer, A extents] struct {
	layer[L]
	sampleWise
	cfg separableConvConfig[A]
}

type separableConvConfig[A extents] struct {
	symbolic.LayerConfig
	Filters int `keras:"filters"`
	windowArguments[A]
	depthwiseConfig
	PointwiseInitializer initializers.Initializer `keras:"pointwise_initializer" default:"glorot_uniform"`
	PointwiseRegularizer regularizers.Regularizer `keras:"pointwise_regularizer"`
	PointwiseConstraint  constraints.Constraint   `keras:"pointwise_constraint"`
	activationConfig
	biasConfig
	_ any `keras:"activity_regularizer"`
}

func (l *separableConv[L, A]) start(self L, filters int, kernelSize any) {
	l.init(self, &l.cfg.LayerConfig)
	l.cfg.Filters, l.cfg.KernelSize = filters, sized[A](kernelSize)
}

// KerasConfig returns the layer's configuration.
func (l *separableConv[L, A]) KerasConfig() any { return &l.cfg }

// Validate reports arguments that Keras rejects.
func (c *separableConvConfig[A]) Validate() error {
	return firstError(c.depthwiseConfig.check(), positiveFilters(c.Filters), c.windowArguments.check())
}

// Infer replaces the axes that the kernel moves along and the channels.
func (l *separableConv[L, A]) Infer(in *symbolic.Inputs) ([]symbolic.Spec, error) {
	x, channels, err := l.windowInput(in, len(l.cfg.KernelSize), l.cfg.DataFormat)
	if err != nil {
		return nil, err
	}
	if _, err := l.cfg.outputs(channels); err != nil {
		return nil, err
	}
	return l.floatOutput(l.cfg.outputShape(x, l.cfg.Filters))
}

// Declare declares depthwise_kernel, of shape (…, channels, depth_multiplier), pointwise_kernel, of shape (1, …, channels · depth_multiplier,
// filters), and the bias, of shape (filters,).
func (l *separableConv[L, A]) Declare(b *symbolic.Builder, in *symbolic.Inputs) error {
	axis, _ := l.cfg.axes()
	channels := firstShape(in)[axis]
	l.cfg.declareKernel(b, "depthwise_kernel", list(l.cfg.KernelSize), channels)
	b.Weight(symbolic.WeightSpec{Name: "pointwise_kernel", Shape: append(list(sized[A](1)), channels*l.cfg.DepthMultiplier, l.cfg.Filters),
		Initializer: l.cfg.PointwiseInitializer, Regularizer: l.cfg.PointwiseRegularizer, Constraint: l.cfg.PointwiseConstraint})
	l.cfg.declare(b, l.cfg.Filters)
	return nil
}

// OutputSteps is that of what moves a kernel along the steps.
func (l *separableConv[L, A]) OutputSteps(c *symbolic.Call) ([]*graph.Node, bool) {
	return l.cfg.outputSteps(c, &l.cfg.activationConfig)
}

// Call computes the layer.
func (l *separableConv[L, A]) Call(c *symbolic.Call, in []*graph.Node) []*graph.Node {
	x := l.cfg.padded(c, kerasops.OnlyFloats(l.self.KerasClass().Name, in[0]))
	channels, _ := l.cfg.axes()
	y := l.cfg.convolution(x.Shape().Dimensions).Depthwise(x, c.Weight("depthwise_kernel"))
	ones := list(sized[A](1))
	y = lowering.ConvolutionND{ChannelsFirst: l.cfg.DataFormat == ChannelsFirst, Strides: ones, Dilations: ones,
		Paddings: make([][2]int, len(ones)), Groups: 1}.Apply(y, c.Weight("pointwise_kernel"))
	if l.cfg.UseBias {
		y = addBias(y, c.Weight("bias"), channels)
	}
	return []*graph.Node{l.cfg.activate(y)}
}
