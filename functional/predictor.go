package functional

import (
	"context"
	"fmt"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gokeras/gokeras/internal/training"
)

// Predictor serves predictions of one batch size from weights as they were
// when it was made: everything is compiled and on the device before the first
// call. Its methods may be called from several goroutines at once.
type Predictor struct {
	name string
	core *training.Predictor
}

// PredictorOptions are the arguments of [Model.NewPredictor].
type PredictorOptions struct {
	// BatchSize is the number of samples that a call takes at most; fewer are filled up. 0: 1.
	BatchSize int
	// InputShapes are the inputs' shapes without the batch axis, needed where a model leaves axes open (None). Only the length of sequences, the first axis, may stay
	// so: the predictor takes any length then, and compiles a program when the first sequence comes that needs it. Lengths share programs where the
	// model's layers allow it, as docs/recurrent.md says.
	InputShapes []Shape
	// Context bounds the time that finding an engine may take; nil: no bound.
	Context context.Context
}

// NewPredictor compiles the model for serving. Training the model afterwards
// doesn't change the predictor.
func (m *Model) NewPredictor(o PredictorOptions) (*Predictor, error) {
	err := m.Ready()
	var core *training.Predictor
	if err == nil {
		core, err = m.session().NewPredictor(contextOr(o.Context), o.BatchSize, o.InputShapes)
	}
	if err != nil {
		return nil, fmt.Errorf("making a predictor of model %q: %w", m.Name(), err)
	}
	return &Predictor{m.Name(), core}, nil
}

// Predict returns the outputs, in the order of OutputNames, for x: as for
// [Model.Predict], of at most BatchSize samples.
func (p *Predictor) Predict(x any) ([]*tensors.Tensor, error) {
	outputs, err := p.core.Predict(x)
	if err != nil {
		return nil, fmt.Errorf("predicting with model %q: %w", p.name, err)
	}
	return outputs, nil
}
