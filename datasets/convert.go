package datasets

import (
	"errors"
	"fmt"
	"slices"

	"github.com/gomlx/compute/dtypes/bfloat16"
	"github.com/gomlx/compute/dtypes/float16"
	"github.com/gomlx/gomlx/core/tensors"
)

// ToFloat32 returns t as float32, each element divided by scale: ToFloat32(x, 255) is x.astype("float32") / 255, and
// takes pixels to the range from 0 to 1. The shape stays, and t too. A scale of 0 is an error, as is a t of complex numbers.
func ToFloat32(t *tensors.Tensor, scale float32) (*tensors.Tensor, error) {
	if err := checkTensor(t); err != nil {
		return nil, fmt.Errorf("datasets.ToFloat32: %w", err)
	}
	if scale == 0 {
		return nil, errors.New("datasets.ToFloat32: scale is 0, and elements are divided by it")
	}
	out := tensors.FromScalarAndDimensions(float32(0), t.Shape().Dimensions...)
	var inner error
	convert := func(flat any) {
		err := tensors.MutableFlatData(out, func(to []float32) { inner = toFloat32(to, flat, scale) })
		inner = errors.Join(inner, err)
	}
	if t.Size() > 0 {
		if err := t.ConstFlatData(convert); err != nil {
			return nil, fmt.Errorf("datasets.ToFloat32: %w", err)
		}
	}
	if inner != nil {
		return nil, fmt.Errorf("datasets.ToFloat32: %w", inner)
	}
	return out, nil
}

func toFloat32(to []float32, from any, scale float32) error {
	switch from := from.(type) {
	case []uint8:
		// Images have millions of elements and 256 values.
		var table [256]float32
		for i := range table {
			table[i] = float32(i) / scale
		}
		for i, v := range from {
			to[i] = table[v]
		}
	case []bool:
		for i, v := range from {
			if v {
				to[i] = 1 / scale
			}
		}
	case []int8:
		divide(to, from, scale)
	case []int16:
		divide(to, from, scale)
	case []int32:
		divide(to, from, scale)
	case []int64:
		divide(to, from, scale)
	case []uint16:
		divide(to, from, scale)
	case []uint32:
		divide(to, from, scale)
	case []uint64:
		divide(to, from, scale)
	case []float32:
		divide(to, from, scale)
	case []float64:
		divide(to, from, scale)
	case []float16.Float16:
		for i, v := range from {
			to[i] = v.Float32() / scale
		}
	case []bfloat16.BFloat16:
		for i, v := range from {
			to[i] = v.Float32() / scale
		}
	default:
		return fmt.Errorf("elements of Go type %T, and real numbers were expected", from)
	}
	return nil
}

func divide[T int8 | int16 | int32 | int64 | uint16 | uint32 | uint64 | float32 | float64](to []float32, from []T, scale float32) {
	for i, v := range from {
		to[i] = float32(v) / scale
	}
}

// First returns the first n elements along the first axis, or all when there are fewer, as x[:n] does in NumPy. The
// result is a copy. A negative n is an error, as is a t without axes.
func First(t *tensors.Tensor, n int) (*tensors.Tensor, error) {
	if err := checkTensor(t); err != nil {
		return nil, fmt.Errorf("datasets.First: %w", err)
	}
	if n < 0 {
		return nil, fmt.Errorf("datasets.First: n is %d, and 0 or more was expected", n)
	}
	shape := t.Shape()
	if shape.Rank() == 0 {
		return nil, errors.New("datasets.First: a scalar has no first axis")
	}
	dims := slices.Clone(shape.Dimensions)
	dims[0] = min(n, dims[0])
	shape.Dimensions = dims
	out := tensors.FromShape(shape)
	if out.Size() == 0 {
		return out, nil
	}
	if t.DType().IsPacked() {
		return nil, fmt.Errorf("datasets.First: elements of type %s share bytes, and are not supported", t.DType())
	}
	var inner error
	err := t.ConstBytes(func(from []byte) {
		inner = out.MutableBytes(func(to []byte) { copy(to, from) })
	})
	if err = errors.Join(err, inner); err != nil {
		return nil, fmt.Errorf("datasets.First: %w", err)
	}
	return out, nil
}

func checkTensor(t *tensors.Tensor) error {
	if t == nil {
		return errors.New("the tensor is nil")
	}
	return t.CheckValid()
}
