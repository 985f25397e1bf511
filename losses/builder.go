package losses

import "fmt"

// base holds what all losses of this package share, once: the setters of name
// and reduction return S, the concrete loss, so that a chain goes on.
type base[S any] struct {
	self      S
	name      *string
	reduction *reductionField
}

// Name sets the loss's name (Keras: name=).
func (b *base[S]) Name(name string) S {
	*b.name = name
	return b.self
}

// Reduction sets how the values become one number (Keras: reduction=, default [SumOverBatchSize]).
func (b *base[S]) Reduction(r Reduction) S {
	*b.reduction = reductionField(r)
	return b.self
}

// KerasName implements [Loss].
func (b *base[S]) KerasName() string { return *b.name }

// KerasReduction implements [Loss].
func (b *base[S]) KerasReduction() Reduction { return Reduction(*b.reduction) }

func (b *base[S]) rename(name string) { *b.name = name }

// Validate says whether the reduction is none of Keras's.
func (b *base[S]) Validate() error {
	if err := b.KerasReduction().check(); err != nil {
		return fmt.Errorf("loss %s: %w", *b.name, err)
	}
	return nil
}
