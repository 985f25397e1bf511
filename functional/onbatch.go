package functional

import (
	"context"
	"fmt"
	"slices"

	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gokeras/gokeras/internal/catch"
)

// BatchOptions are the optional arguments of [Model.TrainOnBatch] and [Model.TestOnBatch].
type BatchOptions struct {
	SampleWeight any
	ClassWeight  map[int]float64 // training only
}

// TrainOnBatch runs one training step on x and y (Keras: train_on_batch) and
// returns the loss and metrics of this batch.
func (m *Model) TrainOnBatch(x, y any, o BatchOptions) (*Scores, error) {
	return m.onBatch(trainStep, x, y, o)
}

// TestOnBatch computes loss and metrics on one batch (Keras: test_on_batch).
func (m *Model) TestOnBatch(x, y any, o BatchOptions) (*Scores, error) {
	return m.onBatch(testStep, x, y, o)
}

func (m *Model) onBatch(kind stepKind, x, y any, o BatchOptions) (*Scores, error) {
	fail := func(err error) (*Scores, error) {
		return nil, fmt.Errorf("model %q: %s on batch: %w", m.Name(), kind, err)
	}
	if err := m.readyToTrain(); err != nil {
		return fail(err)
	}
	b, err := m.oneBatch(x, y, o, true)
	if err != nil {
		return fail(err)
	}
	results, err := m.run(context.Background(), kind, []*batch{b}, true, false)
	if err != nil {
		return fail(err)
	}
	scores, err := scoresOf(m.logs(results))
	if err != nil {
		return fail(err)
	}
	return scores, nil
}

// PredictOnBatch returns the outputs for one batch (Keras: predict_on_batch).
func (m *Model) PredictOnBatch(x any) ([]*tensors.Tensor, error) {
	fail := func(err error) ([]*tensors.Tensor, error) {
		return nil, fmt.Errorf("model %q: predict on batch: %w", m.Name(), err)
	}
	if err := m.Ready(); err != nil {
		return fail(err)
	}
	b, err := m.oneBatch(x, nil, BatchOptions{}, false)
	if err != nil {
		return fail(err)
	}
	p, err := m.program(context.Background(), predictStep, b)
	if err != nil {
		return fail(err)
	}
	outputs, err := p.run(b)
	if err != nil {
		return fail(err)
	}
	for i, t := range outputs {
		if outputs[i], err = toHost(p.engine, t); err != nil {
			return fail(err)
		}
	}
	return outputs, nil
}

func (m *Model) oneBatch(x, y any, o BatchOptions, targets bool) (*batch, error) {
	a, err := m.newArrays("batch", x, y, o.SampleWeight, 1, targets)
	if err != nil {
		return nil, err
	}
	if err := m.weighClasses("batch", a, o.ClassWeight); err != nil {
		return nil, err
	}
	a.batchSize = a.rows
	for b, err := range a.epoch() { // a copy of the user's arrays: a step consumes its batch
		return b, err
	}
	return nil, fmt.Errorf("the batch is empty")
}

// joinRows stacks the parts along their first axis in host memory.
func joinRows(parts []*tensors.Tensor) (*tensors.Tensor, error) {
	dims := slices.Clone(parts[0].Shape().Dimensions)
	if len(dims) == 0 {
		return nil, fmt.Errorf("a batch gave a scalar, want an output whose first axis is the batch")
	}
	dims[0] = 0
	for i, t := range parts {
		d := t.Shape().Dimensions
		if len(d) != len(dims) || !slices.Equal(d[1:], dims[1:]) {
			return nil, fmt.Errorf("batch %d gave an output of shape %s where the first gave %s", i, Shape(d), Shape(parts[0].Shape().Dimensions))
		}
		dims[0] += d[0]
	}
	out := tensors.FromShape(shapes.Make(parts[0].DType(), dims...))
	at := 0
	for _, t := range parts {
		err := catch.Panic(func() error {
			return t.ConstBytes(func(src []byte) {
				_ = out.MutableBytes(func(dst []byte) { at += copy(dst[at:], src) })
			})
		})
		if err != nil {
			return nil, err
		}
		if err := t.FinalizeAll(); err != nil {
			return nil, err
		}
	}
	return out, nil
}
