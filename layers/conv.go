package layers

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gokeras/gokeras/internal/config"
	"github.com/gokeras/gokeras/symbolic"
)

// Conv1DLayer is Keras's Conv1D: activation(inputs ∗ kernel + bias) along sequences.
type Conv1DLayer struct {
	convolution[*Conv1DLayer, [1]int]
}

// Conv2DLayer is Keras's Conv2D: activation(inputs ∗ kernel + bias) over images.
type Conv2DLayer struct {
	convolution[*Conv2DLayer, [2]int]
}

// Conv3DLayer is Keras's Conv3D: activation(inputs ∗ kernel + bias) over volumes.
type Conv3DLayer struct {
	convolution[*Conv3DLayer, [3]int]
}

func init() {
	symbolic.RegisterLayer(func() symbolic.Layer { return Conv1D(0, 0) }, "Convolution1D")
	symbolic.RegisterLayer(func() symbolic.Layer { return Conv2D(0, 0) }, "Convolution2D")
	symbolic.RegisterLayer(func() symbolic.Layer { return Conv3D(0, 0) }, "Convolution3D")
}

// Conv1D returns a convolution along sequences (Keras: Conv1D(filters, kernel_size)).
// Inputs of shape (batch, steps, channels) become (batch, new steps, filters).
// The padding may be [Causal].
func Conv1D(filters, kernelSize int) *Conv1DLayer {
	l := &Conv1DLayer{}
	l.start(l, filters, kernelSize)
	return l
}

// Conv2D returns a convolution over images (Keras: Conv2D(filters,
// kernel_size)); kernelSize is a number or [2]int{height, width}. Inputs of
// shape (batch, height, width, channels) become (batch, new height, new width, filters).
func Conv2D[K int | [2]int](filters int, kernelSize K) *Conv2DLayer {
	l := &Conv2DLayer{}
	l.start(l, filters, kernelSize)
	return l
}

// Conv3D returns a convolution over volumes (Keras: Conv3D(filters,
// kernel_size)); kernelSize is a number or [3]int{depth, height, width}. Inputs of
// shape (batch, depth, height, width, channels) become (batch, new depth, new height, new width, filters).
func Conv3D[K int | [3]int](filters int, kernelSize K) *Conv3DLayer {
	l := &Conv3DLayer{}
	l.start(l, filters, kernelSize)
	return l
}

// Padding sets what happens at the border: [Valid], [Same] or [Causal], by which no step sees a later one (Keras: padding=). Default "valid".
func (l *Conv1DLayer) Padding(padding Padding) *Conv1DLayer {
	l.Configure("padding", func() error {
		l.cfg.Padding = Padding(strings.ToLower(string(padding)))
		return l.cfg.checkPadding()
	})
	return l
}

// convolution is what the three have in common; L is the layer's own type.
type convolution[L symbolic.Layer, A extents] struct {
	layer[L]
	sampleWise
	cfg convConfig[A]
}

type convConfig[A extents] struct {
	symbolic.LayerConfig
	Filters int `keras:"filters"`
	windowArguments[A]
	Groups int `keras:"groups" default:"1"`
	activationConfig
	kernelConfig
	loraConfig
	_ any `keras:"activity_regularizer"`
}

func (l *convolution[L, A]) start(self L, filters int, kernelSize any) {
	l.init(self, &l.cfg.LayerConfig)
	l.cfg.Filters, l.cfg.KernelSize = filters, sized[A](kernelSize)
}

// KerasConfig returns the layer's configuration.
func (l *convolution[L, A]) KerasConfig() any { return &l.cfg }

// Validate reports arguments that Keras rejects.
func (c *convConfig[A]) Validate() error {
	if err := positiveFilters(c.Filters); err != nil {
		return err
	}
	switch {
	case c.Groups <= 0:
		return fmt.Errorf("the number of groups must be a positive integer, received groups=%d", c.Groups)
	case c.Filters%c.Groups != 0:
		return fmt.Errorf("the number of filters must be evenly divisible by the number of groups, received groups=%d, filters=%d", c.Groups, c.Filters)
	}
	return firstError(c.checkExtents(), c.checkPadding(), c.DataFormat.check(), c.checkEither(), c.loraConfig.check())
}

// checkPadding knows Causal, too, along one axis.
func (c *convConfig[A]) checkPadding() error {
	if known := []string{string(Causal), string(Same), string(Valid)}; len(c.KernelSize) == 1 {
		if !slices.Contains(known, string(c.Padding)) {
			return config.UnknownName("padding", string(c.Padding), known)
		}
		return nil
	}
	return c.Padding.check()
}

// positiveFilters checks the number of filters.
func positiveFilters(filters int) error {
	switch {
	case filters <= 0:
		return fmt.Errorf("invalid value for argument `filters`: expected a strictly positive value, received filters=%d", filters)
	case filters > largestExtent:
		return fmt.Errorf("invalid value for argument `filters`: %d are too many, want at most %d", filters, largestExtent)
	}
	return nil
}

// Infer replaces the axes that the kernel moves along and the channels.
func (l *convolution[L, A]) Infer(in *symbolic.Inputs) ([]symbolic.Spec, error) {
	x, channels, err := l.windowInput(in, len(l.cfg.KernelSize), l.cfg.DataFormat)
	if err != nil {
		return nil, err
	}
	if channels%l.cfg.Groups != 0 {
		return nil, fmt.Errorf("the number of input channels must be evenly divisible by the number of groups: received groups=%d, but the input has %d channels (full input shape is %s)",
			l.cfg.Groups, channels, x)
	}
	return l.floatOutput(l.cfg.outputShape(x, l.cfg.Filters))
}

// Declare declares the kernel, of shape (…, channels / groups, filters) in both data formats, and the bias, of shape (filters,).
func (l *convolution[L, A]) Declare(b *symbolic.Builder, in *symbolic.Inputs) error {
	channels, _ := l.cfg.axes()
	l.cfg.declare(b, append(list(l.cfg.KernelSize), firstShape(in)[channels]/l.cfg.Groups, l.cfg.Filters), l.cfg.Filters)
	return l.cfg.start(&l.BaseLayer, "kernel", l.cfg.LoraAlpha, l.cfg.KernelConstraint)
}

// OutputSteps is that of what moves a kernel along the steps.
func (l *convolution[L, A]) OutputSteps(c *symbolic.Call) ([]*graph.Node, bool) {
	return l.cfg.outputSteps(c, &l.cfg.activationConfig)
}

// Call computes the layer.
func (l *convolution[L, A]) Call(c *symbolic.Call, in []*graph.Node) []*graph.Node {
	x := l.cfg.padded(c, floats(c, in[0]))
	channels, _ := l.cfg.axes()
	n := l.cfg.convolution(x.Shape().Dimensions)
	n.Groups = l.cfg.Groups
	y := n.Apply(x, l.cfg.weight(c, "kernel"))
	if l.cfg.UseBias {
		y = addBias(y, c.Weight("bias"), channels)
	}
	return []*graph.Node{l.cfg.activate(y)}
}

// EnableLoRA freezes the kernel and lets the layer learn two small factors instead, of which the product times alpha/rank is added to it; an alpha of 0
// is Keras's default, the rank. The layer must have been applied; files hold the kernel with the product added. A model must be compiled afterwards
// (Keras: enable_lora).
func (l *convolution[L, A]) EnableLoRA(rank int, alpha float64) error {
	return l.cfg.enableNamed(&l.BaseLayer, "kernel", rank, alpha, l.cfg.KernelConstraint)
}

// Merging says what files hold for the layer's weights.
func (l *convolution[L, A]) Merging() (into *symbolic.Weight, factors []*symbolic.Weight) {
	return l.cfg.Merging()
}

// Merge is the kernel as files hold it.
func (l *convolution[L, A]) Merge(w *tensors.Tensor, factors ...*tensors.Tensor) (*tensors.Tensor, error) {
	return l.cfg.merge(l.cfg.DType.Compute(), w, factors[0], factors[1])
}
