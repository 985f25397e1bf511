package training

import (
	"fmt"
	"maps"
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
	sampleWeight = m.grouped(sampleWeight)
	sampleWeight, err := m.onesForNil(sampleWeight, a.Rows)
	if err != nil {
		return nil, err
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

// onesForNil puts weights of 1 in the place of nil among the weights of several outputs, with as many axes as a loss has values.
func (m *Session) onesForNil(sampleWeight any, rows int) (any, error) {
	outputs := m.Outputs()
	ones := func(output int) (any, error) {
		dims := []int{rows}
		for range len(outputs[output].Shape()) - 2 {
			dims = append(dims, 1)
		}
		return ndarray.Filled(dtypes.Float32, dims, 1)
	}
	var err error
	switch given := sampleWeight.(type) {
	case []any:
		of := m.training.targetOutputs(m)
		filled := slices.Clone(given)
		for i, w := range given {
			switch {
			case w != nil || err != nil:
			case len(given) == len(of):
				filled[i], err = ones(of[i])
			case len(given) == len(outputs):
				filled[i], err = ones(i)
			}
		}
		return filled, err
	case map[string]any:
		filled := maps.Clone(given)
		for key, w := range given {
			if at := ndarray.Places(m.OutputNames(), key); w == nil && err == nil && at != nil {
				filled[key], err = ones(at[0])
			}
		}
		return filled, err
	}
	return sampleWeight, nil
}

// weightsOf divides the labels of a GoMLX data set into targets and the sample weights that come after them: one array for each target, or one for all.
func (m *Session) weightsOf(y any) (targets, weights any) {
	labels, ok := y.([]*tensors.Tensor)
	n := len(m.training.targetOutputs(m))
	switch {
	case !ok:
	case len(labels) == 2*n:
		return labels[:n], labels[n:]
	case len(labels) == n+1:
		return labels[:n], labels[n]
	}
	return y, nil
}

// oneArray tells a single array from a list or map of them.
func oneArray(v any) (any, bool) {
	switch v.(type) {
	case []any, []*tensors.Tensor:
		return nil, false
	}
	return v, reflect.TypeOf(v).Kind() != reflect.Map
}
