package functional

import (
	"fmt"
	"math"
	"slices"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gokeras/gokeras/callbacks"
	"github.com/gokeras/gokeras/internal/data"
	"github.com/gokeras/gokeras/internal/ndarray"
)

// Scores are the loss and metrics of Evaluate or of one step, in the order of
// Keras's model.metrics_names.
type Scores struct {
	Names  []string // "loss", then the metrics
	Values []float64
	// Arrays are the values of metrics of several numbers, such as F1Score of each class, by name; in Values are then their means.
	Arrays map[string]callbacks.Array
	// Outputs are the arrays that a step of your own gives by [Step.Output], by name.
	Outputs map[string]*tensors.Tensor
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

// String is the names and values as the progress bar shows them: "loss: 0.3100 - accuracy: 0.9125".
func (s *Scores) String() string {
	if s == nil {
		return ""
	}
	return callbacks.NewLogs(s.Names, s.Values).String()
}

func scoresOf(logs *callbacks.Logs) (*Scores, error) {
	s := &Scores{}
	for name, value := range logs.All() {
		s.Names = append(s.Names, name)
		s.Values = append(s.Values, value)
		if array, ok := logs.Array(name); ok {
			if s.Arrays == nil {
				s.Arrays = map[string]callbacks.Array{}
			}
			s.Arrays[name] = array
		}
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
	if err := m.readyWith("Loss", "LossWeights", "Metrics", "WeightedMetrics"); err != nil {
		return nil, err
	}
	if err := checkOptions(o.Verbose, "BatchSize", o.BatchSize, "Steps", o.Steps); err != nil {
		return nil, err
	}
	session := m.session()
	source, err := testData(session, "test data", x, y, o.SampleWeight, func(rows int) int { return batchSize(o.BatchSize, rows, o.Steps) })
	if err != nil {
		return nil, err
	}
	ctx := contextOr(o.Context)
	release, err := session.KeepOnDevice(ctx, source, o.DataOnDevice)
	if err != nil {
		return nil, err
	}
	defer release()
	l := session.NewLoop(ctx, source, o.Steps)
	list := m.callbackList(o.Callbacks, o.Verbose, callbacks.Params{Steps: l.Steps, Output: outputOr(o.Output)})
	logs, err := l.TestEpoch(list)
	if err != nil {
		return nil, err
	}
	return scoresOf(logs)
}

func (m *Model) callbackList(user []callbacks.Callback, v Verbosity, params callbacks.Params) *callbacks.List {
	list := callbacks.NewList(withProgress(user, v)...)
	params.Verbose = kerasVerbose(v)
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
	session := m.session()
	var source data.Source
	if stream, ok := batchesOf(x); ok {
		source = session.Dataset(stream, false, nil)
	} else {
		a, err := session.Arrays("data", x, nil, nil, defaultBatchSize, false)
		if err != nil {
			return nil, err
		}
		a.BatchSize = batchSize(o.BatchSize, a.Rows, o.Steps)
		source = a
	}
	l := session.NewLoop(contextOr(o.Context), source, o.Steps)
	list := m.callbackList(o.Callbacks, o.Verbose, callbacks.Params{Steps: l.Steps, Output: outputOr(o.Output)})
	if a, ok := source.(*data.Arrays); ok && o.BatchSize == 0 && o.Steps == 0 && a.Rows > a.BatchSize && !list.ObservesBatches() {
		if err := session.ChooseBatches(l, a); err != nil {
			return nil, err
		}
	}
	if err := list.OnPredictBegin(); err != nil {
		return nil, err
	}
	defer l.Stop()
	outputs, err := l.Predict(list)
	if err != nil {
		return nil, err
	}
	return outputs, list.OnPredictEnd()
}
