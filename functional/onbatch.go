package functional

import (
	"context"
	"fmt"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gokeras/gokeras/internal/training"
)

// BatchOptions are the optional arguments of [Model.TrainOnBatch] and [Model.TestOnBatch].
type BatchOptions struct {
	SampleWeight any
	ClassWeight  map[int]float64 // training only
}

// TrainOnBatch runs one training step on x and y (Keras: train_on_batch) and
// returns the loss and metrics of this batch.
func (m *Model) TrainOnBatch(x, y any, o BatchOptions) (*Scores, error) {
	return m.onBatch(training.Train, x, y, o)
}

// TestOnBatch computes loss and metrics on one batch (Keras: test_on_batch).
func (m *Model) TestOnBatch(x, y any, o BatchOptions) (*Scores, error) {
	return m.onBatch(training.Test, x, y, o)
}

func (m *Model) onBatch(kind training.Step, x, y any, o BatchOptions) (*Scores, error) {
	fail := func(err error) (*Scores, error) {
		return nil, fmt.Errorf("model %q: %s on batch: %w", m.Name(), kind, err)
	}
	if err := m.readyToTrain(); err != nil {
		return fail(err)
	}
	session := m.session()
	b, err := session.OneBatch(x, y, o.SampleWeight, o.ClassWeight, true)
	if err != nil {
		return fail(err)
	}
	logs, err := session.OnBatch(context.Background(), kind, b)
	if err != nil {
		return fail(err)
	}
	scores, err := scoresOf(logs)
	if err != nil {
		return fail(err)
	}
	return scores, nil
}

// PredictOnBatch returns the outputs for one batch (Keras: predict_on_batch). As in Keras its arrays may differ in their first axis, and an input
// without axes takes a single number.
func (m *Model) PredictOnBatch(x any) ([]*tensors.Tensor, error) {
	fail := func(err error) ([]*tensors.Tensor, error) {
		return nil, fmt.Errorf("model %q: predict on batch: %w", m.Name(), err)
	}
	if err := m.Ready(); err != nil {
		return fail(err)
	}
	session := m.session()
	b, err := session.PredictionBatch(x)
	if err != nil {
		return fail(err)
	}
	outputs, err := session.PredictBatchOf(context.Background(), b)
	if err != nil {
		return fail(err)
	}
	return outputs, nil
}
