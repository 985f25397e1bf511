package layers

import (
	"fmt"
	"math"
	"strings"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/internal/config"
	"github.com/gokeras/gokeras/symbolic"
)

// augmentStep is a layer inside of one that puts several augmentations together, by Keras's attribute.
type augmentStep struct {
	name string
	augmenter
}

// stepsNamed makes the layers inside, of one strength.
func stepsNamed(policy symbolic.DTypePolicy, r span, factor bounds, interpolation Interpolation, seed *int, images imageConfig, names ...string) []augmentStep {
	f := []float64{factor.lower, factor.upper}
	way, axes := string(interpolation), string(images.DataFormat)
	makes := map[string]func() augmenter{
		"random_shear":              func() augmenter { return RandomShear().XFactor(f...).YFactor(f...).Interpolation(way).DataFormat(axes) },
		"random_translation":        func() augmenter { return RandomTranslation(f, f).Interpolation(way).DataFormat(axes) },
		"random_rotation":           func() augmenter { return RandomRotation(f).Interpolation(way).DataFormat(axes) },
		"random_brightness":         func() augmenter { return RandomBrightness(f).ValueRange(r.low, r.high).DataFormat(axes) },
		"random_color_degeneration": func() augmenter { return RandomColorDegeneration(f).ValueRange(r.low, r.high).DataFormat(axes) },
		"random_contrast":           func() augmenter { return RandomContrast(f).ValueRange(r.low, r.high).DataFormat(axes) },
		"random_sharpness":          func() augmenter { return RandomSharpness(f).ValueRange(r.low, r.high).DataFormat(axes) },
		"random_posterization": func() augmenter {
			return RandomPosterization(max(1, int(8*factor.upper))).ValueRange(r.low, r.high).DataFormat(axes)
		},
		"solarization": func() augmenter {
			return Solarization().AdditionFactor(f...).ThresholdFactor(f...).ValueRange(r.low, r.high).DataFormat(axes)
		},
		"auto_contrast": func() augmenter { return AutoContrast().ValueRange(r.low, r.high).DataFormat(axes) },
		"equalization":  func() augmenter { return Equalization().ValueRange(r.low, r.high).DataFormat(axes) },
	}
	steps := make([]augmentStep, len(names))
	for i, name := range names {
		steps[i] = augmentStep{name, makes[name]()}
		if policy != "" {
			steps[i].Base().SetDType(policy)
		}
		if format := images.BoundingBoxFormat; format != nil {
			steps[i].KerasConfig().(interface{ setBoxFormat(format *string) }).setBoxFormat(format)
		}
		if seeded, ok := steps[i].KerasConfig().(interface{ setSeed(seed *int) }); ok {
			seeded.setSeed(seed)
		}
	}
	return steps
}

func checkSteps(steps []augmentStep) error {
	for _, s := range steps {
		if err := firstError(symbolic.Made(s.augmenter), config.Validate(s.KerasConfig())); err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
	}
	return nil
}

// declareSteps declares the generator and the layers inside.
func (l *augmentation[L]) declareSteps(b *symbolic.Builder, in *symbolic.Inputs, steps []augmentStep) error {
	if err := l.Declare(b, in); err != nil {
		return err
	}
	for _, s := range steps {
		b.Track(s.name, s.augmenter, in.First()[0])
	}
	return nil
}

// drawSteps draws for each of the layers inside; the names begin with the layer's.
func drawSteps(d draws, dims []int, steps []augmentStep) transformation {
	t := transformation{}
	for _, s := range steps {
		for name, v := range s.draw(d, dims) {
			t[s.name+"."+name] = v
		}
	}
	return t
}

// of is what was drawn for a layer inside.
func (t transformation) of(place string) transformation {
	own := transformation{}
	for name, v := range t {
		if rest, ok := strings.CutPrefix(name, place+"."); ok {
			own[rest] = v
		}
	}
	return own
}

// below draws whole numbers from 0 up to n, which itself doesn't count.
func (d draws) below(n int, dims ...int) *graph.Node {
	x := graph.MinScalar(graph.Floor(d.uniform(0, float64(n), dims...)), float64(n-1))
	return graph.ConvertDType(x, dtypes.Int32)
}

// order draws an order of n things.
func (d draws) order(n int) *graph.Node {
	return d.c.Op("Argsort", nil, d.uniform(0, 1, n))
}

// logGamma draws logarithms of numbers of the gamma distributions alpha, a float32 array: by the method of Marsaglia and Tsang for alpha+1, whose
// trials succeed with more than 0.95, so that none of so many does with less than 1e-20.
func (d draws) logGamma(alpha *graph.Node) *graph.Node {
	const trials = 16
	dims := alpha.Shape().Dimensions
	a := graph.AddScalar(alpha, 1-1.0/3)
	width := graph.Div(graph.OnesLike(a), graph.Sqrt(graph.MulScalar(a, 9)))
	cube := graph.OnesLike(a)
	for range trials {
		_, x := graph.RandomNormal(d.c.Random(), shapes.Make(dtypes.Float32, dims...))
		v := graph.AddScalar(graph.Mul(width, x), 1)
		v = graph.Mul(v, graph.Mul(v, v))
		inside := graph.GreaterThan(v, graph.ZerosLike(v))
		v = graph.Where(inside, v, graph.OnesLike(v))
		bound := graph.Add(graph.MulScalar(graph.Mul(x, x), 0.5), graph.Mul(a, graph.Add(graph.OneMinus(v), graph.Log(v))))
		good := graph.LogicalAnd(inside, graph.LessThan(graph.Log(d.positive(dims...)), bound))
		cube = graph.Where(good, v, cube)
	}
	// Of alpha+1 to alpha; in logarithms, for a small alpha gives numbers that are none.
	return graph.Add(graph.Log(graph.Mul(a, cube)), graph.Div(graph.Log(d.positive(dims...)), alpha))
}

// positive draws numbers between 0 and 1 that have a logarithm.
func (d draws) positive(dims ...int) *graph.Node {
	return graph.MaxScalar(d.uniform(0, 1, dims...), math.SmallestNonzeroFloat32*1e10)
}

// beta draws numbers of the beta distributions a and b, float32 arrays.
func (d draws) beta(a, b *graph.Node) *graph.Node {
	return graph.Sigmoid(graph.Sub(d.logGamma(a), d.logGamma(b)))
}
