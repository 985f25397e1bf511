package initializers

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/gokeras/gokeras/internal/config"
)

func init() {
	catalogue.Add(func() Initializer { return RandomNormal() }, "normal")
	catalogue.Add(func() Initializer { return RandomUniform() }, "uniform")
	catalogue.Add(func() Initializer { return TruncatedNormal() })
}

// seedValue is Keras's seed argument: an int, None, or a SeedGenerator.
type seedValue struct {
	n         *int
	generator map[string]any // as it was read
}

// EncodeKeras implements config.Codec.
func (s *seedValue) EncodeKeras() (any, error) {
	switch {
	case s.generator != nil:
		return s.generator, nil
	case s.n != nil:
		return *s.n, nil
	}
	return nil, nil
}

// DecodeKeras implements config.Codec.
func (s *seedValue) DecodeKeras(v any) error {
	*s = seedValue{}
	if v == nil {
		return nil
	}
	if n, ok := config.AsInt(v); ok {
		s.n = &n
		return nil
	}
	if m, ok := v.(map[string]any); ok && m["class_name"] == "SeedGenerator" {
		s.generator = m
		return nil
	}
	return fmt.Errorf("got %v, want a whole number, null or a SeedGenerator", v)
}

// source returns the generator to draw from: one that starts at the seed, or
// rng. Keras's SeedGenerator moves on with every draw, which rng does too.
func (s *seedValue) source(rng *rand.Rand) *rand.Rand {
	switch {
	case s.n != nil:
		return rand.New(rand.NewPCG(uint64(*s.n), 0x6b65726173))
	case rng == nil:
		return rand.New(rand.NewPCG(rand.Uint64(), rand.Uint64()))
	}
	return rng
}

// draw makes a slice of the shape and has it filled.
func draw(name string, shape []int, fill func(values []float32)) ([]float32, error) {
	n, err := size(shape)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	values := make([]float32, n)
	fill(values)
	return values, nil
}

func normal(rng *rand.Rand, mean, stddev float64) func(values []float32) {
	return func(values []float32) {
		for i := range values {
			values[i] = float32(rng.NormFloat64()*stddev + mean)
		}
	}
}

// truncatedNormal draws again what lies more than two standard deviations from
// the mean: one draw in 22.
func truncatedNormal(rng *rand.Rand, mean, stddev float64) func(values []float32) {
	return func(values []float32) {
		for i := range values {
			z := rng.NormFloat64()
			for math.Abs(z) > 2 {
				z = rng.NormFloat64()
			}
			values[i] = float32(z*stddev + mean)
		}
	}
}

// uniform draws from [low, high), also after rounding to float32.
func uniform(rng *rand.Rand, low, high float64) func(values []float32) {
	return func(values []float32) {
		span, top := high-low, float32(high)
		below := math.Nextafter32(top, float32(low))
		for i := range values {
			v := float32(low + span*rng.Float64())
			if v >= top && low < high {
				v = below
			}
			values[i] = v
		}
	}
}

type normalConfig struct {
	Mean   float64   `keras:"mean" default:"0.0"`
	Stddev float64   `keras:"stddev" default:"0.05"`
	Seed   seedValue `keras:"seed"`
}

func (c *normalConfig) check(name string) error {
	if !finite(c.Mean) || !finite(c.Stddev) {
		return fmt.Errorf("%s: mean %v and stddev %v, want finite numbers", name, c.Mean, c.Stddev)
	}
	return nil
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

// RandomNormalInitializer draws from a normal distribution. Make it with [RandomNormal].
type RandomNormalInitializer struct{ cfg normalConfig }

// RandomNormal draws from a normal distribution (Keras: RandomNormal).
func RandomNormal() *RandomNormalInitializer {
	r := &RandomNormalInitializer{}
	config.SetDefaults(&r.cfg)
	return r
}

// Mean sets the mean (Keras: mean=0.0).
func (r *RandomNormalInitializer) Mean(mean float64) *RandomNormalInitializer {
	r.cfg.Mean = mean
	return r
}

// Stddev sets the standard deviation (Keras: stddev=0.05).
func (r *RandomNormalInitializer) Stddev(stddev float64) *RandomNormalInitializer {
	r.cfg.Stddev = stddev
	return r
}

// Seed makes every call give the same values (Keras: seed=None).
func (r *RandomNormalInitializer) Seed(seed int) *RandomNormalInitializer {
	r.cfg.Seed = seedValue{n: &seed}
	return r
}

// Values implements [Initializer].
func (r *RandomNormalInitializer) Values(shape []int, rng *rand.Rand) ([]float32, error) {
	if err := r.cfg.check("RandomNormal"); err != nil {
		return nil, err
	}
	return draw("RandomNormal", shape, normal(r.cfg.Seed.source(rng), r.cfg.Mean, r.cfg.Stddev))
}

// KerasClass implements config.Object.
func (*RandomNormalInitializer) KerasClass() config.Class { return class("RandomNormal") }

// KerasConfig implements config.Object.
func (r *RandomNormalInitializer) KerasConfig() any { return &r.cfg }

// TruncatedNormalInitializer draws from a normal distribution cut off at two
// standard deviations. Make it with [TruncatedNormal].
type TruncatedNormalInitializer struct{ cfg normalConfig }

// TruncatedNormal draws from a normal distribution and draws again what lies
// more than two standard deviations from the mean (Keras: TruncatedNormal).
func TruncatedNormal() *TruncatedNormalInitializer {
	t := &TruncatedNormalInitializer{}
	config.SetDefaults(&t.cfg)
	return t
}

// Mean sets the mean (Keras: mean=0.0).
func (t *TruncatedNormalInitializer) Mean(mean float64) *TruncatedNormalInitializer {
	t.cfg.Mean = mean
	return t
}

// Stddev sets the standard deviation before the truncation (Keras: stddev=0.05).
func (t *TruncatedNormalInitializer) Stddev(stddev float64) *TruncatedNormalInitializer {
	t.cfg.Stddev = stddev
	return t
}

// Seed makes every call give the same values (Keras: seed=None).
func (t *TruncatedNormalInitializer) Seed(seed int) *TruncatedNormalInitializer {
	t.cfg.Seed = seedValue{n: &seed}
	return t
}

// Values implements [Initializer].
func (t *TruncatedNormalInitializer) Values(shape []int, rng *rand.Rand) ([]float32, error) {
	if err := t.cfg.check("TruncatedNormal"); err != nil {
		return nil, err
	}
	return draw("TruncatedNormal", shape, truncatedNormal(t.cfg.Seed.source(rng), t.cfg.Mean, t.cfg.Stddev))
}

// KerasClass implements config.Object.
func (*TruncatedNormalInitializer) KerasClass() config.Class { return class("TruncatedNormal") }

// KerasConfig implements config.Object.
func (t *TruncatedNormalInitializer) KerasConfig() any { return &t.cfg }

type uniformConfig struct {
	Minval float64   `keras:"minval" default:"-0.05"`
	Maxval float64   `keras:"maxval" default:"0.05"`
	Seed   seedValue `keras:"seed"`
}

// RandomUniformInitializer draws from a uniform distribution. Make it with [RandomUniform].
type RandomUniformInitializer struct{ cfg uniformConfig }

// RandomUniform draws uniformly from [minval, maxval) (Keras: RandomUniform).
func RandomUniform() *RandomUniformInitializer {
	r := &RandomUniformInitializer{}
	config.SetDefaults(&r.cfg)
	return r
}

// Minval sets the lower bound, included (Keras: minval=-0.05).
func (r *RandomUniformInitializer) Minval(minval float64) *RandomUniformInitializer {
	r.cfg.Minval = minval
	return r
}

// Maxval sets the upper bound, excluded (Keras: maxval=0.05).
func (r *RandomUniformInitializer) Maxval(maxval float64) *RandomUniformInitializer {
	r.cfg.Maxval = maxval
	return r
}

// Seed makes every call give the same values (Keras: seed=None).
func (r *RandomUniformInitializer) Seed(seed int) *RandomUniformInitializer {
	r.cfg.Seed = seedValue{n: &seed}
	return r
}

// Values implements [Initializer]. A minval above maxval is an error.
func (r *RandomUniformInitializer) Values(shape []int, rng *rand.Rand) ([]float32, error) {
	low, high := r.cfg.Minval, r.cfg.Maxval
	if !finite(low) || !finite(high) || low > high {
		return nil, fmt.Errorf("RandomUniform: minval %v and maxval %v, want finite numbers with minval ≤ maxval", low, high)
	}
	return draw("RandomUniform", shape, uniform(r.cfg.Seed.source(rng), low, high))
}

// KerasClass implements config.Object.
func (*RandomUniformInitializer) KerasClass() config.Class { return class("RandomUniform") }

// KerasConfig implements config.Object.
func (r *RandomUniformInitializer) KerasConfig() any { return &r.cfg }
