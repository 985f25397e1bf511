package applications

import (
	"fmt"
	"slices"

	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/layers"
)

// NASNetMobile is the small network of cells found by search, by Zoph and others (Keras: NASNetMobile), for images (batch, 224, 224, 3).
func NASNetMobile() *Network { return nasNet("NASNetMobile", "nasnet_mobile", 224, 1056, 4, 32, false) }

// NASNetLarge is the large form of [NASNetMobile] (Keras: NASNetLarge), for images (batch, 331, 331, 3).
func NASNetLarge() *Network { return nasNet("NASNetLarge", "nasnet_large", 331, 4032, 6, 96, true) }

// nasNet has three groups of so many cells. penultimate is how many channels come out, stem how many go in; skip leaves out, in the cells after one
// that halves the size, what that one was given.
func nasNet(function, name string, size, penultimate, blocks, stem int, skip bool) *Network {
	return newNetwork(design{
		function: function, defaultName: name, size: size, least: 32, mode: tf, channelsLast: true, momentum: 0.9997,
		shapes: func(n *net) error {
			if n.weights == imageNet && slices.Contains(n.shape, functional.None) {
				return fmt.Errorf("with the weights %q the input shape must be static, received %s", imageNet, functional.Shape(n.shape))
			}
			if size == 224 && !n.includeTop && n.shape == nil {
				n.shape = n.inFormat(size, size, 3)
			}
			return n.settleShape(size)
		},
		layers: func(n *net, x *functional.Tensor) *functional.Tensor {
			filters := penultimate / 24
			x = n.conv(stem, 3).Strides(2).UseBias(false).KernelInitializer("he_normal").Name("stem_conv1").Apply(x)
			x = n.norm().Name("stem_bn1").Apply(x)
			x, before := n.reductionCell(x, nil, filters/4, "stem_1"), x
			x, before = n.reductionCell(x, before, filters/2, "stem_2"), x
			for group := range 3 {
				first := 0
				if group > 0 {
					reduced := n.reductionCell(x, before, filters<<group, fmt.Sprintf("reduce_%d", group*blocks))
					if !skip {
						before = x
					}
					x = reduced
					first = group*blocks + 1
				}
				for i := range blocks {
					x, before = n.normalCell(x, before, filters<<group, fmt.Sprint(first+i)), x
				}
			}
			return n.end(relu("", x), "", "")
		},
		file: func(n *net) weightsFile {
			file, url := name, map[int]string{224: "NASNet-mobile", 331: "NASNet-large"}[size]
			if !n.includeTop {
				file, url = file+"_no_top", url+"-no-top"
			}
			f := hashed(keras2Folder+"nasnet/", file+".h5")
			f.url = keras2Folder + "nasnet/" + url + ".h5"
			return f
		},
	})
}

// heConv is a convolution of 1×1 as the cells have them.
func (n *net) heConv(x *functional.Tensor, filters int, name string) *functional.Tensor {
	return n.conv(filters, 1).Padding(layers.Same).UseBias(false).KernelInitializer("he_normal").Name(name).Apply(x)
}

// separableTwice activates, convolves and normalizes twice, the first time with a stride.
func (n *net) separableTwice(x *functional.Tensor, filters, kernel, stride int, id string) *functional.Tensor {
	x = relu("", x)
	first := n.separable(filters, kernel).Strides(stride).Padding(layers.Same).Name("separable_conv_1_" + id)
	if stride == 2 {
		x = n.padFor(x, kernel).Name("separable_conv_1_pad_" + id).Apply(x)
		first.Padding(layers.Valid)
	}
	x = n.norm().Name("separable_conv_1_bn_" + id).Apply(first.Apply(x))
	x = relu("", x)
	x = n.separable(filters, kernel).Padding(layers.Same).Name("separable_conv_2_" + id).Apply(x)
	return n.norm().Name("separable_conv_2_bn_" + id).Apply(x)
}

// adjusted gives what a cell was given before, p, the size and the channels of x.
func (n *net) adjusted(p, x *functional.Tensor, filters int, id string) *functional.Tensor {
	if p == nil {
		return x
	}
	_, wide := n.places(p)
	_, narrow := n.places(x)
	switch {
	case wide != narrow:
		p = relu("adjust_relu_1_"+id, p)
		one := n.averagePool(1, 2).Name("adjust_avg_pool_1_" + id).Apply(p)
		one = n.heConv(one, filters/2, "adjust_conv_1_"+id)
		two := n.pad(0, 1, 0, 1).Apply(p)
		two = layers.Cropping2D().Cropping(1, 0, 1, 0).DataFormat(n.format).Apply(two)
		two = n.averagePool(1, 2).Name("adjust_avg_pool_2_" + id).Apply(two)
		two = n.heConv(two, filters/2, "adjust_conv_2_"+id)
		p = n.concatenate("", one, two)
	case n.channels(p) != filters:
		p = n.heConv(relu("", p), filters, "adjust_conv_projection_"+id)
	default:
		return p
	}
	return n.norm().Name("adjust_bn_" + id).Apply(p)
}

// normalCell keeps the size.
func (n *net) normalCell(x, before *functional.Tensor, filters int, id string) *functional.Tensor {
	p := n.adjusted(before, x, filters, id)
	h := n.norm().Name("normal_bn_1_" + id).Apply(n.heConv(relu("", x), filters, "normal_conv_1_"+id))
	add := func(i int, a, b *functional.Tensor) *functional.Tensor {
		return layers.Add().Name(fmt.Sprintf("normal_add_%d_%s", i, id)).Apply(a, b)
	}
	average := func(name string, x *functional.Tensor) *functional.Tensor {
		return n.averagePool(3, 1).Padding(layers.Same).Name("normal_" + name + "_" + id).Apply(x)
	}
	left := n.separableTwice(h, filters, 5, 1, "normal_left1_"+id)
	x1 := add(1, left, n.separableTwice(p, filters, 3, 1, "normal_right1_"+id))
	left = n.separableTwice(p, filters, 5, 1, "normal_left2_"+id)
	x2 := add(2, left, n.separableTwice(p, filters, 3, 1, "normal_right2_"+id))
	x3 := add(3, average("left3", h), p)
	left = average("left4", p)
	x4 := add(4, left, average("right4", p))
	x5 := add(5, n.separableTwice(h, filters, 3, 1, "normal_left5_"+id), h)
	return n.concatenate("normal_concat_"+id, p, x1, x2, x3, x4, x5)
}

// reductionCell halves the size.
func (n *net) reductionCell(x, before *functional.Tensor, filters int, id string) *functional.Tensor {
	p := n.adjusted(before, x, filters, id)
	h := n.norm().Name("reduction_bn_1_" + id).Apply(n.heConv(relu("", x), filters, "reduction_conv_1_"+id))
	padded := n.padFor(h, 3).Name("reduction_pad_1_" + id).Apply(h)
	left := n.separableTwice(h, filters, 5, 2, "reduction_left1_"+id)
	x1 := layers.Add().Name("reduction_add_1_"+id).Apply(left, n.separableTwice(p, filters, 7, 2, "reduction_right1_"+id))
	left = n.maxPool(3, 2).Name("reduction_left2_" + id).Apply(padded)
	x2 := layers.Add().Name("reduction_add_2_"+id).Apply(left, n.separableTwice(p, filters, 7, 2, "reduction_right2_"+id))
	left = n.averagePool(3, 2).Name("reduction_left3_" + id).Apply(padded)
	x3 := layers.Add().Name("reduction_add3_"+id).Apply(left, n.separableTwice(p, filters, 5, 2, "reduction_right3_"+id))
	x4 := n.averagePool(3, 1).Padding(layers.Same).Name("reduction_left4_" + id).Apply(x1)
	x4 = layers.Add().Apply(x2, x4)
	left = n.separableTwice(x1, filters, 3, 1, "reduction_left4_"+id)
	x5 := layers.Add().Name("reduction_add4_"+id).Apply(left, n.maxPool(3, 2).Name("reduction_right5_"+id).Apply(padded))
	return n.concatenate("reduction_concat_"+id, x2, x3, x4, x5)
}
