package layers

import (
	"fmt"
	"slices"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/internal/lowering"
	"github.com/gokeras/gokeras/symbolic"
)

// DropoutLayer is Keras's Dropout: in training it zeroes a random part of its
// inputs and scales the others up so that their sum is expected to stay.
type DropoutLayer struct {
	elementwise[*DropoutLayer]
	cfg dropoutConfig
}

type dropoutConfig struct {
	symbolic.LayerConfig
	Rate       float64        `keras:"rate"`
	Seed       *int           `keras:"seed"`
	NoiseShape symbolic.Shape `keras:"noise_shape"`
}

func init() { symbolic.RegisterLayer(func() symbolic.Layer { return Dropout(0) }) }

// Dropout returns a layer that in training zeroes the fraction rate of its inputs,
// 0 ≤ rate ≤ 1, and divides the others by 1-rate (Keras: Dropout(rate)).
// Otherwise it returns its inputs.
func Dropout(rate float64) *DropoutLayer {
	l := &DropoutLayer{}
	l.init(l, &l.cfg.LayerConfig)
	l.cfg.Rate = rate
	return l
}

// Declare declares the generator.
func (l *DropoutLayer) Declare(b *symbolic.Builder, _ *symbolic.Inputs) error {
	b.Seed(l.cfg.Seed)
	return nil
}

// Validate reports arguments that Keras rejects.
func (c *dropoutConfig) Validate() error {
	if err := unit("rate", c.Rate); err != nil {
		return err
	}
	for i, d := range c.NoiseShape {
		if d != symbolic.None && d <= 0 {
			return fmt.Errorf("invalid value received for argument `noise_shape`: expected all dimensions to be positive integers or None, received negative or zero value at index %d: %d", i, d)
		}
	}
	return nil
}

// Infer returns the input's shape.
func (l *DropoutLayer) Infer(in *symbolic.Inputs) ([]symbolic.Spec, error) {
	x, err := one(in)
	if err != nil {
		return nil, err
	}
	return l.floatOutput(x, fitNoise(l.cfg.NoiseShape, x))
}

// OutputSteps says that each step is computed alone unless there is noise for so many steps.
func (l *DropoutLayer) OutputSteps(c *symbolic.Call) ([]*graph.Node, bool) {
	noise := l.cfg.NoiseShape
	return stepsAlone(c, len(noise) < 2 || noise[1] == symbolic.None || noise[1] == 1)
}

// Call computes the layer.
func (l *DropoutLayer) Call(c *symbolic.Call, in []*graph.Node) []*graph.Node {
	if !c.Training || l.cfg.Rate == 0 {
		return in
	}
	x := floats(c, in[0])
	return []*graph.Node{dropped(c, x, l.cfg.Rate, noiseDims(l.cfg.NoiseShape, x))}
}

// unit checks an argument between 0 and 1.
func unit(argument string, v float64) error {
	if !(v >= 0 && v <= 1) {
		return fmt.Errorf("invalid value received for argument `%s`: expected a float value between 0 and 1, received %s=%v", argument, argument, v)
	}
	return nil
}

// fitNoise checks that noise of a shape can be spread over inputs of shape x; nil is noise of the inputs' shape.
func fitNoise(noise, x symbolic.Shape) error {
	fits := noise == nil || len(noise) == len(x)
	for i := 0; fits && i < len(noise); i++ {
		fits = noise[i] == symbolic.None || noise[i] == 1 || x[i] == symbolic.None || noise[i] == x[i]
	}
	if !fits {
		return fmt.Errorf("noise_shape %s does not broadcast to an input of shape %s", noise, x)
	}
	return nil
}

// noiseDims are the sizes of noise for x, whose own stand where the shape has None.
func noiseDims(noise symbolic.Shape, x *graph.Node) []int {
	dims := slices.Clone(x.Shape().Dimensions)
	for i, d := range noise {
		if d != symbolic.None {
			dims[i] = d
		}
	}
	return dims
}

// dropped zeroes a random part of x, the same along axes of size 1 in dims, and scales the rest up; the layer's generator chooses.
func dropped(c *symbolic.Call, x *graph.Node, rate float64, dims []int) *graph.Node {
	if rate == 1 {
		return graph.ZerosLike(x)
	}
	keep := 1 - rate
	kept := lowering.Bernoulli(c.Random(), keep, dims...)
	if !slices.Equal(dims, x.Shape().Dimensions) {
		kept = graph.BroadcastToDims(kept, x.Shape().Dimensions...)
	}
	return graph.Where(kept, graph.DivScalar(x, keep), graph.ZerosLike(x))
}
