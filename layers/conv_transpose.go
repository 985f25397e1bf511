package layers

import (
	"fmt"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/internal/config"
	"github.com/gokeras/gokeras/internal/kerasops"
	"github.com/gokeras/gokeras/internal/lowering"
	"github.com/gokeras/gokeras/symbolic"
)

// Conv1DTransposeLayer is Keras's Conv1DTranspose: a convolution's way back, along sequences.
type Conv1DTransposeLayer struct {
	convTranspose[*Conv1DTransposeLayer, [1]int]
}

// Conv2DTransposeLayer is Keras's Conv2DTranspose: a convolution's way back, over images.
type Conv2DTransposeLayer struct {
	convTranspose[*Conv2DTransposeLayer, [2]int]
}

// Conv3DTransposeLayer is Keras's Conv3DTranspose: a convolution's way back, over volumes.
type Conv3DTransposeLayer struct {
	convTranspose[*Conv3DTransposeLayer, [3]int]
}

func init() {
	symbolic.RegisterLayer(func() symbolic.Layer { return Conv1DTranspose(0, 0) }, "Convolution1DTranspose")
	symbolic.RegisterLayer(func() symbolic.Layer { return Conv2DTranspose(0, 0) }, "Convolution2DTranspose")
	symbolic.RegisterLayer(func() symbolic.Layer { return Conv3DTranspose(0, 0) }, "Convolution3DTranspose")
}

// Conv1DTranspose returns a transposed convolution along sequences (Keras: Conv1DTranspose(filters, kernel_size)): inputs of
// shape (batch, steps, channels) become (batch, new steps, filters), where the padding "same" makes the new steps the old
// ones times the strides.
func Conv1DTranspose(filters, kernelSize int) *Conv1DTransposeLayer {
	l := &Conv1DTransposeLayer{}
	l.start(l, filters, kernelSize)
	return l
}

// Conv2DTranspose returns a transposed convolution over images (Keras: Conv2DTranspose(filters, kernel_size)); kernelSize is a
// number or [2]int{height, width}. Inputs of shape (batch, height, width, channels) become (batch, new height, new width, filters), where the
// padding "same" makes the new height and width the old ones times the strides.
func Conv2DTranspose[K int | [2]int](filters int, kernelSize K) *Conv2DTransposeLayer {
	l := &Conv2DTransposeLayer{}
	l.start(l, filters, kernelSize)
	return l
}

// Conv3DTranspose returns a transposed convolution over volumes (Keras: Conv3DTranspose(filters, kernel_size)); kernelSize is a
// number or [3]int{depth, height, width}. Inputs of shape (batch, depth, height, width, channels) become (batch, new depth, new height, new
// width, filters), where the padding "same" makes the new sizes the old ones times the strides.
func Conv3DTranspose[K int | [3]int](filters int, kernelSize K) *Conv3DTransposeLayer {
	l := &Conv3DTransposeLayer{}
	l.start(l, filters, kernelSize)
	return l
}

// convTranspose is what the three have in common; L is the layer's own type.
type convTranspose[L symbolic.Layer, A extents] struct {
	layer[L]
	sampleWise
	cfg convTransposeConfig[A]
}

type convTransposeConfig[A extents] struct {
	symbolic.LayerConfig
	Filters int `keras:"filters"`
	windowArguments[A]
	OutputPadding outputPadding `keras:"output_padding" default:"null"`
	activationConfig
	kernelConfig
	_ any `keras:"activity_regularizer"`
}

// outputPadding is an argument with a number for each axis, or none of them.
type outputPadding struct {
	rank   int
	values []int // nil for the default, which follows from the other arguments
}

// EncodeKeras writes null or a list.
func (p *outputPadding) EncodeKeras() (any, error) {
	if p.values == nil {
		return nil, nil
	}
	out := make([]any, len(p.values))
	for i, v := range p.values {
		out[i] = v
	}
	return out, nil
}

// DecodeKeras reads null, a number or a list.
func (p *outputPadding) DecodeKeras(v any) error {
	list, isList := v.([]any)
	switch {
	case v == nil:
		p.values = nil
		return nil
	case !isList:
		list = []any{v}
	case len(list) != p.rank:
		return fmt.Errorf("got %d values, want %d", len(list), p.rank)
	}
	values := make([]int, len(list))
	for i, v := range list {
		n, ok := config.AsInt(v)
		if !ok {
			return fmt.Errorf("got %v, want a whole number or a list of %d", v, p.rank)
		}
		values[i] = n
	}
	return p.set(values...)
}

func (p *outputPadding) set(outputPadding ...int) error {
	if len(outputPadding) == 0 {
		p.values = nil
		return nil
	}
	values := make([]int, p.rank)
	if err := fill(values, outputPadding); err != nil {
		return err
	}
	p.values = values
	return nil
}

func (l *convTranspose[L, A]) start(self L, filters int, kernelSize any) {
	l.init(self, &l.cfg.LayerConfig)
	l.cfg.Filters, l.cfg.KernelSize = filters, sized[A](kernelSize)
	l.cfg.OutputPadding.rank = len(l.cfg.KernelSize)
}

// KerasConfig returns the layer's configuration.
func (l *convTranspose[L, A]) KerasConfig() any { return &l.cfg }

// Validate reports arguments that Keras rejects.
func (c *convTransposeConfig[A]) Validate() error {
	if err := firstError(positiveFilters(c.Filters), c.check(), c.checkEither()); err != nil {
		return err
	}
	for i, more := range c.OutputPadding.values {
		if more < 0 || more >= c.Strides[i] {
			return fmt.Errorf("`output_padding` must be strictly less than `strides` and not negative for all dimensions, received output_padding=%s, strides=%s",
				tuple(c.OutputPadding.values), tuple(list(c.Strides)))
		}
	}
	return nil
}

// outputSize is the size of the result along an axis, the i-th of those that the kernel moves along, for an input of size n.
func (c *convTransposeConfig[A]) outputSize(n, i int) int {
	span, stride, given := c.span(i), c.Strides[i], c.OutputPadding.values
	switch {
	case c.Padding == Same && given == nil:
		return n * stride
	case c.Padding == Same:
		return (n-1)*stride + span%2 + given[i]
	case given == nil:
		return (n-1)*stride + max(span, stride)
	}
	return (n-1)*stride + span + given[i]
}

// cut is how many elements of the whole result are left out before the first.
func (c *convTransposeConfig[A]) cut(i int) int {
	span, stride, given := c.span(i), c.Strides[i], c.OutputPadding.values
	if c.Padding == Valid {
		return 0
	}
	around := stride + span - 2
	if given != nil {
		around = span + span%2 - 2 + given[i]
	}
	return span - 1 - min((around+1)/2, span-1)
}

// Infer replaces the axes that the kernel moves along and the channels.
func (l *convTranspose[L, A]) Infer(in *symbolic.Inputs) ([]symbolic.Spec, error) {
	out, _, err := l.windowInput(in, len(l.cfg.KernelSize), l.cfg.DataFormat)
	if err != nil {
		return nil, err
	}
	channels, first := l.cfg.axes()
	for i := range len(l.cfg.KernelSize) {
		n := &out[first+i]
		switch {
		case *n == symbolic.None:
			continue
		case *n > largestExtent:
			return nil, fmt.Errorf("an axis of %d elements is too large for a transposed convolution", *n)
		}
		if *n = l.cfg.outputSize(*n, i); *n <= 0 {
			return nil, fmt.Errorf("computed output size would be zero or negative: received kernel_size=%s, strides=%s, padding=%q, output_padding=%s",
				tuple(list(l.cfg.KernelSize)), tuple(list(l.cfg.Strides)), l.cfg.Padding, tuple(l.cfg.OutputPadding.values))
		}
	}
	out[channels] = l.cfg.Filters
	return l.floatOutput(out, nil)
}

// Declare declares the kernel, of shape (…, filters, channels) in both data formats, and the bias, of shape (filters,).
func (l *convTranspose[L, A]) Declare(b *symbolic.Builder, in *symbolic.Inputs) error {
	channels, _ := l.cfg.axes()
	l.cfg.declare(b, append(list(l.cfg.KernelSize), l.cfg.Filters, firstShape(in)[channels]), l.cfg.Filters)
	return nil
}

// Call computes the layer.
func (l *convTranspose[L, A]) Call(c *symbolic.Call, in []*graph.Node) []*graph.Node {
	x := kerasops.OnlyFloats(l.self.KerasClass().Name, in[0])
	channels, first := l.cfg.axes()
	t := lowering.Transposed{ChannelsFirst: l.cfg.DataFormat == ChannelsFirst, Strides: list(l.cfg.Strides), Dilations: list(l.cfg.DilationRate)}
	for i := range len(l.cfg.KernelSize) {
		t.Starts = append(t.Starts, l.cfg.cut(i))
		t.Sizes = append(t.Sizes, l.cfg.outputSize(x.Shape().Dimensions[first+i], i))
	}
	y := t.Apply(x, c.Weight("kernel"))
	if l.cfg.UseBias {
		y = addBias(y, c.Weight("bias"), channels)
	}
	return []*graph.Node{l.cfg.activate(y)}
}
