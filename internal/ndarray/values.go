package ndarray

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gokeras/gokeras/internal/catch"
)

// ToTensors reads what a user may give as data for the named inputs or outputs.
func ToTensors(what string, v any, names []string) ([]*tensors.Tensor, error) {
	return ForEach(what, v, names, func(_ int, what string, v any) (*tensors.Tensor, error) { return ToTensor(what, v) })
}

// ForEach reads what a user may give as data for several names: a value for each in a list ([]any, []*tensors.Tensor) or a map, or one value alone. read
// gets the name's index, what to call the value in errors, and the value. Nil is no data.
func ForEach[T any](what string, v any, names []string, read func(i int, what string, v any) (T, error)) ([]T, error) {
	var given []any
	label := func(int) string { return what }
	switch v := v.(type) {
	case nil:
		return nil, nil
	case []*tensors.Tensor:
		label = func(i int) string { return fmt.Sprintf("%s: tensor %d", what, i) }
		for _, t := range v {
			given = append(given, t)
		}
	case []any:
		label = func(i int) string { return fmt.Sprintf("%s[%d]", what, i) }
		given = v
	default:
		given = []any{v}
		rv := reflect.ValueOf(v)
		if rv.Kind() != reflect.Map || rv.Type().Key().Kind() != reflect.String {
			break
		}
		label = func(i int) string { return what + "[" + strconv.Quote(names[i]) + "]" }
		given = make([]any, len(names))
		for it := rv.MapRange(); it.Next(); {
			key := it.Key().String()
			at := Places(names, key)
			if at == nil {
				return nil, fmt.Errorf("%s: there is no %q: want the keys %s", what, key, Quoted(names))
			}
			for _, i := range at {
				given[i] = it.Value().Interface()
			}
		}
		for i, value := range given {
			if value == nil {
				return nil, fmt.Errorf("%s: %q is missing: want the keys %s", what, names[i], Quoted(names))
			}
		}
	}
	if len(given) != len(names) {
		return nil, fmt.Errorf("%s: got %d arrays, want %d (%s)", what, len(given), len(names), Quoted(names))
	}
	list := make([]T, len(given))
	for i, value := range given {
		var err error
		if list[i], err = read(i, label(i), value); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// Places lists where a name stands among others: outputs may share one.
func Places(names []string, name string) []int {
	var at []int
	for i, n := range names {
		if n == name {
			at = append(at, i)
		}
	}
	return at
}

// ToTensor turns a tensor, a Go slice or array of numbers of any depth, an array of package np, a gonum matrix or pictures into a tensor.
func ToTensor(what string, v any) (*tensors.Tensor, error) {
	if t, ok := v.(*tensors.Tensor); ok {
		if t == nil || !t.Ok() {
			return nil, fmt.Errorf("%s: the tensor is nil or was finalized", what)
		}
		return t, nil
	}
	var converted *tensors.Tensor
	is := false
	err := catch.Panic(func() (err error) {
		converted, is, err = foreign(v)
		return err
	})
	switch {
	case err != nil:
		return nil, fmt.Errorf("%s: %T: %w", what, v, FirstLine(err))
	case is:
		return ToTensor(what, converted)
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
		return nil, fmt.Errorf("got a %s, want a tensor, an array of package np, a gonum matrix, pictures, or Go slices or arrays of numbers", v.Type())
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
