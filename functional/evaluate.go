package functional

import (
	"fmt"
	"math"
	"slices"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/train"

	"github.com/gokeras/gokeras/backend"
	"github.com/gokeras/gokeras/callbacks"
	"github.com/gokeras/gokeras/internal/ndarray"
)

// Scores are the loss and metrics of Evaluate or of one step, in the order of
// Keras's model.metrics_names.
type Scores struct {
	Names  []string // "loss", then the metrics
	Values []float64
}

// Loss is the total loss.
func (s *Scores) Loss() float64 { return s.Value("loss") }

// Get returns the value of that name.
func (s *Scores) Get(name string) (value float64, ok bool) {
	if s == nil {
		return 0, false
	}
	if i := slices.Index(s.Names, name); i >= 0 {
		return s.Values[i], true
	}
	return 0, false
}

// Value returns the value of that name, NaN if there is none.
func (s *Scores) Value(name string) float64 {
	if v, ok := s.Get(name); ok {
		return v
	}
	return math.NaN()
}

// Map returns the scores by name (Keras: return_dict=True).
func (s *Scores) Map() map[string]float64 {
	if s == nil {
		return nil
	}
	m := make(map[string]float64, len(s.Names))
	for i, name := range s.Names {
		m[name] = s.Values[i]
	}
	return m
}

func scoresOf(logs *callbacks.Logs) (*Scores, error) {
	s := &Scores{}
	for name, value := range logs.All() {
		s.Names = append(s.Names, name)
		s.Values = append(s.Values, value)
	}
	return s, logs.Err()
}

// Evaluate returns the loss and metrics on x and y, which are as for [Model.Fit] (Keras: Model.evaluate).
func (m *Model) Evaluate(x, y any, o Evaluate) (*Scores, error) {
	scores, err := m.evaluate(x, y, o)
	if err != nil {
		return nil, fmt.Errorf("evaluating model %q: %w", m.Name(), err)
	}
	return scores, nil
}

func (m *Model) evaluate(x, y any, o Evaluate) (*Scores, error) {
	if err := m.readyToTrain(); err != nil {
		return nil, err
	}
	if err := checkOptions(o.Verbose, "BatchSize", o.BatchSize, "Steps", o.Steps); err != nil {
		return nil, err
	}
	data, err := m.testData("test data", x, y, o.SampleWeight, orDefault(o.BatchSize, defaultBatchSize))
	if err != nil {
		return nil, err
	}
	ctx := contextOr(o.Context)
	if err := m.keepOnDevice(ctx, data, o.DataOnDevice); err != nil {
		return nil, err
	}
	defer release(data)
	l := &loop{m: m, ctx: ctx, steps: orDefault(o.Steps, data.steps()), together: m.together(), data: data}
	list := m.callbackList(o.Callbacks, o.Verbose, callbacks.Params{Steps: l.steps, Output: outputOr(o.Output)})
	logs, err := l.testEpoch(list)
	if err != nil {
		return nil, err
	}
	return scoresOf(logs)
}

func (m *Model) callbackList(user []callbacks.Callback, v Verbosity, params callbacks.Params) *callbacks.List {
	list := callbacks.NewList(withProgress(user, v)...)
	params.Verbose = v.keras()
	list.SetParams(params)
	list.SetModel(m)
	return list
}

// Predict returns the output for x, any number of samples, computed in batches (Keras: Model.predict). A
// model with several outputs needs [Model.PredictAll].
func (m *Model) Predict(x any, o Predict) (*tensors.Tensor, error) {
	if m.Ready() == nil && len(m.Outputs()) > 1 {
		return nil, fmt.Errorf("predicting with model %q: it has %d outputs (%s): use PredictAll", m.Name(), len(m.Outputs()), ndarray.Quoted(m.OutputNames()))
	}
	outputs, err := m.PredictAll(x, o)
	if err != nil {
		return nil, err
	}
	return outputs[0], nil
}

// PredictAll is Predict for any number of outputs, in the order of OutputNames.
func (m *Model) PredictAll(x any, o Predict) ([]*tensors.Tensor, error) {
	outputs, err := m.predict(x, o)
	if err != nil {
		return nil, fmt.Errorf("predicting with model %q: %w", m.Name(), err)
	}
	return outputs, nil
}

func (m *Model) predict(x any, o Predict) ([]*tensors.Tensor, error) {
	if err := m.Ready(); err != nil {
		return nil, err
	}
	if err := checkOptions(o.Verbose, "BatchSize", o.BatchSize, "Steps", o.Steps); err != nil {
		return nil, err
	}
	var data source
	if ds, ok := x.(train.Dataset); ok {
		data = &gomlxSource{ds: ds, m: m}
	} else {
		a, err := m.newArrays("data", x, nil, nil, orDefault(o.BatchSize, defaultBatchSize), false)
		if err != nil {
			return nil, err
		}
		data = a
	}
	l := &loop{m: m, ctx: contextOr(o.Context), steps: orDefault(o.Steps, data.steps()), together: m.together(), data: data}
	list := m.callbackList(o.Callbacks, o.Verbose, callbacks.Params{Steps: l.steps, Output: outputOr(o.Output)})
	engine, err := backend.DefaultContext(l.ctx)
	if err != nil {
		return nil, err
	}
	out := &predictions{}
	if a, ok := data.(*arrays); ok {
		if o.BatchSize == 0 && o.Steps == 0 && a.rows > a.batchSize && !list.ObservesBatches() {
			a.batchSize = m.predictBatch(engine, a.rows)
			a.overlap = m.SamplesAlone()
			l.steps, l.together = a.steps(), 1
		}
		out.rows = min(a.rows, l.steps*a.batchSize)
	}
	if err := list.OnPredictBegin(); err != nil {
		return nil, err
	}
	defer l.stop()
	batches := 0
	err = l.each(hooks{begin: list.OnPredictBatchBegin, end: list.OnPredictBatchEnd, run: func(part []*batch) error {
		for _, b := range part {
			p, err := m.program(l.ctx, predictStep, b)
			if err != nil {
				return err
			}
			results, err := p.run(b)
			if err == nil {
				err = out.add(p.engine, results, b.start, b.rows)
			}
			if err != nil {
				return fmt.Errorf("batch %d: %w", batches, err)
			}
			batches++
		}
		return nil
	}})
	if err != nil {
		return nil, err
	}
	outputs, err := out.outputs()
	if err != nil {
		return nil, err
	}
	return outputs, list.OnPredictEnd()
}
