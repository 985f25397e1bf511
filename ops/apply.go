package ops

import (
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gokeras/gokeras/internal/nest"
	"github.com/gokeras/gokeras/symbolic"
)

type config = map[string]any

// Option is an argument that Keras's reductions take by keyword.
type Option func(config)

// Axis names the axes that a reduction removes, counted from the end if below 0; without it, it removes all.
func Axis(axes ...int) Option { return func(c config) { c["axis"] = axisOr(nil, axes) } }

// KeepDims leaves an axis of size 1 in the place of each that is removed.
func KeepDims() Option { return func(c config) { c["keepdims"] = true } }

// Ord is the order of [Norm]: a number, "fro", or nil for the Euclidean norm.
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
	var problem error
	values := make([]any, len(args))
	for i, a := range args {
		var err error
		if values[i], err = argument(a); err != nil {
			problem = fmt.Errorf("argument %d is a %T, want a symbolic tensor, a number, a slice of numbers or a GoMLX tensor", i+1, a)
		}
	}
	for key, v := range cfg {
		switch key {
		case "x_min", "x_max", "initial":
			var err error
			if cfg[key], err = argument(v); err != nil {
				problem = fmt.Errorf("%s is a %T, want a number", key, v)
			}
		}
	}
	if problem != nil {
		return symbolic.FailedOperation(class, problem)
	}
	return symbolic.ApplyOperation(class, cfg, values, kwargs)
}

// argument turns what a user may give into what Keras's files hold: values, or lists of them in any nesting.
func argument(a any) (any, error) {
	return nest.Replace(a, func(_ nest.Path, a any) (any, bool, error) {
		if _, isList := a.([]any); isList {
			return nil, false, nil
		}
		v, ok := value(a)
		if !ok {
			return nil, false, errArgument
		}
		return v, true, nil
	})
}

var errArgument = errors.New("neither a symbolic tensor nor a number")

// value is [argument] for what isn't a list of anything.
func value(a any) (any, bool) {
	switch a := a.(type) {
	case *symbolic.Tensor, []*symbolic.Tensor, nil, bool, int, float64, map[string]any:
		return a, true
	case []int: // Python's list of whole numbers
		return list(a), true
	case *tensors.Tensor:
		if a == nil {
			return nil, false
		}
		return array("__tensor__", reflect.ValueOf(a.Value()), strings.ToLower(a.DType().String())), true
	}
	v := reflect.ValueOf(a)
	switch {
	case v.CanInt():
		return int(v.Int()), true
	case v.CanUint():
		return int(v.Uint()), true
	case v.CanFloat():
		return shortest(v), true
	case v.Kind() == reflect.Slice || v.Kind() == reflect.Array:
		element := v.Type().Elem()
		for element.Kind() == reflect.Slice || element.Kind() == reflect.Array {
			element = element.Elem()
		}
		if element.Kind() == reflect.Int { // Go's int has 64 bits, the whole numbers of Keras on JAX 32
			return array("__numpy__", v, "int32"), true
		}
		if dtype := dtypes.FromGoType(element); dtype != dtypes.InvalidDType {
			return array("__numpy__", v, strings.ToLower(dtype.String())), true
		}
	}
	return nil, false
}

// array is Keras's object for an array.
func array(class string, v reflect.Value, dtype string) any {
	return config{"class_name": class, "config": config{"value": nested(v), "dtype": dtype}}
}

func nested(v reflect.Value) any {
	switch {
	case v.Kind() == reflect.Interface:
		return nested(v.Elem())
	case v.Kind() == reflect.Slice || v.Kind() == reflect.Array:
		out := make([]any, v.Len())
		for i := range out {
			out[i] = nested(v.Index(i))
		}
		return out
	case v.CanInt():
		return int(v.Int())
	case v.CanUint():
		return int(v.Uint())
	case v.CanFloat():
		return shortest(v)
	}
	return v.Interface()
}

// shortest is a float32 as the float64 that is written the same.
func shortest(v reflect.Value) float64 {
	if v.Kind() != reflect.Float32 {
		return v.Float()
	}
	f, err := strconv.ParseFloat(strconv.FormatFloat(v.Float(), 'g', -1, 32), 64)
	if err != nil {
		return v.Float()
	}
	return f
}
