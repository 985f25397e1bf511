package applications

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/layers"
)

// MobileNetV2Network is the builder of [MobileNetV2].
type MobileNetV2Network struct {
	network[*MobileNetV2Network]
	alpha float64
}

// MobileNetV2 is the small network of inverted residuals by Sandler and others (Keras: MobileNetV2), for images (batch, 224, 224, 3).
func MobileNetV2() *MobileNetV2Network {
	m := &MobileNetV2Network{alpha: 1}
	m.start(m, design{
		function: "MobileNetV2", size: 224, least: 32, mode: tf, momentum: 0.999,
		arguments: m.check,
		shapes:    mobileNetV2Shapes,
		label:     func(n *net) string { return mobileName("mobilenetv2", m.alpha, n, mobileNetV2Sizes) },
		layers:    m.layers,
		file:      m.file,
	})
	return m
}

var mobileNetV2Sizes = []int{96, 128, 160, 192, 224}

// Alpha multiplies the number of filters of each layer (Keras: alpha=1.0). Published weights go with 0.35, 0.5, 0.75, 1, 1.3 and 1.4.
func (m *MobileNetV2Network) Alpha(alpha float64) *MobileNetV2Network {
	m.alpha = alpha
	return m
}

func (m *MobileNetV2Network) check(n *net) error {
	if err := checkMultiplier("alpha", m.alpha); err != nil || n.weights != imageNet {
		return err
	}
	return publishedAlpha(m.alpha, 0.35, 0.5, 0.75, 1, 1.3, 1.4)
}

// agrees checks an input shape beside an input tensor, of which Keras compares one axis.
func (n *net) agrees() error {
	if n.shape == nil || n.tensor == nil {
		return nil
	}
	axis := 2
	if n.format == layers.ChannelsFirst {
		axis = 1
	}
	if got := n.tensor.Shape(); got[axis] != n.shape[1] {
		return fmt.Errorf("the input tensor and the input shape must agree, received %s and %s", got, functional.Shape(n.shape))
	}
	return nil
}

func mobileNetV2Shapes(n *net) error {
	if err := n.agrees(); err != nil {
		return err
	}
	size := n.publishedSize(mobileNetV2Sizes)
	if n.shape == nil && n.tensor != nil {
		seen := net{design: n.design, format: n.format, shape: n.tensor.Shape()[1:]}
		size = seen.publishedSize(mobileNetV2Sizes)
	}
	return n.settleShape(size)
}

// mobileNetV2Blocks are groups of blocks: how much wider it is inside, its filters, how often it comes, and the stride of its first.
var mobileNetV2Blocks = []struct{ expansion, filters, repeats, stride int }{
	{1, 16, 1, 1}, {6, 24, 2, 2}, {6, 32, 3, 2}, {6, 64, 4, 2}, {6, 96, 3, 1}, {6, 160, 3, 2}, {6, 320, 1, 1},
}

func (m *MobileNetV2Network) layers(n *net, x *functional.Tensor) *functional.Tensor {
	norm := func(x *functional.Tensor, name string) *functional.Tensor { return n.norm().Name(name).Apply(x) }
	first := divisible(32*m.alpha, 8)
	x = norm(n.conv(first, 3).Strides(2).Padding(layers.Same).UseBias(false).Name("Conv1").Apply(x), "bn_Conv1")
	x = relu6("Conv1_relu", x)
	block := 0
	for _, b := range mobileNetV2Blocks {
		filters := divisible(float64(int(float64(b.filters)*m.alpha)), 8)
		for i := range b.repeats {
			stride := b.stride
			if i > 0 {
				stride = 1
			}
			x = n.invertedResidual(x, b.expansion, filters, stride, block)
			block++
		}
	}
	last := 1280
	if m.alpha > 1 {
		last = divisible(1280*m.alpha, 8)
	}
	x = norm(n.conv(last, 1).UseBias(false).Name("Conv_1").Apply(x), "Conv_1_bn")
	return n.end(relu6("out_relu", x), "", "")
}

func (n *net) invertedResidual(x *functional.Tensor, expansion, filters, stride, block int) *functional.Tensor {
	norm := func(x *functional.Tensor, name string) *functional.Tensor { return n.norm().Name(name).Apply(x) }
	inputs, channels := x, n.channels(x)
	prefix := "expanded_conv_"
	if block > 0 {
		prefix = fmt.Sprintf("block_%d_", block)
		x = n.conv(expansion*channels, 1).Padding(layers.Same).UseBias(false).Name(prefix + "expand").Apply(x)
		x = relu6(prefix+"expand_relu", norm(x, prefix+"expand_BN"))
	}
	depthwise := n.depthwise(3).Padding(layers.Same)
	if stride == 2 {
		x = n.padFor(x, 3).Name(prefix + "pad").Apply(x)
		depthwise.Padding(layers.Valid).Strides(2)
	}
	x = relu6(prefix+"depthwise_relu", norm(depthwise.Name(prefix+"depthwise").Apply(x), prefix+"depthwise_BN"))
	x = norm(n.conv(filters, 1).Padding(layers.Same).UseBias(false).Name(prefix+"project").Apply(x), prefix+"project_BN")
	if channels == filters && stride == 1 {
		return layers.Add().Name(prefix+"add").Apply(inputs, x)
	}
	return x
}

func (m *MobileNetV2Network) file(n *net) weightsFile {
	rows := n.publishedSize(mobileNetV2Sizes)
	name := fmt.Sprintf("mobilenet_v2_weights_tf_dim_ordering_tf_kernels_%s_%d", pythonFloat(m.alpha), rows)
	if !n.includeTop {
		name += "_no_top"
	}
	return weightsFile{name: name + ".h5", url: keras2Folder + "mobilenet_v2/" + name + ".h5"}
}

// pythonFloat writes a float as Python does: "1.0".
func pythonFloat(v float64) string {
	s := strconv.FormatFloat(v, 'f', -1, 64)
	if !strings.Contains(s, ".") {
		s += ".0"
	}
	return s
}
