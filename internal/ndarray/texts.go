package ndarray

import (
	"fmt"
	"reflect"
)

// Texts reads a string, or a Go slice or array of strings of any depth, as its strings in row-major order and its shape. ok is false for a value of
// another type.
func Texts(v any) (flat []string, dims []int, ok bool, err error) {
	if list, isList := v.([]string); isList { // the usual one, without reflection
		return list, []int{len(list)}, true, nil
	}
	rv := reflect.ValueOf(v)
	if !rv.IsValid() {
		return nil, nil, false, nil
	}
	t, depth := rv.Type(), 0
	for t.Kind() == reflect.Slice || t.Kind() == reflect.Array {
		t = t.Elem()
		depth++
	}
	if t.Kind() != reflect.String {
		return nil, nil, false, nil
	}
	dims = make([]int, depth)
	for i, at := 0, rv; i < depth; i++ {
		if dims[i] = at.Len(); dims[i] == 0 {
			break
		}
		at = at.Index(0)
	}
	var read func(at reflect.Value, axis int) error
	read = func(at reflect.Value, axis int) error {
		if axis == depth {
			flat = append(flat, at.String())
			return nil
		}
		if at.Len() != dims[axis] {
			return fmt.Errorf("the texts are no array: along axis %d there are %d where the first are %d", axis, at.Len(), dims[axis])
		}
		for i := range at.Len() {
			if err := read(at.Index(i), axis+1); err != nil {
				return err
			}
		}
		return nil
	}
	err = read(rv, 0)
	return flat, dims, true, err
}
