package symbolic

import (
	"fmt"
	"slices"

	"github.com/gokeras/gokeras/internal/config"
	"github.com/gokeras/gokeras/internal/kerasops"
)

// None is an axis whose size is known only when data arrives, as the batch
// axis always is (Keras: None).
const None = -1

// Shape is the shape of a symbolic tensor, the batch axis first; [None] stands
// for an axis of unknown size.
type Shape []int

// unknownSize is the size of the only axis of [UnknownShape].
const unknownSize = -2

// UnknownShape is the shape of a tensor in a model that is only shown where the file doesn't tell it.
func UnknownShape() Shape { return Shape{unknownSize} }

// IsUnknown reports whether s is [UnknownShape].
func (s Shape) IsUnknown() bool { return len(s) == 1 && s[0] == unknownSize }

// String writes the shape as Python does: "(None, 32, 32, 3)", "(None,)", "()".
func (s Shape) String() string {
	if s.IsUnknown() {
		return "?"
	}
	return kerasops.ShapeText(s)
}

// Rank is the number of axes, the batch axis included.
func (s Shape) Rank() int { return len(s) }

// Clone returns a copy that shares nothing with s.
func (s Shape) Clone() Shape { return slices.Clone(s) }

// Equal reports whether both shapes have the same axes, None equal only to None.
func (s Shape) Equal(other Shape) bool { return slices.Equal(s, other) }

// Axis turns an axis counted from the end (-1 is the last) into one counted
// from the start; ok is false if the shape has no such axis.
func (s Shape) Axis(axis int) (index int, ok bool) {
	if axis < 0 {
		axis += len(s)
	}
	return axis, axis >= 0 && axis < len(s)
}

// Size is the product of the axes, or None if one is None.
func (s Shape) Size() int {
	size := 1
	for _, d := range s {
		if d == None {
			return None
		}
		size *= d
	}
	return size
}

// JSON is the shape as Keras's files have it: null for None.
func (s Shape) JSON() any {
	if s == nil || s.IsUnknown() {
		return nil
	}
	list := make([]any, len(s))
	for i, d := range s {
		if d != None {
			list[i] = d
		}
	}
	return list
}

// EncodeKeras implements the configuration's codec: null for None.
func (s *Shape) EncodeKeras() (any, error) { return s.JSON(), nil }

// DecodeKeras implements the configuration's codec.
func (s *Shape) DecodeKeras(v any) error {
	if v == nil {
		*s = nil
		return nil
	}
	shape, err := ShapeFromJSON(v)
	*s = shape
	return err
}

// ShapeFromJSON reads a shape as files have it.
func ShapeFromJSON(v any) (Shape, error) {
	list, ok := v.([]any)
	if !ok {
		return nil, fmt.Errorf("got %v, want a shape such as [null, 32]", v)
	}
	shape := make(Shape, len(list))
	for i, d := range list {
		if d == nil {
			shape[i] = None
			continue
		}
		n, ok := config.AsInt(d)
		if !ok || n < 0 || n > 1<<40 {
			return nil, fmt.Errorf("axis %d is %v, want null or a size", i, d)
		}
		shape[i] = n
	}
	return shape, nil
}
