package datasets

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/gomlx/compute/dtypes/bfloat16"
	"github.com/gomlx/compute/dtypes/float16"
	"github.com/gomlx/gomlx/core/tensors"
)

// maxCategorical bounds the elements of what ToCategorical returns: 16 GiB of float32. A label that is no class, such
// as a hash, would otherwise ask for any amount.
const maxCategorical = 1 << 32

// ToCategorical converts classes, integers from 0 to numClasses-1, to rows of zeros with a one at the class, as
// keras.utils.to_categorical does.
//
// y is a GoMLX tensor, a number, or a slice of numbers, nested to any depth. A last axis of length 1 is dropped, unless
// it is the only one, and an axis of length numClasses added: (samples,) and (samples, 1) give (samples, numClasses).
// The result is float32. With numClasses 0 it is one more than the largest class.
//
// A class outside the range is an error (NumPy would count a negative one from the end), and so is one that is not a
// whole number.
func ToCategorical(y any, numClasses int) (*tensors.Tensor, error) {
	if numClasses < 0 {
		return nil, fmt.Errorf("datasets.ToCategorical: numClasses is %d, and 0 or more was expected", numClasses)
	}
	t, err := asTensor(y)
	if err != nil {
		return nil, fmt.Errorf("datasets.ToCategorical: y: %w", err)
	}
	classes, err := classNumbers(t)
	if err != nil {
		return nil, fmt.Errorf("datasets.ToCategorical: y: %w", err)
	}
	dims := slices.Clone(t.Shape().Dimensions)
	if len(dims) > 1 && dims[len(dims)-1] == 1 {
		dims = dims[:len(dims)-1]
	}
	if numClasses == 0 {
		if len(classes) == 0 {
			return nil, errors.New("datasets.ToCategorical: y is empty, and numClasses is needed then")
		}
		largest := slices.Max(classes)
		if largest >= maxCategorical {
			return nil, fmt.Errorf("datasets.ToCategorical: y has class %d, which is too large", largest)
		}
		numClasses = max(0, int(largest)+1)
	}
	for i, class := range classes {
		if class < 0 || class >= int64(numClasses) {
			return nil, fmt.Errorf("datasets.ToCategorical: y has class %d at element %d, and the classes are 0 to %d", class, i, numClasses-1)
		}
	}
	if numClasses > 0 && int64(len(classes)) > maxCategorical/int64(numClasses) {
		return nil, fmt.Errorf("datasets.ToCategorical: %d samples of %d classes are more than fit in memory", len(classes), numClasses)
	}
	out := tensors.FromScalarAndDimensions(float32(0), append(dims, numClasses)...)
	if out.Size() == 0 {
		return out, nil
	}
	err = tensors.MutableFlatData(out, func(flat []float32) {
		for i, class := range classes {
			flat[i*numClasses+int(class)] = 1
		}
	})
	if err != nil {
		return nil, fmt.Errorf("datasets.ToCategorical: %w", err)
	}
	return out, nil
}

// asTensor returns y as a tensor, without the panics of the conversion.
func asTensor(y any) (t *tensors.Tensor, err error) {
	defer func() {
		if r := recover(); r != nil {
			t, err = nil, fmt.Errorf("a %T cannot be made a tensor: %v", y, r)
		}
	}()
	switch y := y.(type) {
	case nil:
		return nil, errors.New("it is nil")
	case *tensors.Tensor:
		if y == nil {
			return nil, errors.New("it is nil")
		}
		return y, y.CheckValid()
	}
	t, err = tensors.FromAnyValue(y)
	if err != nil {
		return nil, fmt.Errorf("a %T cannot be made a tensor: %w", y, err)
	}
	return t, nil
}

// classNumbers returns the elements of t as integers.
func classNumbers(t *tensors.Tensor) ([]int64, error) {
	if t.Size() == 0 {
		return nil, nil
	}
	var classes []int64
	var inner error
	err := t.ConstFlatData(func(flat any) {
		switch flat := flat.(type) {
		case []int8:
			classes = integers(flat)
		case []int16:
			classes = integers(flat)
		case []int32:
			classes = integers(flat)
		case []int64:
			classes = integers(flat)
		case []uint8:
			classes = integers(flat)
		case []uint16:
			classes = integers(flat)
		case []uint32:
			classes = integers(flat)
		case []uint64:
			classes = make([]int64, len(flat))
			for i, v := range flat {
				if v > math.MaxInt64 {
					inner = fmt.Errorf("element %d is %d, and no class is so large", i, v)
					return
				}
				classes[i] = int64(v)
			}
		case []float32:
			classes, inner = wholeNumbers(flat, func(v float32) float64 { return float64(v) })
		case []float64:
			classes, inner = wholeNumbers(flat, func(v float64) float64 { return v })
		case []float16.Float16:
			classes, inner = wholeNumbers(flat, func(v float16.Float16) float64 { return float64(v.Float32()) })
		case []bfloat16.BFloat16:
			classes, inner = wholeNumbers(flat, func(v bfloat16.BFloat16) float64 { return float64(v.Float32()) })
		default:
			inner = fmt.Errorf("elements of type %s, and whole numbers were expected", t.DType())
		}
	})
	return classes, errors.Join(err, inner)
}

func integers[T int8 | int16 | int32 | int64 | uint8 | uint16 | uint32](flat []T) []int64 {
	out := make([]int64, len(flat))
	for i, v := range flat {
		out[i] = int64(v)
	}
	return out
}

func wholeNumbers[T any](flat []T, value func(T) float64) ([]int64, error) {
	out := make([]int64, len(flat))
	for i := range flat {
		v := value(flat[i])
		if v != math.Trunc(v) || math.Abs(v) > 1<<53 {
			return nil, fmt.Errorf("element %d is %v, and a whole number was expected", i, v)
		}
		out[i] = int64(v)
	}
	return out, nil
}
