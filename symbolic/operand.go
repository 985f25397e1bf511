package symbolic

import (
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gokeras/gokeras/internal/nest"
)

// Operate is [ApplyOperation] for arguments as a user gives them: what [OperationArgument] takes.
func Operate(class string, cfg map[string]any, args []any, kwargs map[string]any) []*Tensor {
	values := make([]any, len(args))
	for i, a := range args {
		var err error
		if values[i], err = OperationArgument(a); err != nil {
			return FailedOperation(class, fmt.Errorf("argument %d is a %T, want a symbolic tensor, a number, a slice of numbers or a GoMLX tensor", i+1, a))
		}
	}
	return ApplyOperation(class, cfg, values, kwargs)
}

// OperationArgument turns what a user may give to one of Keras's operations into what files hold: tensors, numbers, bools, arrays of
// them (slices or GoMLX tensors), nil, or lists of these in any nesting.
func OperationArgument(a any) (any, error) {
	return nest.Replace(a, func(_ nest.Path, a any) (any, bool, error) {
		if _, isList := a.([]any); isList {
			return nil, false, nil
		}
		v, ok := operand(a)
		if !ok {
			return nil, false, errArgument
		}
		return v, true, nil
	})
}

var errArgument = errors.New("neither a symbolic tensor nor a number")

// operand is [OperationArgument] for what isn't a list of anything.
func operand(a any) (any, bool) {
	switch a := a.(type) {
	case *Tensor, []*Tensor, nil, bool, int, float64, map[string]any:
		return a, true
	case []int: // Python's list of whole numbers
		return intList(a), true
	case *tensors.Tensor:
		if a == nil {
			return nil, false
		}
		return arrayOf("__tensor__", reflect.ValueOf(a.Value()), strings.ToLower(a.DType().String())), true
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
			return arrayOf("__numpy__", v, "int32"), true
		}
		if dtype := dtypes.FromGoType(element); dtype != dtypes.InvalidDType {
			return arrayOf("__numpy__", v, strings.ToLower(dtype.String())), true
		}
	}
	return nil, false
}

// arrayOf is Keras's object for an array.
func arrayOf(class string, v reflect.Value, dtype string) any {
	return map[string]any{"class_name": class, "config": map[string]any{"value": nestedList(v), "dtype": dtype}}
}

func nestedList(v reflect.Value) any {
	switch {
	case v.Kind() == reflect.Interface:
		return nestedList(v.Elem())
	case v.Kind() == reflect.Slice || v.Kind() == reflect.Array:
		out := make([]any, v.Len())
		for i := range out {
			out[i] = nestedList(v.Index(i))
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
