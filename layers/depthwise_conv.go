package layers

import (
	"fmt"
	"math"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/constraints"
	"github.com/gokeras/gokeras/initializers"
	"github.com/gokeras/gokeras/internal/kerasops"
	"github.com/gokeras/gokeras/regularizers"
	"github.com/gokeras/gokeras/symbolic"
)

// DepthwiseConv1DLayer is Keras's DepthwiseConv1D: a convolution of each channel by itself, along sequences.
type DepthwiseConv1DLayer struct {
	depthwiseConv[*DepthwiseConv1DLayer, [1]int]
}

// DepthwiseConv2DLayer is Keras's DepthwiseConv2D: a convolution of each channel by itself, over images.
type DepthwiseConv2DLayer struct {
	depthwiseConv[*DepthwiseConv2DLayer, [2]int]
}

func init() {
	symbolic.RegisterLayer(func() symbolic.Layer { return DepthwiseConv1D(0) })
	symbolic.RegisterLayer(func() symbolic.Layer { return DepthwiseConv2D(0) })
}

// DepthwiseConv1D returns a convolution of each channel by itself, along sequences (Keras: DepthwiseConv1D(kernel_size)): inputs of shape (batch,
// steps, channels) become (batch, new steps, channels · depth_multiplier), where the outputs of one channel are beside each other.
func DepthwiseConv1D(kernelSize int) *DepthwiseConv1DLayer {
	l := &DepthwiseConv1DLayer{}
	l.start(l, kernelSize)
	return l
}

// DepthwiseConv2D returns a convolution of each channel by itself, over images (Keras: DepthwiseConv2D(kernel_size)); kernelSize is a
// number or [2]int{height, width}. Inputs of shape (batch, height, width, channels) become (batch, new height, new width, channels ·
// depth_multiplier), where the outputs of one channel are beside each other.
func DepthwiseConv2D[K int | [2]int](kernelSize K) *DepthwiseConv2DLayer {
	l := &DepthwiseConv2DLayer{}
	l.start(l, kernelSize)
	return l
}

// depthwiseConv is what the two have in common; L is the layer's own type.
type depthwiseConv[L symbolic.Layer, A extents] struct {
	layer[L]
	sampleWise
	cfg depthwiseConvConfig[A]
}

type depthwiseConvConfig[A extents] struct {
	symbolic.LayerConfig
	windowArguments[A]
	depthwiseConfig
	activationConfig
	biasConfig
	_ any `keras:"activity_regularizer"`
}

// depthwiseConfig are the arguments of layers that convolve each channel by itself.
type depthwiseConfig struct {
	DepthMultiplier      int                      `keras:"depth_multiplier" default:"1"`
	DepthwiseInitializer initializers.Initializer `keras:"depthwise_initializer" default:"glorot_uniform"`
	DepthwiseRegularizer regularizers.Regularizer `keras:"depthwise_regularizer"`
	DepthwiseConstraint  constraints.Constraint   `keras:"depthwise_constraint"`
}

// biasConfig are the arguments of layers with a bias, and no weight that is just called the kernel in them.
type biasConfig struct {
	UseBias         bool                     `keras:"use_bias" default:"true"`
	BiasInitializer initializers.Initializer `keras:"bias_initializer" default:"zeros"`
	BiasRegularizer regularizers.Regularizer `keras:"bias_regularizer"`
	BiasConstraint  constraints.Constraint   `keras:"bias_constraint"`
}

// declare declares the bias, if wanted.
func (c *biasConfig) declare(b *symbolic.Builder, size int) {
	if c.UseBias {
		b.Weight(symbolic.WeightSpec{Name: "bias", Shape: []int{size}, Initializer: c.BiasInitializer,
			Regularizer: c.BiasRegularizer, Constraint: c.BiasConstraint})
	}
}

// check reports arguments that Keras rejects.
func (c *depthwiseConfig) check() error {
	if c.DepthMultiplier <= 0 || c.DepthMultiplier > largestExtent {
		return fmt.Errorf("invalid value for argument `depth_multiplier`: expected a strictly positive value of at most %d, received depth_multiplier=%d",
			largestExtent, c.DepthMultiplier)
	}
	return nil
}

// outputs is the number of outputs for so many channels.
func (c *depthwiseConfig) outputs(channels int) (int, error) {
	if channels > math.MaxInt/c.DepthMultiplier {
		return 0, fmt.Errorf("%d channels are too many for depth_multiplier=%d", channels, c.DepthMultiplier)
	}
	return channels * c.DepthMultiplier, nil
}

// declareKernel declares the kernel, of shape (…, channels, depth_multiplier).
func (c *depthwiseConfig) declareKernel(b *symbolic.Builder, name string, size []int, channels int) {
	b.Weight(symbolic.WeightSpec{Name: name, Shape: append(size, channels, c.DepthMultiplier), Initializer: c.DepthwiseInitializer,
		Regularizer: c.DepthwiseRegularizer, Constraint: c.DepthwiseConstraint})
}

func (l *depthwiseConv[L, A]) start(self L, kernelSize any) {
	l.init(self, &l.cfg.LayerConfig)
	l.cfg.KernelSize = sized[A](kernelSize)
}

// KerasConfig returns the layer's configuration.
func (l *depthwiseConv[L, A]) KerasConfig() any { return &l.cfg }

// Validate reports arguments that Keras rejects.
func (c *depthwiseConvConfig[A]) Validate() error {
	return firstError(c.depthwiseConfig.check(), c.windowArguments.check())
}

// Infer replaces the axes that the kernel moves along and the channels.
func (l *depthwiseConv[L, A]) Infer(in *symbolic.Inputs) ([]symbolic.Spec, error) {
	x, channels, err := l.windowInput(in, len(l.cfg.KernelSize), l.cfg.DataFormat)
	if err != nil {
		return nil, err
	}
	outputs, err := l.cfg.outputs(channels)
	if err != nil {
		return nil, err
	}
	return l.floatOutput(l.cfg.outputShape(x, outputs))
}

// Declare declares the kernel, of shape (…, channels, depth_multiplier) in both data formats, and the bias, of shape (channels · depth_multiplier,).
func (l *depthwiseConv[L, A]) Declare(b *symbolic.Builder, in *symbolic.Inputs) error {
	axis, _ := l.cfg.axes()
	channels := firstShape(in)[axis]
	l.cfg.declareKernel(b, "kernel", list(l.cfg.KernelSize), channels)
	l.cfg.declare(b, channels*l.cfg.DepthMultiplier)
	return nil
}

// OutputSteps is that of what moves a kernel along the steps.
func (l *depthwiseConv[L, A]) OutputSteps(c *symbolic.Call) ([]*graph.Node, bool) {
	return l.cfg.outputSteps(c, &l.cfg.activationConfig)
}

// Call computes the layer.
func (l *depthwiseConv[L, A]) Call(c *symbolic.Call, in []*graph.Node) []*graph.Node {
	x := l.cfg.padded(c, kerasops.OnlyFloats(l.self.KerasClass().Name, in[0]))
	channels, _ := l.cfg.axes()
	y := l.cfg.convolution(x.Shape().Dimensions).Depthwise(x, c.Weight("kernel"))
	if l.cfg.UseBias {
		y = addBias(y, c.Weight("bias"), channels)
	}
	return []*graph.Node{l.cfg.activate(y)}
}
