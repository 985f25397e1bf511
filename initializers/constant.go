package initializers

import (
	"fmt"
	"math/rand/v2"

	"github.com/gokeras/gokeras/internal/config"
)

func init() {
	catalogue.Add(func() Initializer { return Zeros() }, "zero")
	catalogue.Add(func() Initializer { return Ones() }, "one")
	catalogue.Add(func() Initializer { return Constant(0) })
	catalogue.Add(func() Initializer { return Identity() }, "IdentityInitializer")
}

func class(name string) config.Class { return config.Class{Module: "keras.initializers", Name: name} }

// maxValues bounds one weight, so that a configuration with an absurd shape is
// an error rather than an exhausted memory.
const maxValues = 1 << 31

// size returns the product of shape.
func size(shape []int) (int, error) {
	n := 1
	for _, dim := range shape {
		if dim < 0 {
			return 0, fmt.Errorf("shape %v: axis of length %d, want every length known and ≥ 0", shape, dim)
		}
		if dim > 0 && n > maxValues/dim {
			return 0, fmt.Errorf("shape %v: more than %d values", shape, maxValues)
		}
		n *= dim
	}
	return n, nil
}

func filled(name string, shape []int, value float32) ([]float32, error) {
	n, err := size(shape)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	values := make([]float32, n)
	if value != 0 {
		for i := range values {
			values[i] = value
		}
	}
	return values, nil
}

// ZerosInitializer fills with 0. Make it with [Zeros].
type ZerosInitializer struct{ cfg struct{} }

// Zeros fills with 0 (Keras: Zeros).
func Zeros() *ZerosInitializer { return &ZerosInitializer{} }

// Values implements [Initializer].
func (*ZerosInitializer) Values(shape []int, _ *rand.Rand) ([]float32, error) {
	return filled("Zeros", shape, 0)
}

// KerasClass implements config.Object.
func (*ZerosInitializer) KerasClass() config.Class { return class("Zeros") }

// KerasConfig implements config.Object.
func (z *ZerosInitializer) KerasConfig() any { return &z.cfg }

// OnesInitializer fills with 1. Make it with [Ones].
type OnesInitializer struct{ cfg struct{} }

// Ones fills with 1 (Keras: Ones).
func Ones() *OnesInitializer { return &OnesInitializer{} }

// Values implements [Initializer].
func (*OnesInitializer) Values(shape []int, _ *rand.Rand) ([]float32, error) {
	return filled("Ones", shape, 1)
}

// KerasClass implements config.Object.
func (*OnesInitializer) KerasClass() config.Class { return class("Ones") }

// KerasConfig implements config.Object.
func (o *OnesInitializer) KerasConfig() any { return &o.cfg }

type constantConfig struct {
	Value float64 `keras:"value" default:"0.0"`
}

// ConstantInitializer fills with one value. Make it with [Constant].
type ConstantInitializer struct{ cfg constantConfig }

// Constant fills with value (Keras: Constant, value=0.0).
func Constant(value float64) *ConstantInitializer {
	return &ConstantInitializer{constantConfig{Value: value}}
}

// Values implements [Initializer].
func (c *ConstantInitializer) Values(shape []int, _ *rand.Rand) ([]float32, error) {
	return filled("Constant", shape, float32(c.cfg.Value))
}

// KerasClass implements config.Object.
func (*ConstantInitializer) KerasClass() config.Class { return class("Constant") }

// KerasConfig implements config.Object.
func (c *ConstantInitializer) KerasConfig() any { return &c.cfg }

type identityConfig struct {
	Gain *float64 `keras:"gain,omitempty"` // nil: 1
}

// IdentityInitializer fills a matrix with the identity. Make it with [Identity].
type IdentityInitializer struct{ cfg identityConfig }

// Identity fills a matrix of any two lengths with 1 on its diagonal (Keras: Identity).
//
// Its configuration holds a gain other than 1, which Keras reads but leaves out
// of its own files.
func Identity() *IdentityInitializer { return &IdentityInitializer{} }

// Gain sets the value on the diagonal (Keras: gain=1.0).
func (i *IdentityInitializer) Gain(gain float64) *IdentityInitializer {
	if i.cfg.Gain = &gain; gain == 1 {
		i.cfg.Gain = nil
	}
	return i
}

// Values implements [Initializer]. A shape of another rank than 2 is an error.
func (i *IdentityInitializer) Values(shape []int, _ *rand.Rand) ([]float32, error) {
	if len(shape) != 2 {
		return nil, fmt.Errorf("Identity: shape %v of rank %d, want a matrix (rank 2)", shape, len(shape))
	}
	values, err := filled("Identity", shape, 0)
	if err != nil {
		return nil, err
	}
	gain := float32(1)
	if i.cfg.Gain != nil {
		gain = float32(*i.cfg.Gain)
	}
	for k := range min(shape[0], shape[1]) {
		values[k*shape[1]+k] = gain
	}
	return values, nil
}

// KerasClass implements config.Object.
func (*IdentityInitializer) KerasClass() config.Class { return class("Identity") }

// KerasConfig implements config.Object.
func (i *IdentityInitializer) KerasConfig() any { return &i.cfg }
