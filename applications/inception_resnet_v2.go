package applications

import (
	"fmt"

	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/layers"
)

// InceptionResNetV2 is the network by Szegedy and others whose blocks are added to what they get (Keras: InceptionResNetV2), for images
// (batch, 299, 299, 3).
func InceptionResNetV2() *Network {
	return newNetwork(design{
		function: "InceptionResNetV2", defaultName: "inception_resnet_v2", size: 299, least: 75, mode: tf, axis: 3, layers: inceptionResNetV2,
		file: func(n *net) weightsFile {
			return n.published(keras2Folder+"inception_resnet_v2/", "inception_resnet_v2_weights_tf_dim_ordering_tf_kernels")
		},
	})
}

func inceptionResNetV2(n *net, x *functional.Tensor) *functional.Tensor {
	same := func(x *functional.Tensor, filters int, kernel ...int) *functional.Tensor {
		return n.convNorm(x, filters, 1, layers.Same, kernel...)
	}
	valid := func(x *functional.Tensor, filters, kernel int) *functional.Tensor {
		return n.convNorm(x, filters, 1, layers.Valid, kernel)
	}
	halved := func(x *functional.Tensor, filters int) *functional.Tensor {
		return n.convNorm(x, filters, 2, layers.Valid, 3)
	}
	x = same(valid(halved(x, 32), 32, 3), 64, 3)
	x = n.maxPool(3, 2).Apply(x)
	x = valid(valid(x, 80, 1), 192, 3)
	x = n.maxPool(3, 2).Apply(x)

	first := same(x, 96, 1)
	second := same(same(x, 48, 1), 64, 5)
	third := same(same(same(x, 64, 1), 96, 3), 96, 3)
	pool := same(n.averagePool(3, 1).Padding(layers.Same).Apply(x), 64, 1)
	x = n.concatenate("mixed_5b", first, second, third, pool)

	// added adds what the branches make of x to x, scaled.
	added := func(x *functional.Tensor, scale float64, name string, activated bool, branches ...*functional.Tensor) *functional.Tensor {
		mixed := n.concatenate(name+"_mixed", branches...)
		up := n.conv(n.channels(x), 1).Padding(layers.Same).Name(name + "_conv").Apply(mixed)
		x = private("CustomScaleLayer", "", map[string]any{"scale": scale})(x, up)
		if !activated {
			return x
		}
		return relu(name+"_ac", x)
	}
	for i := 1; i <= 10; i++ {
		first := same(x, 32, 1)
		second := same(same(x, 32, 1), 32, 3)
		third := same(same(same(x, 32, 1), 48, 3), 64, 3)
		x = added(x, 0.17, fmt.Sprintf("block35_%d", i), true, first, second, third)
	}

	first = halved(x, 384)
	second = halved(same(same(x, 256, 1), 256, 3), 384)
	x = n.concatenate("mixed_6a", first, second, n.maxPool(3, 2).Apply(x))

	for i := 1; i <= 20; i++ {
		first := same(x, 192, 1)
		second := same(same(same(x, 128, 1), 160, 1, 7), 192, 7, 1)
		x = added(x, 0.1, fmt.Sprintf("block17_%d", i), true, first, second)
	}

	first = halved(same(x, 256, 1), 384)
	second = halved(same(x, 256, 1), 288)
	third = halved(same(same(x, 256, 1), 288, 3), 320)
	x = n.concatenate("mixed_7a", first, second, third, n.maxPool(3, 2).Apply(x))

	for i := 1; i <= 10; i++ {
		scale := 0.2
		if i == 10 {
			scale = 1
		}
		first := same(x, 192, 1)
		second := same(same(same(x, 192, 1), 224, 1, 3), 256, 3, 1)
		x = added(x, scale, fmt.Sprintf("block8_%d", i), i < 10, first, second)
	}

	x = n.conv(1536, 1).Padding(layers.Same).UseBias(false).Name("conv_7b").Apply(x)
	x = relu("conv_7b_ac", n.norm().Scale(false).Name("conv_7b_bn").Apply(x))
	if n.includeTop {
		return n.end(x, "avg_pool", "")
	}
	return n.pooled(x, "", "")
}
