package bench

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/internal/nest"
	"github.com/gokeras/gokeras/internal/training"
)

// unknownAxis is the size that made-up data gives to axes, other than the batch's, that a model leaves open.
const unknownAxis = 32

// fill makes an array of float32 values. It fills the tensor itself: a copy would count in the process's peak memory.
func fill(rng *rand.Rand, dims []int, value func(*rand.Rand) float32) *tensors.Tensor {
	t := tensors.FromShape(shapes.Make(dtypes.Float32, dims...))
	tensors.MustMutableFlatData(t, func(flat []float32) {
		for i := range flat {
			flat[i] = value(rng)
		}
	})
	return t
}

func uniform(rng *rand.Rand) float32 { return rng.Float32() }

// below draws whole numbers from 0 up to n.
func below(n int) func(*rand.Rand) float32 {
	return func(rng *rand.Rand) float32 { return float32(rng.IntN(n)) }
}

func dimensions(shape functional.Shape, samples int) []int {
	dims := shape.Clone()
	dims[0] = samples
	for i, d := range dims {
		if d == functional.None {
			dims[i] = unknownAxis
		}
	}
	return dims
}

// inputs makes up data that the model accepts: numbers from 0 to 1, whole numbers where the input or a lookup layer wants them.
func inputs(m *functional.Model, rng *rand.Rand, samples int) ([]*tensors.Tensor, error) {
	value := uniform
	vocabulary, err := smallestVocabulary(m)
	if err != nil {
		return nil, err
	}
	if vocabulary > 0 {
		value = below(vocabulary)
	}
	var list []*tensors.Tensor
	for _, in := range m.Inputs() {
		draw := value
		if in.DType() == "string" {
			return nil, fmt.Errorf("input %s takes strings, which can't be made up", in)
		}
		counts := !strings.Contains(in.DType(), "float")
		if counts && vocabulary == 0 {
			draw = below(2)
		}
		x := fill(rng, dimensions(in.Shape(), samples), draw)
		if counts {
			x = whole(x)
		}
		list = append(list, x)
	}
	return list, nil
}

// whole turns whole numbers into int32.
func whole(t *tensors.Tensor) *tensors.Tensor {
	out := make([]int32, t.Size())
	tensors.MustConstFlatData(t, func(flat []float32) {
		for i, v := range flat {
			out[i] = int32(v)
		}
	})
	return tensors.FromFlatDataAndDimensions(out, t.Shape().Dimensions...)
}

// smallestVocabulary is the least input_dim of the model's Embedding layers, 0 if there are none.
func smallestVocabulary(m *functional.Model) (int, error) {
	text, err := m.ToJSON()
	if err != nil {
		return 0, err
	}
	var config any
	if err := json.Unmarshal(text, &config); err != nil {
		return 0, err
	}
	smallest := 0
	nest.Walk(config, func(_ nest.Path, v any) bool {
		m, _ := v.(map[string]any)
		own, _ := m["config"].(map[string]any)
		if n, ok := own["input_dim"].(float64); ok && m["class_name"] == "Embedding" && n >= 1 && (smallest == 0 || int(n) < smallest) {
			smallest = int(n)
		}
		return true
	})
	return smallest, nil
}

// targets makes up what the model's losses accept.
func targets(m *functional.Model, rng *rand.Rand, samples int) []*tensors.Tensor {
	var list []*tensors.Tensor
	for _, t := range training.BenchTargets(training.SessionOf(m)) {
		dims := dimensions(t.Shape, samples)
		last := len(dims) - 1
		var y *tensors.Tensor
		switch t.Loss {
		case "SparseCategoricalCrossentropy":
			y = whole(fill(rng, dims[:last], below(dims[last])))
		case "CategoricalCrossentropy", "CategoricalFocalCrossentropy", "KLDivergence":
			y = oneHot(rng, dims)
		case "BinaryCrossentropy", "BinaryFocalCrossentropy", "":
			y = fill(rng, dims, below(2))
		case "Hinge", "SquaredHinge", "CategoricalHinge":
			y = fill(rng, dims, func(rng *rand.Rand) float32 { return float32(2*rng.IntN(2) - 1) })
		default:
			y = fill(rng, dims, uniform)
		}
		list = append(list, y)
	}
	return list
}

func oneHot(rng *rand.Rand, dims []int) *tensors.Tensor {
	classes := dims[len(dims)-1]
	y := fill(rng, dims, func(*rand.Rand) float32 { return 0 })
	tensors.MustMutableFlatData(y, func(flat []float32) {
		for at := 0; at < len(flat); at += classes {
			flat[at+rng.IntN(classes)] = 1
		}
	})
	return y
}
