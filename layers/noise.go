package layers

import (
	"fmt"
	"math"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/internal/lowering"
	"github.com/gokeras/gokeras/symbolic"
)

// GaussianNoiseLayer is Keras's GaussianNoise: in training it adds normal random numbers.
type GaussianNoiseLayer struct {
	elementwise[*GaussianNoiseLayer]
	cfg gaussianNoiseConfig
}

type gaussianNoiseConfig struct {
	symbolic.LayerConfig
	Stddev float64 `keras:"stddev"`
	Seed   *int    `keras:"seed"`
}

// GaussianDropoutLayer is Keras's GaussianDropout: in training it multiplies by normal random numbers around 1.
type GaussianDropoutLayer struct {
	elementwise[*GaussianDropoutLayer]
	cfg gaussianDropoutConfig
}

type gaussianDropoutConfig struct {
	symbolic.LayerConfig
	Rate float64 `keras:"rate"`
	Seed *int    `keras:"seed"`
}

// AlphaDropoutLayer is Keras's AlphaDropout: in training it drops a random part of its inputs so that their mean and variance are
// expected to stay, if they were 0 and 1. It belongs to networks with the activation "selu".
type AlphaDropoutLayer struct {
	elementwise[*AlphaDropoutLayer]
	cfg alphaDropoutConfig
}

type alphaDropoutConfig struct {
	symbolic.LayerConfig
	Rate       float64        `keras:"rate"`
	NoiseShape symbolic.Shape `keras:"noise_shape"`
	Seed       *int           `keras:"seed"`
}

func init() {
	symbolic.RegisterLayer(func() symbolic.Layer { return GaussianNoise(0) })
	symbolic.RegisterLayer(func() symbolic.Layer { return GaussianDropout(0) })
	symbolic.RegisterLayer(func() symbolic.Layer { return AlphaDropout(0) })
}

// GaussianNoise returns a layer that in training adds normal random numbers with the mean 0 and the standard deviation stddev,
// 0 ≤ stddev ≤ 1 (Keras: GaussianNoise(stddev)). Otherwise it returns its inputs.
func GaussianNoise(stddev float64) *GaussianNoiseLayer {
	l := &GaussianNoiseLayer{}
	l.init(l, &l.cfg.LayerConfig)
	l.cfg.Stddev = stddev
	return l
}

// GaussianDropout returns a layer that in training multiplies by normal random numbers with the mean 1 and the standard deviation
// √(rate / (1-rate)), 0 ≤ rate ≤ 1 (Keras: GaussianDropout(rate)); a rate of 1 can't be trained with. Otherwise it returns its inputs.
func GaussianDropout(rate float64) *GaussianDropoutLayer {
	l := &GaussianDropoutLayer{}
	l.init(l, &l.cfg.LayerConfig)
	l.cfg.Rate = rate
	return l
}

// AlphaDropout returns a layer that in training gives the fraction rate of its inputs, 0 ≤ rate ≤ 1, the value that "selu" has far
// below 0, then scales and shifts all (Keras: AlphaDropout(rate)); a rate of 1 can't be trained with. Otherwise it returns its inputs.
func AlphaDropout(rate float64) *AlphaDropoutLayer {
	l := &AlphaDropoutLayer{}
	l.init(l, &l.cfg.LayerConfig)
	l.cfg.Rate = rate
	return l
}

// Validate reports arguments that Keras rejects.
func (c *gaussianNoiseConfig) Validate() error { return unit("stddev", c.Stddev) }

// Validate reports arguments that Keras rejects.
func (c *gaussianDropoutConfig) Validate() error { return unit("rate", c.Rate) }

// Validate reports arguments that Keras rejects.
func (c *alphaDropoutConfig) Validate() error { return unit("rate", c.Rate) }

// Infer returns floats of the input's shape.
func (l *GaussianNoiseLayer) Infer(in *symbolic.Inputs) ([]symbolic.Spec, error) {
	return l.floatOutput(one(in))
}

// Infer returns floats of the input's shape.
func (l *GaussianDropoutLayer) Infer(in *symbolic.Inputs) ([]symbolic.Spec, error) {
	return l.floatOutput(one(in))
}

// Infer returns floats of the input's shape.
func (l *AlphaDropoutLayer) Infer(in *symbolic.Inputs) ([]symbolic.Spec, error) {
	x, err := one(in)
	if err == nil {
		err = fitNoise(l.cfg.NoiseShape, x)
	}
	return l.floatOutput(x, err)
}

// Declare declares the generator.
func (l *GaussianNoiseLayer) Declare(b *symbolic.Builder, _ *symbolic.Inputs) error {
	return declareNoise(b, l.cfg.Stddev, l.cfg.Seed)
}

// Declare declares the generator.
func (l *GaussianDropoutLayer) Declare(b *symbolic.Builder, _ *symbolic.Inputs) error {
	return declareNoise(b, l.cfg.Rate, l.cfg.Seed)
}

// Declare declares the generator.
func (l *AlphaDropoutLayer) Declare(b *symbolic.Builder, _ *symbolic.Inputs) error {
	return declareNoise(b, l.cfg.Rate, l.cfg.Seed)
}

// declareNoise declares a generator where there is noise to make: files have none otherwise.
func declareNoise(b *symbolic.Builder, amount float64, seed *int) error {
	if amount > 0 {
		b.Seed(seed)
	}
	return nil
}

// Call computes the layer.
func (l *GaussianNoiseLayer) Call(c *symbolic.Call, in []*graph.Node) []*graph.Node {
	if !c.Training || l.cfg.Stddev == 0 {
		return in
	}
	x := floats(c, in[0])
	return []*graph.Node{graph.Add(x, normal(c, x, 0, l.cfg.Stddev))}
}

// Call computes the layer.
func (l *GaussianDropoutLayer) Call(c *symbolic.Call, in []*graph.Node) []*graph.Node {
	if !c.Training || l.cfg.Rate == 0 {
		return in
	}
	mustKeep(l.cfg.Rate)
	x := floats(c, in[0])
	return []*graph.Node{graph.Mul(x, normal(c, x, 1, math.Sqrt(l.cfg.Rate/(1-l.cfg.Rate))))}
}

// OutputSteps says that each step is computed alone unless there is noise for so many steps.
func (l *AlphaDropoutLayer) OutputSteps(c *symbolic.Call) ([]*graph.Node, bool) {
	noise := l.cfg.NoiseShape
	return stepsAlone(c, len(noise) < 2 || noise[1] == symbolic.None || noise[1] == 1)
}

// Call computes the layer.
func (l *AlphaDropoutLayer) Call(c *symbolic.Call, in []*graph.Node) []*graph.Node {
	rate := l.cfg.Rate
	if !c.Training || rate == 0 {
		return in
	}
	mustKeep(rate)
	const floor = -1.6732632423543772 * 1.0507009873554805 // selu's limit
	scale := 1 / math.Sqrt((1-rate)*(1+rate*floor*floor))
	shift := -scale * floor * rate
	x := floats(c, in[0])
	kept := lowering.Bernoulli(c.Random(), 1-rate, noiseDims(l.cfg.NoiseShape, x)...)
	kept = graph.BroadcastToDims(kept, x.Shape().Dimensions...)
	return []*graph.Node{graph.AddScalar(graph.MulScalar(graph.Where(kept, x, filled(x, floor)), scale), shift)}
}

// mustKeep refuses to drop everything: what is left could not be scaled up.
func mustKeep(rate float64) {
	if rate == 1 {
		panic(fmt.Errorf("a layer with rate=1 leaves nothing to train with: want a rate below 1"))
	}
}

// normal are normal random numbers of the shape and the type of x.
func normal(c *symbolic.Call, x *graph.Node, mean, stddev float64) *graph.Node {
	_, noise := graph.RandomNormal(c.Random(), shapes.Make(dtypes.Float32, x.Shape().Dimensions...))
	return graph.ConvertDType(graph.AddScalar(graph.MulScalar(noise, stddev), mean), x.DType())
}
