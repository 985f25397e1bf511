package regularizers

import (
	"fmt"
	"math"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/internal/config"
)

func init() {
	catalogue.Add(func() Regularizer { return L1(0.01) })
	catalogue.Add(func() Regularizer { return L2(0.01) })
	catalogue.Add(func() Regularizer { return L1L2(0, 0) })
}

func class(name string) config.Class { return config.Class{Module: "keras.regularizers", Name: name} }

// single is a factor that Keras keeps as a float32 tensor, so that its
// configuration has the rounded value: 0.009999999776482582 for 0.01.
type single float64

// EncodeKeras implements config.Codec.
func (s single) EncodeKeras() (any, error) { return float64(float32(s)), nil }

// DecodeKeras implements config.Codec.
func (s *single) DecodeKeras(v any) error {
	f, ok := config.AsFloat(v)
	if !ok {
		return fmt.Errorf("got %v, want a number", v)
	}
	*s = single(f)
	return nil
}

// checkFactor holds a factor to what Keras's constructors accept.
func checkFactor(class, name string, value float64) error {
	if !(value >= 0) || math.IsInf(value, 0) {
		return fmt.Errorf("%s: %s %v, want a number ≥ 0", class, name, value)
	}
	return nil
}

// sumAbs is the sum of |x|. The derivative at 0 is 1 in GoMLX as in Keras on JAX.
func sumAbs(x *graph.Node) *graph.Node {
	if !x.DType().IsUnsigned() { // which XLA takes no absolute values of
		x = graph.Abs(x)
	}
	return graph.ReduceAllSum(x)
}

func sumSquares(x *graph.Node) *graph.Node { return graph.ReduceAllSum(graph.Square(x)) }

type l1Config struct {
	L1 single `keras:"l1" default:"0.01"`
}

// L1Regularizer adds the absolute values. Make it with [L1].
type L1Regularizer struct{ cfg l1Config }

// L1 adds l1·Σ|x| to the loss (Keras: L1, l1=0.01).
func L1(l1 float64) *L1Regularizer { return &L1Regularizer{l1Config{single(l1)}} }

// Penalty implements [Regularizer].
func (r *L1Regularizer) Penalty(x *graph.Node) *graph.Node {
	return graph.MulScalar(sumAbs(x), float64(r.cfg.L1))
}

// Validate returns an error unless the factor is a number ≥ 0.
func (r *L1Regularizer) Validate() error { return checkFactor("L1", "l1", float64(r.cfg.L1)) }

// KerasClass implements config.Object.
func (*L1Regularizer) KerasClass() config.Class { return class("L1") }

// KerasConfig implements config.Object.
func (r *L1Regularizer) KerasConfig() any { return &r.cfg }

type l2Config struct {
	L2 float64 `keras:"l2" default:"0.01"`
}

// L2Regularizer adds the squares. Make it with [L2].
type L2Regularizer struct{ cfg l2Config }

// L2 adds l2·Σx² to the loss (Keras: L2, l2=0.01).
func L2(l2 float64) *L2Regularizer { return &L2Regularizer{l2Config{l2}} }

// Penalty implements [Regularizer].
func (r *L2Regularizer) Penalty(x *graph.Node) *graph.Node {
	return graph.MulScalar(sumSquares(x), r.cfg.L2)
}

// Validate returns an error unless the factor is a number ≥ 0.
func (r *L2Regularizer) Validate() error { return checkFactor("L2", "l2", r.cfg.L2) }

// KerasClass implements config.Object.
func (*L2Regularizer) KerasClass() config.Class { return class("L2") }

// KerasConfig implements config.Object.
func (r *L2Regularizer) KerasConfig() any { return &r.cfg }

type l1l2Config struct {
	L1 float64 `keras:"l1" default:"0.0"`
	L2 float64 `keras:"l2" default:"0.0"`
}

// L1L2Regularizer adds the absolute values and the squares. Make it with [L1L2].
type L1L2Regularizer struct{ cfg l1l2Config }

// L1L2 adds l1·Σ|x| + l2·Σx² to the loss (Keras: L1L2, l1=0.0, l2=0.0). Named
// "l1l2" it has both factors 0 and no effect.
func L1L2(l1, l2 float64) *L1L2Regularizer { return &L1L2Regularizer{l1l2Config{l1, l2}} }

// Penalty implements [Regularizer].
func (r *L1L2Regularizer) Penalty(x *graph.Node) *graph.Node {
	penalty := graph.ScalarZero(x.Graph(), x.DType())
	if r.cfg.L1 != 0 {
		penalty = graph.Add(penalty, graph.MulScalar(sumAbs(x), r.cfg.L1))
	}
	if r.cfg.L2 != 0 {
		penalty = graph.Add(penalty, graph.MulScalar(sumSquares(x), r.cfg.L2))
	}
	return penalty
}

// Validate returns an error unless both factors are numbers ≥ 0.
func (r *L1L2Regularizer) Validate() error {
	if err := checkFactor("L1L2", "l1", r.cfg.L1); err != nil {
		return err
	}
	return checkFactor("L1L2", "l2", r.cfg.L2)
}

// KerasClass implements config.Object.
func (*L1L2Regularizer) KerasClass() config.Class { return class("L1L2") }

// KerasConfig implements config.Object.
func (r *L1L2Regularizer) KerasConfig() any { return &r.cfg }
