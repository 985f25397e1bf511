package layers

import (
	"fmt"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/internal/config"
)

// Strength is what the constructors of augmentation layers take to bound a random change: a number, for up to as much, or a slice with
// a lower and an upper bound.
type Strength interface{ int | float64 | []float64 }

func strength[S Strength](s S) []float64 {
	switch s := any(s).(type) {
	case int:
		return []float64{float64(s)}
	case float64:
		return []float64{s}
	}
	return any(s).([]float64)
}

// bounds are a lower and an upper bound.
type bounds struct{ lower, upper float64 }

// within reads a number or two within limits; a number is for up to as much, either way where the limits let it.
func (b *bounds) within(low, high float64, values []float64) error {
	bad := func() error {
		return fmt.Errorf("the `factor` argument should be a number (or a list of two numbers) in the range [%v, %v], received: factor=%v", low, high, values)
	}
	switch len(values) {
	case 1:
		v := values[0]
		if !(v >= low && v <= high) {
			return bad()
		}
		b.upper = max(v, -v)
		b.lower = max(-b.upper, low)
	case 2:
		if !(values[0] <= high && values[1] >= low && values[0] == values[0] && values[1] == values[1]) || max(values[0], values[1]) > maxStrength || min(values[0], values[1]) < -maxStrength {
			return bad()
		}
		b.lower, b.upper = min(values[0], values[1]), max(values[0], values[1])
	default:
		return bad()
	}
	return nil
}

// maxStrength bounds what Keras leaves unbounded, so that products are still numbers.
const maxStrength = 1e6

// numbersOf reads a number or a list of numbers; null is 0.
func numbersOf(v any) ([]float64, error) {
	var o config.OneOrMore[float64]
	if v == nil {
		return []float64{0}, nil
	}
	err := o.DecodeKeras(v)
	if err == nil && len(o.Values) == 1 && !o.One {
		err = fmt.Errorf("got a list of one number, want a number or a list of two")
	}
	return o.Values, err
}

// EncodeKeras writes the two bounds.
func (b *bounds) EncodeKeras() (any, error) { return []any{b.lower, b.upper}, nil }

// around is an argument of two bounds between -1 and 1; a number stands for both ways.
type around struct{ bounds }

func (a *around) set(values ...float64) error { return a.within(-1, 1, values) }

// DecodeKeras reads a number or two.
func (a *around) DecodeKeras(v any) error {
	values, err := numbersOf(v)
	if err != nil {
		return err
	}
	return a.set(values...)
}

// upTo is an argument of two bounds between 0 and 1; a number stands for up to as much.
type upTo struct{ bounds }

func (u *upTo) set(values ...float64) error { return u.within(0, 1, values) }

// DecodeKeras reads a number or two.
func (u *upTo) DecodeKeras(v any) error {
	values, err := numbersOf(v)
	if err != nil {
		return err
	}
	return u.set(values...)
}

// asGiven is an argument of one or two numbers that files have as it was given; none is null.
type asGiven struct{ config.OneOrMore[float64] }

func (a *asGiven) set(values ...float64) error {
	if len(values) != 1 && len(values) != 2 {
		return fmt.Errorf("got %d values: want a number, or a lower and an upper bound", len(values))
	}
	a.OneOrMore = config.Given(values)
	return nil
}

// bounds are the argument's two bounds; a number stands for both ways. bad tells numbers that Keras rejects.
func (a *asGiven) bounds(argument, limits string, bad func(v float64) bool) (bounds, error) {
	n := a.Values
	for _, v := range n {
		if v != v || bad(v) {
			n = nil
		}
	}
	switch {
	case len(n) == 1 && a.One:
		return bounds{-max(n[0], -n[0]), max(n[0], -n[0])}, nil
	case len(n) == 2:
		return bounds{min(n[0], n[1]), max(n[0], n[1])}, nil
	}
	return bounds{}, fmt.Errorf("the `%s` argument should be a number (or a list of two numbers) in the range %s, received: %v", argument, limits, a.Values)
}

// valueRange is the argument of layers that know the lowest and the highest value of a pixel.
type valueRange struct {
	ValueRange span `keras:"value_range" default:"[0,255]"`
}

// sorted puts the two in order, as most of the layers do.
func (r *valueRange) sorted() {
	r.ValueRange = span{min(r.ValueRange.low, r.ValueRange.high), max(r.ValueRange.low, r.ValueRange.high)}
}

// span is an argument of two numbers.
type span struct{ low, high float64 }

func (s *span) set(low, high float64) error {
	if low != low || high != high {
		return fmt.Errorf("got %v and %v, want numbers", low, high)
	}
	*s = span{low, high}
	return nil
}

// EncodeKeras writes the two.
func (s *span) EncodeKeras() (any, error) { return []any{s.low, s.high}, nil }

// DecodeKeras reads a list of two.
func (s *span) DecodeKeras(v any) error {
	var o config.OneOrMore[float64]
	if err := o.DecodeKeras(v); err != nil {
		return err
	}
	if o.One || len(o.Values) != 2 {
		return fmt.Errorf("got %v, want a list of two numbers", v)
	}
	return s.set(o.Values[0], o.Values[1])
}

// size is how far the two are apart.
func (s span) size() float64 { return s.high - s.low }

// clipped brings values into the span.
func (s span) clipped(x *graph.Node) *graph.Node { return graph.ClipScalar(x, s.low, s.high) }

// to brings values of the span to another one.
func (s span) to(other span, x *graph.Node) *graph.Node {
	if s == other {
		return x
	}
	unit := graph.DivScalar(graph.AddScalar(x, -s.low), s.size())
	return graph.AddScalar(graph.MulScalar(unit, other.size()), other.low)
}

// unitUpTo is an argument of two bounds, each between 0 and 1; a number stands for up to as much.
type unitUpTo struct{ bounds }

func (u *unitUpTo) set(values ...float64) error {
	if err := inUnit(values); err != nil {
		return err
	}
	return u.within(0, 1, values)
}

// DecodeKeras reads a number or two.
func (u *unitUpTo) DecodeKeras(v any) error {
	values, err := numbersOf(v)
	if err != nil {
		return err
	}
	return u.set(values...)
}

// unitAround is an argument of two bounds, each between 0 and 1; a number stands for both ways.
type unitAround struct{ bounds }

func (u *unitAround) set(values ...float64) error {
	if err := inUnit(values); err != nil {
		return err
	}
	return u.within(-1, 1, values)
}

// EncodeKeras writes the two bounds.
func (u *unitAround) EncodeKeras() (any, error) { return u.bounds.EncodeKeras() }

// DecodeKeras reads what a constructor takes, and what files have of a number, which Keras 3.15 itself doesn't read.
func (u *unitAround) DecodeKeras(v any) error {
	values, err := numbersOf(v)
	if err != nil {
		return err
	}
	if len(values) == 2 && values[0] == -values[1] {
		values = values[1:]
	}
	return u.set(values...)
}

func inUnit(values []float64) error {
	for _, v := range values {
		if !(v >= 0 && v <= 1) {
			return fmt.Errorf("the argument should be a number (or a list of two numbers) in the range [0, 1], received: %v", values)
		}
	}
	return nil
}
