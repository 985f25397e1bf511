package applications

import (
	"fmt"

	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/layers"
	"github.com/gokeras/gokeras/ops"
)

// MobileNetV3Network is the builder of [MobileNetV3Small] and [MobileNetV3Large].
type MobileNetV3Network struct {
	network[*MobileNetV3Network]
	kind          string
	blocks        []mobileBlock
	last          int // filters of the last convolution before the classifier
	alpha         float64
	minimalistic  bool
	dropout       float64
	preprocessing bool
}

// mobileBlock is a block of the third version: how much wider it is inside, its filters, its kernel, its stride, whether channels are
// weighed, and whether it has the later activation. A kernel of 5 is one of 3 in the minimalistic form.
type mobileBlock struct {
	expansion       float64
	filters         int
	kernel, stride  int
	squeezed, later bool
}

// MobileNetV3Small is the small network found by search, by Howard and others (Keras: MobileNetV3Small), for images (batch, 224, 224, 3) of
// values from 0 to 255.
func MobileNetV3Small() *MobileNetV3Network {
	return mobileNetV3("MobileNetV3Small", "small", 1024, []mobileBlock{
		{1, 16, 3, 2, true, false},
		{72. / 16, 24, 3, 2, false, false}, {88. / 24, 24, 3, 1, false, false},
		{4, 40, 5, 2, true, true}, {6, 40, 5, 1, true, true}, {6, 40, 5, 1, true, true},
		{3, 48, 5, 1, true, true}, {3, 48, 5, 1, true, true},
		{6, 96, 5, 2, true, true}, {6, 96, 5, 1, true, true}, {6, 96, 5, 1, true, true},
	})
}

// MobileNetV3Large is the larger form of [MobileNetV3Small] (Keras: MobileNetV3Large).
func MobileNetV3Large() *MobileNetV3Network {
	return mobileNetV3("MobileNetV3Large", "large", 1280, []mobileBlock{
		{1, 16, 3, 1, false, false},
		{4, 24, 3, 2, false, false}, {3, 24, 3, 1, false, false},
		{3, 40, 5, 2, true, false}, {3, 40, 5, 1, true, false}, {3, 40, 5, 1, true, false},
		{6, 80, 3, 2, false, true}, {2.5, 80, 3, 1, false, true}, {2.3, 80, 3, 1, false, true}, {2.3, 80, 3, 1, false, true},
		{6, 112, 3, 1, true, true}, {6, 112, 3, 1, true, true},
		{6, 160, 5, 2, true, true}, {6, 160, 5, 1, true, true}, {6, 160, 5, 1, true, true},
	})
}

func mobileNetV3(function, kind string, last int, blocks []mobileBlock) *MobileNetV3Network {
	m := &MobileNetV3Network{kind: kind, blocks: blocks, last: last, alpha: 1, dropout: 0.2, preprocessing: true}
	m.start(m, design{
		function: function, defaultName: function, size: 224, least: 32, momentum: 0.999,
		arguments: m.check, shapes: mobileNetV3Shapes, layers: m.layers, file: m.file,
	})
	return m
}

// Alpha multiplies the number of filters of each layer (Keras: alpha=1.0). Published weights go with 0.75 and 1, of the minimalistic form with 1.
func (m *MobileNetV3Network) Alpha(alpha float64) *MobileNetV3Network {
	m.alpha = alpha
	return m
}

// Minimalistic leaves out what is slow on some processors: the weighing of channels, the later activation and kernels of 5 (Keras: minimalistic=False).
func (m *MobileNetV3Network) Minimalistic(minimalistic bool) *MobileNetV3Network {
	m.minimalistic = minimalistic
	return m
}

// DropoutRate is the part that is dropped before the classifier in training (Keras: dropout_rate=0.2).
func (m *MobileNetV3Network) DropoutRate(rate float64) *MobileNetV3Network {
	m.dropout = rate
	return m
}

// IncludePreprocessing says whether the network scales its images itself (Keras: include_preprocessing=True).
func (m *MobileNetV3Network) IncludePreprocessing(include bool) *MobileNetV3Network {
	m.preprocessing = include
	return m
}

func (m *MobileNetV3Network) check(n *net) error {
	if err := checkMultiplier("alpha", m.alpha); err != nil || n.weights != imageNet {
		return err
	}
	if m.minimalistic {
		return publishedAlpha(m.alpha, 1)
	}
	return publishedAlpha(m.alpha, 0.75, 1)
}

// mobileNetV3Shapes takes images of any size: the classifier is one of convolutions.
func mobileNetV3Shapes(n *net) error {
	if err := n.agrees(); err != nil {
		return err
	}
	switch {
	case n.shape != nil:
	case n.tensor != nil:
		rows, columns := n.places(n.tensor)
		n.shape = n.inFormat(columns, rows, 3)
	default:
		n.shape = n.inFormat(functional.None, functional.None, 3)
	}
	rows, columns, _ := n.extents()
	if rows != functional.None && columns != functional.None && (rows < n.least || columns < n.least) {
		return fmt.Errorf("the input size must be at least %dx%d, received the input shape %s", n.least, n.least, functional.Shape(n.shape))
	}
	return nil
}

// plainRelu and hardSwish are the network's activations, with automatic names.
func plainRelu(x *functional.Tensor) *functional.Tensor { return layers.ReLU().Apply(x) }

func hardSwish(x *functional.Tensor) *functional.Tensor {
	return layers.Activation("hard_silu").Apply(x)
}

func (m *MobileNetV3Network) layers(n *net, x *functional.Tensor) *functional.Tensor {
	activate := hardSwish
	if m.minimalistic {
		activate = plainRelu
	}
	norm := func(x *functional.Tensor, name string) *functional.Tensor { return n.norm().Name(name).Apply(x) }
	if m.preprocessing {
		x = layers.Rescaling(1. / 127.5).Offset(-1).Apply(x)
	}
	x = norm(n.conv(16, 3).Strides(2).Padding(layers.Same).UseBias(false).Name("conv").Apply(x), "conv_bn")
	x = activate(x)
	for i, b := range m.blocks {
		x = m.block(n, x, i, b)
	}
	x = norm(n.conv(divisible(float64(n.channels(x)*6), 8), 1).Padding(layers.Same).UseBias(false).Name("conv_1").Apply(x), "conv_1_bn")
	x = activate(x)
	if !n.includeTop {
		return n.pooled(x, "avg_pool", "max_pool")
	}
	last := m.last
	if m.alpha > 1 {
		last = divisible(float64(last)*m.alpha, 8)
	}
	x = n.globalAverage().KeepDims(true).Apply(x)
	x = activate(n.conv(last, 1).Padding(layers.Same).Name("conv_2").Apply(x))
	if m.dropout > 0 {
		x = layers.Dropout(m.dropout).Apply(x)
	}
	x = n.conv(n.classes, 1).Padding(layers.Same).Name("logits").Apply(x)
	x = layers.Flatten().DataFormat(n.format).Apply(x)
	return layers.Activation(n.activation).Name("predictions").Apply(x)
}

func (m *MobileNetV3Network) block(n *net, x *functional.Tensor, i int, b mobileBlock) *functional.Tensor {
	norm := func(x *functional.Tensor, name string) *functional.Tensor { return n.norm().Name(name).Apply(x) }
	activate := plainRelu
	if b.later && !m.minimalistic {
		activate = hardSwish
	}
	kernel := b.kernel
	if m.minimalistic {
		kernel = 3
	}
	shortcut, channels, filters := x, n.channels(x), divisible(float64(b.filters)*m.alpha, 8)
	wide := divisible(float64(channels)*b.expansion, 8)
	prefix := "expanded_conv_"
	if i > 0 {
		prefix = fmt.Sprintf("expanded_conv_%d_", i)
		x = activate(norm(n.conv(wide, 1).Padding(layers.Same).UseBias(false).Name(prefix+"expand").Apply(x), prefix+"expand_bn"))
	}
	depthwise := n.depthwise(kernel).Padding(layers.Same)
	if b.stride == 2 {
		x = n.padFor(x, kernel).Name(prefix + "depthwise_pad").Apply(x)
		depthwise.Padding(layers.Valid).Strides(2)
	}
	x = activate(norm(depthwise.Name(prefix+"depthwise").Apply(x), prefix+"depthwise_bn"))
	if b.squeezed && !m.minimalistic {
		x = n.weighed(x, wide, prefix+"squeeze_excite_")
	}
	x = norm(n.conv(filters, 1).Padding(layers.Same).UseBias(false).Name(prefix+"project").Apply(x), prefix+"project_bn")
	if b.stride == 1 && channels == filters {
		return layers.Add().Name(prefix+"add").Apply(shortcut, x)
	}
	return x
}

// weighed multiplies each channel by what a small network makes of the averages of all.
func (n *net) weighed(inputs *functional.Tensor, filters int, prefix string) *functional.Tensor {
	x := n.globalAverage().KeepDims(true).Name(prefix + "avg_pool").Apply(inputs)
	x = n.conv(divisible(float64(filters)*0.25, 8), 1).Padding(layers.Same).Name(prefix + "conv").Apply(x)
	x = layers.ReLU().Name(prefix + "relu").Apply(x)
	x = n.conv(filters, 1).Padding(layers.Same).Name(prefix + "conv_1").Apply(x)
	x = ops.Multiply(layers.ReLU().MaxValue(6).Apply(ops.Add(x, 3.0)), 1./6)
	return layers.Multiply().Name(prefix+"mul").Apply(inputs, x)
}

func (m *MobileNetV3Network) file(n *net) weightsFile {
	variant := m.kind
	if m.minimalistic {
		variant += "_minimalistic"
	}
	name := fmt.Sprintf("weights_mobilenet_v3_%s_224_%s_float", variant, pythonFloat(m.alpha))
	if !n.includeTop {
		name += "_no_top_v2"
	}
	return hashed(keras2Folder+"mobilenet_v3/", name+".h5")
}
