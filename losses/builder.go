package losses

import (
	"fmt"
	"strings"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/internal/config"
	"github.com/gokeras/gokeras/internal/ndarray"
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
	DType     config.Text    `keras:"dtype,unsaved" default:"null"`
}

// start connects the loss with its configuration and gives that its defaults.
func (b *base[S]) start(self S, class, name string, cfg any, common *commonConfig) {
	*b = base[S]{self, class, cfg, common}
	common.Name.Default = func() string { return name }
	common.DType.Default = func() string { return "float32" }
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

// DType sets the type in which the loss is computed: "float32", "float16", "bfloat16" or that of a policy, as "mixed_float16"
// (Keras: dtype=, default "float32"). Keras's files don't keep it. Weights and targets become of this type too; what training adds up is float32.
func (b *base[S]) DType(name string) S {
	b.common.DType.Value = name
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

// dtype is the type in which the loss is computed. Without 64-bit floats on JAX, those are 32-bit ones.
func (b *base[S]) dtype() dtypes.DType {
	switch d := ndarray.DType(strings.TrimPrefix(b.common.DType.String(), "mixed_")); {
	case d == dtypes.Float64:
		return dtypes.Float32
	case d.IsFloat():
		return d
	}
	return dtypes.InvalidDType
}

// float converts to the type in which the loss is computed.
func (b *base[S]) float(x *graph.Node) *graph.Node {
	d := b.dtype()
	if d == dtypes.InvalidDType {
		panic(b.errorf("dtype %q, want a type of floats such as %q", b.common.DType.String(), "float32"))
	}
	return ndarray.Cast(x, d)
}

// errorf makes an error that says which loss it is of.
func (b *base[S]) errorf(format string, args ...any) error {
	return fmt.Errorf("loss %s: %w", b.KerasName(), fmt.Errorf(format, args...))
}

// Validate says whether the reduction or the type is none of Keras's.
func (b *base[S]) Validate() error {
	if b.dtype() == dtypes.InvalidDType {
		return b.errorf("dtype %q, want a type of floats such as %q", b.common.DType.String(), "float32")
	}
	if err := b.KerasReduction().check(); err != nil {
		return b.errorf("%w", err)
	}
	return nil
}
