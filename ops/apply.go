package ops

import (
	"fmt"

	"github.com/gokeras/gokeras/symbolic"
)

type config = map[string]any

// Option is an argument that Keras's reductions take by keyword.
type Option func(config)

// Axis names the axes that a reduction removes, counted from the end if below 0; without it, it removes all.
func Axis(axes ...int) Option { return func(c config) { c["axis"] = axisOr(nil, axes) } }

// KeepDims leaves an axis of size 1 in the place of each that is removed.
func KeepDims() Option { return func(c config) { c["keepdims"] = true } }

// Ord is the order of [Norm]: a number, "fro", "nuc" for the sum of a matrix's singular values, or nil for the Euclidean norm.
func Ord(ord any) Option { return func(c config) { c["ord"] = ord } }

// DType is the type of the result: "int32".
func DType(dtype string) Option { return func(c config) { c["dtype"] = dtype } }

// Initial is the least result of [Max] and the greatest of [Min].
func Initial(initial any) Option { return func(c config) { c["initial"] = initial } }

func options(o []Option) config {
	cfg := config{}
	for _, set := range o {
		set(cfg)
	}
	return cfg
}

// axisOr is the axes as Python gives them: one as a number, several as a tuple, and def for none.
func axisOr(def any, axes []int) any {
	switch len(axes) {
	case 0:
		return def
	case 1:
		return axes[0]
	}
	return list(axes)
}

func list(numbers []int) []any {
	out := make([]any, len(numbers))
	for i, n := range numbers {
		out[i] = n
	}
	return out
}

func reduce(class string, x any, o []Option) *symbolic.Tensor { return one(class, options(o), x) }

func unary(class string, x any) *symbolic.Tensor { return one(class, nil, x) }

// one applies an operation of one output, many one of several; one tensor with an error is what they return of a call that fails.
func one(class string, cfg config, args ...any) *symbolic.Tensor {
	return many(class, cfg, args...)[0]
}

func many(class string, cfg config, args ...any) []*symbolic.Tensor {
	return apply(class, cfg, args, nil)
}

func apply(class string, cfg config, args []any, kwargs config) []*symbolic.Tensor {
	for key, v := range cfg {
		switch key {
		case "x_min", "x_max", "initial":
			var err error
			if cfg[key], err = symbolic.OperationArgument(v); err != nil {
				return symbolic.FailedOperation(class, fmt.Errorf("%s is a %T, want a number", key, v))
			}
		}
	}
	return symbolic.Operate(class, cfg, args, kwargs)
}
