package optimizers_test

import (
	"math"
	"testing"

	"github.com/gomlx/compute/dtypes/bfloat16"
	"github.com/gomlx/compute/dtypes/float16"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gokeras/gokeras/internal/golden"
	"github.com/gokeras/gokeras/internal/half"
)

// tensorOf is an array of a fixture as a tensor of the data type.
func tensorOf(t *testing.T, a golden.Array, dtype string) *tensors.Tensor {
	switch dtype {
	case "float16":
		return converted(a, half.FromFloat32)
	case "bfloat16":
		return converted(a, bfloat16.FromFloat32)
	}
	return a.Tensor(t)
}

func converted[H float16.Float16 | bfloat16.BFloat16](a golden.Array, convert func(float32) H) *tensors.Tensor {
	flat := make([]H, len(a.Data))
	for i, v := range a.Data {
		flat[i] = convert(float32(v))
	}
	return tensors.FromFlatDataAndDimensions(flat, a.Shape...)
}

// lastDigits bounds the difference of halves by two steps of the last binary digit of an array's largest value, and of the smallest
// numbers. Keras rounds after every operation, and so does a step here; what a compiler fuses may be rounded less often, there and here.
func lastDigits(want golden.Array) golden.Tolerance {
	if want.DType != "float16" && want.DType != "bfloat16" {
		return golden.Float32
	}
	digit := 1.0 / (1 << 10)
	if want.DType == "bfloat16" {
		digit = 1.0 / (1 << 7)
	}
	largest := 0.0
	for _, v := range want.Data {
		if size := math.Abs(float64(v)); size > largest {
			largest = size
		}
	}
	return golden.Tolerance{Abs: 2*digit*largest + 2.0/(1<<24)}
}
