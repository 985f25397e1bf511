package losses

import (
	"fmt"

	"github.com/gokeras/gokeras/internal/config"
)

// base holds what all losses of this package share, once: the setters of name
// and reduction return S, the concrete loss, so that a chain goes on.
type base[S any] struct {
	self   S
	class  string
	cfg    any // a pointer to the loss's configuration, which embeds common
	common *commonConfig
}

// commonConfig is the part of the configuration that every loss has.
type commonConfig struct {
	Name      config.Text    `keras:"name" default:"null"`
	Reduction reductionField `keras:"reduction" default:"sum_over_batch_size"`
}

// start connects the loss with its configuration and gives that its defaults.
func (b *base[S]) start(self S, class, name string, cfg any, common *commonConfig) {
	*b = base[S]{self, class, cfg, common}
	common.Name.Default = func() string { return name }
	config.SetDefaults(cfg)
}

// Name sets the loss's name (Keras: name=).
func (b *base[S]) Name(name string) S {
	b.rename(name)
	return b.self
}

// Reduction sets how the values become one number (Keras: reduction=, default [SumOverBatchSize]).
func (b *base[S]) Reduction(r Reduction) S {
	b.common.Reduction = reductionField(r)
	return b.self
}

// KerasClass implements [Loss].
func (b *base[S]) KerasClass() config.Class {
	return config.Class{Module: "keras.losses", Name: b.class}
}

// KerasConfig implements [Loss].
func (b *base[S]) KerasConfig() any { return b.cfg }

// KerasName implements [Loss].
func (b *base[S]) KerasName() string { return b.common.Name.String() }

// KerasReduction implements [Loss].
func (b *base[S]) KerasReduction() Reduction { return Reduction(b.common.Reduction) }

func (b *base[S]) rename(name string) { b.common.Name.Value = name }

// Validate says whether the reduction is none of Keras's.
func (b *base[S]) Validate() error {
	if err := b.KerasReduction().check(); err != nil {
		return fmt.Errorf("loss %s: %w", b.KerasName(), err)
	}
	return nil
}
