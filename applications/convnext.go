package applications

import (
	"fmt"

	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/layers"
	"github.com/gokeras/gokeras/ops"
	"github.com/gokeras/gokeras/symbolic"
)

// ConvNeXtTiny is the smallest of the convolutional networks by Liu and others that are built like transformers (Keras: ConvNeXtTiny), for images
// (batch, 224, 224, 3).
func ConvNeXtTiny() *PreprocessingNetwork { return convNeXt("Tiny", "tiny", 9, 96) }

// ConvNeXtSmall is [ConvNeXtTiny] with more blocks (Keras: ConvNeXtSmall).
func ConvNeXtSmall() *PreprocessingNetwork { return convNeXt("Small", "small", 27, 96) }

// ConvNeXtBase is [ConvNeXtSmall] with more channels (Keras: ConvNeXtBase).
func ConvNeXtBase() *PreprocessingNetwork { return convNeXt("Base", "base", 27, 128) }

// ConvNeXtLarge is [ConvNeXtBase] with more channels (Keras: ConvNeXtLarge).
func ConvNeXtLarge() *PreprocessingNetwork { return convNeXt("Large", "large", 27, 192) }

// ConvNeXtXLarge is [ConvNeXtLarge] with more channels (Keras: ConvNeXtXLarge).
func ConvNeXtXLarge() *PreprocessingNetwork { return convNeXt("XLarge", "xlarge", 27, 256) }

// convNeXt has four stages; third is how many blocks the third has, width how many channels the first. Each stage has twice the channels of the one before.
func convNeXt(function, variant string, third, width int) *PreprocessingNetwork {
	name := "convnext_" + variant
	d := design{
		function: "ConvNeXt" + function, defaultName: name, size: 224, least: 32, channelsLast: true, oneInput: true,
		file: func(n *net) weightsFile { return n.published(keras2Folder+"convnext/", name) },
	}
	return newPreprocessing(d, func(p *PreprocessingNetwork, n *net, x *functional.Tensor) *functional.Tensor {
		if _, _, channels := n.extents(); p.preprocessing && channels == 3 {
			mean := []float64{0, 0, 0}
			for i, m := range imageNetMean {
				mean[i] = m * 255
			}
			x = layers.Normalization().Mean(mean).Variance(squares(imageNetDeviation, 255)).Name(n.name + "_prestem_normalization").Apply(x)
		}
		// Keras makes these before the blocks, which matters to automatic names alone.
		smaller := []func(*functional.Tensor) *functional.Tensor{sequence(n.name+"_stem",
			n.conv(width, 4).Strides(4).Name(n.name+"_stem_conv"), layerNorm().Name(n.name+"_stem_layernorm"))}
		for i := range 3 {
			smaller = append(smaller, sequence(fmt.Sprintf("%s_downsampling_block_%d", n.name, i),
				layerNorm().Name(fmt.Sprintf("%s_downsampling_layernorm_%d", n.name, i)),
				n.conv(width<<(i+1), 2).Strides(2).Name(fmt.Sprintf("%s_downsampling_conv_%d", n.name, i))))
		}
		for i, blocks := range []int{3, 3, third, 3} {
			x = smaller[i](x)
			for k := range blocks {
				x = n.convNeXtBlock(x, width<<i, fmt.Sprintf("%s_stage_%d_block_%d", n.name, i, k))
			}
		}
		if !n.includeTop {
			return layerNorm().Apply(n.pooled(x, "", ""))
		}
		x = n.globalAverage().Name(n.name + "_head_gap").Apply(x)
		x = layerNorm().Name(n.name + "_head_layernorm").Apply(x)
		return layers.Dense(n.classes).Activation(n.activation).Name(n.name + "_head_dense").Apply(x)
	})
}

func layerNorm() *layers.LayerNormalizationLayer { return layers.LayerNormalization().Epsilon(1e-6) }

// sequence applies a Sequential of layers.
func sequence(name string, items ...any) func(x *functional.Tensor) *functional.Tensor {
	m, err := functional.NewSequential(items...)
	if err == nil {
		err = m.Rename(name)
	}
	return func(x *functional.Tensor) *functional.Tensor {
		if err != nil {
			return symbolic.Failed(err)
		}
		return m.Apply(x)
	}
}

func (n *net) convNeXtBlock(inputs *functional.Tensor, channels int, name string) *functional.Tensor {
	x := n.conv(channels, 7).Padding(layers.Same).Groups(channels).Name(name + "_depthwise_conv").Apply(inputs)
	x = layerNorm().Name(name + "_layernorm").Apply(x)
	x = layers.Dense(4 * channels).Name(name + "_pointwise_conv_1").Apply(x)
	x = layers.Activation("gelu").Name(name + "_gelu").Apply(x)
	x = layers.Dense(channels).Name(name + "_pointwise_conv_2").Apply(x)
	x = private("LayerScale", name+"_layer_scale", map[string]any{"init_values": 1e-6, "projection_dim": channels})(x)
	return ops.Add(inputs, layers.Activation("linear").Name(name+"_identity").Apply(x))
}
