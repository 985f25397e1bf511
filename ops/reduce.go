package ops

import (
	"fmt"

	"github.com/gokeras/gokeras/symbolic"
)

// Mean is the mean (Keras: ops.mean).
func Mean(x any, o ...Option) *symbolic.Tensor { return reduce("Mean", x, o) }

// Sum is the sum (Keras: ops.sum).
func Sum(x any, o ...Option) *symbolic.Tensor { return reduce("Sum", x, o) }

// Prod is the product (Keras: ops.prod).
func Prod(x any, o ...Option) *symbolic.Tensor { return reduce("Prod", x, o) }

// Max is the largest element (Keras: ops.max).
func Max(x any, o ...Option) *symbolic.Tensor { return reduce("Max", x, o) }

// Min is the smallest element (Keras: ops.min).
func Min(x any, o ...Option) *symbolic.Tensor { return reduce("Min", x, o) }

// Amax is the largest element, as amax (Keras: ops.amax).
func Amax(x any, o ...Option) *symbolic.Tensor { return reduce("Amax", x, o) }

// Amin is the smallest element, as amin (Keras: ops.amin).
func Amin(x any, o ...Option) *symbolic.Tensor { return reduce("Amin", x, o) }

// Var is the variance (Keras: ops.var).
func Var(x any, o ...Option) *symbolic.Tensor { return reduce("Var", x, o) }

// Std is the standard deviation (Keras: ops.std).
func Std(x any, o ...Option) *symbolic.Tensor { return reduce("Std", x, o) }

// Argmax is the index of the largest element (Keras: ops.argmax).
func Argmax(x any, o ...Option) *symbolic.Tensor { return reduce("Argmax", x, o) }

// Argmin is the index of the smallest element (Keras: ops.argmin).
func Argmin(x any, o ...Option) *symbolic.Tensor { return reduce("Argmin", x, o) }

// Any is whether any element is true (Keras: ops.any).
func Any(x any, o ...Option) *symbolic.Tensor { return reduce("Any", x, o) }

// All is whether all elements are true (Keras: ops.all).
func All(x any, o ...Option) *symbolic.Tensor { return reduce("All", x, o) }

// Logsumexp is log(sum(eˣ)) (Keras: ops.logsumexp).
func Logsumexp(x any, o ...Option) *symbolic.Tensor { return reduce("Logsumexp", x, o) }

// Norm is the length of vectors along [Axis], of everything without it (Keras: ops.norm; [Ord] is its ord).
func Norm(x any, o ...Option) *symbolic.Tensor { return reduce("Norm", x, o) }

// Moments returns the mean and the variance along axes (Keras: ops.moments).
func Moments(x any, axes []int, o ...Option) (mean, variance *symbolic.Tensor) {
	cfg := options(o)
	delete(cfg, "axis")
	cfg["axes"] = list(axes)
	out := many("Moments", cfg, x)
	if len(out) < 2 {
		return out[0], out[0]
	}
	return out[0], out[1]
}

// Normalize divides by the norm of an order (Keras: ops.normalize, axis -1, order 2).
func Normalize(x any, axis, order int) *symbolic.Tensor {
	return one("Normalize", config{"axis": axis, "order": order}, x)
}

// Cumsum is the sum of an axis's elements so far (Keras: ops.cumsum).
func Cumsum(x any, axis int) *symbolic.Tensor { return one("Cumsum", config{"axis": axis}, x) }

// Average is the mean weighted by weights, nil for equal ones (Keras: ops.average).
func Average(x, weights any, o ...Option) *symbolic.Tensor {
	value, err := symbolic.OperationArgument(weights)
	if err != nil {
		return symbolic.FailedOperation("Average", fmt.Errorf("weights are a %T, want a symbolic tensor or numbers", weights))[0]
	}
	return apply("Average", options(o), []any{x}, config{"weights": value})[0]
}

// NormOptions are the arguments of [LayerNormalization] and [RMSNormalization].
type NormOptions struct {
	Axis        int     // counted from the end if below 0; 0: Keras's default, -1 (Axis 0 is the batch)
	Epsilon     float64 // 0: Keras's default, 1e-7
	Gamma, Beta any     // scale and offset, nil for none; RMSNormalization takes no offset
}

func (o NormOptions) config() config {
	cfg := config{"axis": -1}
	if o.Axis != 0 {
		cfg["axis"] = o.Axis
	}
	if o.Epsilon != 0 {
		cfg["epsilon"] = o.Epsilon
	}
	return cfg
}

// LayerNormalization makes an axis's mean 0 and variance 1 (Keras: ops.layer_normalization).
func LayerNormalization(x any, o NormOptions) *symbolic.Tensor {
	return one("LayerNorm", o.config(), x, o.Gamma, o.Beta)
}

// RMSNormalization divides by the root of the mean square (Keras: ops.rms_normalization).
func RMSNormalization(x any, o NormOptions) *symbolic.Tensor {
	value, err := symbolic.OperationArgument(o.Gamma)
	if err != nil {
		return symbolic.FailedOperation("RMSNorm", fmt.Errorf("option Gamma is a %T, want a symbolic tensor or numbers", o.Gamma))[0]
	}
	return apply("RMSNorm", o.config(), []any{x}, config{"scale": value})[0]
}
