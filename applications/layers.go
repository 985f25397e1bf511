package applications

import (
	"math"

	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/initializers"
	"github.com/gokeras/gokeras/layers"
	"github.com/gokeras/gokeras/symbolic"
)

// The layers that the networks are made of, in the network's data format and with its arguments.

func (n *net) conv(filters int, kernel ...int) *layers.Conv2DLayer {
	return layers.Conv2D(filters, [2]int{kernel[0], kernel[len(kernel)-1]}).DataFormat(n.format)
}

func (n *net) depthwise(kernel int) *layers.DepthwiseConv2DLayer {
	return layers.DepthwiseConv2D(kernel).DataFormat(n.format).UseBias(false)
}

func (n *net) separable(filters, kernel int) *layers.SeparableConv2DLayer {
	return layers.SeparableConv2D(filters, kernel).DataFormat(n.format).UseBias(false)
}

func (n *net) norm() *layers.BatchNormalizationLayer {
	return layers.BatchNormalization().Axis(n.channelAxis()).Epsilon(n.epsilon).Momentum(n.momentum)
}

func (n *net) maxPool(size, stride int) *layers.MaxPooling2DLayer {
	return layers.MaxPooling2D(size).Strides(stride).DataFormat(n.format)
}

func (n *net) averagePool(size, stride int) *layers.AveragePooling2DLayer {
	return layers.AveragePooling2D(size).Strides(stride).DataFormat(n.format)
}

func (n *net) pad(top, bottom, left, right int) *layers.ZeroPadding2DLayer {
	return layers.ZeroPadding2D().Padding(top, bottom, left, right).DataFormat(n.format)
}

// padFor pads x such that a convolution with stride 2 keeps the middles of its windows (Keras: correct_pad).
func (n *net) padFor(x *functional.Tensor, kernel int) *layers.ZeroPadding2DLayer {
	border := func(size int) (before, after int) {
		if size == functional.None {
			size = 0
		}
		return kernel/2 - 1 + size%2, kernel / 2
	}
	rows, columns := n.places(x)
	if rows == functional.None {
		columns = functional.None
	}
	top, bottom := border(rows)
	left, right := border(columns)
	return n.pad(top, bottom, left, right)
}

// places are the height and width of x.
func (n *net) places(x *functional.Tensor) (rows, columns int) {
	shape := x.Shape()
	switch {
	case len(shape) != 4:
		return functional.None, functional.None
	case n.format == layers.ChannelsFirst:
		return shape[2], shape[3]
	}
	return shape[1], shape[2]
}

func (n *net) globalAverage() *layers.GlobalAveragePooling2DLayer {
	return layers.GlobalAveragePooling2D().DataFormat(n.format)
}

// channelAxis is the axis of the channels, as the network's configurations have it.
func (n *net) channelAxis() int {
	switch {
	case n.format == layers.ChannelsFirst:
		return 1
	case n.axis != 0:
		return n.axis
	}
	return -1
}

// channels is how many channels x has; 0 where an error came before.
func (n *net) channels(x *functional.Tensor) int {
	shape := x.Shape()
	if len(shape) != 4 {
		return 0
	}
	if n.format == layers.ChannelsFirst {
		return shape[1]
	}
	return shape[3]
}

func (n *net) concatenate(name string, x ...*functional.Tensor) *functional.Tensor {
	return named(layers.Concatenate().Axis(n.channelAxis()), name).Apply(x...)
}

func relu(name string, x *functional.Tensor) *functional.Tensor {
	return named(layers.Activation("relu"), name).Apply(x)
}

// named gives a layer a name; "" leaves it the automatic one.
func named[L interface{ Name(string) L }](l L, name string) L {
	if name == "" {
		return l
	}
	return l.Name(name)
}

// end is the top of most networks, an average over all places and a classifier; or, without a top, the pooling. The names of the
// average and of the maximum may be "".
func (n *net) end(x *functional.Tensor, average, maximum string) *functional.Tensor {
	if !n.includeTop {
		return n.pooled(x, average, maximum)
	}
	return n.predictions().Apply(named(n.globalAverage(), average).Apply(x))
}

// pooled ends a network without its top.
func (n *net) pooled(x *functional.Tensor, average, maximum string) *functional.Tensor {
	switch n.pooling {
	case "avg":
		return named(n.globalAverage(), average).Apply(x)
	case "max":
		return named(layers.GlobalMaxPooling2D().DataFormat(n.format), maximum).Apply(x)
	}
	return x
}

// predictions is the classifier.
func (n *net) predictions() *layers.DenseLayer {
	return layers.Dense(n.classes).Activation(n.activation).Name("predictions")
}

// fanOut draws kernels as EfficientNet does, uniform those of its classifier.
func fanOut() *initializers.VarianceScalingInitializer {
	return initializers.VarianceScaling().Scale(2).Mode("fan_out").Distribution("truncated_normal")
}

func uniformFanOut() *initializers.VarianceScalingInitializer {
	return initializers.VarianceScaling().Scale(1. / 3).Mode("fan_out").Distribution("uniform")
}

// private makes one of the layers that Keras's networks have for themselves, which have no constructors.
func private(class, name string, arguments map[string]any) func(x ...*functional.Tensor) *functional.Tensor {
	l, err := symbolic.NewLayer(class)
	if err == nil {
		if name != "" {
			arguments["name"] = name
		}
		err = symbolic.ReadConfig(l, arguments)
	}
	return func(x ...*functional.Tensor) *functional.Tensor {
		if err != nil {
			return symbolic.Failed(err)
		}
		return l.Base().Apply(x...)
	}
}

// divisible rounds a number of filters to a multiple of divisor, of which there is at least one, and loses at most a tenth.
func divisible(filters float64, divisor int) int {
	rounded := roundTo(filters, divisor)
	if float64(rounded) < 0.9*filters {
		rounded += divisor
	}
	return rounded
}

// roundTo rounds a number of filters to the nearest multiple of divisor, of which there is at least one.
func roundTo(filters float64, divisor int) int {
	return max(divisor, int(math.Trunc(filters+float64(divisor)/2))/divisor*divisor)
}
