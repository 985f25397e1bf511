package initializers

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/gokeras/gokeras/internal/config"
	"github.com/gokeras/gokeras/internal/windows"
)

func init() { catalogue.Add(func() Initializer { return STFT() }, "STFTInitializer") }

type stftConfig struct {
	Side     string         `keras:"side" default:"real"`
	Window   windows.Window `keras:"window" default:"hann"`
	Periodic bool           `keras:"periodic"`
	Scaling  *string        `keras:"scaling" default:"density"`
}

// STFTInitializer fills with the waves of a Fourier transform. Make it with [STFT].
type STFTInitializer struct {
	cfg stftConfig
	err error
}

// STFT fills the kernel (frame length, 1, bins) of a convolution that is the Fourier transform of short stretches of a signal, for a transform
// of 2·(bins-1) points (Keras: STFT, side="real", window="hann", scaling="density", periodic=False).
func STFT() *STFTInitializer {
	s := &STFTInitializer{}
	config.SetDefaults(&s.cfg)
	return s
}

// Side chooses the "real" or the "imag" part of the transform.
func (s *STFTInitializer) Side(side string) *STFTInitializer { s.cfg.Side = side; return s }

// Window sets what fades the stretches in and out: the name of a window in SciPy, such as "hamming", []float64 as long as a frame, or nil.
func (s *STFTInitializer) Window(window any) *STFTInitializer {
	s.err = s.cfg.Window.Set(window)
	return s
}

// Scaling divides the window by the root of the sum of its squares, "density", or by its sum, "spectrum"; "" leaves it.
func (s *STFTInitializer) Scaling(scaling string) *STFTInitializer {
	if s.cfg.Scaling = &scaling; scaling == "" {
		s.cfg.Scaling = nil
	}
	return s
}

// Periodic tells whether the window goes on where it ended, in place of ending as it began.
func (s *STFTInitializer) Periodic(periodic bool) *STFTInitializer {
	s.cfg.Periodic = periodic
	return s
}

// Validate reports arguments that Keras rejects.
func (c *stftConfig) Validate() error {
	if c.Side != "real" && c.Side != "imag" {
		return config.UnknownName("side", c.Side, []string{"imag", "real"})
	}
	if c.Scaling != nil && *c.Scaling != "density" && *c.Scaling != "spectrum" {
		return config.UnknownName("scaling", *c.Scaling, []string{"density", "spectrum"})
	}
	return c.Window.Check()
}

// Values implements [Initializer]. A shape of another rank than 3, or with more than one channel, is an error.
func (s *STFTInitializer) Values(shape []int, _ *rand.Rand) ([]float32, error) {
	if s.err == nil {
		s.err = s.cfg.Validate()
	}
	if s.err != nil {
		return nil, fmt.Errorf("STFT: %w", s.err)
	}
	if len(shape) != 3 || shape[1] != 1 {
		return nil, fmt.Errorf("STFT: shape %v, want (frame length, 1, bins)", shape)
	}
	values, err := filled("STFT", shape, 0)
	if err != nil {
		return nil, err
	}
	weights, err := s.cfg.Window.Values(shape[0], s.cfg.Periodic)
	if err != nil {
		return nil, fmt.Errorf("STFT: %w", err)
	}
	sum := 0.0
	for _, w := range weights {
		w = float64(float32(w))
		switch {
		case s.cfg.Scaling == nil:
			sum = 1
		case *s.cfg.Scaling == "density":
			sum += w * w
		default:
			sum += math.Abs(w)
		}
	}
	if s.cfg.Scaling != nil && *s.cfg.Scaling == "density" {
		sum = math.Sqrt(sum)
	}
	wave := math.Cos
	if s.cfg.Side == "imag" {
		wave = math.Sin
	}
	bins := shape[2]
	for t := range shape[0] {
		for k := range bins {
			// In steps of float32, as Keras computes it: an angle of many turns loses digits.
			frequency := float32(k) / float32(2*(bins-1))
			angle := float32(-2*float32(t)) * frequency * float32(math.Pi)
			v := float32(wave(float64(angle)))
			if weights != nil {
				v = v * float32(weights[t]) / float32(sum)
			}
			values[t*bins+k] = v
		}
	}
	return values, nil
}

// KerasClass implements config.Object.
func (*STFTInitializer) KerasClass() config.Class { return class("STFT") }

// KerasConfig implements config.Object.
func (s *STFTInitializer) KerasConfig() any { return &s.cfg }
