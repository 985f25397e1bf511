package layers

import (
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/symbolic"
)

// RandomColorDegenerationLayer is Keras's RandomColorDegeneration: in training it takes a part of the colors from images.
type RandomColorDegenerationLayer struct {
	augmentation[*RandomColorDegenerationLayer]
	cfg randomColorDegenerationConfig
}

type randomColorDegenerationConfig struct {
	symbolic.LayerConfig
	Factor around `keras:"factor"`
	valueRange
	randomConfig
	imageConfig
}

func init() { symbolic.RegisterLayer(func() symbolic.Layer { return RandomColorDegeneration(0) }) }

// RandomColorDegeneration returns a layer that in training brings each image, of 3 channels, nearer to its grey form (Keras:
// RandomColorDegeneration(factor)): by a part drawn between -factor and factor, or between two bounds, from -1 to 1. Otherwise it returns its inputs.
func RandomColorDegeneration[S Strength](factor S) *RandomColorDegenerationLayer {
	l := &RandomColorDegenerationLayer{}
	l.init(l, &l.cfg.LayerConfig)
	l.Configure("factor", func() error { return l.cfg.Factor.set(strength(factor)...) })
	return l
}

// Validate reports arguments that Keras rejects.
func (c *randomColorDegenerationConfig) Validate() error {
	c.sorted()
	return c.imageConfig.check()
}

func (l *RandomColorDegenerationLayer) keepsIntegers() {}

func (l *RandomColorDegenerationLayer) draw(d draws, dims []int) transformation {
	return transformation{"factor": d.one(l.cfg.Factor.bounds, dims)}
}

func (l *RandomColorDegenerationLayer) transform(c *symbolic.Call, x *graph.Node, t transformation) *graph.Node {
	x = toCompute(c, x)
	gray := across(grey(c, x, l.cfg.DataFormat), x)
	return l.cfg.ValueRange.clipped(graph.Add(x, graph.Mul(across(toCompute(c, t["factor"]), x), graph.Sub(gray, x))))
}

// CheckSymbolic refuses dictionaries, as Keras does.
func (l *RandomColorDegenerationLayer) CheckSymbolic(args []any) error { return onlyImages(args) }
