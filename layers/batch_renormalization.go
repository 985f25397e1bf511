package layers

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/initializers"
	"github.com/gokeras/gokeras/internal/config"
	"github.com/gokeras/gokeras/symbolic"
)

// RenormClipping bounds the corrections of batch renormalization: r by RMin
// and RMax, d by -DMax and DMax. Nil is no bound.
type RenormClipping struct{ RMin, RMax, DMax *float64 }

// bounds pairs Keras's keys with the fields.
func (r *RenormClipping) bounds() map[string]**float64 {
	return map[string]**float64{"rmin": &r.RMin, "rmax": &r.RMax, "dmax": &r.DMax}
}

// EncodeKeras writes the bounds that are set.
func (r *RenormClipping) EncodeKeras() (any, error) {
	out := map[string]any{}
	for key, field := range r.bounds() {
		if *field != nil {
			out[key] = **field
		}
	}
	return out, nil
}

// DecodeKeras reads an object of bounds.
func (r *RenormClipping) DecodeKeras(v any) error {
	*r = RenormClipping{}
	m, ok := v.(map[string]any)
	if !ok {
		return fmt.Errorf("got %v, want an object with the keys rmin, rmax and dmax", v)
	}
	fields := r.bounds()
	for key, value := range m {
		field, known := fields[key]
		if !known {
			return fmt.Errorf("received invalid key %q, want rmin, rmax or dmax", key)
		}
		if value == nil {
			continue
		}
		f, ok := config.AsFloat(value)
		if !ok {
			return fmt.Errorf("%s: got %v, want a number", key, value)
		}
		*field = &f
	}
	return nil
}

func (r *RenormClipping) check() error {
	if r.RMax != nil && r.RMin != nil && *r.RMax < *r.RMin {
		return fmt.Errorf("rmax should be greater than rmin in the `renorm_clipping` argument, received rmax=%v, rmin=%v", *r.RMax, *r.RMin)
	}
	if r.DMax != nil && *r.DMax < 0 {
		return fmt.Errorf("dmax should be non-negative in the `renorm_clipping` argument, received dmax=%v", *r.DMax)
	}
	return nil
}

// sqrtOf takes the square root of what another initializer gives.
type sqrtOf struct{ initializers.Initializer }

// Values returns the square roots.
func (s sqrtOf) Values(shape []int, rng *rand.Rand) ([]float32, error) {
	if s.Initializer == nil {
		return nil, fmt.Errorf("moving_variance_initializer is none, want an initializer")
	}
	values, err := s.Initializer.Values(shape, rng)
	for i, v := range values {
		values[i] = float32(math.Sqrt(float64(v)))
	}
	return values, err
}

// renormalize returns gamma and beta corrected towards the moving averages,
// and updates those: (x·r + d)·gamma + beta = x·(r·gamma) + (d·gamma + beta).
func (s *batchStatistics) renormalize(c *symbolic.Call, mean, variance, gamma, beta *graph.Node) (newGamma, newBeta *graph.Node) {
	dtype := mean.DType()
	weight := func(name string) *graph.Node { return graph.ConvertDType(c.RawWeight(name), dtype) }
	clip, eps := s.RenormClipping, s.Epsilon
	mean, variance = graph.StopGradient(mean), graph.StopGradient(variance)
	stddev := graph.Sqrt(graph.AddScalar(variance, eps))

	renormMean, renormStddev := weight("renorm_mean"), weight("renorm_stddev")
	divisor := graph.MaxScalar(renormStddev, math.Sqrt(eps))
	r := graph.Div(stddev, divisor)
	d := graph.Div(graph.Sub(mean, renormMean), divisor)
	if clip.RMin != nil {
		r = graph.MaxScalar(r, *clip.RMin)
	}
	if clip.RMax != nil {
		r = graph.MinScalar(r, *clip.RMax)
	}
	if clip.DMax != nil {
		d = graph.MinScalar(graph.MaxScalar(d, -*clip.DMax), *clip.DMax)
	}
	newGamma, newBeta = graph.StopGradient(r), graph.StopGradient(d)
	if gamma != nil {
		newGamma, newBeta = graph.Mul(newGamma, gamma), graph.Mul(newBeta, gamma)
	}
	if beta != nil {
		newBeta = graph.Add(newBeta, beta)
	}

	c.SetWeight("renorm_mean", moving(renormMean, mean, s.RenormMomentum))
	c.SetWeight("renorm_stddev", moving(renormStddev, stddev, s.RenormMomentum))
	c.SetWeight("moving_mean", moving(weight("moving_mean"), mean, s.Momentum))
	movingStddev := moving(weight("moving_stddev"), stddev, s.Momentum)
	c.SetWeight("moving_stddev", movingStddev)
	// Rounding must not make it negative.
	c.SetWeight("moving_variance", graph.MaxScalar(graph.AddScalar(graph.Square(movingStddev), -eps), 0))
	return newGamma, newBeta
}
