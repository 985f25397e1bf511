package applications

import (
	"fmt"

	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/layers"
)

// Xception is the network of separable convolutions by Chollet (Keras: Xception), for images (batch, 299, 299, 3).
func Xception() *Network {
	return newNetwork(design{
		function: "Xception", defaultName: "xception", size: 299, least: 71, mode: tf, layers: xception,
		file: func(n *net) weightsFile {
			return n.published(keras2Folder+"xception/", "xception_weights_tf_dim_ordering_tf_kernels")
		},
	})
}

func xception(n *net, x *functional.Tensor) *functional.Tensor {
	act := func(name string, x *functional.Tensor) *functional.Tensor { return relu(name+"_act", x) }
	separable := func(x *functional.Tensor, filters int, name string) *functional.Tensor {
		return n.norm().Name(name + "_bn").Apply(n.separable(filters, 3).Padding(layers.Same).Name(name).Apply(x))
	}
	x = n.norm().Name("block1_conv1_bn").Apply(n.conv(32, 3).Strides(2).UseBias(false).Name("block1_conv1").Apply(x))
	x = act("block1_conv1", x)
	x = n.norm().Name("block1_conv2_bn").Apply(n.conv(64, 3).UseBias(false).Name("block1_conv2").Apply(x))
	x = act("block1_conv2", x)

	// halve has two separable convolutions and a pooling beside a convolution with stride 2.
	halve := func(x *functional.Tensor, block, first, second int) *functional.Tensor {
		prefix := fmt.Sprintf("block%d", block)
		residual := n.norm().Apply(n.conv(second, 1).Strides(2).Padding(layers.Same).UseBias(false).Apply(x))
		if block > 2 {
			x = act(prefix+"_sepconv1", x)
		}
		x = separable(x, first, prefix+"_sepconv1")
		x = separable(act(prefix+"_sepconv2", x), second, prefix+"_sepconv2")
		x = n.maxPool(3, 2).Padding(layers.Same).Name(prefix + "_pool").Apply(x)
		return layers.Add().Apply(x, residual)
	}
	x = halve(x, 2, 128, 128)
	x = halve(x, 3, 256, 256)
	x = halve(x, 4, 728, 728)
	for block := 5; block < 13; block++ {
		residual := x
		for i := 1; i <= 3; i++ {
			name := fmt.Sprintf("block%d_sepconv%d", block, i)
			x = separable(act(name, x), 728, name)
		}
		x = layers.Add().Apply(x, residual)
	}
	x = halve(x, 13, 728, 1024)
	x = act("block14_sepconv1", separable(x, 1536, "block14_sepconv1"))
	x = act("block14_sepconv2", separable(x, 2048, "block14_sepconv2"))
	if n.includeTop {
		return n.end(x, "avg_pool", "")
	}
	return n.pooled(x, "", "")
}
