package data

import (
	"fmt"
	"math"
)

// Order is what the order of a pass over arrays follows from. It is zero for data that comes in batches.
type Order struct {
	Rows, BatchSize int
	Shuffle         []byte // the state of the source of random orders; empty: in order
}

// Order implements [Source].
func (a *Arrays) Order() (Order, error) {
	o := Order{Rows: a.Rows, BatchSize: a.BatchSize}
	if a.Shuffle == nil {
		return o, nil
	}
	var err error
	o.Shuffle, err = a.Shuffle.MarshalBinary()
	return o, err
}

// Resume implements [Source].
func (a *Arrays) Resume(order Order, _, skip int) error {
	within := skip > 0
	if within && (order.Rows != a.Rows || order.BatchSize != a.BatchSize) {
		return fmt.Errorf("the training stopped within an epoch of %d samples in batches of %d, and the data now has %d in batches of %d", order.Rows, order.BatchSize, a.Rows, a.BatchSize)
	}
	if shuffled := len(order.Shuffle) > 0; within && shuffled != (a.Shuffle != nil) {
		return fmt.Errorf("the training stopped within an epoch, and Shuffle is no longer what it was")
	}
	if skip < 0 || skip > math.MaxInt/max(a.BatchSize, 1) {
		return fmt.Errorf("a pass can't go on after %d batches", skip)
	}
	if a.Shuffle != nil && len(order.Shuffle) > 0 {
		if err := a.Shuffle.UnmarshalBinary(order.Shuffle); err != nil {
			return fmt.Errorf("the order of the data: %w", err)
		}
	}
	a.skip = skip
	return nil
}
