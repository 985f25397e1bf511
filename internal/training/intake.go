package training

import (
	"fmt"
	"iter"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gokeras/gokeras/internal/catch"
	"github.com/gokeras/gokeras/internal/data"
	"github.com/gokeras/gokeras/internal/ndarray"
	"github.com/gokeras/gokeras/symbolic"
)

// batched is a source over data that comes in batches.
type batched struct {
	data.Stream
	read func(got data.Given) (*data.Arrays, error)

	passes, skip int // what the next pass reads before its first batch: whole passes, and batches
}

func (s *batched) Steps() int { return s.Stream.Steps }

func (s *batched) Quick() bool { return false }

// Order implements [data.Source]: such data has its own.
func (s *batched) Order() (data.Order, error) { return data.Order{}, nil }

// Resume implements [data.Source]. What was had before is read once more, since the data may remember where it is.
func (s *batched) Resume(_ data.Order, passes, skip int) error {
	if passes < 0 || skip < 0 {
		return fmt.Errorf("%s: can't go on after %d passes and %d batches", s.Name, passes, skip)
	}
	s.passes, s.skip = passes, skip
	return nil
}

func (s *batched) Epoch() iter.Seq2[*data.Batch, error] {
	passes, skip := s.passes, s.skip
	s.passes, s.skip = 0, 0
	if passes > 0 && s.SkipPasses != nil && s.SkipPasses(passes) {
		passes = 0
	}
	return func(yield func(*data.Batch, error) bool) {
		for range passes {
			for _, err := range guarded(s.Batches) {
				if err != nil {
					yield(nil, fmt.Errorf("%s: %w", s.Name, err))
					return
				}
			}
		}
		for got, err := range guarded(s.Batches) {
			if err != nil {
				yield(nil, fmt.Errorf("%s: %w", s.Name, err))
				return
			}
			if skip > 0 {
				skip--
				continue
			}
			a, err := s.read(got)
			if err != nil {
				yield(nil, err)
				return
			}
			if !yield(&data.Batch{X: a.X, Y: a.Y, W: a.W, Rows: a.Rows}, nil) {
				return
			}
		}
	}
}

// guarded are the same batches, with an error that says where in place of a panic of what makes them.
func guarded(batches iter.Seq2[data.Given, error]) iter.Seq2[data.Given, error] {
	return func(yield func(data.Given, error) bool) {
		count, making, done := 0, true, false
		err := catch.Placed(func() error {
			for b, err := range batches {
				making = false
				done = !yield(b, err)
				making = true
				if done {
					return nil
				}
				count++
			}
			return nil
		})
		switch {
		case err == nil:
		case !making || done: // the panic is the reader's, or nobody reads any more
			panic(err)
		default:
			yield(data.Given{}, fmt.Errorf("batch %d: %w", count, err))
		}
	}
}

// Arrays checks what the user gave against the model and brings it to the
// types that the device works in. Errors of the data are [data.ErrBad].
func (m *Session) Arrays(what string, x, y, sampleWeight any, batchSize int, targets bool) (*data.Arrays, error) {
	if err := m.buildForData(x); err != nil {
		return nil, data.Bad(fmt.Errorf("%s x: %w", what, err))
	}
	stage, err := m.StartHost()
	if err != nil {
		return nil, err
	}
	a, err := m.arrays(stage, what, x, y, sampleWeight, batchSize, targets)
	return a, data.Bad(err)
}

func (m *Session) arrays(stage *symbolic.HostStage, what string, x, y, sampleWeight any, batchSize int, targets bool) (*data.Arrays, error) {
	a := &data.Arrays{BatchSize: batchSize}
	given, err := m.hostInputs(what+" x", x)
	if err != nil {
		return nil, err
	}
	for i, v := range given {
		if given[i], err = m.FitInput(what, i, v); err != nil {
			return nil, err
		}
	}
	if stage != nil {
		a.Host = &data.Host{Stage: stage, Values: given}
	} else {
		a.X = onlyTensors(given)
	}
	if targets {
		if a.Y, err = m.targetTensors(what, y); err != nil {
			return nil, err
		}
	}
	if err := m.count(what, a, given); err != nil {
		return nil, err
	}
	if targets {
		if a.W, err = m.sampleWeights(what, a, sampleWeight); err != nil {
			return nil, err
		}
		if err := m.checkLabels(what, a); err != nil {
			return nil, err
		}
	}
	return a, nil
}

// targetTensors reads the targets of the outputs that have a loss or metrics.
func (m *Session) targetTensors(what string, y any) ([]*tensors.Tensor, error) {
	wanted := m.training.targetNames(m)
	list, err := m.perTarget(what+" y", y)
	if err != nil {
		return nil, err
	}
	if list == nil && len(wanted) > 0 {
		return nil, fmt.Errorf("%s y: got nil, want targets for %s", what, ndarray.Quoted(wanted))
	}
	for i, t := range list {
		if t.Rank() == 0 {
			return nil, fmt.Errorf("%s y: target %d is a single number, want an array with one row a sample", what, i)
		}
		if t.DType() == dtypes.Float64 {
			if list[i], err = ndarray.Convert(t, dtypes.Float32); err != nil {
				return nil, err
			}
		}
	}
	return list, nil
}

// perTarget reads an array for each output that has a loss or metrics; those of the other outputs may be given, too.
func (m *Session) perTarget(what string, v any) ([]*tensors.Tensor, error) {
	v = m.grouped(v)
	wanted := m.training.targetOutputs(m)
	list, err := ndarray.ToTensors(what, v, m.training.targetNames(m))
	if err == nil || len(wanted) == len(m.Outputs()) {
		return list, err
	}
	all, errAll := ndarray.ToTensors(what, v, m.OutputNames())
	if errAll != nil {
		return nil, err
	}
	list = nil
	for _, i := range wanted {
		list = append(list, all[i])
	}
	return list, nil
}

// FitInput checks data for input i and adjusts its type and a missing or superfluous last axis of 1, as Keras does.
func (m *Session) FitInput(what string, i int, v symbolic.HostValue) (symbolic.HostValue, error) {
	fitted, err := m.fitInput(what, i, v)
	if err == nil && len(symbolic.HostShape(fitted)) == 0 {
		return nil, fmt.Errorf("%s x: input %q expects a single number, which is no batch of samples: use PredictOnBatch", what, m.InputNames()[i])
	}
	return fitted, err
}

// fitInput is FitInput, which also takes a single number for an input that is one.
func (m *Session) fitInput(what string, i int, v symbolic.HostValue) (symbolic.HostValue, error) {
	want := m.Inputs()[i]
	name := m.InputNames()[i]
	got := symbolic.HostShape(v)
	if t, ok := v.(*tensors.Tensor); ok && t.DType() == dtypes.Float64 && ndarray.DType(want.DType()) != dtypes.Float64 {
		var err error
		if v, err = ndarray.Convert(t, dtypes.Float32); err != nil {
			return nil, fmt.Errorf("%s x (%s): %w", what, name, err)
		}
	}
	fitted := got
	switch {
	case len(got) == len(want.Shape())+1 && got[len(got)-1] == 1:
		fitted = got[:len(got)-1]
	case len(got) == len(want.Shape())-1 && want.Shape()[len(want.Shape())-1] == 1:
		fitted = append(got.Clone(), 1)
	}
	anyBatch := append(symbolic.Shape{symbolic.None}, want.Shape()[min(1, len(want.Shape())):]...) // a fixed batch size binds no array of samples
	if len(got) == 0 && len(want.Shape()) == 0 {
		return v, nil
	}
	if len(want.Shape()) == 0 {
		anyBatch = want.Shape()
	}
	if len(got) == 0 || !symbolic.Compatible(anyBatch, fitted) {
		return nil, fmt.Errorf("%s x: input %q expects shape %s, got data of shape %s", what, name, want.Shape(), got)
	}
	return symbolic.ReshapeHost(v, fitted)
}

// count finds the number of samples, which all arrays must share.
func (m *Session) count(what string, a *data.Arrays, x []symbolic.HostValue) error {
	a.Rows = symbolic.HostShape(x[0])[0]
	describe := func() string {
		s := ""
		for i, v := range x {
			s += fmt.Sprintf(" x %q: %d;", m.InputNames()[i], symbolic.HostShape(v)[0])
		}
		for i, t := range a.Y {
			s += fmt.Sprintf(" y %q: %d;", m.training.targetNames(m)[i], t.Shape().Dimensions[0])
		}
		return s[:len(s)-1]
	}
	counts := []int{}
	for _, v := range x {
		counts = append(counts, symbolic.HostShape(v)[0])
	}
	for _, t := range a.Y {
		counts = append(counts, t.Shape().Dimensions[0])
	}
	for _, n := range counts {
		if n != a.Rows {
			return fmt.Errorf("%s: data cardinality is ambiguous: make sure that all arrays contain the same number of samples, got%s", what, describe())
		}
	}
	if a.Rows == 0 {
		return fmt.Errorf("%s: the data has no samples, want at least one", what)
	}
	return nil
}

// Dataset is a source over data that comes in batches; targets says whether they must have targets, whose classes may have weights.
func (m *Session) Dataset(stream data.Stream, targets bool, classWeight map[int]float64) data.Source {
	return Batched(stream, func(got data.Given) (*data.Arrays, error) {
		if stream.WeightsInY && targets {
			got.Y, got.SampleWeight = m.weightsOf(got.Y)
		}
		a, err := m.Arrays(stream.Name, got.X, got.Y, got.SampleWeight, 1, targets)
		if err == nil {
			err = a.HostNow()
		}
		if err == nil {
			err = m.WeighClasses(stream.Name, a, classWeight)
		}
		return a, err
	})
}

// Batched is a source over data that comes in batches, each read by a function.
func Batched(stream data.Stream, read func(got data.Given) (*data.Arrays, error)) data.Source {
	return &batched{Stream: stream, read: read}
}

// buildForData builds a Sequential that has no input yet for the data.
func (m *Session) buildForData(x any) error {
	if m.Connected() {
		return nil
	}
	if list, ok := x.([]*tensors.Tensor); ok && len(list) == 1 {
		x = list[0]
	}
	var v symbolic.HostValue
	var err error
	if m.FirstTakesTexts() {
		v, err = symbolic.ReadTexts("x", x)
	} else {
		v, err = ndarray.ToTensor("x", x)
	}
	if err != nil {
		return err
	}
	shape := symbolic.HostShape(v)
	if len(shape) == 0 {
		return fmt.Errorf("x is a single value, want an array with one row a sample")
	}
	return m.BuildFor(shape[1:]...)
}

// PredictionBatch is a copy of the user's arrays as one batch to predict. As in Keras they needn't have as many rows in one as in another, nor any rows.
func (m *Session) PredictionBatch(x any) (*data.Batch, error) {
	if err := m.buildForData(x); err != nil {
		return nil, data.Bad(fmt.Errorf("batch x: %w", err))
	}
	stage, err := m.StartHost()
	if err != nil {
		return nil, err
	}
	if stage != nil {
		return m.OneBatch(x, nil, nil, nil, false)
	}
	given, err := m.hostInputs("batch x", x)
	if err != nil {
		return nil, data.Bad(err)
	}
	b := &data.Batch{Rows: 1}
	for i, v := range given {
		if v, err = m.fitInput("batch", i, v); err != nil {
			return nil, data.Bad(err)
		}
		if shape := symbolic.HostShape(v); len(shape) > 0 && shape[0] == 0 {
			return nil, data.Bad(fmt.Errorf("batch: input %q has no samples, want at least one", m.InputNames()[i]))
		} else if i == 0 && len(shape) > 0 {
			b.Rows = shape[0]
		}
		for _, t := range onlyTensors([]symbolic.HostValue{v}) {
			own, err := t.LocalClone()
			if err != nil {
				return nil, err
			}
			b.X = append(b.X, own)
		}
	}
	return b, nil
}

// OneBatch returns a copy of the user's arrays as one batch: a step consumes its batch.
func (m *Session) OneBatch(x, y, sampleWeight any, classWeight map[int]float64, targets bool) (*data.Batch, error) {
	a, err := m.Arrays("batch", x, y, sampleWeight, 1, targets)
	if err != nil {
		return nil, err
	}
	if err := m.WeighClasses("batch", a, classWeight); err != nil {
		return nil, err
	}
	a.BatchSize = a.Rows
	for b, err := range a.Epoch() {
		return b, err
	}
	return nil, fmt.Errorf("the batch is empty")
}
