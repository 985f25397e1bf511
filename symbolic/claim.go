package symbolic

import (
	"cmp"
	"fmt"
	"slices"
	"sync/atomic"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gokeras/gokeras/internal/ndarray"
)

// Claim is the right to use the values of weights for a while, or to replace them: of all at once, so that nobody sees some as they were
// before and some as they are after. Whoever holds one uses Buffer, Look and Replace; Value, Set and Reset take the right for themselves.
type Claim struct {
	weights []*Weight // in the order in which all claims take them
	writes  []bool
}

// NewClaim prepares a claim on weights; writes tells of the i-th whether it is replaced, nil that none is.
func NewClaim(weights []*Weight, writes func(i int) bool) *Claim {
	c := &Claim{}
	replaced := map[*Weight]bool{}
	for i, w := range weights {
		if _, known := replaced[w]; !known {
			c.weights = append(c.weights, w)
		}
		replaced[w] = replaced[w] || writes != nil && writes(i)
	}
	slices.SortFunc(c.weights, func(a, b *Weight) int { return cmp.Compare(a.order, b.order) })
	for _, w := range c.weights {
		c.writes = append(c.writes, replaced[w])
	}
	return c
}

// Hold waits until nobody else replaces one of the weights, or uses one that this claim replaces.
func (c *Claim) Hold() {
	for i, w := range c.weights {
		if c.writes[i] {
			w.use.Lock()
		} else {
			w.use.RLock()
		}
	}
}

// Release ends what Hold began.
func (c *Claim) Release() {
	for i, w := range c.weights {
		if c.writes[i] {
			w.use.Unlock()
		} else {
			w.use.RUnlock()
		}
	}
}

// order counts the weights of the process.
var order atomic.Uint64

// Values returns copies of the weights' values in host memory, all of one moment.
func Values(weights []*Weight) ([]*tensors.Tensor, error) {
	c := NewClaim(weights, nil)
	c.Hold()
	defer c.Release()
	Draw(weights)
	values := make([]*tensors.Tensor, len(weights))
	for i, w := range weights {
		var err error
		if values[i], err = w.copied(); err != nil {
			return nil, err
		}
	}
	return values, nil
}

// SetAll gives each of the weights a copy of a value, all at one moment and none unless every shape fits.
func SetAll(weights []*Weight, values []*tensors.Tensor) error {
	if len(weights) != len(values) {
		return fmt.Errorf("got %d values for %d weights", len(values), len(weights))
	}
	own := make([]*tensors.Tensor, len(values))
	for i, w := range weights {
		var err error
		if own[i], err = w.fitted(values[i]); err != nil {
			return err
		}
	}
	ReplaceAll(weights, own)
	return nil
}

// ReplaceAll makes each of the values, which the weights own from now on, the value of a weight, all at one moment.
func ReplaceAll(weights []*Weight, values []*tensors.Tensor) {
	c := NewClaim(weights, func(int) bool { return true })
	c.Hold()
	defer c.Release()
	for i, w := range weights {
		w.Replace(values[i])
	}
}

// Like returns a new variable that starts as this one did.
func (w *Weight) Like() *Weight {
	return &Weight{order: order.Add(1), spec: w.spec, path: w.path, fill: w.fill}
}

// fitted is a copy of a value in the weight's type, if it has its shape.
func (w *Weight) fitted(t *tensors.Tensor) (*tensors.Tensor, error) {
	if t == nil || !t.Ok() {
		return nil, fmt.Errorf("weight %s: the value is nil or was finalized", w.Path())
	}
	if !slices.Equal(t.Shape().Dimensions, w.spec.Shape) {
		return nil, fmt.Errorf("weight %s has shape %s, got a value of shape %s", w.Path(), Shape(w.spec.Shape), Shape(t.Shape().Dimensions))
	}
	converted, err := ndarray.Convert(t, w.spec.DType)
	if err == nil && converted == t {
		converted, err = t.LocalClone()
	}
	if err != nil {
		return nil, fmt.Errorf("weight %s: %w", w.Path(), err)
	}
	return converted, nil
}
