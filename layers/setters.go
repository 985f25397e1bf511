package layers

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gokeras/gokeras/activations"
)

//go:generate go run ../internal/kerastable/cmd/setters

// The functions of this file return the changes that the setters of setters_gen.go make of a layer's configuration.

func set[T any](to *T, v T) func() error {
	return func() error { *to = v; return nil }
}

func setPointer[T any](to **T, v T) func() error {
	return func() error { *to = &v; return nil }
}

func setSlice[S ~[]E, E any](to *S, values []E) func() error {
	return func() error { *to = slices.Clone(values); return nil }
}

// setAxes sets one value for every axis or one for each.
func setAxes(to, values []int) func() error {
	return func() error { return fill(to, values) }
}

// setAll sets as many values as there are.
func setAll(to, values []float64) func() error {
	return func() error {
		if len(values) != len(to) {
			return fmt.Errorf("got %d values: want %d", len(values), len(to))
		}
		copy(to, values)
		return nil
	}
}

// resolve sets what get makes of a name or a value.
func resolve[T any](to *T, get func(any) (T, error), v any) func() error {
	return func() (err error) {
		*to, err = get(v)
		return err
	}
}

// setWord sets one of a few words.
func setWord[W interface {
	~string
	check() error
}](to *W, word string) func() error {
	return func() error {
		*to = W(strings.ToLower(word))
		return (*to).check()
	}
}

func setActivation(to *activations.Name, name string) func() error {
	return func() error {
		*to = activations.Name(name)
		_, err := activations.Get(*to)
		return err
	}
}

// fill reads an argument that has one value for all axes or one for each.
func fill(to, values []int) error {
	switch {
	case len(values) == 1:
		for i := range to {
			to[i] = values[0]
		}
		return nil
	case len(values) == len(to):
		copy(to, values)
		return nil
	case len(to) == 1:
		return fmt.Errorf("got %d values: want 1", len(values))
	}
	axes := []string{"depth", "height", "width"}
	if len(to) <= len(axes) {
		axes = axes[len(axes)-len(to):]
		return fmt.Errorf("got %d values: want 1 (for %s and %s) or %d (%s)",
			len(values), strings.Join(axes[:len(axes)-1], ", "), axes[len(axes)-1], len(to), strings.Join(axes, ", "))
	}
	return fmt.Errorf("got %d values: want 1 or %d", len(values), len(to))
}

// atMostOne sets what a constructor may be given.
func atMostOne[T any](class string, to *T, values []T) error {
	if len(values) > 1 {
		return fmt.Errorf("%s got %d values: want 1", class, len(values))
	}
	for _, v := range values {
		*to = v
	}
	return nil
}
