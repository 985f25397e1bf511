package data

import (
	"errors"
	"fmt"
	"iter"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/tensors"
)

// Arrays is a source over arrays in memory.
type Arrays struct {
	X, Y, W   []*tensors.Tensor
	Host      *Host // instead of X: inputs of which the host computes each batch
	Rows      int
	BatchSize int
	Shuffle   *rand.PCG // nil: in order
	InBatches bool      // Shuffle changes the order within batches alone
	Overlap   bool      // in order, the last batch is as large as the others and begins before their end
	// Resident gathers rows where the arrays are on the device; nil: batches are gathered in the host's memory.
	Resident func(rows []int) (*Batch, error)
	// Staging is where the batches are; nil: each has memory of its own.
	Staging *Staging

	skip int // batches that the next epoch leaves out
}

func (a *Arrays) Steps() int { return (a.Rows + a.BatchSize - 1) / a.BatchSize }

// quickBytes is about what a core copies while goroutines wake each other.
const quickBytes = 64 << 10

func (a *Arrays) Quick() bool {
	size := 0
	for _, t := range slices.Concat(a.X, a.Y, a.W) {
		size += int(t.Shape().ByteSize())
	}
	return a.Resident == nil && a.Host == nil && size/a.Rows*a.BatchSize <= quickBytes
}

func (a *Arrays) Epoch() iter.Seq2[*Batch, error] {
	var order []int
	if a.Shuffle != nil {
		order = a.shuffled(rand.New(a.Shuffle))
	}
	first := a.skip * a.BatchSize
	a.skip = 0
	return func(yield func(*Batch, error) bool) {
		stage := a.Staging
		if a.Host != nil {
			stage = nil // what it computes has memory of its own
		}
		for start := first; start < a.Rows; start += a.BatchSize {
			end := min(start+a.BatchSize, a.Rows)
			if a.Overlap && end-start < a.BatchSize {
				start = end - a.BatchSize
			}
			if a.Resident != nil {
				if order == nil {
					order = inOrder(a.Rows)
				}
				b, err := a.Resident(order[start:end])
				if !yield(b, err) || err != nil {
					return
				}
				continue
			}
			b := &Batch{Rows: end - start, Start: start, staging: stage}
			var err error
			if a.Host != nil {
				b.X, err = a.Host.batch(order, start, end)
			}
			for _, part := range []struct{ from, to *[]*tensors.Tensor }{{&a.X, &b.X}, {&a.Y, &b.Y}, {&a.W, &b.W}} {
				for _, t := range *part.from {
					var rows *tensors.Tensor
					if rows, err = stage.gather(t, order, start, end); err != nil {
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

// shuffled is a new order of the rows.
func (a *Arrays) shuffled(random *rand.Rand) []int {
	if !a.InBatches {
		return random.Perm(a.Rows)
	}
	order := inOrder(a.Rows)
	for batch := range slices.Chunk(order, a.BatchSize) {
		random.Shuffle(len(batch), func(i, j int) { batch[i], batch[j] = batch[j], batch[i] })
	}
	return order
}

func inOrder(n int) []int {
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	return order
}

// Gather copies the rows order[start:end] of t (all in order if order is nil) into a new tensor.
func Gather(t *tensors.Tensor, order []int, start, end int) (*tensors.Tensor, error) {
	return (*Staging)(nil).gather(t, order, start, end)
}

// gather copies rows as [Gather] does; without a staging the new tensor has memory of its own.
func (s *Staging) gather(t *tensors.Tensor, order []int, start, end int) (out *tensors.Tensor, err error) {
	dims := slices.Clone(t.Shape().Dimensions)
	rows := dims[0]
	dims[0] = end - start
	shape := shapes.Make(t.DType(), dims...)
	var failed error
	err = t.ConstBytes(func(src []byte) {
		size := len(src) / max(rows, 1)
		if order == nil && !t.IsShared() {
			if out = s.show(src[start*size:end*size], shape); out != nil {
				return
			}
		}
		if out, failed = s.take(shape); failed != nil {
			return
		}
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
	return out, errors.Join(err, failed)
}

// Slice returns the rows from start up to end of every array.
func (a *Arrays) Slice(start, end int) (*Arrays, error) {
	cut := &Arrays{Rows: end - start, BatchSize: a.BatchSize}
	for _, part := range []struct{ from, to *[]*tensors.Tensor }{{&a.X, &cut.X}, {&a.Y, &cut.Y}, {&a.W, &cut.W}} {
		for _, t := range *part.from {
			rows, err := Gather(t, nil, start, end)
			if err != nil {
				return nil, err
			}
			*part.to = append(*part.to, rows)
		}
	}
	var err error
	cut.Host, err = a.Host.slice(start, end)
	return cut, err
}

// Split cuts off the last part of the arrays, as Keras's validation_split does before any shuffling.
func (a *Arrays) Split(fraction float64) (training, validation *Arrays, err error) {
	if !(fraction > 0 && fraction < 1) {
		return nil, nil, fmt.Errorf("ValidationSplit is %v, want a number between 0 and 1", fraction)
	}
	at := int(math.Floor(float64(a.Rows) * (1 - fraction)))
	if at == 0 || at == a.Rows {
		return nil, nil, fmt.Errorf("ValidationSplit %v of %d samples leaves %d for training and %d for validation: want at least one each",
			fraction, a.Rows, at, a.Rows-at)
	}
	if validation, err = a.Slice(at, a.Rows); err != nil {
		return nil, nil, err
	}
	training = &Arrays{X: a.X, Y: a.Y, W: a.W, Host: a.Host, Rows: at, BatchSize: a.BatchSize}
	return training, validation, nil
}
