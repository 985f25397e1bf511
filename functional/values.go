package functional

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/dtypes/bfloat16"
	"github.com/gomlx/compute/dtypes/float16"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gokeras/gokeras/internal/half"
)

// toTensors reads what a user may give as data for the named inputs or outputs.
func toTensors(what string, v any, names []string) ([]*tensors.Tensor, error) {
	switch v := v.(type) {
	case nil:
		return nil, nil
	case *tensors.Tensor:
		if v == nil || !v.Ok() {
			return nil, fmt.Errorf("%s: the tensor is nil or was finalized", what)
		}
		return oneEach(what, []*tensors.Tensor{v}, names)
	case []*tensors.Tensor:
		for i, t := range v {
			if t == nil || !t.Ok() {
				return nil, fmt.Errorf("%s: tensor %d is nil or was finalized", what, i)
			}
		}
		return oneEach(what, v, names)
	case []any:
		list := make([]*tensors.Tensor, len(v))
		for i, element := range v {
			var err error
			if list[i], err = toTensor(fmt.Sprintf("%s[%d]", what, i), element); err != nil {
				return nil, err
			}
		}
		return oneEach(what, list, names)
	}
	if rv := reflect.ValueOf(v); rv.Kind() == reflect.Map && rv.Type().Key().Kind() == reflect.String {
		list := make([]*tensors.Tensor, len(names))
		for it := rv.MapRange(); it.Next(); {
			i := slices.Index(names, it.Key().String())
			if i < 0 {
				return nil, fmt.Errorf("%s: there is no %q: want the keys %s", what, it.Key().String(), quoted(names))
			}
			var err error
			if list[i], err = toTensor(what+"["+strconv.Quote(names[i])+"]", it.Value().Interface()); err != nil {
				return nil, err
			}
		}
		for i, t := range list {
			if t == nil {
				return nil, fmt.Errorf("%s: %q is missing: want the keys %s", what, names[i], quoted(names))
			}
		}
		return list, nil
	}
	t, err := toTensor(what, v)
	if err != nil {
		return nil, err
	}
	return oneEach(what, []*tensors.Tensor{t}, names)
}

func oneEach(what string, list []*tensors.Tensor, names []string) ([]*tensors.Tensor, error) {
	if len(list) != len(names) {
		return nil, fmt.Errorf("%s: got %d arrays, want %d (%s)", what, len(list), len(names), quoted(names))
	}
	return list, nil
}

// toTensor turns a tensor, or a Go slice or array of numbers of any depth, into a tensor.
func toTensor(what string, v any) (*tensors.Tensor, error) {
	if t, ok := v.(*tensors.Tensor); ok {
		if t == nil || !t.Ok() {
			return nil, fmt.Errorf("%s: the tensor is nil or was finalized", what)
		}
		return t, nil
	}
	sliced, err := arraysToSlices(reflect.ValueOf(v))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	var t *tensors.Tensor
	err = catch(func() error {
		var err error
		t, err = tensors.FromAnyValue(sliced)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("%s: %T can't be read as an array of numbers: %w", what, v, firstLine(err))
	}
	return t, nil
}

// arraysToSlices turns Go arrays, at any depth, into the slices that GoMLX reads.
func arraysToSlices(v reflect.Value) (any, error) {
	if !v.IsValid() {
		return nil, fmt.Errorf("got nil, want an array of numbers")
	}
	t, depth, hasArray := v.Type(), 0, false
	for t.Kind() == reflect.Slice || t.Kind() == reflect.Array {
		hasArray = hasArray || t.Kind() == reflect.Array
		t = t.Elem()
		depth++
	}
	switch t.Kind() {
	case reflect.Bool, reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Float32, reflect.Float64:
	default:
		return nil, fmt.Errorf("got a %s, want a tensor or Go slices or arrays of numbers", v.Type())
	}
	if !hasArray {
		return v.Interface(), nil
	}
	for range depth {
		t = reflect.SliceOf(t)
	}
	return copyToSlices(v, t).Interface(), nil
}

func copyToSlices(v reflect.Value, t reflect.Type) reflect.Value {
	if t.Kind() != reflect.Slice {
		return v
	}
	out := reflect.MakeSlice(t, v.Len(), v.Len())
	for i := range v.Len() {
		out.Index(i).Set(copyToSlices(v.Index(i), t.Elem()))
	}
	return out
}

// convertTensor returns t in the type, or t itself if it has it.
func convertTensor(t *tensors.Tensor, dtype dtypes.DType) (*tensors.Tensor, error) {
	if t.DType() == dtype {
		return t, nil
	}
	if dtype == dtypes.InvalidDType {
		return nil, fmt.Errorf("a value of type %s can't be converted to an unknown type", dtypeName(t.DType()))
	}
	var out *tensors.Tensor
	err := t.ConstFlatData(func(flat any) {
		out = convertFlat(flat, dtype, t.Shape().Dimensions)
	})
	if err == nil && out == nil {
		err = fmt.Errorf("a value of type %s can't be converted to %s", dtypeName(t.DType()), dtypeName(dtype))
	}
	return out, err
}

func convertFlat(flat any, dtype dtypes.DType, dims []int) *tensors.Tensor {
	switch flat := flat.(type) {
	case []float32:
		return convertNumbers(flat, dtype, dims)
	case []float64:
		return convertNumbers(flat, dtype, dims)
	case []int8:
		return convertNumbers(flat, dtype, dims)
	case []int16:
		return convertNumbers(flat, dtype, dims)
	case []int32:
		return convertNumbers(flat, dtype, dims)
	case []int64:
		return convertNumbers(flat, dtype, dims)
	case []uint8:
		return convertNumbers(flat, dtype, dims)
	case []uint16:
		return convertNumbers(flat, dtype, dims)
	case []uint32:
		return convertNumbers(flat, dtype, dims)
	case []uint64:
		return convertNumbers(flat, dtype, dims)
	case []bool:
		numbers := make([]uint8, len(flat))
		for i, b := range flat {
			if b {
				numbers[i] = 1
			}
		}
		return convertNumbers(numbers, dtype, dims)
	case []float16.Float16:
		numbers := make([]float32, len(flat))
		for i, h := range flat {
			numbers[i] = h.Float32()
		}
		return convertNumbers(numbers, dtype, dims)
	case []bfloat16.BFloat16:
		numbers := make([]float32, len(flat))
		for i, h := range flat {
			numbers[i] = h.Float32()
		}
		return convertNumbers(numbers, dtype, dims)
	}
	return nil
}

type number interface {
	float32 | float64 | int8 | int16 | int32 | int64 | uint8 | uint16 | uint32 | uint64
}

func convertNumbers[S number](in []S, dtype dtypes.DType, dims []int) *tensors.Tensor {
	switch dtype {
	case dtypes.Float32:
		return castTo[S, float32](in, dims)
	case dtypes.Float64:
		return castTo[S, float64](in, dims)
	case dtypes.Int8:
		return castTo[S, int8](in, dims)
	case dtypes.Int16:
		return castTo[S, int16](in, dims)
	case dtypes.Int32:
		return castTo[S, int32](in, dims)
	case dtypes.Int64:
		return castTo[S, int64](in, dims)
	case dtypes.Uint8:
		return castTo[S, uint8](in, dims)
	case dtypes.Uint16:
		return castTo[S, uint16](in, dims)
	case dtypes.Uint32:
		return castTo[S, uint32](in, dims)
	case dtypes.Uint64:
		return castTo[S, uint64](in, dims)
	case dtypes.Float16:
		out := make([]float16.Float16, len(in))
		for i, v := range in {
			out[i] = half.FromFloat32(float32(v))
		}
		return tensors.FromFlatDataAndDimensions(out, dims...)
	case dtypes.BFloat16:
		out := make([]bfloat16.BFloat16, len(in))
		for i, v := range in {
			out[i] = bfloat16.FromFloat32(float32(v))
		}
		return tensors.FromFlatDataAndDimensions(out, dims...)
	case dtypes.Bool:
		out := make([]bool, len(in))
		for i, v := range in {
			out[i] = v != 0
		}
		return tensors.FromFlatDataAndDimensions(out, dims...)
	}
	return nil
}

func castTo[S, D number](in []S, dims []int) *tensors.Tensor {
	out := tensors.FromScalarAndDimensions(D(0), dims...)
	_ = tensors.MutableFlatData(out, func(flat []D) {
		for i, v := range in {
			flat[i] = D(v)
		}
	})
	return out
}

func firstLine(err error) error {
	line, _, cut := strings.Cut(err.Error(), "\n")
	if !cut {
		return err
	}
	return fmt.Errorf("%s", line)
}

func quoted(names []string) string {
	q := make([]string, len(names))
	for i, n := range names {
		q[i] = strconv.Quote(n)
	}
	return strings.Join(q, ", ")
}
