package applications

import (
	"fmt"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/internal/config"
	"github.com/gokeras/gokeras/internal/ndarray"
	"github.com/gokeras/gokeras/layers"
	"github.com/gokeras/gokeras/ops"
	"github.com/gokeras/gokeras/symbolic"
)

// The ways in which networks want their images, by the libraries in which they were trained first.
const (
	caffe = "caffe"
	tf    = "tf"
	torch = "torch"
)

// The mean and the deviation of ImageNet's channels, red, green and blue, of values up to 1; caffeMean is the mean of blue, green and red, of values up to 255.
var (
	imageNetMean      = []float64{0.485, 0.456, 0.406}
	imageNetDeviation = []float64{0.229, 0.224, 0.225}
	caffeMean         = []float64{103.939, 116.779, 123.68}
)

// squares are the squares of values times a factor.
func squares(values []float64, factor float64) []float64 {
	var list []float64
	for _, v := range values {
		v *= factor
		list = append(list, v*v)
	}
	return list
}

// Preprocessing are the arguments of [PreprocessInput]; the zero value of each is Keras's default.
type Preprocessing struct {
	// Mode is "caffe", the default: blue, green and red, each less its mean in ImageNet; "tf": from -1 to 1; or "torch": from 0 to 1, less the mean, by the deviation
	// (Keras: mode="caffe").
	Mode string
	// DataFormat says where the channels are; "" is [layers.ChannelsLast] (Keras: data_format=None).
	DataFormat string
}

// PreprocessInput prepares images, of values from 0 to 255, red, green and blue, as networks want them (Keras: imagenet_utils.preprocess_input). x is a tensor, or Go slices or
// arrays of numbers, of shape (batch, height, width, channels) or (height, width, channels), and stays as it is. The result is float32, or float64 if x is.
// The builder of a network has a method of this name that knows its mode.
func PreprocessInput(x any, o Preprocessing) (*tensors.Tensor, error) {
	t, err := preprocessed(x, o)
	if err != nil {
		return nil, fmt.Errorf("applications.PreprocessInput: %w", err)
	}
	return t, nil
}

// PreprocessTensor is [PreprocessInput] of a symbolic tensor: the preparation becomes part of the model.
func PreprocessTensor(x *functional.Tensor, o Preprocessing) *functional.Tensor {
	if err := x.Err(); err != nil {
		return x
	}
	shape := x.Shape()
	if err := o.settle(shape); err != nil {
		return symbolic.Failed(fmt.Errorf("applications.PreprocessTensor: %w", err))
	}
	if o.Mode == tf {
		return ops.Subtract(ops.TrueDivide(x, 127.5), 1.0)
	}
	first := o.DataFormat == layers.ChannelsFirst
	lead := make([]int, len(shape)) // of the shape that the constants of each channel have
	for i := range lead {
		lead[i] = 1
	}
	at := len(shape) - 1
	if first {
		at = len(shape) - 3
	}
	lead[at] = 3
	mean := imageNetMean
	if o.Mode == torch {
		x = ops.TrueDivide(x, 255.0)
	} else {
		mean = caffeMean
		var channels []*functional.Tensor
		for _, i := range []int{2, 1, 0} {
			key := fmt.Sprintf("..., %d", i)
			switch {
			case first && len(shape) == 3:
				key = fmt.Sprintf("%d, ...", i)
			case first:
				key = fmt.Sprintf(":, %d, :", i)
			}
			channels = append(channels, ops.GetItem(x, key))
		}
		axis := -1
		if first {
			axis = at
		}
		x = ops.Stack(channels, axis)
	}
	less := make([]float64, len(mean))
	for i, m := range mean {
		less[i] = -m
	}
	x = ops.Add(x, constantOf(x, less, lead...))
	if o.Mode != torch {
		return x
	}
	if first {
		return ops.TrueDivide(x, constantOf(x, imageNetDeviation, 3, 1, 1))
	}
	return ops.TrueDivide(x, constantOf(x, imageNetDeviation, 3))
}

// constantOf is a constant of x's type as Keras's files hold it: values rounded to the type, written in full.
func constantOf(x *functional.Tensor, values []float64, dims ...int) any {
	rounded, err := ndarray.Convert(tensors.FromFlatDataAndDimensions(values, len(values)), ndarray.DType(x.DType()))
	if err == nil {
		rounded, err = ndarray.Convert(rounded, dtypes.Float64)
	}
	if err != nil {
		return values // the operation says what is wrong with x
	}
	var value any
	err = tensors.ConstFlatData(rounded, func(flat []float64) { value = nested(flat, dims) })
	if err != nil {
		return values
	}
	return map[string]any{"class_name": "__tensor__", "config": map[string]any{"value": value, "dtype": x.DType()}}
}

// nested puts numbers into lists of lists.
func nested(flat []float64, dims []int) any {
	if len(dims) == 0 {
		return flat[0]
	}
	part := len(flat) / dims[0]
	list := make([]any, dims[0])
	for i := range list {
		list[i] = nested(flat[i*part:(i+1)*part], dims[1:])
	}
	return list
}

// PreprocessInput prepares images as the network wants them, in its data format: see [PreprocessInput]. Networks that have this in themselves (MobileNetV3,
// EfficientNet, EfficientNetV2, ConvNeXt) take images as they are, of values from 0 to 255, and it only makes floats of them (Keras: preprocess_input of the network's module).
func (n *network[N]) PreprocessInput(x any) (*tensors.Tensor, error) {
	if n.mode == "" {
		t, err := ndarray.ToTensor("x", x)
		if err != nil {
			return nil, fmt.Errorf("applications.PreprocessInput: %w", err)
		}
		return t, nil
	}
	return PreprocessInput(x, Preprocessing{Mode: n.mode, DataFormat: n.format})
}

// PreprocessTensor is PreprocessInput of a symbolic tensor: the preparation becomes part of the model.
func (n *network[N]) PreprocessTensor(x *functional.Tensor) *functional.Tensor {
	if n.mode == "" {
		return x
	}
	return PreprocessTensor(x, Preprocessing{Mode: n.mode, DataFormat: n.format})
}

// settle fills in the defaults and checks that the images have three channels where that matters.
func (o *Preprocessing) settle(shape []int) error {
	if o.Mode == "" {
		o.Mode = caffe
	}
	if o.Mode != caffe && o.Mode != tf && o.Mode != torch {
		return config.UnknownName("mode", o.Mode, []string{caffe, tf, torch})
	}
	if o.DataFormat == "" {
		o.DataFormat = layers.ChannelsLast
	}
	if o.DataFormat != layers.ChannelsLast && o.DataFormat != layers.ChannelsFirst {
		return config.UnknownName("data format", string(o.DataFormat), []string{string(layers.ChannelsFirst), string(layers.ChannelsLast)})
	}
	if o.Mode == tf {
		return nil
	}
	if len(shape) != 3 && len(shape) != 4 {
		return fmt.Errorf("want images of shape (batch, height, width, 3) or (height, width, 3), received shape %s", functional.Shape(shape))
	}
	axis := len(shape) - 1
	if o.DataFormat == layers.ChannelsFirst {
		axis = len(shape) - 3
	}
	if shape[axis] != 3 {
		return fmt.Errorf("mode %q is for images with 3 channels, received shape %s, the channels at axis %d", o.Mode, functional.Shape(shape), axis)
	}
	return nil
}

func preprocessed(x any, o Preprocessing) (*tensors.Tensor, error) {
	t, err := ndarray.ToTensor("x", x)
	if err != nil {
		return nil, err
	}
	dims := t.Shape().Dimensions
	if err := o.settle(dims); err != nil {
		return nil, err
	}
	if t.DType() == dtypes.Float64 {
		return prepare[float64](t, o)
	}
	if t, err = ndarray.Convert(t, dtypes.Float32); err != nil {
		return nil, err
	}
	return prepare[float32](t, o)
}

// prepare computes in the type of the images, in NumPy's order.
func prepare[T float32 | float64](t *tensors.Tensor, o Preprocessing) (*tensors.Tensor, error) {
	dims := t.Shape().Dimensions
	out := make([]T, t.Shape().Size())
	err := tensors.ConstFlatData(t, func(flat []T) {
		if o.Mode == tf {
			for i, v := range flat {
				out[i] = v/127.5 - 1
			}
			return
		}
		// A channel's values lie apart by step, in runs of as many.
		step := 1
		if o.DataFormat == layers.ChannelsFirst {
			step = dims[len(dims)-1] * dims[len(dims)-2]
		}
		for i := range out {
			channel := i / step % 3
			if o.Mode == torch {
				v := flat[i]/255 - T(imageNetMean[channel])
				out[i] = v / T(imageNetDeviation[channel])
				continue
			}
			out[i] = flat[i+(2-2*channel)*step] - T(caffeMean[channel])
		}
	})
	if err != nil {
		return nil, err
	}
	return tensors.FromFlatDataAndDimensions(out, dims...), nil
}
