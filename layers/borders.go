package layers

import (
	"fmt"
	"math"

	"github.com/gokeras/gokeras/internal/config"
)

// borders is an argument with two numbers for each spatial axis, for its beginning and its end. How many axes there are is
// settled when the layer is made.
type borders struct{ pairs [][2]int }

func bordersOf(axes int) borders { return borders{make([][2]int, axes)} }

// EncodeKeras writes a pair for a sequence, a list of pairs for what has more axes.
func (b *borders) EncodeKeras() (any, error) {
	var all []any
	for _, p := range b.pairs {
		all = append(all, []any{p[0], p[1]})
	}
	if len(all) == 1 {
		return all[0], nil
	}
	return all, nil
}

// DecodeKeras reads one number for all borders, or, for each axis, a number or a pair.
func (b *borders) DecodeKeras(v any) error {
	axes := len(b.pairs)
	if n, ok := config.AsInt(v); ok {
		return b.set(n)
	}
	entries, ok := v.([]any)
	if axes == 1 {
		entries = []any{v} // the pair itself
	}
	if !ok || len(entries) != axes {
		return fmt.Errorf("got %v, want a whole number or one entry for each of %d axes", v, axes)
	}
	pairs := make([][2]int, axes)
	for i, entry := range entries {
		numbers, isPair := entry.([]any)
		if !isPair {
			numbers = []any{entry, entry}
		}
		if len(numbers) != 2 {
			return fmt.Errorf("got %v, want a whole number or 2 of them", entry)
		}
		for k, v := range numbers {
			n, ok := config.AsInt(v)
			if !ok {
				return fmt.Errorf("got %v, want a whole number", v)
			}
			pairs[i][k] = n
		}
	}
	b.pairs = pairs
	return nil
}

// set takes one number for all borders, one for each axis, or two for each axis.
func (b *borders) set(amounts ...int) error {
	axes := len(b.pairs)
	pairs := make([][2]int, axes)
	for i := range pairs {
		switch len(amounts) {
		case 1:
			pairs[i] = [2]int{amounts[0], amounts[0]}
		case 2 * axes:
			pairs[i] = [2]int{amounts[2*i], amounts[2*i+1]}
		case axes:
			pairs[i] = [2]int{amounts[i], amounts[i]}
		default:
			if axes == 1 {
				return fmt.Errorf("got %d values: want 1 or 2 (before, after)", len(amounts))
			}
			return fmt.Errorf("got %d values: want 1, %d (one an axis) or %d (before and after each axis)", len(amounts), axes, 2*axes)
		}
	}
	b.pairs = pairs
	return nil
}

// give sets what a constructor may be given, which is one number.
func (b *borders) give(class, argument string, amounts []int) error {
	switch len(amounts) {
	case 0:
		return nil
	case 1:
		return b.set(amounts[0])
	}
	return fmt.Errorf("%s got %d values: write .%s(…) for borders that differ", class, len(amounts), argument)
}

func (b *borders) check(argument string) error {
	for _, p := range b.pairs {
		for _, n := range p {
			if n < 0 || n > math.MaxInt/64 {
				return fmt.Errorf("the `%s` argument must be non-negative integers that a size may have, got %d", argument, n)
			}
		}
	}
	return nil
}
