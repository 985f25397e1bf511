package ndarray

import (
	"fmt"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/dtypes/bfloat16"
	"github.com/gomlx/compute/dtypes/float16"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gokeras/gokeras/internal/half"
)

// Convert returns t in the type, or t itself if it has it.
func Convert(t *tensors.Tensor, dtype dtypes.DType) (*tensors.Tensor, error) {
	if t.DType() == dtype {
		return t, nil
	}
	if dtype == dtypes.InvalidDType {
		return nil, fmt.Errorf("a value of type %s can't be converted to an unknown type", DTypeName(t.DType()))
	}
	var out *tensors.Tensor
	err := t.ConstFlatData(func(flat any) {
		out = convertFlat(flat, dtype, t.Shape().Dimensions)
	})
	if err == nil && out == nil {
		err = fmt.Errorf("a value of type %s can't be converted to %s", DTypeName(t.DType()), DTypeName(dtype))
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

// Filled returns a tensor of one value.
func Filled(dtype dtypes.DType, dims []int, value float64) (*tensors.Tensor, error) {
	if value == 0 {
		return tensors.FromShape(shapes.Make(dtype, dims...)), nil
	}
	size := 1
	for _, d := range dims {
		size *= d
	}
	flat := make([]float64, size)
	for i := range flat {
		flat[i] = value
	}
	return Convert(tensors.FromFlatDataAndDimensions(flat, dims...), dtype)
}
