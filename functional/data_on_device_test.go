package functional_test

import (
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/backend"
	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/internal/golden"
	"github.com/gokeras/gokeras/layers"
)

// trained is what a fit leaves behind, to be compared bit by bit.
type trained struct {
	history map[string][]float64
	scores  map[string]float64
	weights []*tensors.Tensor
}

func equalBits(t *testing.T, want, got trained) {
	t.Helper()
	require.Equal(t, want.history, got.history)
	require.Equal(t, want.scores, got.scores)
	for i, w := range want.weights {
		require.True(t, w.Equal(got.weights[i]), "weight %d", i)
	}
}

// images is a small model of images of any number type.
func fitImages(t *testing.T, x any, labels *tensors.Tensor, steps int, f functional.Fit, e functional.Evaluate) trained {
	t.Helper()
	functional.ClearSession()
	functional.SetRandomSeed(3)
	in := functional.Input(4, 4, 3)
	h := layers.Conv2D(2, 3).Apply(layers.Rescaling(1.0 / 255).Apply(in))
	m := model(in, layers.Dense(3).Activation("softmax").Apply(layers.Dropout(0.2).Apply(layers.Flatten().Apply(h))))
	require.NoError(t, m.Compile(functional.Compile{Optimizer: "adam", Loss: "sparse_categorical_crossentropy", Metrics: []any{"accuracy"}, StepsPerExecution: steps}))
	f.BatchSize, f.Epochs, f.Seed, f.Verbose = 4, 2, 5, functional.Silent
	f.ValidationSplit = 0.3
	history, err := m.Fit(x, labels, f)
	require.NoError(t, err)
	e.BatchSize, e.Verbose = 5, functional.Silent
	scores, err := m.Evaluate(x, labels, e)
	require.NoError(t, err)
	weights, err := m.GetWeights()
	require.NoError(t, err)
	return trained{history.History, scores.Map(), weights}
}

func pixels(rows int) *tensors.Tensor {
	bytes := make([]uint8, rows*4*4*3)
	for i := range bytes {
		bytes[i] = uint8(i * 37)
	}
	return tensors.FromFlatDataAndDimensions(bytes, rows, 4, 4, 3)
}

// TestDataOnDevice: where batches are gathered changes no number.
func TestDataOnDevice(t *testing.T) {
	t.Setenv("GOKERAS_CACHE", t.TempDir()) // what it compares is often the same program
	const rows = 30
	labels := tensors.FromFlatDataAndDimensions(golden.RuleLabels(rows, 3), rows)
	weight := make([]float32, rows)
	for i := range weight {
		weight[i] = float32(i%3) / 2
	}
	golden.OnEngines(t, func(t *testing.T, engine compute.Backend) {
		defer backend.Use(engine)()
		for _, steps := range []int{1, 3} {
			for _, shuffle := range []functional.Switch{functional.On, functional.Off} {
				run := func(where functional.Switch) trained {
					return fitImages(t, pixels(rows), labels, steps, functional.Fit{DataOnDevice: where, Shuffle: shuffle, SampleWeight: weight},
						functional.Evaluate{DataOnDevice: where})
				}
				equalBits(t, run(functional.Off), run(functional.On))
			}
		}
	})
}

func TestDataOnDeviceErrors(t *testing.T) {
	golden.OnEngines(t, func(t *testing.T, engine compute.Backend) {
		defer backend.Use(engine)()
		in := functional.Input(2)
		m := model(in, layers.Dense(1).Apply(in))
		require.NoError(t, m.Compile(functional.Compile{Loss: "mse"}))
		_, err := m.Fit([][]float32{{1, 2}}, [][]float32{{1}}, functional.Fit{DataOnDevice: 7, Verbose: functional.Silent})
		require.ErrorContains(t, err, "option DataOnDevice is 7, want functional.On, Off or Default")
		_, err = m.Evaluate([][]float32{{1, 2}}, [][]float32{{1}}, functional.Evaluate{DataOnDevice: -1, Verbose: functional.Silent})
		require.ErrorContains(t, err, "option DataOnDevice is -1")
	})
}

// TestBytesAsData: images of bytes give the numbers that they give as floats.
func TestBytesAsData(t *testing.T) {
	const rows = 30
	labels := tensors.FromFlatDataAndDimensions(golden.RuleLabels(rows, 3), rows)
	bytes := pixels(rows)
	floats := make([]float32, 0, bytes.Size())
	tensors.MustConstFlatData(bytes, func(flat []uint8) {
		for _, v := range flat {
			floats = append(floats, float32(v))
		}
	})
	golden.OnEngines(t, func(t *testing.T, engine compute.Backend) {
		defer backend.Use(engine)()
		want := fitImages(t, tensors.FromFlatDataAndDimensions(floats, rows, 4, 4, 3), labels, 1, functional.Fit{}, functional.Evaluate{})
		equalBits(t, want, fitImages(t, bytes, labels, 1, functional.Fit{}, functional.Evaluate{}))
		require.Equal(t, dtypes.Uint8, bytes.DType())
	})
}
