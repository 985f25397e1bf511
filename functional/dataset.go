package functional

import (
	"context"
	"fmt"
	"iter"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gokeras/gokeras/internal/catch"
	"github.com/gokeras/gokeras/internal/ndarray"
	"github.com/gokeras/gokeras/symbolic"
)

// batch is what one step takes: inputs, targets (nil to predict) and per
// output sample weights (nil for none).
type batch struct {
	x, y, w []*tensors.Tensor
	rows    int
	start   int // the place of its first row among arrays that come in order
}

func (b *batch) all() []*tensors.Tensor { return slices.Concat(b.x, b.y, b.w) }

// transfer sends the batch to the engine's device.
func (b *batch) transfer(engine compute.Backend) error {
	for _, t := range b.all() {
		if err := t.MaterializeOnDevice(engine, false, 0); err != nil {
			return err
		}
	}
	return nil
}

// source yields batches. An epoch is one pass over it.
type source interface {
	// steps is the number of batches an epoch has, 0 if unknown.
	steps() int
	// quick says that a batch is made in less time than it takes to hand it from one goroutine to another.
	quick() bool
	epoch() iter.Seq2[*batch, error]
}

// arrays is a source over arrays in memory.
type arrays struct {
	x, y, w   []*tensors.Tensor
	host      *hostData // instead of x: inputs of which the host computes each batch
	rows      int
	batchSize int
	shuffle   *rand.Rand // nil: in order
	overlap   bool       // in order, the last batch is as large as the others and begins before their end
	resident  *resident  // nil: batches are gathered in the host's memory
}

func (a *arrays) steps() int { return (a.rows + a.batchSize - 1) / a.batchSize }

// quickBytes is about what a core copies while goroutines wake each other.
const quickBytes = 64 << 10

func (a *arrays) quick() bool {
	size := 0
	for _, t := range slices.Concat(a.x, a.y, a.w) {
		size += int(t.Shape().ByteSize())
	}
	return a.resident == nil && a.host == nil && size/a.rows*a.batchSize <= quickBytes
}

func (a *arrays) epoch() iter.Seq2[*batch, error] {
	return func(yield func(*batch, error) bool) {
		var order []int
		if a.shuffle != nil {
			order = a.shuffle.Perm(a.rows)
		}
		for start := 0; start < a.rows; start += a.batchSize {
			end := min(start+a.batchSize, a.rows)
			if a.overlap && end-start < a.batchSize {
				start = end - a.batchSize
			}
			if a.resident != nil {
				if order == nil {
					order = inOrder(a.rows)
				}
				b, err := a.resident.gather(order[start:end])
				if !yield(b, err) || err != nil {
					return
				}
				continue
			}
			b := &batch{rows: end - start, start: start}
			var err error
			if a.host != nil {
				b.x, err = a.host.batch(order, start, end)
			}
			for _, part := range []struct{ from, to *[]*tensors.Tensor }{{&a.x, &b.x}, {&a.y, &b.y}, {&a.w, &b.w}} {
				for _, t := range *part.from {
					var rows *tensors.Tensor
					if rows, err = gather(t, order, start, end); err != nil {
						break
					}
					*part.to = append(*part.to, rows)
				}
			}
			if !yield(b, err) || err != nil {
				return
			}
		}
	}
}

func inOrder(n int) []int {
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	return order
}

// gather copies the rows order[start:end] of t (all in order if order is nil) into a new tensor.
func gather(t *tensors.Tensor, order []int, start, end int) (*tensors.Tensor, error) {
	dims := slices.Clone(t.Shape().Dimensions)
	rows := dims[0]
	dims[0] = end - start
	out := tensors.FromShape(shapes.Make(t.DType(), dims...))
	err := t.ConstBytes(func(src []byte) {
		size := len(src) / max(rows, 1)
		_ = out.MutableBytes(func(dst []byte) {
			if order == nil {
				copy(dst, src[start*size:end*size])
				return
			}
			for i, row := range order[start:end] {
				copy(dst[i*size:(i+1)*size], src[row*size:(row+1)*size])
			}
		})
	})
	return out, err
}

// slice returns the rows from start up to end of every array.
func (a *arrays) slice(start, end int) (*arrays, error) {
	cut := &arrays{rows: end - start, batchSize: a.batchSize}
	for _, part := range []struct{ from, to *[]*tensors.Tensor }{{&a.x, &cut.x}, {&a.y, &cut.y}, {&a.w, &cut.w}} {
		for _, t := range *part.from {
			rows, err := gather(t, nil, start, end)
			if err != nil {
				return nil, err
			}
			*part.to = append(*part.to, rows)
		}
	}
	var err error
	cut.host, err = a.host.slice(start, end)
	return cut, err
}

// split cuts off the last part of the arrays, as Keras's validation_split does before any shuffling.
func (a *arrays) split(fraction float64) (training, validation *arrays, err error) {
	if !(fraction > 0 && fraction < 1) {
		return nil, nil, fmt.Errorf("ValidationSplit is %v, want a number between 0 and 1", fraction)
	}
	at := int(math.Floor(float64(a.rows) * (1 - fraction)))
	if at == 0 || at == a.rows {
		return nil, nil, fmt.Errorf("ValidationSplit %v of %d samples leaves %d for training and %d for validation: want at least one each",
			fraction, a.rows, at, a.rows-at)
	}
	if validation, err = a.slice(at, a.rows); err != nil {
		return nil, nil, err
	}
	training = &arrays{x: a.x, y: a.y, w: a.w, host: a.host, rows: at, batchSize: a.batchSize}
	return training, validation, nil
}

// batched is a source over data that comes in batches.
type batched struct {
	name     string
	batches  Batches
	m        *Model
	training bool // whether targets are wanted
}

func (s *batched) steps() int { return 0 }

func (s *batched) quick() bool { return false }

func (s *batched) epoch() iter.Seq2[*batch, error] {
	return func(yield func(*batch, error) bool) {
		for got, err := range s.batches {
			if err != nil {
				yield(nil, fmt.Errorf("%s: %w", s.name, err))
				return
			}
			a, err := s.m.newArrays(s.name, got.X, got.Y, got.SampleWeight, 1, s.training)
			if err == nil {
				err = a.hostNow()
			}
			if err != nil {
				yield(nil, err)
				return
			}
			if !yield(&batch{x: a.x, y: a.y, w: a.w, rows: a.rows}, nil) {
				return
			}
		}
	}
}

// newArrays checks what the user gave against the model and brings it to the
// types that the device works in.
func (m *Model) newArrays(what string, x, y, sampleWeight any, batchSize int, targets bool) (*arrays, error) {
	a := &arrays{batchSize: batchSize}
	err := m.buildFor(x)
	if err != nil {
		return nil, fmt.Errorf("%s x: %w", what, err)
	}
	given, err := m.hostInputs(what+" x", x)
	if err != nil {
		return nil, err
	}
	for i, v := range given {
		if given[i], err = m.fitInput(what, i, v); err != nil {
			return nil, err
		}
	}
	stage, err := m.StartHost()
	if err != nil {
		return nil, err
	}
	if stage != nil {
		a.host = &hostData{stage, given}
	} else {
		a.x = onlyTensors(given)
	}
	if targets {
		if a.y, err = m.targetTensors(what, y); err != nil {
			return nil, err
		}
	}
	if err := a.count(what, m, given); err != nil {
		return nil, err
	}
	if targets {
		if a.w, err = m.sampleWeights(what, a, sampleWeight); err != nil {
			return nil, err
		}
	}
	return a, nil
}

// targetTensors reads the targets of the outputs that have a loss or metrics.
func (m *Model) targetTensors(what string, y any) ([]*tensors.Tensor, error) {
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

// fitInput checks data for input i and adjusts its type and a missing or superfluous last axis of 1, as Keras does.
func (m *Model) fitInput(what string, i int, v symbolic.HostValue) (symbolic.HostValue, error) {
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
	anyBatch := append(Shape{None}, want.Shape()[min(1, len(want.Shape())):]...) // a fixed batch size binds no array of samples
	if len(got) == 0 || !symbolic.Compatible(anyBatch, fitted) {
		return nil, fmt.Errorf("%s x: input %q expects shape %s, got data of shape %s", what, name, want.Shape(), got)
	}
	return symbolic.ReshapeHost(v, fitted)
}

// count finds the number of samples, which all arrays must share.
func (a *arrays) count(what string, m *Model, x []symbolic.HostValue) error {
	a.rows = symbolic.HostShape(x[0])[0]
	describe := func() string {
		s := ""
		for i, v := range x {
			s += fmt.Sprintf(" x %q: %d;", m.InputNames()[i], symbolic.HostShape(v)[0])
		}
		for i, t := range a.y {
			s += fmt.Sprintf(" y %q: %d;", m.training.targetNames(m)[i], t.Shape().Dimensions[0])
		}
		return s[:len(s)-1]
	}
	counts := []int{}
	for _, v := range x {
		counts = append(counts, symbolic.HostShape(v)[0])
	}
	for _, t := range a.y {
		counts = append(counts, t.Shape().Dimensions[0])
	}
	for _, n := range counts {
		if n != a.rows {
			return fmt.Errorf("%s: data cardinality is ambiguous: make sure that all arrays contain the same number of samples, got%s", what, describe())
		}
	}
	if a.rows == 0 {
		return fmt.Errorf("%s: the data has no samples, want at least one", what)
	}
	return nil
}

// prefetch runs the source one batch ahead of its reader, so that gathering and the way
// to the engine's device overlap with the device's work. It ends when ctx does.
func prefetch(ctx context.Context, engine compute.Backend, batches iter.Seq2[*batch, error]) iter.Seq2[*batch, error] {
	type item struct {
		b   *batch
		err error
	}
	return func(yield func(*batch, error) bool) {
		running, cancel := context.WithCancel(ctx)
		ahead := make(chan item, 1)
		done := make(chan struct{})
		go func() {
			defer close(done)
			defer close(ahead)
			send := func(b *batch, err error) bool {
				if running.Err() != nil {
					return false
				}
				select {
				case ahead <- item{b, err}:
					return true
				case <-running.Done():
					return false
				}
			}
			if err := catch.Panic(func() error { // a user's data set may panic
				for b, err := range batches {
					if err == nil {
						err = b.transfer(engine)
					}
					if !send(b, err) {
						break
					}
				}
				return nil
			}); err != nil {
				send(nil, fmt.Errorf("making a batch: %w", err))
			}
		}()
		defer func() {
			cancel()
			if ctx.Err() == nil { // a cancelled caller doesn't wait for a slow source
				<-done
			}
		}()
		for {
			select {
			case it, ok := <-ahead:
				if !ok || !yield(it.b, it.err) {
					return
				}
			case <-ctx.Done():
				return
			}
		}
	}
}
