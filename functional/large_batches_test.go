package functional_test

import (
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/backend"
	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/internal/golden"
	"github.com/gokeras/gokeras/layers"
)

// TestLargeBatchesReturned: a model that returns what it is given returns a copy of it.
func TestLargeBatchesReturned(t *testing.T) {
	golden.OnEngines(t, func(t *testing.T, engine compute.Backend) {
		defer backend.Use(engine)()
		in := functional.Input(50, 60)
		m := model(in, layers.Flatten().Apply(in))
		x := golden.RuleInput(0, 64, 50, 60).Tensor(t)
		before, err := x.LocalClone()
		require.NoError(t, err)
		y, err := m.Predict(x, functional.Predict{BatchSize: 16, Verbose: functional.Silent})
		require.NoError(t, err)
		tensors.MustMutableFlatData(y, func(flat []float32) {
			tensors.MustConstFlatData(before, func(want []float32) { require.Equal(t, want, flat) })
			clear(flat)
		})
		require.True(t, x.Equal(before))
	})
}

// TestLargeBatchesOfLengths: programs that several lengths share take copies of such batches where steps are added, and of what else there is.
func TestLargeBatchesOfLengths(t *testing.T) {
	golden.OnEngines(t, func(t *testing.T, engine compute.Backend) {
		defer backend.Use(engine)()
		in, other := functional.Input(functional.None, 300), functional.Input(1000)
		h := layers.GlobalMaxPooling1D().Apply(layers.LSTM(2).ReturnSequences(true).Apply(in))
		m, err := functional.NewModel([]*functional.Tensor{in, other}, layers.Dense(2).Apply(layers.Concatenate().Apply(h, other)))
		require.NoError(t, err)
		for steps := 10; steps < 18; steps++ {
			inputs := []*tensors.Tensor{golden.RuleInput(0, 16, steps, 300).Tensor(t), golden.RuleInput(1, 16, 1000).Tensor(t)}
			want, err := m.PredictOnBatch(inputs)
			require.NoError(t, err)
			got, err := m.Predict(inputs, functional.Predict{BatchSize: 16, Verbose: functional.Silent})
			require.NoError(t, err)
			require.True(t, want[0].InDelta(got, 1e-5), "%d steps", steps)
			require.True(t, inputs[0].Equal(golden.RuleInput(0, 16, steps, 300).Tensor(t)))
		}
		_, shared := functional.ProgramCounts(m)
		require.Positive(t, shared)
	})
}

// TestLargeBatches: batches that are large enough to be read where they are, or gathered in memory that is used again, give the numbers that others give, and leave the data as
// it is.
func TestLargeBatches(t *testing.T) {
	t.Setenv("GOKERAS_CACHE", t.TempDir()) // what it compares is often the same program
	const rows, width, batch = 40, 3000, 7
	x := golden.RuleInput(0, rows, width).Tensor(t)
	before, err := x.LocalClone()
	require.NoError(t, err)
	labels := tensors.FromFlatDataAndDimensions(golden.RuleLabels(rows, 3), rows)
	weight := make([]float32, rows)
	for i := range weight {
		weight[i] = float32(i%3) / 2
	}
	golden.OnEngines(t, func(t *testing.T, engine compute.Backend) {
		defer backend.Use(engine)()
		fit := func(steps int, shuffle, where functional.Switch) trained {
			functional.ClearSession()
			functional.SetRandomSeed(3)
			in := functional.Input(width)
			m := model(in, layers.Dense(3).Activation("softmax").Apply(layers.Dropout(0.2).Apply(in)))
			require.NoError(t, m.Compile(functional.Compile{Optimizer: "adam", Loss: "sparse_categorical_crossentropy", Metrics: []any{"accuracy"}, StepsPerExecution: steps}))
			history, err := m.Fit(x, labels, functional.Fit{DataOnDevice: where, Shuffle: shuffle, SampleWeight: weight, BatchSize: batch, Epochs: 3, Seed: 5, ValidationSplit: 0.3,
				Verbose: functional.Silent})
			require.NoError(t, err)
			scores, err := m.Evaluate(x, labels, functional.Evaluate{DataOnDevice: where, BatchSize: batch, Verbose: functional.Silent})
			require.NoError(t, err)
			weights, err := m.GetWeights()
			require.NoError(t, err)

			outputs, err := m.Predict(x, functional.Predict{BatchSize: batch, Verbose: functional.Silent})
			require.NoError(t, err)
			var alone []float32
			tensors.MustConstFlatData(x, func(flat []float32) {
				for at := 0; at < rows; at += batch {
					end := min(at+batch, rows)
					part, err := m.PredictOnBatch(tensors.FromFlatDataAndDimensions(flat[at*width:end*width], end-at, width))
					require.NoError(t, err)
					tensors.MustConstFlatData(part[0], func(flat []float32) { alone = append(alone, flat...) })
				}
			})
			tensors.MustConstFlatData(outputs, func(flat []float32) { require.Equal(t, alone, flat) })
			return trained{history.History, scores.Map(), weights}
		}
		for _, steps := range []int{1, 3} {
			for _, shuffle := range []functional.Switch{functional.On, functional.Off} {
				equalBits(t, fit(steps, shuffle, functional.On), fit(steps, shuffle, functional.Off))
			}
		}
		require.True(t, x.Equal(before))
	})
}
