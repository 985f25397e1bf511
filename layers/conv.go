package layers

import (
	"fmt"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/internal/lowering"
	"github.com/gokeras/gokeras/symbolic"
)

// Conv2DLayer is Keras's Conv2D: activation(inputs ∗ kernel + bias) over images.
type Conv2DLayer struct {
	layer[*Conv2DLayer]
	sampleWise
	cfg conv2DConfig
}

type conv2DConfig struct {
	symbolic.LayerConfig
	Filters    int    `keras:"filters"`
	KernelSize [2]int `keras:"kernel_size"`
	Strides    [2]int `keras:"strides" default:"1"`
	windowConfig
	DilationRate [2]int `keras:"dilation_rate" default:"1"`
	Groups       int    `keras:"groups" default:"1"`
	activationConfig
	kernelConfig
	_ any `keras:"activity_regularizer"`
}

func init() { symbolic.RegisterLayer(func() symbolic.Layer { return Conv2D(0, 0) }) }

// Conv2D returns a convolution over images (Keras: Conv2D(filters,
// kernel_size)); kernelSize is a number or [2]int{height, width}. Inputs of
// shape (batch, height, width, channels) become (batch, new height, new width, filters).
func Conv2D[K int | [2]int](filters int, kernelSize K) *Conv2DLayer {
	l := &Conv2DLayer{}
	l.init(l, &l.cfg.LayerConfig)
	l.cfg.Filters = filters
	switch k := any(kernelSize).(type) {
	case int:
		l.cfg.KernelSize = [2]int{k, k}
	case [2]int:
		l.cfg.KernelSize = k
	}
	return l
}

// KerasClass names Keras's Conv2D.
func (l *Conv2DLayer) KerasClass() symbolic.Class { return keras("Conv2D") }

// KerasConfig returns the layer's configuration.
func (l *Conv2DLayer) KerasConfig() any { return &l.cfg }

// Validate reports arguments that Keras rejects.
func (c *conv2DConfig) Validate() error {
	switch {
	case c.Filters <= 0:
		return fmt.Errorf("invalid value for argument `filters`: expected a strictly positive value, received filters=%d", c.Filters)
	case c.Groups <= 0:
		return fmt.Errorf("the number of groups must be a positive integer, received groups=%d", c.Groups)
	case c.Filters%c.Groups != 0:
		return fmt.Errorf("the number of filters must be evenly divisible by the number of groups, received groups=%d, filters=%d", c.Groups, c.Filters)
	}
	for _, p := range []struct {
		name   string
		values [2]int
	}{{"kernel_size", c.KernelSize}, {"strides", c.Strides}, {"dilation_rate", c.DilationRate}} {
		if err := positive(p.name, p.values[:]); err != nil {
			return err
		}
	}
	if max(c.Strides[0], c.Strides[1]) > 1 && max(c.DilationRate[0], c.DilationRate[1]) > 1 {
		return fmt.Errorf("`strides > 1` not supported in conjunction with `dilation_rate > 1`, received strides=%s and dilation_rate=%s",
			tuple(c.Strides[:]), tuple(c.DilationRate[:]))
	}
	return c.windowConfig.check()
}

// span is the kernel's size with its gaps.
func (c *conv2DConfig) span() [2]int {
	return [2]int{(c.KernelSize[0]-1)*c.DilationRate[0] + 1, (c.KernelSize[1]-1)*c.DilationRate[1] + 1}
}

// Infer replaces height, width and channels.
func (l *Conv2DLayer) Infer(in *symbolic.Inputs) ([]symbolic.Spec, error) {
	x, err := one(in)
	if err != nil {
		return nil, err
	}
	if err := minRank(x, 4); err != nil {
		return nil, err
	}
	if err := exactRank(x, 4); err != nil {
		return nil, err
	}
	channels, _ := l.cfg.DataFormat.axes()
	axis := -1
	if l.cfg.DataFormat == ChannelsFirst {
		axis = 1
	}
	if err := l.knownAxis(x, axis); err != nil {
		return nil, err
	}
	if x[channels]%l.cfg.Groups != 0 {
		return nil, fmt.Errorf("the number of input channels must be evenly divisible by the number of groups: received groups=%d, but the input has %d channels (full input shape is %s)",
			l.cfg.Groups, x[channels], x)
	}
	out, err := l.cfg.outputShape(x, list(l.cfg.span()), list(l.cfg.Strides))
	if err != nil {
		return nil, err
	}
	out[channels] = l.cfg.Filters
	return l.floatOutput(out, nil)
}

// Declare declares the kernel, of shape (height, width, channels / groups,
// filters) in both data formats, and the bias, of shape (filters,).
func (l *Conv2DLayer) Declare(b *symbolic.Builder, in *symbolic.Inputs) error {
	channels, _ := l.cfg.DataFormat.axes()
	k, x := l.cfg.KernelSize, firstShape(in)
	l.cfg.declare(b, []int{k[0], k[1], x[channels] / l.cfg.Groups, l.cfg.Filters}, l.cfg.Filters)
	return nil
}

// Call computes the layer.
func (l *Conv2DLayer) Call(c *symbolic.Call, in []*graph.Node) []*graph.Node {
	x := floats(c, in[0])
	channels, _ := l.cfg.DataFormat.axes()
	y := lowering.Convolution{
		ChannelsFirst: l.cfg.DataFormat == ChannelsFirst,
		Strides:       l.cfg.Strides,
		Dilations:     l.cfg.DilationRate,
		Paddings:      [2][2]int(l.cfg.amounts(x.Shape().Dimensions, list(l.cfg.span()), list(l.cfg.Strides))),
		Groups:        l.cfg.Groups,
	}.Apply(x, c.Weight("kernel"))
	if l.cfg.UseBias {
		y = addBias(y, c.Weight("bias"), channels)
	}
	return []*graph.Node{l.cfg.activate(y)}
}
