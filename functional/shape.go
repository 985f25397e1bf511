package functional

import (
	"fmt"
	"slices"
	"strings"
)

// None is an axis whose size is known only when data arrives, as the batch
// axis always is (Keras: None).
const None = -1

// Shape is the shape of a symbolic tensor, the batch axis first; [None] stands
// for an axis of unknown size.
type Shape []int

// String writes the shape as Python does: "(None, 32, 32, 3)", "(None,)", "()".
func (s Shape) String() string {
	parts := make([]string, len(s))
	for i, d := range s {
		parts[i] = "None"
		if d != None {
			parts[i] = fmt.Sprint(d)
		}
	}
	if len(s) == 1 {
		return "(" + parts[0] + ",)"
	}
	return "(" + strings.Join(parts, ", ") + ")"
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

// json is the shape as Keras's files have it: null for None.
func (s Shape) json() any {
	if s == nil {
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
func (s *Shape) EncodeKeras() (any, error) { return s.json(), nil }

// DecodeKeras implements the configuration's codec.
func (s *Shape) DecodeKeras(v any) error {
	if v == nil {
		*s = nil
		return nil
	}
	shape, err := shapeFromJSON(v)
	*s = shape
	return err
}
