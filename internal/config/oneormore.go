package config

import "fmt"

// OneOrMore is an argument that takes a number, a list of numbers, or null, and is written as it was given.
type OneOrMore[T int | float64] struct {
	Values []T  // nil is null
	One    bool // Values is a number by itself
}

// Given is the argument for values given one by one: a single one is a number, not a list.
func Given[T int | float64](values []T) OneOrMore[T] {
	return OneOrMore[T]{append([]T{}, values...), len(values) == 1}
}

// EncodeKeras implements [Codec].
func (o *OneOrMore[T]) EncodeKeras() (any, error) {
	switch {
	case o.Values == nil:
		return nil, nil
	case o.One:
		return o.Values[0], nil
	}
	list := make([]any, len(o.Values))
	for i, v := range o.Values {
		list[i] = v
	}
	return list, nil
}

// DecodeKeras implements [Codec].
func (o *OneOrMore[T]) DecodeKeras(v any) error {
	*o = OneOrMore[T]{}
	if v == nil {
		return nil
	}
	list, isList := v.([]any)
	if !isList {
		list = []any{v}
	}
	values := make([]T, len(list))
	for i, e := range list {
		number, ok := asNumber[T](e)
		if !ok {
			return fmt.Errorf("got %s, want null, %s or a list of them", describe(e), kindOf[T]())
		}
		values[i] = number
	}
	*o = OneOrMore[T]{values, !isList}
	return nil
}

func kindOf[T int | float64]() string {
	if _, isInt := any(T(0)).(int); isInt {
		return "a whole number"
	}
	return "a number"
}

func asNumber[T int | float64](v any) (T, bool) {
	if _, isInt := any(T(0)).(int); isInt {
		n, ok := AsInt(v)
		return T(n), ok
	}
	f, ok := AsFloat(v)
	return T(f), ok
}
