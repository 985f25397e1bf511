package functional_test

import (
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/train"
	"github.com/janpfeifer/must"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/layers"
)

// streamModel is a model of one linear layer that begins with ones, and seven rows for it.
func streamModel(t *testing.T, c functional.Compile) (m *functional.Model, x [][]float32, y []int32, w []float32) {
	t.Helper()
	in := functional.Input(2)
	m = model(in, layers.Dense(2).Activation("softmax").KernelInitializer("ones").Apply(in))
	c.Optimizer, c.Loss, c.WeightedMetrics = "sgd", "sparse_categorical_crossentropy", []string{"accuracy"}
	require.NoError(t, m.Compile(c))
	return m, [][]float32{{1, 2}, {-1, 1}, {3, 0}, {2, -2}, {0, 1}, {1, 1}, {-2, 0}}, []int32{0, 1, 1, 0, 1, 0, 0}, []float32{1, 2, 0, 1, 3, 0.5, 1}
}

// inThrees are the rows in batches of three, the last one of one.
func inThrees(x [][]float32, y []int32, w []float32) functional.Batches {
	return func(yield func(functional.Data, error) bool) {
		for from := 0; from < len(x); from += 3 {
			to := min(from+3, len(x))
			b := functional.Data{X: x[from:to], Y: y[from:to]}
			if w != nil {
				b.SampleWeight = w[from:to]
			}
			if !yield(b, nil) {
				return
			}
		}
	}
}

// TestWeightsInStreams: data in batches weighs samples and classes as arrays do.
func TestWeightsInStreams(t *testing.T) {
	onGo(t)
	arrays := functional.Fit{BatchSize: 3, Epochs: 2, Shuffle: functional.Off, Verbose: functional.Silent}
	streams := functional.Fit{Epochs: 2, Verbose: functional.Silent}
	classWeight := map[int]float64{0: 3}

	m, x, y, w := streamModel(t, functional.Compile{})
	o := arrays
	o.ClassWeight = classWeight
	want := must.M1(m.Fit(x, y, o)).History
	m, _, _, _ = streamModel(t, functional.Compile{})
	o = streams
	o.ClassWeight = classWeight
	require.Equal(t, want, must.M1(m.Fit(inThrees(x, y, nil), nil, o)).History)
	_, err := m.Fit(inThrees(x, y, w), nil, o)
	require.ErrorContains(t, err, "the iterator: ClassWeight and SampleWeight can't both be given")

	m, _, _, _ = streamModel(t, functional.Compile{})
	o = arrays
	o.SampleWeight = w
	want = must.M1(m.Fit(x, y, o)).History
	m, _, _, _ = streamModel(t, functional.Compile{})
	require.Equal(t, want, must.M1(m.Fit(inThrees(x, y, w), nil, streams)).History)
	var list []train.Batch
	for b := range inThrees(x, y, w) {
		list = append(list, train.Batch{Inputs: []*tensors.Tensor{must.M1(tensors.FromAnyValue(b.X))},
			Labels: []*tensors.Tensor{must.M1(tensors.FromAnyValue(b.Y)), must.M1(tensors.FromAnyValue(b.SampleWeight))}})
	}
	m, _, _, _ = streamModel(t, functional.Compile{})
	require.Equal(t, want, must.M1(m.Fit(&batches{list: list}, nil, streams)).History)
	weighed := must.M1(m.Evaluate(x, y, functional.Evaluate{BatchSize: 3, SampleWeight: w, Verbose: functional.Silent}))
	require.Equal(t, weighed, must.M1(m.Evaluate(&batches{list: list}, nil, functional.Evaluate{Verbose: functional.Silent})))
}

// TestStepsBeyondAStream: an epoch ends with the data, also where that is within an execution.
func TestStepsBeyondAStream(t *testing.T) {
	onGo(t)
	m, x, y, _ := streamModel(t, functional.Compile{})
	want := must.M1(m.Fit(inThrees(x, y, nil), nil, functional.Fit{Epochs: 2, Verbose: functional.Silent})).History
	for _, steps := range []int{0, 3, 8} {
		m, _, _, _ = streamModel(t, functional.Compile{StepsPerExecution: 2})
		require.Equal(t, want, must.M1(m.Fit(inThrees(x, y, nil), nil, functional.Fit{Epochs: 2, StepsPerEpoch: steps, Verbose: functional.Silent})).History)
	}
}

// TestOutputsWithoutWeights: of several outputs, some may have weights for each step and others none.
func TestOutputsWithoutWeights(t *testing.T) {
	onGo(t)
	in := functional.Input(3, 2)
	steps := layers.Dense(2).Name("steps").Apply(in)
	m := model(in, []*functional.Tensor{steps, layers.Dense(1).Name("last").Apply(layers.Flatten().Apply(in))})
	require.NoError(t, m.Compile(functional.Compile{Loss: "mse"}))
	x, last := make([][3][2]float32, 4), make([][]float32, 4)
	for i := range x {
		x[i][i%3][i%2], last[i] = float32(i), []float32{float32(i)}
	}
	targets := []any{x, last}
	plain := must.M1(m.TestOnBatch(x, targets, functional.BatchOptions{}))
	for _, w := range []any{[]any{nil, []float32{1, 1, 1, 1}}, map[string]any{"last": []float32{1, 1, 1, 1}, "steps": nil}} {
		require.Equal(t, plain, must.M1(m.TestOnBatch(x, targets, functional.BatchOptions{SampleWeight: w})))
	}
}
