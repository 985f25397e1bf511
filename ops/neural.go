package ops

import "github.com/gokeras/gokeras/symbolic"

// ConvOptions are the arguments of [Conv], [DepthwiseConv] and [SeparableConv]; the zero value is Keras's default.
type ConvOptions struct {
	Strides      []int  // one, or one for each spatial axis; nil: 1
	Padding      string // "": "valid"; "same"
	DataFormat   string // "": "channels_last"; "channels_first"
	DilationRate []int  // one, or one for each spatial axis; nil: 1
}

func (o ConvOptions) config() config {
	cfg := windowConfig(o.Padding, o.DataFormat)
	cfg["strides"], cfg["dilation_rate"] = axisOr(1, o.Strides), axisOr(1, o.DilationRate)
	return cfg
}

// PoolOptions are the arguments of [MaxPool] and [AveragePool]; the zero value is Keras's default.
type PoolOptions struct {
	Strides    []int  // one, or one for each spatial axis; nil: the size of the windows
	Padding    string // "": "valid"; "same"
	DataFormat string // "": "channels_last"; "channels_first"
}

func (o PoolOptions) config(size []int) config {
	cfg := windowConfig(o.Padding, o.DataFormat)
	cfg["pool_size"], cfg["strides"] = axisOr(nil, size), axisOr(nil, o.Strides)
	return cfg
}

func windowConfig(padding, format string) config {
	if padding == "" {
		padding = "valid"
	}
	return config{"padding": padding, "data_format": formatOr(format)}
}

// formatOr is a data format, by default Keras's.
func formatOr(format string) string {
	if format == "" {
		return "channels_last"
	}
	return format
}

// Conv is the convolution of inputs (batch, …, channels), of one to three spatial axes, by a kernel (…, channels, filters) (Keras: ops.conv).
func Conv(inputs, kernel any, o ConvOptions) *symbolic.Tensor {
	return one("Conv", o.config(), inputs, kernel)
}

// DepthwiseConv convolves each channel by kernels of its own, (…, channels, multiplier) (Keras: ops.depthwise_conv).
func DepthwiseConv(inputs, kernel any, o ConvOptions) *symbolic.Tensor {
	return one("DepthwiseConv", o.config(), inputs, kernel)
}

// SeparableConv is [DepthwiseConv], then a product with a kernel (1, …, channels·multiplier, filters) (Keras: ops.separable_conv).
func SeparableConv(inputs, depthwiseKernel, pointwiseKernel any, o ConvOptions) *symbolic.Tensor {
	return one("SeparableConv", o.config(), inputs, depthwiseKernel, pointwiseKernel)
}

// MaxPool is the largest elements of windows over inputs (batch, …, channels) (Keras: ops.max_pool).
func MaxPool(inputs any, poolSize []int, o PoolOptions) *symbolic.Tensor {
	return one("MaxPool", o.config(poolSize), inputs)
}

// AveragePool is the means of windows over inputs (batch, …, channels), what lies beyond the edges left out (Keras: ops.average_pool).
func AveragePool(inputs any, poolSize []int, o PoolOptions) *symbolic.Tensor {
	return one("AveragePool", o.config(poolSize), inputs)
}

// BatchNormalization subtracts mean and divides by the root of variance + epsilon, 0 for Keras's 0.001, along an axis; offset and scale
// may be nil (Keras: ops.batch_normalization).
func BatchNormalization(x, mean, variance any, axis int, offset, scale any, epsilon float64) *symbolic.Tensor {
	cfg := config{"axis": axis}
	if epsilon != 0 {
		cfg["epsilon"] = epsilon
	}
	return one("BatchNorm", cfg, x, mean, variance, offset, scale)
}

// AttentionOptions are the arguments of [DotProductAttention]; the zero value is Keras's default.
type AttentionOptions struct {
	Bias, Mask any // added to the products, and where to look, (batch, heads, queries, keys); nil for none
	Scale      any // what the products are multiplied by; nil: 1/√features
	IsCausal   bool
}

// DotProductAttention weighs values by the softmax of query·key, all (batch, time, heads, features) (Keras: ops.dot_product_attention).
func DotProductAttention(query, key, value any, o AttentionOptions) *symbolic.Tensor {
	kwargs := config{}
	for name, v := range map[string]any{"bias": o.Bias, "mask": o.Mask, "scale": o.Scale} {
		converted, err := symbolic.OperationArgument(v)
		if err != nil {
			return symbolic.FailedOperation("DotProductAttention", err)[0]
		}
		kwargs[name] = converted
	}
	return apply("DotProductAttention", config{"is_causal": o.IsCausal}, []any{query, key, value}, kwargs)[0]
}

// BinaryCrossentropy is -t·log(p) - (1-t)·log(1-p), of logits through a sigmoid (Keras: ops.binary_crossentropy).
func BinaryCrossentropy(target, output any, fromLogits bool) *symbolic.Tensor {
	return one("BinaryCrossentropy", config{"from_logits": fromLogits}, target, output)
}

// CategoricalCrossentropy is -sum(t·log(p)) over an axis, of logits through a softmax (Keras: ops.categorical_crossentropy, axis -1).
func CategoricalCrossentropy(target, output any, fromLogits bool, axis int) *symbolic.Tensor {
	return one("CategoricalCrossentropy", config{"from_logits": fromLogits, "axis": axis}, target, output)
}

// SparseCategoricalCrossentropy is [CategoricalCrossentropy] for the numbers of classes (Keras: ops.sparse_categorical_crossentropy, axis -1).
func SparseCategoricalCrossentropy(target, output any, fromLogits bool, axis int) *symbolic.Tensor {
	return one("SparseCategoricalCrossentropy", config{"from_logits": fromLogits, "axis": axis}, target, output)
}

// MultiHot is 1 in the places that the whole numbers of axis 1 name, of vectors those of axis 0 (Keras: ops.multi_hot, axis -1).
func MultiHot(inputs any, numClasses int) *symbolic.Tensor {
	return one("MultiHot", config{"num_classes": numClasses, "dtype": "float32"}, inputs)
}

// Psnr is the peak signal-to-noise ratio of two images, in decibels (Keras: ops.psnr).
func Psnr(x1, x2 any, maxVal float64) *symbolic.Tensor {
	return one("PSNR", config{"max_val": maxVal}, x1, x2)
}

// DepthToSpace lays out channels as blocks of images (batch, height, width, channels) (Keras: ops.depth_to_space).
func DepthToSpace(x any, blockSize int, dataFormat string) *symbolic.Tensor {
	return one("DepthToSpace", config{"block_size": blockSize, "data_format": formatOr(dataFormat)}, x)
}

// SpaceToDepth is the inverse of [DepthToSpace] (Keras: ops.space_to_depth).
func SpaceToDepth(x any, blockSize int, dataFormat string) *symbolic.Tensor {
	return one("SpaceToDepth", config{"block_size": blockSize, "data_format": formatOr(dataFormat)}, x)
}

// UnfoldOptions are the arguments of [Unfold], one or one for each axis; nil is Keras's default.
type UnfoldOptions struct {
	Dilation, Padding, Stride []int // nil: 1, 0, 1
}

// Unfold makes columns of the windows over images (batch, channels, height, width) (Keras: ops.unfold).
func Unfold(x any, kernelSize []int, o UnfoldOptions) *symbolic.Tensor {
	return one("Unfold", config{"kernel_size": axisOr(nil, kernelSize), "dilation": axisOr(1, o.Dilation), "padding": axisOr(0, o.Padding), "stride": axisOr(1, o.Stride)}, x)
}

// Fold adds up windows (batch, channels·height·width, windows) to images (batch, channels, height, width), as [Unfold] took them apart (Keras: ops.fold).
func Fold(x any, outputSize, kernelSize [2]int, o UnfoldOptions) *symbolic.Tensor {
	return one("Fold", config{"output_size": list(outputSize[:]), "kernel_size": list(kernelSize[:]), "dilation": axisOr(1, o.Dilation), "padding": axisOr(0, o.Padding),
		"stride": axisOr(1, o.Stride)}, x)
}

// CtcLoss is the connectionist temporal classification loss (batch): of class numbers target (batch, labels) and logits output (batch, steps,
// classes), of which targetLength and outputLength (batch) count; blank is the class of a blank (Keras: ops.ctc_loss, mask_index 0).
func CtcLoss(target, output, targetLength, outputLength any, blank int) *symbolic.Tensor {
	return one("CTCLoss", config{"mask_index": blank}, target, output, targetLength, outputLength)
}

// CtcDecode is what logits (batch, steps, classes) spell when each step means its most likely class: class numbers (1, batch, steps), -1 after
// the last one, and scores (batch, 1). Repetitions count once with mergeRepeated, which is Keras's default (Keras: ops.ctc_decode, strategy "greedy", mask_index 0).
func CtcDecode(inputs, sequenceLengths any, mergeRepeated bool, blank int) (decoded, scores *symbolic.Tensor) {
	return two("CTCDecode", config{"merge_repeated": mergeRepeated, "mask_index": blank}, inputs, sequenceLengths)
}

// CtcBeamSearch is what logits (batch, steps, classes) spell when all ways to the same classes count together: the topPaths likeliest, of beamWidth that are
// followed, as class numbers (topPaths, batch, steps), -1 after the last one, and the logarithms of their probabilities (batch, topPaths); blank is the class
// of a blank (Keras: ops.ctc_decode, strategy "beam_search", beam_width 100, top_paths 1, mask_index 0).
func CtcBeamSearch(inputs, sequenceLengths any, beamWidth, topPaths, blank int) (decoded, scores *symbolic.Tensor) {
	return two("CTCDecode", config{"strategy": "beam_search", "beam_width": beamWidth, "top_paths": topPaths, "mask_index": blank}, inputs, sequenceLengths)
}
