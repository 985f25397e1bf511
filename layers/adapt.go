package layers

import (
	"fmt"
	"slices"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gokeras/gokeras/internal/catch"
	"github.com/gokeras/gokeras/internal/ndarray"
	"github.com/gokeras/gokeras/symbolic"
)

// What the layers that learn before training have in common.

// adapting runs what adapts a layer; errors, and GoMLX's panics, say which layer it was.
func adapting(layer *symbolic.BaseLayer, learn func() error) error {
	if err := catch.Panic(learn); err != nil {
		return fmt.Errorf("adapting layer %q: %w", layer.Name(), err)
	}
	return nil
}

// flatFloats returns a copy of a tensor's elements.
func flatFloats(t *tensors.Tensor) ([]float32, error) {
	t, err := ndarray.Convert(t, dtypes.Float32)
	if err != nil {
		return nil, err
	}
	var list []float32
	err = tensors.ConstFlatData(t, func(flat []float32) { list = slices.Clone(flat) })
	return list, err
}
