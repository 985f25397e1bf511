package data

import (
	"fmt"
	"math"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gokeras/gokeras/internal/ndarray"
	"github.com/gokeras/gokeras/symbolic"
)

// ClassWeights gives each sample the weight of its class: the target itself
// if it is an integer, the largest entry if it is one-hot. Classes without a weight have 1, as in Keras.
func ClassWeights(y *tensors.Tensor, weights map[int]float64) (*tensors.Tensor, error) {
	dims := y.Shape().Dimensions
	classes := 1
	if len(dims) > 2 {
		return nil, fmt.Errorf("targets have shape %s, want class numbers or one-hot rows", symbolic.Shape(dims))
	}
	if len(dims) == 2 {
		classes = dims[1]
	}
	if classes == 0 {
		return nil, fmt.Errorf("targets have shape %s, want at least one column", symbolic.Shape(dims))
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
