package ndarray

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gokeras/gokeras/internal/catch"
)

// ToTensors reads what a user may give as data for the named inputs or outputs.
func ToTensors(what string, v any, names []string) ([]*tensors.Tensor, error) {
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
			if list[i], err = ToTensor(fmt.Sprintf("%s[%d]", what, i), element); err != nil {
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
				return nil, fmt.Errorf("%s: there is no %q: want the keys %s", what, it.Key().String(), Quoted(names))
			}
			var err error
			if list[i], err = ToTensor(what+"["+strconv.Quote(names[i])+"]", it.Value().Interface()); err != nil {
				return nil, err
			}
		}
		for i, t := range list {
			if t == nil {
				return nil, fmt.Errorf("%s: %q is missing: want the keys %s", what, names[i], Quoted(names))
			}
		}
		return list, nil
	}
	t, err := ToTensor(what, v)
	if err != nil {
		return nil, err
	}
	return oneEach(what, []*tensors.Tensor{t}, names)
}

func oneEach(what string, list []*tensors.Tensor, names []string) ([]*tensors.Tensor, error) {
	if len(list) != len(names) {
		return nil, fmt.Errorf("%s: got %d arrays, want %d (%s)", what, len(list), len(names), Quoted(names))
	}
	return list, nil
}

// ToTensor turns a tensor, or a Go slice or array of numbers of any depth, into a tensor.
func ToTensor(what string, v any) (*tensors.Tensor, error) {
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
	err = catch.Panic(func() error {
		var err error
		t, err = tensors.FromAnyValue(sliced)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("%s: %T can't be read as an array of numbers: %w", what, v, FirstLine(err))
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

// FirstLine keeps the first line of an error: GoMLX puts stacks below.
func FirstLine(err error) error {
	line, _, cut := strings.Cut(err.Error(), "\n")
	if !cut {
		return err
	}
	return fmt.Errorf("%s", line)
}

// Quoted lists names for a message: "a", "b".
func Quoted(names []string) string {
	q := make([]string, len(names))
	for i, n := range names {
		q[i] = strconv.Quote(n)
	}
	return strings.Join(q, ", ")
}
