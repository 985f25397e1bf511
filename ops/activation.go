package ops

import "github.com/gokeras/gokeras/symbolic"

// Relu is max(x, 0) (Keras: ops.relu).
func Relu(x any) *symbolic.Tensor { return unary("Relu", x) }

// Relu6 is x cut to 0 … 6 (Keras: ops.relu6).
func Relu6(x any) *symbolic.Tensor { return unary("Relu6", x) }

// Sigmoid is 1/(1 + e⁻ˣ) (Keras: ops.sigmoid).
func Sigmoid(x any) *symbolic.Tensor { return unary("Sigmoid", x) }

// Silu is x·sigmoid(x) (Keras: ops.silu).
func Silu(x any) *symbolic.Tensor { return unary("Silu", x) }

// Softplus is log(1 + eˣ) (Keras: ops.softplus).
func Softplus(x any) *symbolic.Tensor { return unary("Softplus", x) }

// Softsign is x/(1 + |x|) (Keras: ops.softsign).
func Softsign(x any) *symbolic.Tensor { return unary("Softsign", x) }

// LogSigmoid is log(sigmoid(x)) (Keras: ops.log_sigmoid).
func LogSigmoid(x any) *symbolic.Tensor { return unary("LogSigmoid", x) }

// HardSigmoid is x/6 + 0.5 cut to 0 … 1 (Keras: ops.hard_sigmoid).
func HardSigmoid(x any) *symbolic.Tensor { return unary("HardSigmoid", x) }

// HardSilu is x·hard_sigmoid(x) (Keras: ops.hard_silu).
func HardSilu(x any) *symbolic.Tensor { return unary("HardSilu", x) }

// HardTanh is x cut to -1 … 1 (Keras: ops.hard_tanh).
func HardTanh(x any) *symbolic.Tensor { return unary("HardTanh", x) }

// Selu is the scaled exponential unit (Keras: ops.selu).
func Selu(x any) *symbolic.Tensor { return unary("Selu", x) }

// SparsePlus is sparse plus (Keras: ops.sparse_plus).
func SparsePlus(x any) *symbolic.Tensor { return unary("SparsePlus", x) }

// SparseSigmoid is the sparse sigmoid (Keras: ops.sparse_sigmoid).
func SparseSigmoid(x any) *symbolic.Tensor { return unary("SparseSigmoid", x) }

// TanhShrink is x - tanh(x) (Keras: ops.tanh_shrink).
func TanhShrink(x any) *symbolic.Tensor { return unary("TanhShrink", x) }

// Swish is x·sigmoid(x) (Keras: ops.swish, another name of silu).
func Swish(x any) *symbolic.Tensor { return unary("Silu", x) }

// Gelu is x times the normal distribution function, through tanh if approximate, Keras's default (Keras: ops.gelu).
func Gelu(x any, approximate bool) *symbolic.Tensor {
	return one("Gelu", config{"approximate": approximate}, x)
}

// LeakyRelu is x, times negativeSlope (Keras's default: 0.2) where x < 0 (Keras: ops.leaky_relu).
func LeakyRelu(x any, negativeSlope float64) *symbolic.Tensor {
	return one("LeakyRelu", config{"negative_slope": negativeSlope}, x)
}

// Elu is x, or alpha·(eˣ - 1) where x < 0 (Keras: ops.elu, alpha 1).
func Elu(x any, alpha float64) *symbolic.Tensor { return one("Elu", config{"alpha": alpha}, x) }

// Celu is x, or alpha·(e^(x/alpha) - 1) where x < 0 (Keras: ops.celu, alpha 1).
func Celu(x any, alpha float64) *symbolic.Tensor { return one("Celu", config{"alpha": alpha}, x) }

// Glu is the first half of an axis times the sigmoid of the second (Keras: ops.glu, axis -1).
func Glu(x any, axis int) *symbolic.Tensor { return one("Glu", config{"axis": axis}, x) }

// HardShrink is x, 0 where |x| is at most threshold (Keras: ops.hard_shrink, 0.5).
func HardShrink(x any, threshold float64) *symbolic.Tensor {
	return one("HardShrink", config{"threshold": threshold}, x)
}

// SoftShrink moves x by threshold towards 0 (Keras: ops.soft_shrink, 0.5).
func SoftShrink(x any, threshold float64) *symbolic.Tensor {
	return one("SoftShrink", config{"threshold": threshold}, x)
}

// Squareplus is (x + √(x² + b))/2 (Keras: ops.squareplus, b 4).
func Squareplus(x any, b float64) *symbolic.Tensor { return one("Squareplus", config{"b": b}, x) }

// Threshold is x where x > threshold, defaultValue elsewhere (Keras: ops.threshold).
func Threshold(x any, threshold, defaultValue float64) *symbolic.Tensor {
	return one("Threshold", config{"threshold": threshold, "default_value": defaultValue}, x)
}

// Softmax makes an axis, by default the last, positive with sum 1 (Keras: ops.softmax).
func Softmax(x any, axis ...int) *symbolic.Tensor {
	return one("Softmax", config{"axis": axisOr(-1, axis)}, x)
}

// LogSoftmax is the logarithm of [Softmax] (Keras: ops.log_softmax).
func LogSoftmax(x any, axis ...int) *symbolic.Tensor {
	return one("LogSoftmax", config{"axis": axisOr(-1, axis)}, x)
}

// Sparsemax is the nearest point whose elements are at least 0 with sum 1 along an axis (Keras: ops.sparsemax, axis -1).
func Sparsemax(x any, axis int) *symbolic.Tensor { return one("Sparsemax", config{"axis": axis}, x) }
