package functional

import (
	"fmt"
	"math"
	"reflect"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gokeras/gokeras/internal/ndarray"
)

// As returns an array's values as Go slices, one level for each axis: [][]float32 for predictions of shape (samples, classes), float64 for an array
// without axes. Numbers of another type are converted as NumPy's astype does. The error says which type would fit the shape.
//
//	rows, err := functional.As[[][]float32](predictions)
func As[T any](t *tensors.Tensor) (T, error) {
	var none T
	if t == nil || !t.Ok() {
		return none, fmt.Errorf("As[%T]: the array is nil or was finalized", none)
	}
	want, axes := reflect.TypeFor[T](), 0
	for ; want.Kind() == reflect.Slice; want = want.Elem() {
		axes++
	}
	dtype := dtypes.FromGoType(want)
	shape := t.Shape().Dimensions
	if dtype == dtypes.InvalidDType || dtype.IsComplex() || axes != len(shape) {
		return none, fmt.Errorf("As[%T]: the array has shape %s and type %s: want the %d-fold slice of a number, or the number alone where there are no axes",
			none, Shape(shape), ndarray.DTypeName(t.DType()), len(shape))
	}
	t, err := ndarray.Convert(t, dtype)
	if err != nil {
		return none, fmt.Errorf("As[%T]: %w", none, err)
	}
	if v, ok := t.Value().(T); ok {
		return v, nil
	}
	return converted(reflect.ValueOf(t.Value()), reflect.TypeFor[T]()).Interface().(T), nil
}

// converted is v, numbers or slices of them at any depth, with the numbers in a type that Go counts as another one: int for int64.
func converted(v reflect.Value, to reflect.Type) reflect.Value {
	if v.Kind() != reflect.Slice {
		return v.Convert(to)
	}
	out := reflect.MakeSlice(to, v.Len(), v.Len())
	for i := range v.Len() {
		out.Index(i).Set(converted(v.Index(i), to.Elem()))
	}
	return out
}

// Argmax returns the places of the largest values along the last axis, in the order of the other axes: the class of each sample, for predictions of
// shape (samples, classes) (NumPy: np.argmax(y, axis=-1)). The first of equal values counts, and NaN is larger than all.
func Argmax(t *tensors.Tensor) ([]int, error) {
	if t == nil || !t.Ok() {
		return nil, fmt.Errorf("Argmax: the array is nil or was finalized")
	}
	dims := t.Shape().Dimensions
	if len(dims) == 0 || dims[len(dims)-1] == 0 {
		return nil, fmt.Errorf("Argmax: the array has shape %s, want a last axis to look along", Shape(dims))
	}
	wide, err := ndarray.Convert(t, dtypes.Float64)
	if err != nil {
		return nil, fmt.Errorf("Argmax: %w", err)
	}
	width := dims[len(dims)-1]
	var out []int
	err = tensors.ConstFlatData(wide, func(flat []float64) {
		out = make([]int, len(flat)/width)
		for row := range out {
			values := flat[row*width : (row+1)*width]
			for i, v := range values {
				if best := values[out[row]]; v > best || math.IsNaN(v) && !math.IsNaN(best) {
					out[row] = i
				}
			}
		}
	})
	return out, err
}
