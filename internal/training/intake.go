package training

import (
	"fmt"
	"iter"
	"slices"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/train"

	"github.com/gokeras/gokeras/internal/data"
	"github.com/gokeras/gokeras/internal/ndarray"
	"github.com/gokeras/gokeras/symbolic"
)

// gomlxSource is a source over a GoMLX dataset, which makes its own batches.
type gomlxSource struct {
	ds       train.Dataset
	m        *Session
	training bool // whether targets are wanted
}

func (s *gomlxSource) Steps() int { return 0 }

func (s *gomlxSource) Quick() bool { return false }

func (s *gomlxSource) Epoch() iter.Seq2[*data.Batch, error] {
	return func(yield func(*data.Batch, error) bool) {
		for got, err := range s.ds.Iter() {
			if err != nil {
				yield(nil, fmt.Errorf("dataset %q: %w", s.ds.Name(), err))
				return
			}
			a, err := s.m.Arrays("dataset "+s.ds.Name(), got.Inputs, labelsOf(got.Labels), nil, 1, s.training)
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

func labelsOf(list []*tensors.Tensor) any {
	if len(list) == 0 {
		return nil
	}
	return list
}

// Arrays checks what the user gave against the model and brings it to the
// types that the device works in.
func (m *Session) Arrays(what string, x, y, sampleWeight any, batchSize int, targets bool) (*data.Arrays, error) {
	a := &data.Arrays{BatchSize: batchSize}
	err := m.buildForData(x)
	if err != nil {
		return nil, fmt.Errorf("%s x: %w", what, err)
	}
	if a.X, err = ndarray.ToTensors(what+" x", x, m.InputNames()); err != nil {
		return nil, err
	}
	if a.X == nil {
		return nil, fmt.Errorf("%s x: got nil, want data for %s", what, ndarray.Quoted(m.InputNames()))
	}
	a.Rows = -1
	for i, t := range a.X {
		if a.X[i], err = m.FitInput(what, i, t); err != nil {
			return nil, err
		}
	}
	if targets {
		if a.Y, err = m.targetTensors(what, y); err != nil {
			return nil, err
		}
	}
	if err := m.count(what, a); err != nil {
		return nil, err
	}
	if targets {
		if a.W, err = m.sampleWeights(what, a, sampleWeight); err != nil {
			return nil, err
		}
	}
	return a, nil
}

// targetTensors reads the targets of the outputs that have a loss or metrics.
func (m *Session) targetTensors(what string, y any) ([]*tensors.Tensor, error) {
	wanted := m.training.targetNames(m)
	list, err := ndarray.ToTensors(what+" y", y, wanted)
	if err != nil && len(wanted) != len(m.Outputs()) {
		// Targets may be given for outputs without a loss, too.
		if all, errAll := ndarray.ToTensors(what+" y", y, m.OutputNames()); errAll == nil {
			for i, name := range m.OutputNames() {
				if slices.Contains(wanted, name) {
					list = append(list, all[i])
				}
			}
			err = nil
		}
	}
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

// FitInput checks data for input i and adjusts its type and a missing or superfluous last axis of 1, as Keras does.
func (m *Session) FitInput(what string, i int, t *tensors.Tensor) (*tensors.Tensor, error) {
	want := m.Inputs()[i]
	name := m.InputNames()[i]
	got := symbolic.Shape(t.Shape().Dimensions)
	var err error
	if t.DType() == dtypes.Float64 && ndarray.DType(want.DType()) != dtypes.Float64 {
		if t, err = ndarray.Convert(t, dtypes.Float32); err != nil {
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
	if len(got) == 0 || !symbolic.Compatible(anyBatch, fitted) {
		return nil, fmt.Errorf("%s x: input %q expects shape %s, got data of shape %s", what, name, want.Shape(), got)
	}
	if !fitted.Equal(got) {
		reshaped := tensors.FromShape(shapes.Make(t.DType(), fitted...))
		err := t.ConstBytes(func(src []byte) {
			_ = reshaped.MutableBytes(func(dst []byte) { copy(dst, src) })
		})
		if err != nil {
			return nil, err
		}
		t = reshaped
	}
	return t, nil
}

// count finds the number of samples, which all arrays must share.
func (m *Session) count(what string, a *data.Arrays) error {
	a.Rows = a.X[0].Shape().Dimensions[0]
	describe := func() string {
		s := ""
		for i, t := range a.X {
			s += fmt.Sprintf(" x %q: %d;", m.InputNames()[i], t.Shape().Dimensions[0])
		}
		for i, t := range a.Y {
			s += fmt.Sprintf(" y %q: %d;", m.training.targetNames(m)[i], t.Shape().Dimensions[0])
		}
		return s[:len(s)-1]
	}
	for _, t := range slices.Concat(a.X, a.Y) {
		if t.Shape().Dimensions[0] != a.Rows {
			return fmt.Errorf("%s: data cardinality is ambiguous: make sure that all arrays contain the same number of samples, got%s", what, describe())
		}
	}
	if a.Rows == 0 {
		return fmt.Errorf("%s: the data has no samples, want at least one", what)
	}
	return nil
}

// Dataset is a source over a GoMLX data set; targets says whether its batches must have targets.
func (m *Session) Dataset(ds train.Dataset, targets bool) data.Source {
	return &gomlxSource{ds: ds, m: m, training: targets}
}

// buildForData builds a Sequential that has no input yet for the data.
func (m *Session) buildForData(x any) error {
	if m.Connected() {
		return nil
	}
	if list, ok := x.([]*tensors.Tensor); ok && len(list) == 1 {
		x = list[0]
	}
	t, err := ndarray.ToTensor("x", x)
	if err != nil {
		return err
	}
	if t.Rank() == 0 {
		return fmt.Errorf("x is a single number, want an array with one row a sample")
	}
	return m.BuildFor(t.Shape().Dimensions[1:]...)
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
