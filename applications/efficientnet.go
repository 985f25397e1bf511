package applications

import (
	"fmt"
	"math"

	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/layers"
)

// EfficientNetB0 is the smallest of the networks by Tan and Le that grow in width, depth and size of images together (Keras: EfficientNetB0),
// for images (batch, 224, 224, 3) of values from 0 to 255.
func EfficientNetB0() *Network { return efficientNet("b0", 1, 1, 224, 0.2) }

// EfficientNetB1 is [EfficientNetB0] for images (batch, 240, 240, 3) (Keras: EfficientNetB1).
func EfficientNetB1() *Network { return efficientNet("b1", 1, 1.1, 240, 0.2) }

// EfficientNetB2 is [EfficientNetB0] for images (batch, 260, 260, 3) (Keras: EfficientNetB2).
func EfficientNetB2() *Network { return efficientNet("b2", 1.1, 1.2, 260, 0.3) }

// EfficientNetB3 is [EfficientNetB0] for images (batch, 300, 300, 3) (Keras: EfficientNetB3).
func EfficientNetB3() *Network { return efficientNet("b3", 1.2, 1.4, 300, 0.3) }

// EfficientNetB4 is [EfficientNetB0] for images (batch, 380, 380, 3) (Keras: EfficientNetB4).
func EfficientNetB4() *Network { return efficientNet("b4", 1.4, 1.8, 380, 0.4) }

// EfficientNetB5 is [EfficientNetB0] for images (batch, 456, 456, 3) (Keras: EfficientNetB5).
func EfficientNetB5() *Network { return efficientNet("b5", 1.6, 2.2, 456, 0.4) }

// EfficientNetB6 is [EfficientNetB0] for images (batch, 528, 528, 3) (Keras: EfficientNetB6).
func EfficientNetB6() *Network { return efficientNet("b6", 1.8, 2.6, 528, 0.5) }

// EfficientNetB7 is [EfficientNetB0] for images (batch, 600, 600, 3) (Keras: EfficientNetB7).
func EfficientNetB7() *Network { return efficientNet("b7", 2, 3.1, 600, 0.5) }

// efficientBlock is a group of blocks of EfficientNet, of either version: the kernel, how often it comes, the filters before and after, how much
// wider it is inside, the stride of its first, how far channels are squeezed to weigh them, and whether its depthwise convolution is a plain one.
type efficientBlock struct {
	kernel, repeats  int
	filters, becomes int
	expansion        int
	stride           int
	squeeze          float64
	fused            bool
}

var efficientNetBlocks = []efficientBlock{
	{3, 1, 32, 16, 1, 1, 0.25, false},
	{3, 2, 16, 24, 6, 2, 0.25, false},
	{5, 2, 24, 40, 6, 2, 0.25, false},
	{3, 3, 40, 80, 6, 2, 0.25, false},
	{5, 3, 80, 112, 6, 1, 0.25, false},
	{5, 4, 112, 192, 6, 2, 0.25, false},
	{3, 1, 192, 320, 6, 1, 0.25, false},
}

// dropConnect is how often the last block is left out in training; the others are in proportion to how many lie before them.
const dropConnect = 0.2

func efficientNet(variant string, width, depth float64, size int, dropout float64) *Network {
	name := "efficientnet" + variant
	return newNetwork(design{
		function: "EfficientNetB" + variant[1:], defaultName: name, size: size, least: 32, axis: 3,
		layers: func(n *net, x *functional.Tensor) *functional.Tensor {
			filters := func(filters int) int { return divisible(float64(filters)*width, 8) }
			x = layers.Rescaling(1. / 255).Apply(x)
			x = layers.Normalization().Axis(n.channelAxis()).Apply(x)
			if n.weights == imageNet {
				// The published weights come from a program that divided by the variance, where the normalization divides by its root.
				scale := make([]float64, len(imageNetDeviation))
				for i, d := range imageNetDeviation {
					scale[i] = 1 / math.Sqrt(d)
				}
				x = layers.Rescaling(scale).Apply(x)
			}
			x = n.padFor(x, 3).Name("stem_conv_pad").Apply(x)
			x = n.conv(filters(32), 3).Strides(2).UseBias(false).KernelInitializer(fanOut()).Name("stem_conv").Apply(x)
			x = n.normSilu(x, "stem_")

			repeats := func(b efficientBlock) int { return int(math.Ceil(depth * float64(b.repeats))) }
			total, at := 0, 0
			for _, b := range efficientNetBlocks {
				total += repeats(b)
			}
			for i, b := range efficientNetBlocks {
				b.filters, b.becomes = filters(b.filters), filters(b.becomes)
				for k := range repeats(b) {
					if k > 0 {
						b.stride, b.filters = 1, b.becomes
					}
					x = n.efficientBlock(x, fmt.Sprintf("block%d%c_", i+1, 'a'+k), b, dropConnect*float64(at)/float64(total), true)
					at++
				}
			}
			return n.efficientTop(x, filters(1280), dropout, layers.Dense(n.classes))
		},
		file: func(n *net) weightsFile { return n.published(storage+"keras-applications/", name) },
	})
}

// normSilu normalizes and activates; the names have this beginning.
func (n *net) normSilu(x *functional.Tensor, prefix string) *functional.Tensor {
	return layers.Activation("silu").Name(prefix + "activation").Apply(n.norm().Name(prefix + "bn").Apply(x))
}

// efficientConv is a convolution as both versions of EfficientNet have them.
func (n *net) efficientConv(filters, kernel int) *layers.Conv2DLayer {
	return n.conv(filters, kernel).Padding(layers.Same).UseBias(false).KernelInitializer(fanOut())
}

// efficientBlock is one block, left out at that rate in training. The first version pads a depthwise convolution with stride 2 itself.
func (n *net) efficientBlock(x *functional.Tensor, name string, b efficientBlock, rate float64, first bool) *functional.Tensor {
	inputs, wide := x, b.filters*b.expansion
	if b.expansion != 1 {
		kernel, stride := 1, 1
		if b.fused {
			kernel, stride = b.kernel, b.stride
		}
		x = n.normSilu(n.efficientConv(wide, kernel).Strides(stride).Name(name+"expand_conv").Apply(x), name+"expand_")
	}
	if !b.fused {
		depthwise := n.depthwise(b.kernel).Strides(b.stride).Padding(layers.Same).DepthwiseInitializer(fanOut()).Name(name + "dwconv2")
		if first {
			depthwise.Name(name + "dwconv")
			if b.stride == 2 {
				x = n.padFor(x, b.kernel).Name(name + "dwconv_pad").Apply(x)
				depthwise.Padding(layers.Valid)
			}
		}
		x = n.normSilu(depthwise.Apply(x), name)
	}
	if b.squeeze > 0 {
		x = n.squeezed(x, name+"se_", wide, max(1, int(float64(b.filters)*b.squeeze)))
	}
	kernel, stride := 1, 1
	if b.fused && b.expansion == 1 {
		kernel, stride = b.kernel, b.stride
	}
	x = n.efficientConv(b.becomes, kernel).Strides(stride).Name(name + "project_conv").Apply(x)
	x = n.norm().Name(name + "project_bn").Apply(x)
	if b.fused && b.expansion == 1 {
		x = layers.Activation("silu").Name(name + "project_activation").Apply(x)
	}
	if b.stride != 1 || b.filters != b.becomes {
		return x
	}
	if rate > 0 {
		x = layers.Dropout(rate).NoiseShape(functional.None, 1, 1, 1).Name(name + "drop").Apply(x)
	}
	return layers.Add().Name(name+"add").Apply(x, inputs)
}

// squeezed multiplies each channel by what a small network makes of the averages of all.
func (n *net) squeezed(x *functional.Tensor, name string, wide, narrow int) *functional.Tensor {
	averages := n.globalAverage().Name(name + "squeeze").Apply(x)
	y := layers.Reshape(n.inFormat(1, 1, wide)...).Name(name + "reshape").Apply(averages)
	y = n.efficientConv(narrow, 1).UseBias(true).Activation("silu").Name(name + "reduce").Apply(y)
	y = n.efficientConv(wide, 1).UseBias(true).Activation("sigmoid").Name(name + "expand").Apply(y)
	return layers.Multiply().Name(name+"excite").Apply(x, y)
}

// efficientTop ends both versions.
func (n *net) efficientTop(x *functional.Tensor, filters int, dropout float64, classifier *layers.DenseLayer) *functional.Tensor {
	x = n.normSilu(n.efficientConv(filters, 1).Name("top_conv").Apply(x), "top_")
	if !n.includeTop {
		return n.pooled(x, "avg_pool", "max_pool")
	}
	x = n.globalAverage().Name("avg_pool").Apply(x)
	x = layers.Dropout(dropout).Name("top_dropout").Apply(x)
	return classifier.Activation(n.activation).KernelInitializer(uniformFanOut()).Name("predictions").Apply(x)
}
