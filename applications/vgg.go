package applications

import (
	"fmt"

	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/layers"
)

// VGG16 is the network of 16 layers with weights by Simonyan and Zisserman (Keras: VGG16), for images (batch, 224, 224, 3).
func VGG16() *Network { return vgg("VGG16", "vgg16", 2, 2, 3, 3, 3) }

// VGG19 is [VGG16] with three convolutions more (Keras: VGG19).
func VGG19() *Network { return vgg("VGG19", "vgg19", 2, 2, 4, 4, 4) }

// vgg has five blocks of so many convolutions.
func vgg(function, name string, blocks ...int) *Network {
	return newNetwork(design{
		function: function, defaultName: name, size: 224, least: 32, mode: caffe,
		layers: func(n *net, x *functional.Tensor) *functional.Tensor {
			for i, convolutions := range blocks {
				filters := min(64<<i, 512)
				for k := range convolutions {
					x = n.conv(filters, 3).Activation("relu").Padding(layers.Same).Name(fmt.Sprintf("block%d_conv%d", i+1, k+1)).Apply(x)
				}
				x = n.maxPool(2, 2).Name(fmt.Sprintf("block%d_pool", i+1)).Apply(x)
			}
			if !n.includeTop {
				return n.pooled(x, "", "")
			}
			x = layers.Flatten().DataFormat(n.format).Name("flatten").Apply(x)
			x = layers.Dense(4096).Activation("relu").Name("fc1").Apply(x)
			x = layers.Dense(4096).Activation("relu").Name("fc2").Apply(x)
			return n.predictions().Apply(x)
		},
		file: func(n *net) weightsFile {
			return n.published(keras2Folder+name+"/", name+"_weights_tf_dim_ordering_tf_kernels")
		},
	})
}
