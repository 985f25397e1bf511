package applications

import (
	"fmt"
	"math"

	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/initializers"
	"github.com/gokeras/gokeras/layers"
)

// PreprocessingNetwork is the builder of networks that may prepare their images themselves: EfficientNetV2 and ConvNeXt.
type PreprocessingNetwork struct {
	network[*PreprocessingNetwork]
	preprocessing bool
}

// IncludePreprocessing says whether the network scales its images itself, whose values are then from 0 to 255 (Keras: include_preprocessing=True).
func (p *PreprocessingNetwork) IncludePreprocessing(include bool) *PreprocessingNetwork {
	p.preprocessing = include
	return p
}

func newPreprocessing(d design, build func(p *PreprocessingNetwork, n *net, x *functional.Tensor) *functional.Tensor) *PreprocessingNetwork {
	p := &PreprocessingNetwork{preprocessing: true}
	d.layers = func(n *net, x *functional.Tensor) *functional.Tensor { return build(p, n, x) }
	p.start(p, d)
	return p
}

// EfficientNetV2B0 is the smallest of the second version of EfficientNet by Tan and Le, some of whose blocks have plain convolutions (Keras:
// EfficientNetV2B0), for images (batch, 224, 224, 3).
func EfficientNetV2B0() *PreprocessingNetwork {
	return efficientNetV2("B0", "b0", 1, 1, 224, efficientNetV2Base)
}

// EfficientNetV2B1 is [EfficientNetV2B0] for images (batch, 240, 240, 3) (Keras: EfficientNetV2B1).
func EfficientNetV2B1() *PreprocessingNetwork {
	return efficientNetV2("B1", "b1", 1, 1.1, 240, efficientNetV2Base)
}

// EfficientNetV2B2 is [EfficientNetV2B0] for images (batch, 260, 260, 3) (Keras: EfficientNetV2B2).
func EfficientNetV2B2() *PreprocessingNetwork {
	return efficientNetV2("B2", "b2", 1.1, 1.2, 260, efficientNetV2Base)
}

// EfficientNetV2B3 is [EfficientNetV2B0] for images (batch, 300, 300, 3) (Keras: EfficientNetV2B3).
func EfficientNetV2B3() *PreprocessingNetwork {
	return efficientNetV2("B3", "b3", 1.2, 1.4, 300, efficientNetV2Base)
}

// EfficientNetV2S is the small one of the second version's larger networks (Keras: EfficientNetV2S), for images (batch, 384, 384, 3).
func EfficientNetV2S() *PreprocessingNetwork {
	return efficientNetV2("S", "s", 1, 1, 384, []efficientBlock{
		{3, 2, 24, 24, 1, 1, 0, true},
		{3, 4, 24, 48, 4, 2, 0, true},
		{3, 4, 48, 64, 4, 2, 0, true},
		{3, 6, 64, 128, 4, 2, 0.25, false},
		{3, 9, 128, 160, 6, 1, 0.25, false},
		{3, 15, 160, 256, 6, 2, 0.25, false},
	})
}

// EfficientNetV2M is the middle one of the second version's larger networks (Keras: EfficientNetV2M), for images (batch, 480, 480, 3).
func EfficientNetV2M() *PreprocessingNetwork {
	return efficientNetV2("M", "m", 1, 1, 480, []efficientBlock{
		{3, 3, 24, 24, 1, 1, 0, true},
		{3, 5, 24, 48, 4, 2, 0, true},
		{3, 5, 48, 80, 4, 2, 0, true},
		{3, 7, 80, 160, 4, 2, 0.25, false},
		{3, 14, 160, 176, 6, 1, 0.25, false},
		{3, 18, 176, 304, 6, 2, 0.25, false},
		{3, 5, 304, 512, 6, 1, 0.25, false},
	})
}

// EfficientNetV2L is the largest of the second version (Keras: EfficientNetV2L), for images (batch, 480, 480, 3).
func EfficientNetV2L() *PreprocessingNetwork {
	return efficientNetV2("L", "l", 1, 1, 480, []efficientBlock{
		{3, 4, 32, 32, 1, 1, 0, true},
		{3, 7, 32, 64, 4, 2, 0, true},
		{3, 7, 64, 96, 4, 2, 0, true},
		{3, 10, 96, 192, 4, 2, 0.25, false},
		{3, 19, 192, 224, 6, 1, 0.25, false},
		{3, 25, 224, 384, 6, 2, 0.25, false},
		{3, 7, 384, 640, 6, 1, 0.25, false},
	})
}

var efficientNetV2Base = []efficientBlock{
	{3, 1, 32, 16, 1, 1, 0, true},
	{3, 2, 16, 32, 4, 2, 0, true},
	{3, 2, 32, 48, 4, 2, 0, true},
	{3, 3, 48, 96, 4, 2, 0.25, false},
	{3, 5, 96, 112, 6, 1, 0.25, false},
	{3, 8, 112, 192, 6, 2, 0.25, false},
}

func efficientNetV2(function, variant string, width, depth float64, size int, blocks []efficientBlock) *PreprocessingNetwork {
	name := "efficientnetv2-" + variant
	d := design{
		function: "EfficientNetV2" + function, defaultName: name, size: size, least: 32, momentum: 0.9, axis: 3,
		file: func(n *net) weightsFile { return n.published(keras2Folder+"efficientnet_v2/", name) },
	}
	return newPreprocessing(d, func(p *PreprocessingNetwork, n *net, x *functional.Tensor) *functional.Tensor {
		filters := func(filters int) int { return roundTo(float64(filters)*width, 8) }
		_, _, channels := n.extents()
		switch {
		case !p.preprocessing:
		case variant[0] == 'b' && channels == 3:
			x = layers.Rescaling(1. / 255).Apply(x)
			x = layers.Normalization().Mean(imageNetMean).Variance(squares(imageNetDeviation, 1)).Axis(n.channelAxis()).Apply(x)
		default:
			x = layers.Rescaling(1. / 128).Offset(-1).Apply(x)
		}
		x = n.normSilu(n.efficientConv(filters(blocks[0].filters), 3).Strides(2).Name("stem_conv").Apply(x), "stem_")
		total, at := 0, 0
		for _, b := range blocks {
			total += b.repeats // not those that the depth makes of them, as in Keras
		}
		for i, b := range blocks {
			b.filters, b.becomes = filters(b.filters), filters(b.becomes)
			for k := range int(math.Ceil(depth * float64(b.repeats))) {
				if k > 0 {
					b.stride, b.filters = 1, b.becomes
				}
				x = n.efficientBlock(x, fmt.Sprintf("block%d%c_", i+1, 'a'+k), b, dropConnect*float64(at)/float64(total), false)
				at++
			}
		}
		return n.efficientTop(x, filters(1280), 0.2, layers.Dense(n.classes).BiasInitializer(initializers.Constant(0)))
	})
}
