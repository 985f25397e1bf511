package featurespace

import (
	"fmt"
	"reflect"

	"github.com/gokeras/gokeras/symbolic"
)

// rows are a column as (rows, 1), of one type.
type rows interface {
	count() int
	value() any
	batches() []any
}

type typed[T any] [][]T

func (r typed[T]) count() int { return len(r) }
func (r typed[T]) value() any { return [][]T(r) }

// batches are as large as those in which Keras adapts to a table.
func (r typed[T]) batches() []any {
	const size = 32
	var out []any
	for i := 0; i < len(r); i += size {
		out = append(out, [][]T(r[i:min(i+size, len(r))]))
	}
	return out
}

// column2D reads a slice of numbers or texts, or of slices of one, as the type of a feature.
func column2D(given any, dtype string) (rows, error) {
	v := reflect.ValueOf(given)
	if v.Kind() != reflect.Slice || v.Len() == 0 {
		return nil, fmt.Errorf("got a %T, want a slice of values, one for each row", given)
	}
	switch dtype {
	case symbolic.Text:
		return read(v, func(e reflect.Value) (string, bool) { return e.String(), e.Kind() == reflect.String })
	case "int32", "int64":
		return read(v, func(e reflect.Value) (int32, bool) {
			n, ok := whole(e)
			return int32(n), ok && int64(int32(n)) == n
		})
	}
	return read(v, func(e reflect.Value) (float32, bool) {
		if e.CanFloat() {
			return float32(e.Float()), true
		}
		n, ok := whole(e)
		return float32(n), ok
	})
}

func whole(e reflect.Value) (int64, bool) {
	switch {
	case e.CanInt():
		return e.Int(), true
	case e.CanUint():
		return int64(e.Uint()), int64(e.Uint()) >= 0
	}
	return 0, false
}

func read[T any](v reflect.Value, element func(e reflect.Value) (T, bool)) (rows, error) {
	out := make(typed[T], v.Len())
	for i := range out {
		e := v.Index(i)
		for e.Kind() == reflect.Interface {
			e = e.Elem()
		}
		if e.Kind() == reflect.Slice && e.Len() == 1 {
			e = e.Index(0)
		}
		if !e.IsValid() {
			return nil, fmt.Errorf("row %d: got nothing", i)
		}
		value, ok := element(e)
		if !ok {
			return nil, fmt.Errorf("row %d: got %v, a %s, want a %T", i, e, e.Type(), value)
		}
		out[i] = []T{value}
	}
	return out, nil
}
