package initializers

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"

	"github.com/gokeras/gokeras/internal/config"
)

func init() {
	for _, create := range []func() *FanInitializer{GlorotUniform, GlorotNormal, HeUniform, HeNormal, LecunUniform, LecunNormal} {
		catalogue.Add(func() Initializer { return create() })
	}
	catalogue.Add(func() Initializer { return VarianceScaling() })
}

// Mode says by which number of units [VarianceScaling] divides its scale.
type Mode string

// Keras's modes.
const (
	FanIn  Mode = "fan_in"  // the number of input units
	FanOut Mode = "fan_out" // the number of output units
	FanAvg Mode = "fan_avg" // the mean of both
)

// Distribution is what [VarianceScaling] draws from. Keras reads it in any
// case and takes "normal" for [TruncatedNormalDistribution].
type Distribution string

// Keras's distributions.
const (
	UniformDistribution           Distribution = "uniform"
	TruncatedNormalDistribution   Distribution = "truncated_normal"
	UntruncatedNormalDistribution Distribution = "untruncated_normal"
)

func (d Distribution) standard() Distribution {
	d = Distribution(strings.ToLower(string(d)))
	if d == "normal" {
		return TruncatedNormalDistribution
	}
	return d
}

// EncodeKeras implements config.Codec.
func (d Distribution) EncodeKeras() (any, error) { return string(d.standard()), nil }

// DecodeKeras implements config.Codec.
func (d *Distribution) DecodeKeras(v any) error {
	s, ok := v.(string)
	if !ok {
		return fmt.Errorf("got %v, want the name of a distribution", v)
	}
	*d = Distribution(s).standard()
	return nil
}

// truncatedStddev is the standard deviation of the standard normal
// distribution cut off at ±2.
const truncatedStddev = 0.87962566103423978

// scaled is what all initializers of this file compute with.
type scaled struct {
	scale                 float64
	mode                  Mode
	distribution          Distribution
	inputAxes, outputAxes []int
}

// spread returns the standard deviation of the normal distribution to draw a
// weight of the shape from (before its truncation, if any), or the limit of the
// uniform one.
func (s scaled) spread(shape []int) (float64, error) {
	if _, err := size(shape); err != nil {
		return 0, err
	}
	if !(s.scale > 0) || math.IsInf(s.scale, 0) {
		return 0, fmt.Errorf("scale %v, want a positive number", s.scale)
	}
	in, out, err := fans(shape, s.inputAxes, s.outputAxes)
	if err != nil {
		return 0, err
	}
	var n float64
	switch s.mode {
	case FanIn:
		n = in
	case FanOut:
		n = out
	case FanAvg:
		n = (in + out) / 2
	default:
		return 0, config.UnknownName("mode", string(s.mode), []string{string(FanIn), string(FanOut), string(FanAvg)})
	}
	variance := s.scale / max(1, n)
	switch s.distribution.standard() {
	case UniformDistribution:
		return math.Sqrt(3 * variance), nil
	case TruncatedNormalDistribution:
		return math.Sqrt(variance) / truncatedStddev, nil
	case UntruncatedNormalDistribution:
		return math.Sqrt(variance), nil
	}
	return 0, config.UnknownName("distribution", string(s.distribution),
		[]string{string(UniformDistribution), string(TruncatedNormalDistribution), string(UntruncatedNormalDistribution)})
}

func (s scaled) values(name string, shape []int, rng *rand.Rand) ([]float32, error) {
	spread, err := s.spread(shape)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	switch s.distribution.standard() {
	case UniformDistribution:
		return draw(name, shape, uniform(rng, -spread, spread))
	case TruncatedNormalDistribution:
		return draw(name, shape, truncatedNormal(rng, 0, spread))
	default:
		return draw(name, shape, normal(rng, 0, spread))
	}
}

// fans returns the numbers of input and output units of a weight: the products
// of the lengths of the given axes, or else Keras's guess from the shape, in
// which the last two axes are the units and those before them the receptive field.
func fans(shape, inputAxes, outputAxes []int) (in, out float64, err error) {
	if inputAxes != nil && outputAxes != nil {
		if in, err = lengths(shape, "input_axes", inputAxes); err != nil {
			return 0, 0, err
		}
		out, err = lengths(shape, "output_axes", outputAxes)
		return in, out, err
	}
	switch n := len(shape); n {
	case 0:
		return 1, 1, nil
	case 1:
		return float64(shape[0]), float64(shape[0]), nil
	default:
		field := 1.0
		for _, dim := range shape[:n-2] {
			field *= float64(dim)
		}
		return float64(shape[n-2]) * field, float64(shape[n-1]) * field, nil
	}
}

func lengths(shape []int, what string, axes []int) (float64, error) {
	product := 1.0
	for _, axis := range axes {
		at := axis
		if at < 0 {
			at += len(shape)
		}
		if at < 0 || at >= len(shape) {
			return 0, fmt.Errorf("%s: axis %d of a shape %v of rank %d", what, axis, shape, len(shape))
		}
		product *= float64(shape[at])
	}
	return product, nil
}

type axesConfig struct {
	Seed       seedValue `keras:"seed"`
	InputAxes  []int     `keras:"input_axes"`
	OutputAxes []int     `keras:"output_axes"`
}

type varianceScalingConfig struct {
	Scale        float64      `keras:"scale" default:"1.0"`
	Mode         Mode         `keras:"mode" default:"fan_in"`
	Distribution Distribution `keras:"distribution" default:"truncated_normal"`
	axesConfig
}

// VarianceScalingInitializer draws with a spread that depends on the shape.
// Make it with [VarianceScaling].
type VarianceScalingInitializer struct{ cfg varianceScalingConfig }

// VarianceScaling draws with the variance scale/n, n being the number of units
// that the mode names (Keras: VarianceScaling).
func VarianceScaling() *VarianceScalingInitializer {
	v := &VarianceScalingInitializer{}
	config.SetDefaults(&v.cfg)
	return v
}

// Scale sets the factor, above 0 (Keras: scale=1.0).
func (v *VarianceScalingInitializer) Scale(scale float64) *VarianceScalingInitializer {
	v.cfg.Scale = scale
	return v
}

// Mode sets the number of units to divide by (Keras: mode="fan_in").
func (v *VarianceScalingInitializer) Mode(mode Mode) *VarianceScalingInitializer {
	v.cfg.Mode = mode
	return v
}

// Distribution sets what to draw from (Keras: distribution="truncated_normal").
func (v *VarianceScalingInitializer) Distribution(distribution Distribution) *VarianceScalingInitializer {
	v.cfg.Distribution = distribution.standard()
	return v
}

// Seed makes every call give the same values (Keras: seed=None).
func (v *VarianceScalingInitializer) Seed(seed int) *VarianceScalingInitializer {
	v.cfg.Seed = seedValue{n: &seed}
	return v
}

// InputAxes sets the axes whose lengths multiply to the number of input units.
// It counts only together with OutputAxes (Keras: input_axes=None).
func (v *VarianceScalingInitializer) InputAxes(axes ...int) *VarianceScalingInitializer {
	v.cfg.InputAxes = axes
	return v
}

// OutputAxes sets the axes whose lengths multiply to the number of output
// units. It counts only together with InputAxes (Keras: output_axes=None).
func (v *VarianceScalingInitializer) OutputAxes(axes ...int) *VarianceScalingInitializer {
	v.cfg.OutputAxes = axes
	return v
}

// Values implements [Initializer]. A scale that isn't positive, an unknown mode
// or distribution, and an axis that the shape doesn't have are errors.
func (v *VarianceScalingInitializer) Values(shape []int, rng *rand.Rand) ([]float32, error) {
	return v.scaled().values("VarianceScaling", shape, v.cfg.Seed.source(rng))
}

func (v *VarianceScalingInitializer) scaled() scaled {
	return scaled{v.cfg.Scale, v.cfg.Mode, v.cfg.Distribution, v.cfg.InputAxes, v.cfg.OutputAxes}
}

// KerasClass implements config.Object.
func (*VarianceScalingInitializer) KerasClass() config.Class { return class("VarianceScaling") }

// KerasConfig implements config.Object.
func (v *VarianceScalingInitializer) KerasConfig() any { return &v.cfg }

// FanInitializer is a [VarianceScaling] with the scale, mode and distribution
// of one paper. Make it with [GlorotUniform], [GlorotNormal], [HeUniform],
// [HeNormal], [LecunUniform] or [LecunNormal].
type FanInitializer struct {
	cfg   axesConfig
	name  string
	scale float64
	mode  Mode
	from  Distribution
}

// GlorotUniform draws uniformly from ±√(6/(fan_in + fan_out)) (Keras: GlorotUniform).
func GlorotUniform() *FanInitializer {
	return &FanInitializer{name: "GlorotUniform", scale: 1, mode: FanAvg, from: UniformDistribution}
}

// GlorotNormal draws from a truncated normal distribution with the standard
// deviation √(2/(fan_in + fan_out)) (Keras: GlorotNormal).
func GlorotNormal() *FanInitializer {
	return &FanInitializer{name: "GlorotNormal", scale: 1, mode: FanAvg, from: TruncatedNormalDistribution}
}

// HeUniform draws uniformly from ±√(6/fan_in) (Keras: HeUniform).
func HeUniform() *FanInitializer {
	return &FanInitializer{name: "HeUniform", scale: 2, mode: FanIn, from: UniformDistribution}
}

// HeNormal draws from a truncated normal distribution with the standard
// deviation √(2/fan_in) (Keras: HeNormal).
func HeNormal() *FanInitializer {
	return &FanInitializer{name: "HeNormal", scale: 2, mode: FanIn, from: TruncatedNormalDistribution}
}

// LecunUniform draws uniformly from ±√(3/fan_in) (Keras: LecunUniform).
func LecunUniform() *FanInitializer {
	return &FanInitializer{name: "LecunUniform", scale: 1, mode: FanIn, from: UniformDistribution}
}

// LecunNormal draws from a truncated normal distribution with the standard
// deviation √(1/fan_in) (Keras: LecunNormal).
func LecunNormal() *FanInitializer {
	return &FanInitializer{name: "LecunNormal", scale: 1, mode: FanIn, from: TruncatedNormalDistribution}
}

// Seed makes every call give the same values (Keras: seed=None).
func (f *FanInitializer) Seed(seed int) *FanInitializer {
	f.cfg.Seed = seedValue{n: &seed}
	return f
}

// InputAxes sets the axes whose lengths multiply to the number of input units.
// It counts only together with OutputAxes (Keras: input_axes=None).
func (f *FanInitializer) InputAxes(axes ...int) *FanInitializer {
	f.cfg.InputAxes = axes
	return f
}

// OutputAxes sets the axes whose lengths multiply to the number of output
// units. It counts only together with InputAxes (Keras: output_axes=None).
func (f *FanInitializer) OutputAxes(axes ...int) *FanInitializer {
	f.cfg.OutputAxes = axes
	return f
}

// Values implements [Initializer]. An axis that the shape doesn't have is an error.
func (f *FanInitializer) Values(shape []int, rng *rand.Rand) ([]float32, error) {
	return f.scaled().values(f.name, shape, f.cfg.Seed.source(rng))
}

func (f *FanInitializer) scaled() scaled {
	return scaled{f.scale, f.mode, f.from, f.cfg.InputAxes, f.cfg.OutputAxes}
}

// KerasClass implements config.Object.
func (f *FanInitializer) KerasClass() config.Class { return class(f.name) }

// KerasConfig implements config.Object.
func (f *FanInitializer) KerasConfig() any { return &f.cfg }

// ForAxes returns the initializer for a kernel of which those axes are the input's and the output's units: a [VarianceScaling], or one with a name
// of its own, that doesn't say its axes itself gets them; any other initializer is returned as it is. Keras's EinsumDense does this.
func ForAxes(i Initializer, inputAxes, outputAxes []int) Initializer {
	// Not nil, even where there are none: no axes are one unit, unknown ones are guessed.
	in, out := append([]int{}, inputAxes...), append([]int{}, outputAxes...)
	switch v := i.(type) {
	case *VarianceScalingInitializer:
		if v.cfg.InputAxes == nil || v.cfg.OutputAxes == nil {
			with := *v
			return with.InputAxes(in...).OutputAxes(out...)
		}
	case *FanInitializer:
		if v.cfg.InputAxes == nil || v.cfg.OutputAxes == nil {
			with := *v
			return with.InputAxes(in...).OutputAxes(out...)
		}
	}
	return i
}
