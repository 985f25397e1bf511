package functional_test

import (
	"strings"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/backend"
	"github.com/gokeras/gokeras/callbacks"
	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/internal/golden"
	"github.com/gokeras/gokeras/layers"
	"github.com/gokeras/gokeras/ops"
)

// TestPredictChoosesBatches: the batches that Predict chooses give what batches of 32 give.
func TestPredictChoosesBatches(t *testing.T) {
	golden.OnEngines(t, func(t *testing.T, engine compute.Backend) {
		defer backend.Use(engine)()
		in := functional.Input(6, 6, 2)
		h := layers.BatchNormalization().Apply(layers.Conv2D(3, 3).Activation("relu").Apply(in))
		h = layers.Dropout(0.5).Apply(layers.Flatten().Apply(layers.MaxPooling2D(2).Apply(h)))
		m, err := functional.NewModel(in, []*functional.Tensor{layers.Dense(2).Apply(h), layers.Dense(3).Activation("softmax").Apply(h)})
		require.NoError(t, err)
		for _, rows := range []int{1, 31, 32, 33, 64, 95, 200} {
			x := golden.RuleInput(0, rows, 6, 6, 2).Tensor(t)
			want, err := m.PredictAll(x, functional.Predict{BatchSize: 32, Verbose: functional.Silent})
			require.NoError(t, err)
			got, err := m.PredictAll(x, functional.Predict{Verbose: functional.Silent})
			require.NoError(t, err)
			for k := range want {
				require.Equal(t, []int{rows, 2 + k}, got[k].Shape().Dimensions)
				require.True(t, want[k].InDelta(got[k], 1e-6), "%d rows, output %d", rows, k)
			}
			c := &calls{}
			_, err = m.PredictAll(x, functional.Predict{Verbose: functional.Silent, Callbacks: []callbacks.Callback{c}})
			require.NoError(t, err)
			require.Len(t, c.list, 2*((rows+31)/32), "callbacks see Keras's batches")
		}
	})
}

// TestPredictKeepsBatches: where samples of a batch see each other, it has Keras's 32.
func TestPredictKeepsBatches(t *testing.T) {
	golden.OnEngines(t, func(t *testing.T, engine compute.Backend) {
		defer backend.Use(engine)()
		in := functional.Input(3)
		mean := ops.Mean(in, ops.Axis(0), ops.KeepDims())
		m, err := functional.NewModel(in, ops.Subtract(in, mean))
		require.NoError(t, err)
		x := golden.RuleInput(0, 70, 3).Tensor(t)
		want, err := m.Predict(x, functional.Predict{BatchSize: 32, Verbose: functional.Silent})
		require.NoError(t, err)
		got, err := m.Predict(x, functional.Predict{Verbose: functional.Silent})
		require.NoError(t, err)
		require.True(t, want.Equal(got))
	})
}

// TestPredictOfScalar: what has no batch axis can't be joined (nor can Keras), and a Predictor can't leave out rows of it.
func TestPredictOfScalar(t *testing.T) {
	golden.OnEngines(t, func(t *testing.T, engine compute.Backend) {
		defer backend.Use(engine)()
		in := functional.Input(3)
		m, err := functional.NewModel(in, ops.Max(in))
		require.NoError(t, err)
		x := golden.RuleInput(0, 2, 3).Tensor(t)
		for _, size := range []int{1, 2} {
			_, err = m.Predict(x, functional.Predict{BatchSize: size, Verbose: functional.Silent})
			require.ErrorContains(t, err, "output 0: a batch gave a scalar")
		}
		p, err := m.NewPredictor(functional.PredictorOptions{BatchSize: 2})
		require.NoError(t, err)
		outputs, err := p.Predict(x)
		require.NoError(t, err)
		require.Empty(t, outputs[0].Shape().Dimensions)
		_, err = p.Predict(golden.RuleInput(0, 1, 3).Tensor(t))
		require.ErrorContains(t, err, "has no batch axis, so that it takes 2 samples, got 1")
	})
}

// TestPredictOfTypes: the ways to predict agree on outputs of every type.
func TestPredictOfTypes(t *testing.T) {
	golden.OnEngines(t, func(t *testing.T, engine compute.Backend) {
		defer backend.Use(engine)()
		in := functional.Input(3)
		for _, dtype := range []string{"bool", "uint8", "int64", "float16", "bfloat16", "float32"} {
			m, err := functional.NewModel(in, ops.Cast(ops.Add(in, 1), dtype))
			require.NoError(t, err)
			x := golden.RuleInput(0, 2, 3).Tensor(t)
			want, err := m.Predict(x, functional.Predict{BatchSize: 1, Verbose: functional.Silent})
			require.NoError(t, err)
			require.Equal(t, dtype, strings.ToLower(want.DType().String()))
			batch, err := m.PredictOnBatch(x)
			require.NoError(t, err)
			p, err := m.NewPredictor(functional.PredictorOptions{BatchSize: 2})
			require.NoError(t, err)
			served, err := p.Predict(x)
			require.NoError(t, err)
			require.Equal(t, want.Value(), batch[0].Value(), dtype)
			require.Equal(t, want.Value(), served[0].Value(), dtype)
		}
	})
}

// TestPredictOfOtherRows: outputs whose rows aren't the samples are stacked, as in Keras, also where the first batch has as many.
func TestPredictOfOtherRows(t *testing.T) {
	golden.OnEngines(t, func(t *testing.T, engine compute.Backend) {
		defer backend.Use(engine)()
		in := functional.Input(3)
		m, err := functional.NewModel(in, ops.Matmul(ops.Transpose(in), in))
		require.NoError(t, err)
		x := tensors.FromFlatDataAndDimensions([]float32{1, 0, 0, 0, 1, 0, 0, 0, 1, 1, 2, 3, 0, 0, 1}, 5, 3)
		got, err := m.Predict(x, functional.Predict{BatchSize: 3, Verbose: functional.Silent})
		require.NoError(t, err)
		require.Equal(t, [][]float32{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}, {1, 2, 3}, {2, 4, 6}, {3, 6, 10}}, got.Value())
	})
}
