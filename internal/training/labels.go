package training

import (
	"fmt"
	"slices"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gokeras/gokeras/internal/data"
	"github.com/gokeras/gokeras/internal/ndarray"
	"github.com/gokeras/gokeras/losses"
)

// checkLabels finds class numbers that the model has no class for: on the device they would count as a sample without any. What a mask or a weight
// of 0 leaves out may be anything.
func (m *Session) checkLabels(what string, a *data.Arrays) error {
	t := m.training
	for k, i := range t.targetOutputs(m) {
		output := m.Outputs()[i]
		classes, ignored, ok := losses.Labels(t.losses[i], output.Shape())
		if !ok || output.Mask() != nil {
			continue
		}
		var weights []float32
		if a.W != nil {
			if err := tensors.ConstFlatData(a.W[k], func(flat []float32) { weights = slices.Clone(flat) }); err != nil {
				return err
			}
		}
		if err := eachLabel(a.Y[k], func(label float64, at, of int) error {
			if label >= 0 && label < float64(classes) || ignored != nil && label == float64(*ignored) {
				return nil
			}
			if perSample := of / max(len(weights), 1); perSample > 0 && len(weights) > 0 && weights[min(at/perSample, len(weights)-1)] == 0 {
				return nil
			}
			return fmt.Errorf("%s y: label %v of sample %d for output %q: its %d classes are 0 to %d", what, label, at/max(of/a.Rows, 1), m.OutputNames()[i], classes, classes-1)
		}); err != nil {
			return err
		}
	}
	return nil
}

// eachLabel visits the elements of a target, at a place of so many.
func eachLabel(y *tensors.Tensor, visit func(label float64, at, of int) error) error {
	switch y.DType() {
	case dtypes.Uint8:
		return visitFlat[uint8](y, visit)
	case dtypes.Int32:
		return visitFlat[int32](y, visit)
	case dtypes.Int64:
		return visitFlat[int64](y, visit)
	case dtypes.Float32:
		return visitFlat[float32](y, visit)
	}
	wide, err := ndarray.Convert(y, dtypes.Float64)
	if err != nil {
		return err
	}
	return visitFlat[float64](wide, visit)
}

func visitFlat[T uint8 | int32 | int64 | float32 | float64](y *tensors.Tensor, visit func(label float64, at, of int) error) error {
	var found error
	err := tensors.ConstFlatData(y, func(flat []T) {
		for at, label := range flat {
			if found = visit(float64(label), at, len(flat)); found != nil {
				return
			}
		}
	})
	if found != nil {
		return found
	}
	return err
}
