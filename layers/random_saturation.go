package layers

import (
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/symbolic"
)

// RandomSaturationLayer is Keras's RandomSaturation: in training it makes the colors of images paler or stronger.
type RandomSaturationLayer struct {
	augmentation[*RandomSaturationLayer]
	cfg randomSaturationConfig
}

type randomSaturationConfig struct {
	symbolic.LayerConfig
	Factor around `keras:"factor"`
	valueRange
	randomConfig
	imageConfig
}

func init() { symbolic.RegisterLayer(func() symbolic.Layer { return RandomSaturation(0) }) }

// RandomSaturation returns a layer that in training changes the saturation of each image, of 3 channels of floats (Keras:
// RandomSaturation(factor)): it is multiplied by f / (1-f) for a number f drawn between -factor and factor, or between two bounds, from -1 to 1;
// of 0.5 it stays. Otherwise it returns its inputs.
func RandomSaturation[S Strength](factor S) *RandomSaturationLayer {
	l := &RandomSaturationLayer{}
	l.init(l, &l.cfg.LayerConfig)
	l.Configure("factor", func() error { return l.cfg.Factor.set(strength(factor)...) })
	return l
}

// Validate reports arguments that Keras rejects.
func (c *randomSaturationConfig) Validate() error {
	c.sorted()
	return c.imageConfig.check()
}

func (l *RandomSaturationLayer) keepsIntegers() {}

func (l *RandomSaturationLayer) draw(d draws, dims []int) transformation {
	f := d.uniform(l.cfg.Factor.lower, l.cfg.Factor.upper, dims[0])
	return transformation{"factor": graph.Div(f, graph.AddScalar(graph.OneMinus(f), 1e-7))}
}

func (l *RandomSaturationLayer) transform(c *symbolic.Call, x *graph.Node, t transformation) *graph.Node {
	return withHSV(c, x, l.cfg.DataFormat, 1, func(saturation *graph.Node) *graph.Node {
		return l.cfg.ValueRange.clipped(graph.Mul(saturation, across(toCompute(c, t["factor"]), saturation)))
	})
}
