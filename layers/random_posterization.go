package layers

import (
	"math"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/symbolic"
)

// RandomPosterizationLayer is Keras's RandomPosterization: in training it leaves fewer different values.
type RandomPosterizationLayer struct {
	augmentation[*RandomPosterizationLayer]
	cfg randomPosterizationConfig
}

type randomPosterizationConfig struct {
	symbolic.LayerConfig
	Factor bitCount `keras:"factor" default:"8"`
	valueRange
	randomConfig
	imageConfig
}

func init() { symbolic.RegisterLayer(func() symbolic.Layer { return RandomPosterization(1) }) }

// RandomPosterization returns a layer that in training keeps only the first bits of the 8 of each value (Keras: RandomPosterization(factor)):
// their number is drawn for each image from 1 up to factor, which itself doesn't count, or from a lower bound up to an upper one, from 1 to
// 8. Otherwise it returns its inputs.
func RandomPosterization[S Strength](factor S) *RandomPosterizationLayer {
	l := &RandomPosterizationLayer{}
	l.init(l, &l.cfg.LayerConfig)
	l.Configure("factor", func() error { return l.cfg.Factor.set(strength(factor)...) })
	return l
}

// Validate reports arguments that Keras rejects.
func (c *randomPosterizationConfig) Validate() error {
	c.sorted()
	return c.imageConfig.check()
}

func (l *RandomPosterizationLayer) keepsIntegers() {}

func (l *RandomPosterizationLayer) draw(d draws, dims []int) transformation {
	low, high := math.Trunc(l.cfg.Factor.lower), math.Trunc(l.cfg.Factor.upper)
	bits := graph.MinScalar(graph.Floor(d.uniform(low, high, dims[0])), max(low, high-1))
	return transformation{"shift_factor": graph.AddScalar(graph.Neg(bits), 8)}
}

func (l *RandomPosterizationLayer) transform(c *symbolic.Call, x *graph.Node, t transformation) *graph.Node {
	bytes := span{0, 255}
	if l.cfg.ValueRange != bytes {
		x = l.cfg.ValueRange.to(bytes, toCompute(c, x))
	}
	x = graph.StopGradient(bytes.clipped(graph.Floor(graph.ConvertDType(x, dtypes.Float32)))) // steps have no slope
	shift := graph.ConvertDType(t["shift_factor"], dtypes.Float32)
	unit := across(graph.Exp(graph.MulScalar(shift, math.Ln2)), x)
	unit = graph.Round(unit) // a power of 2
	return bytes.to(l.cfg.ValueRange, toCompute(c, graph.Mul(graph.StopGradient(graph.Floor(graph.Div(x, unit))), unit)))
}

// bitCount is an argument of two bounds between 1 and 8; a number stands for up to as much.
type bitCount struct{ bounds }

func (b *bitCount) set(values ...float64) error { return b.within(1, 8, values) }

// DecodeKeras reads a number or two.
func (b *bitCount) DecodeKeras(v any) error {
	values, err := numbersOf(v)
	if err != nil {
		return err
	}
	return b.set(values...)
}
