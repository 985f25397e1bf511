package serving

import (
	"errors"
	"reflect"

	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gokeras/gokeras/internal/data"
)

// Arrays by their rows: tensors, and slices of texts of any depth.

func dimsOf(v any) (dims []int) {
	if t, ok := v.(*tensors.Tensor); ok {
		return t.Shape().Dimensions
	}
	for rv := reflect.ValueOf(v); rv.Kind() == reflect.Slice; rv = rv.Index(0) {
		dims = append(dims, rv.Len())
		if rv.Len() == 0 {
			break
		}
	}
	return dims
}

// rowsOf returns the rows from start to end.
func rowsOf(v any, start, end int) (any, error) {
	if t, ok := v.(*tensors.Tensor); ok {
		return data.Gather(t, nil, start, end)
	}
	return reflect.ValueOf(v).Slice(start, end).Interface(), nil
}

// stacked joins arrays of one form along the rows.
func stacked(parts []any) (any, error) {
	first, ok := parts[0].(*tensors.Tensor)
	if !ok {
		out := reflect.ValueOf(parts[0])
		out = out.Slice3(0, out.Len(), out.Len())
		for _, p := range parts[1:] {
			out = reflect.AppendSlice(out, reflect.ValueOf(p))
		}
		return out.Interface(), nil
	}
	rows := 0
	for _, p := range parts {
		rows += p.(*tensors.Tensor).Shape().Dimensions[0]
	}
	out := tensors.FromShape(shapes.Make(first.DType(), append([]int{rows}, first.Shape().Dimensions[1:]...)...))
	var failed error
	err := out.MutableBytes(func(dst []byte) {
		for _, p := range parts {
			failed = errors.Join(failed, p.(*tensors.Tensor).ConstBytes(func(src []byte) { dst = dst[copy(dst, src):] }))
		}
	})
	return out, errors.Join(err, failed)
}
