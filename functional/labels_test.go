package functional_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/internal/golden"
	"github.com/gokeras/gokeras/layers"
	"github.com/gokeras/gokeras/losses"
)

// TestLabels gives class numbers that the model has no class for.
func TestLabels(t *testing.T) {
	golden.OnGo(t)
	sparse := losses.SparseCategoricalCrossentropy
	x := [][]float32{{1, 2}, {3, 4}, {5, 6}}
	for name, c := range map[string]struct {
		loss    any
		y       any
		weights any
		says    string
	}{
		"right":           {"sparse_categorical_crossentropy", []int32{0, 1, 2}, nil, ""},
		"too large":       {"sparse_categorical_crossentropy", []int32{0, 7, 2}, nil, `training data y: label 7 of sample 1 for output "dense": its 3 classes are 0 to 2`},
		"just too large":  {"sparse_categorical_crossentropy", []uint8{0, 1, 3}, nil, "label 3 of sample 2"},
		"negative":        {"sparse_categorical_crossentropy", []int64{0, -1, 2}, nil, "label -1 of sample 1"},
		"columns":         {sparse(), [][]float32{{0}, {1}, {4}}, nil, "label 4 of sample 2"},
		"ignored":         {sparse().IgnoreClass(-1), []int32{0, -1, 2}, nil, ""},
		"not ignored":     {sparse().IgnoreClass(-1), []int32{0, -2, 2}, nil, "label -2 of sample 1"},
		"of no weight":    {"sparse_categorical_crossentropy", []int32{0, 7, 2}, []float32{1, 0, 1}, ""},
		"of weight":       {"sparse_categorical_crossentropy", []int32{0, 1, 7}, []float32{1, 0, 1}, "label 7 of sample 2"},
		"of other losses": {"mse", [][]float32{{7, 7, 7}, {7, 7, 7}, {7, 7, 7}}, nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			functional.ClearSession()
			input := functional.Input(2)
			m, err := functional.NewModel(input, layers.Dense(3).Activation("softmax").Apply(input))
			require.NoError(t, err)
			require.NoError(t, m.Compile(functional.Compile{Loss: c.loss}))
			_, err = m.Fit(x, c.y, functional.Fit{Verbose: functional.Silent, SampleWeight: c.weights})
			if c.says == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, c.says)
			_, err = m.TrainOnBatch(x, c.y, functional.BatchOptions{SampleWeight: c.weights})
			require.ErrorContains(t, err, "label")
		})
	}
}
