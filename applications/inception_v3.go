package applications

import (
	"fmt"

	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/layers"
)

// InceptionV3 is the network by Szegedy and others in whose blocks convolutions of several sizes lie side by side (Keras: InceptionV3),
// for images (batch, 299, 299, 3).
func InceptionV3() *Network {
	return newNetwork(design{
		function: "InceptionV3", defaultName: "inception_v3", size: 299, least: 75, mode: tf, axis: 3, layers: inceptionV3,
		file: func(n *net) weightsFile {
			return n.published(keras2Folder+"inception_v3/", "inception_v3_weights_tf_dim_ordering_tf_kernels")
		},
	})
}

// convNorm is a convolution, a normalization without a scale and an activation; its names are automatic.
func (n *net) convNorm(x *functional.Tensor, filters, stride int, padding string, kernel ...int) *functional.Tensor {
	x = n.conv(filters, kernel...).Strides(stride).Padding(padding).UseBias(false).Apply(x)
	return relu("", n.norm().Scale(false).Apply(x))
}

func inceptionV3(n *net, x *functional.Tensor) *functional.Tensor {
	same := func(x *functional.Tensor, filters int, kernel ...int) *functional.Tensor {
		return n.convNorm(x, filters, 1, layers.Same, kernel...)
	}
	halved := func(x *functional.Tensor, filters int) *functional.Tensor {
		return n.convNorm(x, filters, 2, layers.Valid, 3)
	}
	pooled := func(x *functional.Tensor, filters int) *functional.Tensor {
		return same(n.averagePool(3, 1).Padding(layers.Same).Apply(x), filters, 1)
	}
	x = halved(x, 32)
	x = n.convNorm(x, 32, 1, layers.Valid, 3)
	x = n.maxPool(3, 2).Apply(same(x, 64, 3))
	x = n.convNorm(x, 80, 1, layers.Valid, 1)
	x = n.convNorm(x, 192, 1, layers.Valid, 3)
	x = n.maxPool(3, 2).Apply(x)

	for i, pool := range []int{32, 64, 64} {
		one := same(x, 64, 1)
		five := same(same(x, 48, 1), 64, 5)
		double := same(same(same(x, 64, 1), 96, 3), 96, 3)
		x = n.concatenate(fmt.Sprintf("mixed%d", i), one, five, double, pooled(x, pool))
	}

	three := halved(x, 384)
	double := halved(same(same(x, 64, 1), 96, 3), 96)
	x = n.concatenate("mixed3", three, double, n.maxPool(3, 2).Apply(x))

	for i, filters := range []int{128, 160, 160, 192} {
		one := same(x, 192, 1)
		seven := same(x, filters, 1)
		seven = same(seven, filters, 1, 7)
		seven = same(seven, 192, 7, 1)
		double := same(x, filters, 1)
		double = same(double, filters, 7, 1)
		double = same(double, filters, 1, 7)
		double = same(double, filters, 7, 1)
		double = same(double, 192, 1, 7)
		x = n.concatenate(fmt.Sprintf("mixed%d", 4+i), one, seven, double, pooled(x, 192))
	}

	three = halved(same(x, 192, 1), 320)
	seven := same(x, 192, 1)
	seven = same(seven, 192, 1, 7)
	seven = same(seven, 192, 7, 1)
	seven = halved(seven, 192)
	x = n.concatenate("mixed8", three, seven, n.maxPool(3, 2).Apply(x))

	for i := range 2 {
		one := same(x, 320, 1)
		three := same(x, 384, 1)
		wide, high := same(three, 384, 1, 3), same(three, 384, 3, 1)
		three = n.concatenate(fmt.Sprintf("mixed9_%d", i), wide, high)
		double := same(same(x, 448, 1), 384, 3)
		wide, high = same(double, 384, 1, 3), same(double, 384, 3, 1)
		double = n.concatenate("", wide, high)
		x = n.concatenate(fmt.Sprintf("mixed%d", 9+i), one, three, double, pooled(x, 192))
	}
	if n.includeTop {
		return n.end(x, "avg_pool", "")
	}
	return n.pooled(x, "", "")
}
