package training

import (
	"fmt"
	"reflect"
	"slices"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gokeras/gokeras/internal/data"
	"github.com/gokeras/gokeras/internal/ndarray"
	"github.com/gokeras/gokeras/symbolic"
)

// WeighClasses gives the samples the weights of their classes.
func (m *Session) WeighClasses(what string, a *data.Arrays, weights map[int]float64) error {
	switch {
	case weights == nil:
		return nil
	case a.W != nil:
		return fmt.Errorf("%s: ClassWeight and SampleWeight can't both be given: multiply the class weights into the sample weights", what)
	case len(a.Y) != 1:
		return fmt.Errorf("%s: ClassWeight works for models with one output only, this one has %d: give SampleWeight instead", what, len(a.Y))
	}
	w, err := data.ClassWeights(a.Y[0], weights)
	if err != nil {
		return fmt.Errorf("%s: ClassWeight: %w", what, err)
	}
	a.W = []*tensors.Tensor{w}
	return nil
}

// sampleWeights brings sample weights to one float32 array per target, or nil if there are none.
func (m *Session) sampleWeights(what string, a *data.Arrays, sampleWeight any) ([]*tensors.Tensor, error) {
	if sampleWeight == nil {
		return nil, nil
	}
	names := m.training.targetNames(m)
	if given, ok := sampleWeight.([]any); ok && len(given) == len(names) {
		// Nil among the weights of several outputs stands for weights of 1.
		given = slices.Clone(given)
		for i, w := range given {
			if w == nil {
				ones, err := ndarray.Filled(dtypes.Float32, []int{a.Rows}, 1)
				if err != nil {
					return nil, err
				}
				given[i] = ones
			}
		}
		sampleWeight = given
	}
	list, err := m.perTarget(what+" sample weight", sampleWeight)
	if one, ok := oneArray(sampleWeight); err != nil && ok && len(names) > 1 { // one array serves every output
		var w *tensors.Tensor
		if w, err = ndarray.ToTensor(what+" sample weight", one); err == nil {
			list = slices.Repeat([]*tensors.Tensor{w}, len(names))
		}
	}
	if err != nil {
		return nil, err
	}
	for i, w := range list {
		if w.Rank() == 0 || w.Shape().Dimensions[0] != a.Rows {
			return nil, fmt.Errorf("%s: sample weight for %q has shape %s, want one weight for each of the %d samples", what, names[i], symbolic.Shape(w.Shape().Dimensions), a.Rows)
		}
		if list[i], err = ndarray.Convert(w, dtypes.Float32); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// oneArray tells a single array from a list or map of them.
func oneArray(v any) (any, bool) {
	switch v.(type) {
	case []any, []*tensors.Tensor:
		return nil, false
	}
	return v, reflect.TypeOf(v).Kind() != reflect.Map
}
