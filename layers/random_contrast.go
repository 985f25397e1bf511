package layers

import (
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/symbolic"
)

// RandomContrastLayer is Keras's RandomContrast: in training it changes the contrast of images.
type RandomContrastLayer struct {
	augmentation[*RandomContrastLayer]
	cfg randomContrastConfig
}

type randomContrastConfig struct {
	symbolic.LayerConfig
	Factor upTo `keras:"factor"`
	valueRange
	randomConfig
	imageConfig
}

func init() { symbolic.RegisterLayer(func() symbolic.Layer { return RandomContrast(0) }) }

// RandomContrast returns a layer that in training multiplies the distance of the pixels from the mean of their channel by a random number
// for each image, from 1-factor to 1+factor (Keras: RandomContrast(factor)); factor is a number from 0 to 1, or a slice with two, for less and
// for more. Otherwise it returns its inputs.
func RandomContrast[S Strength](factor S) *RandomContrastLayer {
	l := &RandomContrastLayer{}
	l.init(l, &l.cfg.LayerConfig)
	l.Configure("factor", func() error { return l.cfg.Factor.set(strength(factor)...) })
	return l
}

// Validate reports arguments that Keras rejects.
func (c *randomContrastConfig) Validate() error { return c.imageConfig.check() }

func (l *RandomContrastLayer) keepsIntegers() {}

func (l *RandomContrastLayer) draw(d draws, dims []int) transformation {
	factor := d.one(bounds{1 - l.cfg.Factor.lower, 1 + l.cfg.Factor.upper}, dims)
	return transformation{"contrast_factor": toCompute(d.c, factor)}
}

func (l *RandomContrastLayer) transform(c *symbolic.Call, x *graph.Node, t transformation) *graph.Node {
	x = floats(c, x)
	h, w := l.cfg.DataFormat.spatialAxes(x.Rank())
	mean := across(graph.ReduceAndKeep(graph.ReduceAndKeep(x, graph.ReduceMean, h), graph.ReduceMean, w), x)
	y := graph.Add(graph.Mul(graph.Sub(x, mean), across(t["contrast_factor"], x)), mean)
	return l.cfg.ValueRange.clipped(y)
}
