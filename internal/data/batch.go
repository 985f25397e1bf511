package data

import (
	"iter"
	"slices"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/tensors"
)

// Batch is what one step takes: inputs, targets (nil to predict) and per
// output sample weights (nil for none).
type Batch struct {
	X, Y, W []*tensors.Tensor
	Rows    int
	Start   int // the place of its first row among arrays that come in order
	// Lengths are how many steps of sequences count, nil where none were added.
	Lengths *tensors.Tensor

	staging *Staging // that its arrays come from, nil where they are its own
}

// Lent says that the arrays are on the device in memory that is used again after [Batch.Return]: the engine may read them and nothing else.
func (b *Batch) Lent() bool { return b.staging != nil }

// Return gives lent arrays back, which nobody reads any more.
func (b *Batch) Return() error {
	if b.staging == nil {
		return nil
	}
	list := b.All()
	b.X, b.Y, b.W = nil, nil, nil
	return b.staging.give(list)
}

func (b *Batch) All() []*tensors.Tensor { return slices.Concat(b.X, b.Y, b.W) }

// Transfer sends the batch to the engine's device.
func (b *Batch) Transfer(engine compute.Backend) error {
	for _, t := range b.All() {
		if err := t.MaterializeOnDevice(engine, false, 0); err != nil {
			return err
		}
	}
	return nil
}

// Source yields batches. An epoch is one pass over it.
type Source interface {
	// Steps is the number of batches an epoch has, 0 if unknown.
	Steps() int
	// Quick says that a batch is made in less time than it takes to hand it from one goroutine to another.
	Quick() bool
	// Epoch begins a pass.
	Epoch() iter.Seq2[*Batch, error]
	// Order is what the next pass's order follows from.
	Order() (Order, error)
	// Resume makes the next pass the one that had that order, after so many passes before it, without its first batches.
	Resume(order Order, passes, skip int) error
}

// Given is a batch as a user gives it.
type Given struct{ X, Y, SampleWeight any }

// Stream is data that comes in batches.
type Stream struct {
	Name    string // for errors
	Batches iter.Seq2[Given, error]
	Steps   int  // the number of batches of a pass, 0 if unknown
	Endless bool // a pass has no end
	// WeightsInY says that sample weights may come after the targets in Y.
	WeightsInY bool
	// SkipPasses makes the next pass the one that comes n passes later, without reading; it reports whether it could. It may be nil.
	SkipPasses func(n int) bool
}
