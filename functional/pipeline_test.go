package functional_test

import (
	"context"
	"errors"
	"testing"

	"github.com/janpfeifer/must"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/callbacks"
	"github.com/gokeras/gokeras/datasets"
	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/internal/golden"
	"github.com/gokeras/gokeras/layers"
	"github.com/gokeras/gokeras/optimizers"
)

func pipelineModel(t *testing.T) *functional.Model {
	functional.SetRandomSeed(1)
	m := must.M1(functional.NewSequential(functional.Input(2), layers.Dense(1)))
	require.NoError(t, m.Compile(functional.Compile{Optimizer: optimizers.Adam(0.01), Loss: "mse"}))
	return m
}

func pipelineData(seed int) *datasets.Pipeline {
	var x [][]float32
	var y, w []float32
	for i := range 10 {
		x, y, w = append(x, []float32{float32(i) / 10, float32(i % 3)}), append(y, float32(i%4)), append(w, float32(1+i%2))
	}
	return datasets.FromSlices(x, y, w).Shuffle(10, datasets.ShuffleOptions{Seed: &seed}).Batch(3).Prefetch(1)
}

// TestPipelineFits: training, evaluation and prediction take a pipeline, and a run that goes on has the batches that it would have had.
func TestPipelineFits(t *testing.T) {
	golden.OnGo(t)
	m := pipelineModel(t)
	history, err := m.Fit(pipelineData(3), nil, functional.Fit{Epochs: 4, Verbose: functional.Silent, ValidationData: &functional.Data{X: pipelineData(4)}})
	require.NoError(t, err)
	require.Len(t, history.History["val_loss"], 4)
	want := must.M1(functional.As[[][]float32](must.M1(m.Predict([][]float32{{1, 2}}, functional.Predict{Verbose: functional.Silent}))))

	dir := t.TempDir()
	ctx, cancel := context.WithCancelCause(context.Background())
	batches := 0
	stop := callbacks.LambdaCallback{TrainBatchEnd: func(int, *callbacks.Logs) error {
		if batches++; batches == 10 { // the second batch of the third epoch
			cancel(errors.New("enough"))
		}
		return nil
	}}
	broken := pipelineModel(t)
	_, err = broken.Fit(pipelineData(3), nil, functional.Fit{Epochs: 4, Verbose: functional.Silent, Context: ctx, Callbacks: []callbacks.Callback{callbacks.BackupAndRestore(dir).SaveFreq(1), &stop}})
	require.ErrorContains(t, err, "enough")
	again := pipelineModel(t)
	_, err = again.Fit(pipelineData(3), nil, functional.Fit{Epochs: 4, Verbose: functional.Silent, Callbacks: []callbacks.Callback{callbacks.BackupAndRestore(dir).SaveFreq(1)}})
	require.NoError(t, err)
	require.Equal(t, want, must.M1(functional.As[[][]float32](must.M1(again.Predict([][]float32{{1, 2}}, functional.Predict{Verbose: functional.Silent})))))

	_, err = m.Evaluate(pipelineData(3), nil, functional.Evaluate{Verbose: functional.Silent})
	require.NoError(t, err)
	_, err = m.Fit(pipelineData(3).Repeat(), nil, functional.Fit{Verbose: functional.Silent})
	require.ErrorContains(t, err, "has no end")
	_, err = m.Fit(pipelineData(3).Repeat(), nil, functional.Fit{Verbose: functional.Silent, StepsPerEpoch: 5, Epochs: 2})
	require.NoError(t, err)
	all, err := m.Predict(datasets.FromSlices([][]float32{{1, 2}, {3, 4}, {5, 6}}).Batch(2), functional.Predict{Verbose: functional.Silent})
	require.NoError(t, err)
	require.Equal(t, []int{3, 1}, all.Shape().Dimensions)
}

func TestPipelineAdapts(t *testing.T) {
	words := layers.TextVectorization()
	require.NoError(t, words.Adapt(datasets.FromSlices([]string{"a b", "b c", "b"}, []int{1, 2, 3}).Batch(2)))
	require.Equal(t, []string{"", "[UNK]", "b"}, words.GetVocabulary()[:3])
	require.NoError(t, layers.Normalization().Adapt(pipelineData(1)))
}
