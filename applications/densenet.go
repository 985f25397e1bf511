package applications

import (
	"fmt"

	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/layers"
)

// DenseNet121 is the network by Huang and others in whose blocks each layer sees all before it (Keras: DenseNet121), for images
// (batch, 224, 224, 3).
func DenseNet121() *Network { return denseNet("DenseNet121", "densenet121", 6, 12, 24, 16) }

// DenseNet169 is [DenseNet121] with 169 layers (Keras: DenseNet169).
func DenseNet169() *Network { return denseNet("DenseNet169", "densenet169", 6, 12, 32, 32) }

// DenseNet201 is [DenseNet121] with 201 layers (Keras: DenseNet201).
func DenseNet201() *Network { return denseNet("DenseNet201", "densenet201", 6, 12, 48, 32) }

// denseNet has blocks of so many layers, each of which adds this many channels.
func denseNet(function, name string, blocks ...int) *Network {
	const growth = 32
	return newNetwork(design{
		function: function, defaultName: name, size: 224, least: 32, mode: torch, channelsLast: true, epsilon: 1.001e-5, axis: 3,
		layers: func(n *net, x *functional.Tensor) *functional.Tensor {
			x = n.pad(3, 3, 3, 3).Apply(x)
			x = n.normRelu(n.conv(64, 7).Strides(2).UseBias(false).Name("conv1_conv").Apply(x), "conv1")
			x = n.pad(1, 1, 1, 1).Apply(x)
			x = n.maxPool(3, 2).Name("pool1").Apply(x)
			for i, count := range blocks {
				if i > 0 {
					pool := fmt.Sprintf("pool%d", i+1)
					x = n.normRelu(x, pool)
					x = n.conv(n.channels(x)/2, 1).UseBias(false).Name(pool + "_conv").Apply(x)
					x = n.averagePool(2, 2).Name(pool + "_pool").Apply(x)
				}
				for k := range count {
					block := fmt.Sprintf("conv%d_block%d", i+2, k+1)
					y := n.normRelu(x, block+"_0")
					y = n.normRelu(n.conv(4*growth, 1).UseBias(false).Name(block+"_1_conv").Apply(y), block+"_1")
					y = n.conv(growth, 3).Padding(layers.Same).UseBias(false).Name(block + "_2_conv").Apply(y)
					x = n.concatenate(block+"_concat", x, y)
				}
			}
			x = relu("relu", n.norm().Name("bn").Apply(x))
			return n.end(x, "avg_pool", "max_pool")
		},
		file: func(n *net) weightsFile {
			return n.published(keras2Folder+"densenet/", name+"_weights_tf_dim_ordering_tf_kernels")
		},
	})
}
