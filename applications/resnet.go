package applications

import (
	"fmt"

	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/layers"
)

// ResNet50 is the residual network of 50 layers by He and others (Keras: ResNet50), for images (batch, 224, 224, 3).
func ResNet50() *Network { return resNet("ResNet50", "resnet50", false, 3, 4, 6, 3) }

// ResNet101 is [ResNet50] with 101 layers (Keras: ResNet101).
func ResNet101() *Network { return resNet("ResNet101", "resnet101", false, 3, 4, 23, 3) }

// ResNet152 is [ResNet50] with 152 layers (Keras: ResNet152).
func ResNet152() *Network { return resNet("ResNet152", "resnet152", false, 3, 8, 36, 3) }

// ResNet50V2 is [ResNet50] with normalization and activation before the convolutions (Keras: ResNet50V2).
func ResNet50V2() *Network { return resNet("ResNet50V2", "resnet50v2", true, 3, 4, 6, 3) }

// ResNet101V2 is [ResNet50V2] with 101 layers (Keras: ResNet101V2).
func ResNet101V2() *Network { return resNet("ResNet101V2", "resnet101v2", true, 3, 4, 23, 3) }

// ResNet152V2 is [ResNet50V2] with 152 layers (Keras: ResNet152V2).
func ResNet152V2() *Network { return resNet("ResNet152V2", "resnet152v2", true, 3, 8, 36, 3) }

// resNet has four stacks of so many blocks. In the second version what is added to isn't activated before.
func resNet(function, name string, second bool, stacks ...int) *Network {
	mode := caffe
	if second {
		mode = tf
	}
	return newNetwork(design{
		function: function, defaultName: name, size: 224, least: 32, mode: mode, epsilon: 1.001e-5, axis: 3,
		layers: func(n *net, x *functional.Tensor) *functional.Tensor {
			x = n.pad(3, 3, 3, 3).Name("conv1_pad").Apply(x)
			x = n.conv(64, 7).Strides(2).Name("conv1_conv").Apply(x)
			if !second {
				x = n.normRelu(x, "conv1")
			}
			x = n.pad(1, 1, 1, 1).Name("pool1_pad").Apply(x)
			x = n.maxPool(3, 2).Name("pool1_pool").Apply(x)
			for i, blocks := range stacks {
				stack := n.residuals
				if second {
					stack = n.residualsV2
				}
				x = stack(x, 64<<i, blocks, i, len(stacks)-1)
			}
			if second {
				x = n.normRelu(x, "post")
			}
			return n.end(x, "avg_pool", "max_pool")
		},
		file: func(n *net) weightsFile {
			return n.published(keras2Folder+"resnet/", name+"_weights_tf_dim_ordering_tf_kernels")
		},
	})
}

func (n *net) normRelu(x *functional.Tensor, name string) *functional.Tensor {
	return relu(name+"_relu", n.norm().Name(name+"_bn").Apply(x))
}

// residuals is the i-th stack; in all but the first the first block halves the size.
func (n *net) residuals(x *functional.Tensor, filters, blocks, i, _ int) *functional.Tensor {
	for k := range blocks {
		name := fmt.Sprintf("conv%d_block%d", i+2, k+1)
		stride := 1
		if k == 0 && i > 0 {
			stride = 2
		}
		shortcut := x
		if k == 0 {
			shortcut = n.conv(4*filters, 1).Strides(stride).Name(name + "_0_conv").Apply(x)
			shortcut = n.norm().Name(name + "_0_bn").Apply(shortcut)
		}
		x = n.normRelu(n.conv(filters, 1).Strides(stride).Name(name+"_1_conv").Apply(x), name+"_1")
		x = n.normRelu(n.conv(filters, 3).Padding(layers.Same).Name(name+"_2_conv").Apply(x), name+"_2")
		x = n.norm().Name(name + "_3_bn").Apply(n.conv(4*filters, 1).Name(name + "_3_conv").Apply(x))
		x = relu(name+"_out", layers.Add().Name(name+"_add").Apply(shortcut, x))
	}
	return x
}

// residualsV2 is the i-th stack of the second version; in all but the last the last block halves the size.
func (n *net) residualsV2(x *functional.Tensor, filters, blocks, i, last int) *functional.Tensor {
	for k := range blocks {
		name := fmt.Sprintf("conv%d_block%d", i+2, k+1)
		stride := 1
		if k == blocks-1 && i < last {
			stride = 2
		}
		before := n.normRelu(x, name+"_preact")
		shortcut := x
		switch {
		case k == 0:
			shortcut = n.conv(4*filters, 1).Strides(stride).Name(name + "_0_conv").Apply(before)
		case stride > 1:
			shortcut = n.maxPool(1, stride).Apply(x)
		}
		x = n.normRelu(n.conv(filters, 1).UseBias(false).Name(name+"_1_conv").Apply(before), name+"_1")
		x = n.pad(1, 1, 1, 1).Name(name + "_2_pad").Apply(x)
		x = n.normRelu(n.conv(filters, 3).Strides(stride).UseBias(false).Name(name+"_2_conv").Apply(x), name+"_2")
		x = n.conv(4*filters, 1).Name(name + "_3_conv").Apply(x)
		x = layers.Add().Name(name+"_out").Apply(shortcut, x)
	}
	return x
}
