package golden_test

import (
	"encoding/json"
	"fmt"
	"iter"
	"math"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/train"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/internal/golden"
	"github.com/gokeras/gokeras/layers"
	"github.com/gokeras/gokeras/symbolic"
)

// TestAdaptErrors has data that Keras's adapt refuses.
func TestAdaptErrors(t *testing.T) {
	var f struct {
		Cases []struct {
			Layer   json.RawMessage
			Built   golden.ProbeShape
			Batches [][]int
			Error   *golden.KerasError
		} `json:"adapt_errors"`
	}
	golden.Load(t, "normalization", &f)
	require.NotEmpty(t, f.Cases)
	for i, c := range f.Cases {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			l, err := readLayer(t, c.Layer)
			require.NoError(t, err)
			if len(c.Built) > 0 {
				require.NoError(t, l.Base().BuildOn(symbolic.Spec{Shape: symbolic.Shape(c.Built), DType: "float32"}))
			}
			batches := []any{}
			for _, shape := range c.Batches {
				batches = append(batches, tensors.FromScalarAndDimensions(float32(1), shape...))
			}
			var data any = batches
			if len(batches) == 1 {
				data = batches[0]
			}
			err = l.(symbolic.Adapter).Adapt(data)
			if c.Error == nil {
				require.NoError(t, err)
				return
			}
			require.Error(t, err, "Keras says: %s", c.Error.Message)
		})
	}
}

// batchesOf is a GoMLX data set of batches.
type batchesOf []*tensors.Tensor

func (b batchesOf) Name() string { return "batches" }

func (b batchesOf) Iter() iter.Seq2[train.Batch, error] {
	return func(yield func(train.Batch, error) bool) {
		for _, t := range b {
			if !yield(train.Batch{Inputs: []*tensors.Tensor{t}}, nil) {
				return
			}
		}
	}
}

// TestAdaptNormalization: whatever the form of the data, the layer learns the same, and forgets what it knew.
func TestAdaptNormalization(t *testing.T) {
	slices := [][]float64{{1, 10}, {2, 10}, {6, 40}}
	first, rest := tensors.FromValue(slices[:1]), tensors.FromValue(slices[1:])
	mean, variance := []float32{3, 20}, []float32{14.0 / 3, 200}
	l := layers.Normalization()
	m, err := functional.NewSequential(functional.Input(2), l)
	require.NoError(t, err)
	for name, data := range map[string]any{
		"slices": slices, "an array": [3][2]float64(func() (a [3][2]float64) {
			for i := range a {
				a[i] = [2]float64(slices[i])
			}
			return a
		}()), "a tensor": tensors.FromValue(slices), "tensors": []*tensors.Tensor{first, rest}, "a list": []any{slices[:1], rest},
		"a data set": batchesOf{first, rest}, "integers": [][]int32{{1, 10}, {2, 10}, {6, 40}},
	} {
		t.Run(name, func(t *testing.T) {
			require.NoError(t, l.Adapt([][]float32{{100, 200}}))
			require.NoError(t, l.Adapt(data))
			values, err := m.GetWeights()
			require.NoError(t, err)
			require.InDeltaSlice(t, mean, values[0].Value(), 1e-6)
			require.InDeltaSlice(t, variance, values[1].Value(), 1e-4)
			y, err := m.Predict(slices, functional.Predict{Verbose: functional.Silent})
			require.NoError(t, err)
			rows := y.Value().([][]float32)
			require.InDelta(t, (6-3)/math.Sqrt(14.0/3), rows[2][0], 1e-6)
			require.InDelta(t, 20/math.Sqrt(200), rows[2][1], 1e-6)
		})
	}
	for _, c := range []struct {
		data any
		want string
	}{
		{[]string{"a"}, "got texts, want numbers"},
		{[][]float32{{1, 2, 3}}, "incompatible shape"},
		{[]float32{1, 2}, "incompatible shape"},
		{[]any{}, "no batches"},
		{tensors.FromScalarAndDimensions(float32(1), 0, 2), "no samples"},
		{nil, "got nil"},
		{3.0, "incompatible shape"},
	} {
		require.ErrorContains(t, l.Adapt(c.data), c.want)
	}
	require.ErrorContains(t, layers.Normalization().Mean(1).Variance(2).Adapt(slices), "were given as arguments")
	require.ErrorContains(t, layers.Normalization().Axis(4).Adapt(slices), "must be in the range")
	require.ErrorContains(t, layers.Normalization().Mean("x").Adapt(slices), "mean: ")
}

// TestNormalizationArguments has the forms in which mean and variance may be given.
func TestNormalizationArguments(t *testing.T) {
	for _, c := range []struct {
		mean, variance any
		json           string
	}{
		{1, 4.0, `{"mean": 1, "variance": 4.0}`},
		{[]float32{1, 2}, []float64{4, 9}, `{"mean": [1.0, 2.0], "variance": [4.0, 9.0]}`},
		{[2]int{1, 2}, tensors.FromValue([]int32{4, 9}), `{"mean": [1, 2], "variance": [4, 9]}`},
	} {
		l := layers.Normalization().Mean(c.mean).Variance(c.variance)
		x := functional.Input(2)
		m, err := functional.NewModel(x, l.Apply(x))
		require.NoError(t, err)
		var written struct {
			Config struct{ Mean, Variance json.RawMessage }
		}
		require.NoError(t, json.Unmarshal(writtenLayer(t, l), &written))
		got, err := json.Marshal(written.Config)
		require.NoError(t, err)
		require.JSONEq(t, c.json, `{"mean": `+string(written.Config.Mean)+`, "variance": `+string(written.Config.Variance)+`}`, "%s", got)
		y, err := m.Predict([][]float32{{3, 5}}, functional.Predict{Verbose: functional.Silent})
		require.NoError(t, err)
		require.Equal(t, float32(1), y.Value().([][]float32)[0][0])
	}
	for want, l := range map[string]*layers.NormalizationLayer{
		"both `mean` and `variance` must be set":      layers.Normalization().Mean(1),
		"must have the same shape":                    layers.Normalization().Mean(1).Variance([]float32{1, 2}),
		"must be less than or equal to the number of": layers.Normalization().Mean([][]float32{{1}}).Variance([][]float32{{1}}),
		"can't be broadcast":                          layers.Normalization().Mean([]float32{1, 2, 3}).Variance([]float32{1, 2, 3}),
		"twice":                                       layers.Normalization().Axis(1, -1),
	} {
		require.ErrorContains(t, l.Apply(functional.Input(2)).Err(), want)
	}
}
