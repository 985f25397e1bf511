package symbolic

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gokeras/gokeras/internal/config"
	"github.com/gokeras/gokeras/internal/nest"
)

// Arguments are the arguments of one call of a layer, by the names of its signature. Tensors in them are of type T: a [Spec]
// while shapes are inferred and weights made, a *graph.Node while the graph is built. All else is a plain value: nil, bool, int, float64, string, or
// lists ([]any) and maps (map[string]any) of these and of tensors.
type Arguments[T any] struct {
	signature *Signature
	values    map[string]any
	given     map[string]bool
}

// Inputs are the arguments of a call as their shapes and types.
type Inputs = Arguments[Spec]

// Get returns an argument, its default where it wasn't given.
func (a *Arguments[T]) Get(name string) any { return a.values[name] }

// Given reports whether the caller gave the argument.
func (a *Arguments[T]) Given(name string) bool { return a.given[name] }

// Tensor returns an argument that is one tensor; ok is false for None and for all else.
func (a *Arguments[T]) Tensor(name string) (t T, ok bool) {
	t, ok = a.values[name].(T)
	return t, ok
}

// Tensors returns the tensors of an argument in order, those inside lists and maps too; it is nil for None.
func (a *Arguments[T]) Tensors(name string) []T {
	if t, ok := a.values[name].(T); ok {
		return []T{t}
	}
	var list []T
	nest.Each(a.values[name], func(v any) {
		if t, ok := v.(T); ok {
			list = append(list, t)
		}
	})
	return list
}

// First returns the tensors of the first argument: the layer's inputs.
func (a *Arguments[T]) First() []T { return a.Tensors(a.firstName()) }

func (a *Arguments[T]) firstName() string {
	if len(a.signature.params) == 0 {
		return a.signature.rest
	}
	return a.signature.params[0].name
}

// Bool returns an argument that is true or false; None is false.
func (a *Arguments[T]) Bool(name string) bool {
	b, _ := a.values[name].(bool)
	return b
}

// bindArguments binds a call's arguments and fills in the masks that the caller left out, as Keras's Layer.__call__ does: each
// tensor's own, which maskOf gives (nil for none).
func bindArguments[T any](s *Signature, args []any, kwargs map[string]any, maskOf func(T) any) (*Arguments[T], error) {
	values, given, err := s.bind(args, kwargs)
	if err != nil {
		return nil, err
	}
	a := &Arguments[T]{signature: s, values: values, given: given}
	var tensors []string // the arguments that are made of tensors
	for _, name := range s.Names() {
		is, err := isTensors[T](values[name])
		if err != nil {
			return nil, fmt.Errorf("argument %q: %w", name, err)
		}
		if is {
			tensors = append(tensors, name)
		}
	}
	for _, name := range tensors {
		mask := maskArgument
		if len(tensors) > 1 {
			mask = name + maskSuffix
		}
		if s.Has(mask) && values[mask] == nil {
			values[mask] = masksOf(values[name], maskOf)
		}
	}
	return a, nil
}

// isTensors reports whether an argument is a tensor, or lists and maps of nothing but tensors and None. Lists that mix tensors
// with other values are an error.
func isTensors[T any](v any) (bool, error) {
	if _, ok := v.(T); ok || v == nil {
		return ok, nil
	}
	tensors, others := 0, 0
	nest.Each(v, func(leaf any) {
		if _, ok := leaf.(T); ok {
			tensors++
		} else if leaf != nil {
			others++
		}
	})
	if tensors > 0 && others > 0 {
		return false, fmt.Errorf("tensors and other values can't be mixed in one argument")
	}
	return tensors > 0, nil
}

// masksOf puts the mask of each tensor in its place.
func masksOf[T any](v any, maskOf func(T) any) any {
	if t, ok := v.(T); ok {
		return maskOf(t)
	}
	masks, _ := nest.Map(v, func(leaf any) (any, error) {
		if t, ok := leaf.(T); ok {
			return maskOf(t), nil
		}
		return nil, nil
	})
	return masks
}

// previousMask is what Keras hands to compute_mask: the mask that the call got, else those of its first argument.
func (a *Arguments[T]) previousMask(maskOf func(T) any) any {
	if mask := a.values[maskArgument]; mask != nil && a.signature.Has(maskArgument) {
		return mask
	}
	return masksOf(a.values[a.firstName()], maskOf)
}

func unknownArgument(name string, known []string) error {
	hint := ""
	if near := config.Nearest(name, known); near != "" {
		hint = fmt.Sprintf("; did you mean %q?", near)
	}
	return fmt.Errorf("unknown argument %q%s (known: %s)", name, hint, strings.Join(known, ", "))
}

// onlyTensors refuses plain values among the positional arguments, as Keras does.
func onlyTensors(args []any) error {
	for i, a := range args {
		var bad any
		nest.Each(a, func(leaf any) {
			if _, ok := leaf.(*Tensor); !ok && leaf != nil && bad == nil {
				bad = leaf
			}
		})
		if bad != nil {
			return fmt.Errorf("only input tensors may be passed as positional arguments: argument %d holds %v (a %T), which should be passed by its name", i+1, bad, bad)
		}
	}
	return nil
}

// tensorsIn lists the tensors of a call in Keras's order: those of the positional arguments, then those of the keywords in
// alphabetical order.
func tensorsIn(args []any, kwargs map[string]any) []*Tensor {
	if len(args) == 1 && len(kwargs) == 0 { // the usual call, without a walk
		if t, ok := args[0].(*Tensor); ok {
			return []*Tensor{t}
		}
	}
	var list []*Tensor
	nest.Each([]any{slices.Clone(args), kwargs}, func(leaf any) {
		if t, ok := leaf.(*Tensor); ok {
			list = append(list, t)
		}
	})
	return list
}
