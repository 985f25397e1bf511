package datasets

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"

	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/tensors"
)

// Element is what a [Pipeline] has one of after the other: a sample, or, behind Batch, a batch. Y and SampleWeight may be nil. Each is an array, a
// *tensors.Tensor or texts (a string, []string, [][]string …); a model of several inputs or outputs has a list of them, []any, or a map[string]any by their
// names. Numbers, Go slices and Go arrays that a function of the user's returns become tensors.
type Element struct{ X, Y, SampleWeight any }

// PackXYSampleWeight makes an element of x and, where they are given, y and sample weights (Keras: pack_x_y_sample_weight).
func PackXYSampleWeight(x any, yAndWeight ...any) (Element, error) {
	e := Element{X: x}
	switch len(yAndWeight) {
	case 0:
	case 2:
		e.SampleWeight = yAndWeight[1]
		fallthrough
	case 1:
		e.Y = yAndWeight[0]
	default:
		return e, fmt.Errorf("datasets.PackXYSampleWeight: got %d values, want x, (x, y) or (x, y, sampleWeight)", 1+len(yAndWeight))
	}
	return e, nil
}

// UnpackXYSampleWeight is the way back from an element, or from a list of one to three values; all else is x alone (Keras: unpack_x_y_sample_weight). What isn't
// there is nil.
func UnpackXYSampleWeight(data any) (x, y, sampleWeight any, err error) {
	switch d := data.(type) {
	case Element:
		return d.X, d.Y, d.SampleWeight, nil
	case []any:
		if len(d) == 0 || len(d) > 3 {
			return nil, nil, nil, fmt.Errorf("datasets.UnpackXYSampleWeight: got a list of %d, want x, (x, y) or (x, y, sampleWeight)", len(d))
		}
		e, err := PackXYSampleWeight(d[0], d[1:]...)
		return e.X, e.Y, e.SampleWeight, err
	}
	return data, nil, nil, nil
}

// parts are an element's values, with their names in errors.
func (e *Element) parts() [3]struct {
	name  string
	value *any
} {
	return [3]struct {
		name  string
		value *any
	}{{"X", &e.X}, {"Y", &e.Y}, {"SampleWeight", &e.SampleWeight}}
}

// each makes an element of another by a function of each of its arrays.
func (e Element) each(f func(leaf any) (any, error)) (Element, error) {
	return alike([]Element{e}, func(leaves []any) (any, error) { return f(leaves[0]) })
}

// alike makes an element of elements that have arrays at the same places, by a function of those at one place.
func alike(elements []Element, f func(leaves []any) (any, error)) (Element, error) {
	var out Element
	to := out.parts()
	for i := range to {
		values := make([]any, len(elements))
		for j := range elements {
			values[j] = *elements[j].parts()[i].value
		}
		v, err := alikeValues(to[i].name, values, f)
		if err != nil {
			return Element{}, err
		}
		*to[i].value = v
	}
	return out, nil
}

func alikeValues(path string, values []any, f func(leaves []any) (any, error)) (any, error) {
	other := func() error {
		return fmt.Errorf("%s isn't of one form: it has lists of other lengths, other names, or arrays beside lists", path)
	}
	inner := func(name string, of func(v any) (any, bool)) (any, error) {
		list := make([]any, len(values))
		for i, v := range values {
			var ok bool
			if list[i], ok = of(v); !ok {
				return nil, other()
			}
		}
		return alikeValues(name, list, f)
	}
	switch first := values[0].(type) {
	case nil:
		if slices.ContainsFunc(values, func(v any) bool { return v != nil }) {
			return nil, other()
		}
		return nil, nil
	case []any:
		out := make([]any, len(first))
		for i := range first {
			v, err := inner(fmt.Sprintf("%s[%d]", path, i), func(v any) (any, bool) {
				list, ok := v.([]any)
				if !ok || len(list) != len(first) {
					return nil, false
				}
				return list[i], true
			})
			if err != nil {
				return nil, err
			}
			out[i] = v
		}
		return out, nil
	case map[string]any:
		out := map[string]any{}
		for _, key := range slices.Sorted(maps.Keys(first)) {
			v, err := inner(fmt.Sprintf("%s[%q]", path, key), func(v any) (any, bool) {
				m, ok := v.(map[string]any)
				if !ok || len(m) != len(first) {
					return nil, false
				}
				inside, ok := m[key]
				return inside, ok
			})
			if err != nil {
				return nil, err
			}
			out[key] = v
		}
		return out, nil
	}
	for _, v := range values {
		switch v.(type) {
		case nil, []any, map[string]any:
			return nil, other()
		}
	}
	v, err := f(values)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return v, nil
}

// given is an element as the user gave it, with arrays in the two forms that elements have.
func given(e Element) (Element, error) {
	for _, p := range e.parts() {
		*p.value = listed(*p.value)
	}
	return e.each(func(leaf any) (any, error) {
		if isText(reflect.TypeOf(leaf)) {
			return leaf, nil
		}
		return asTensor(leaf)
	})
}

// listed has lists of tensors as lists of anything.
func listed(v any) any {
	switch v := v.(type) {
	case []*tensors.Tensor:
		out := make([]any, len(v))
		for i, t := range v {
			out[i] = t
		}
		return out
	case map[string]*tensors.Tensor:
		out := map[string]any{}
		for k, t := range v {
			out[k] = t
		}
		return out
	}
	return v
}

// isText tells strings, and slices of them, of any depth.
func isText(t reflect.Type) bool {
	for t != nil && t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	return t != nil && t.Kind() == reflect.String
}

// rows is the length of an array's first axis.
func rows(leaf any) (int, error) {
	if t, ok := leaf.(*tensors.Tensor); ok {
		if t.Rank() == 0 {
			return 0, errors.New("a single number has no rows")
		}
		return t.Shape().Dimensions[0], nil
	}
	v := reflect.ValueOf(leaf)
	if v.Kind() != reflect.Slice {
		return 0, errors.New("a single text has no rows")
	}
	return v.Len(), nil
}

// allRows is the number of rows that all arrays of an element have.
func allRows(e Element) (int, error) {
	n, known := 0, false
	_, err := e.each(func(leaf any) (any, error) {
		r, err := rows(leaf)
		if err == nil && known && r != n {
			err = fmt.Errorf("it has %d rows, and another array has %d", r, n)
		}
		n, known = r, true
		return leaf, err
	})
	if err == nil && !known {
		err = errors.New("there are no arrays")
	}
	return n, err
}

// rowOf is one row of each array.
func rowOf(e Element, i int) (Element, error) {
	return e.each(func(leaf any) (any, error) {
		if t, ok := leaf.(*tensors.Tensor); ok {
			return gather(t, []int{i})
		}
		return reflect.ValueOf(leaf).Index(i).Interface(), nil
	})
}

// copied is an element whose tensors nobody else has: who gets a batch may hand its memory to a device.
func copied(e Element) (Element, error) {
	return e.each(func(leaf any) (any, error) {
		if t, ok := leaf.(*tensors.Tensor); ok {
			return t.Clone()
		}
		return leaf, nil
	})
}

// stacked puts elements into one, whose arrays have a first axis more. pad fills numbers up to the largest of each axis with zeros.
func stacked(elements []Element, pad bool) (Element, error) {
	return alike(elements, func(leaves []any) (any, error) {
		if _, ok := leaves[0].(*tensors.Tensor); ok {
			return stackTensors(leaves, pad)
		}
		first := reflect.TypeOf(leaves[0])
		out := reflect.MakeSlice(reflect.SliceOf(first), len(leaves), len(leaves))
		for i, leaf := range leaves {
			if reflect.TypeOf(leaf) != first {
				return nil, fmt.Errorf("element %d of it is a %T, and the first a %s", i, leaf, first)
			}
			out.Index(i).Set(reflect.ValueOf(leaf))
		}
		return out.Interface(), nil
	})
}

func stackTensors(leaves []any, pad bool) (*tensors.Tensor, error) {
	list := make([]*tensors.Tensor, len(leaves))
	var shape shapes.Shape
	for i, leaf := range leaves {
		t, ok := leaf.(*tensors.Tensor)
		if !ok {
			return nil, fmt.Errorf("element %d of it is a %T, and the first a tensor", i, leaf)
		}
		list[i] = t
		s := t.Shape()
		if i == 0 {
			shape = s.Clone()
			continue
		}
		if s.DType != shape.DType || s.Rank() != shape.Rank() || !pad && !slices.Equal(s.Dimensions, shape.Dimensions) {
			return nil, fmt.Errorf("element %d of it has shape %s, and the first %s", i, s, shape)
		}
		for axis, d := range s.Dimensions {
			shape.Dimensions[axis] = max(shape.Dimensions[axis], d)
		}
	}
	bytes := float64(len(list)) * float64(shape.DType.Size())
	for _, d := range shape.Dimensions {
		bytes *= float64(d)
	}
	if bytes > maxBatchBytes {
		return nil, fmt.Errorf("a batch of %d elements of shape %s takes more than %d bytes", len(list), shape, maxBatchBytes)
	}
	out := tensors.FromShape(shapes.Make(shape.DType, append([]int{len(list)}, shape.Dimensions...)...))
	var inner error
	err := out.MutableBytes(func(dst []byte) {
		each := len(dst) / len(list)
		for i, t := range list {
			if t.Size() == 0 {
				continue
			}
			err := t.ConstBytes(func(src []byte) {
				place := dst[i*each : (i+1)*each]
				if len(src) == each {
					copy(place, src)
					return
				}
				copyInto(place, src, shape.Dimensions, t.Shape().Dimensions, shape.DType.Size())
			})
			inner = errors.Join(inner, err)
		}
	})
	return out, errors.Join(err, inner)
}

// copyInto puts a smaller array into the beginning of each axis of a larger one.
func copyInto(dst, src []byte, to, from []int, size int) {
	if len(from) == 1 {
		copy(dst, src[:from[0]*size])
		return
	}
	dstRow, srcRow := len(dst)/to[0], len(src)/from[0]
	for i := range from[0] {
		copyInto(dst[i*dstRow:(i+1)*dstRow], src[i*srcRow:(i+1)*srcRow], to[1:], from[1:], size)
	}
}
