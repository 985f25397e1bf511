package functional

import (
	"fmt"
	"math"
	"reflect"
	"slices"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gokeras/gokeras/internal/ndarray"
)

// weighClasses gives the samples the weights of their classes.
func (m *Model) weighClasses(what string, a *arrays, weights map[int]float64) error {
	switch {
	case weights == nil:
		return nil
	case a.w != nil:
		return fmt.Errorf("%s: ClassWeight and SampleWeight can't both be given: multiply the class weights into the sample weights", what)
	case len(a.y) != 1:
		return fmt.Errorf("%s: ClassWeight works for models with one output only, this one has %d: give SampleWeight instead", what, len(a.y))
	}
	w, err := classWeights(a.y[0], weights)
	if err != nil {
		return fmt.Errorf("%s: ClassWeight: %w", what, err)
	}
	a.w = []*tensors.Tensor{w}
	return nil
}

// sampleWeights brings sample weights to one float32 array per target, or nil if there are none.
func (m *Model) sampleWeights(what string, a *arrays, sampleWeight any) ([]*tensors.Tensor, error) {
	if sampleWeight == nil {
		return nil, nil
	}
	names := m.training.targetNames(m)
	if given, ok := sampleWeight.([]any); ok && len(given) == len(names) {
		// Nil among the weights of several outputs stands for weights of 1.
		given = slices.Clone(given)
		for i, w := range given {
			if w == nil {
				ones, err := ndarray.Filled(dtypes.Float32, []int{a.rows}, 1)
				if err != nil {
					return nil, err
				}
				given[i] = ones
			}
		}
		sampleWeight = given
	}
	list, err := ndarray.ToTensors(what+" sample weight", sampleWeight, names)
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
		if w.Rank() == 0 || w.Shape().Dimensions[0] != a.rows {
			return nil, fmt.Errorf("%s: sample weight for %q has shape %s, want one weight for each of the %d samples", what, names[i], describeTensor(w), a.rows)
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

// classWeights gives each sample the weight of its class: the target itself
// if it is an integer, the largest entry if it is one-hot. Classes without a weight have 1, as in Keras.
func classWeights(y *tensors.Tensor, weights map[int]float64) (*tensors.Tensor, error) {
	dims := y.Shape().Dimensions
	classes := 1
	if len(dims) > 2 {
		return nil, fmt.Errorf("targets have shape %s, want class numbers or one-hot rows", Shape(dims))
	}
	if len(dims) == 2 {
		classes = dims[1]
	}
	if classes == 0 {
		return nil, fmt.Errorf("targets have shape %s, want at least one column", Shape(dims))
	}
	numbers, err := ndarray.Convert(y, dtypes.Float64)
	if err != nil {
		return nil, err
	}
	out := make([]float32, dims[0])
	err = tensors.ConstFlatData(numbers, func(flat []float64) {
		for i := range out {
			row := flat[i*classes : (i+1)*classes]
			class := int(math.Round(row[0]))
			if classes > 1 {
				class = 0
				for j, v := range row {
					if v > row[class] {
						class = j
					}
				}
			}
			out[i] = 1
			if w, ok := weights[class]; ok {
				out[i] = float32(w)
			}
		}
	})
	return tensors.FromFlatDataAndDimensions(out, dims[0]), err
}
