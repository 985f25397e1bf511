package layers

import (
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/symbolic"
)

// RandomInvertLayer is Keras's RandomInvert: in training it inverts some images.
type RandomInvertLayer struct {
	augmentation[*RandomInvertLayer]
	cfg randomInvertConfig
}

type randomInvertConfig struct {
	symbolic.LayerConfig
	Factor upTo `keras:"factor" default:"1.0"`
	valueRange
	randomConfig
	imageConfig
}

func init() { symbolic.RegisterLayer(func() symbolic.Layer { return RandomInvert() }) }

// RandomInvert returns a layer that in training subtracts some images from the largest value (Keras: RandomInvert(factor)): the probability is
// drawn between 0 and factor, 1 by default, or between two bounds. Otherwise it returns its inputs.
func RandomInvert(factor ...float64) *RandomInvertLayer {
	l := &RandomInvertLayer{}
	l.init(l, &l.cfg.LayerConfig)
	if len(factor) > 0 {
		l.Configure("factor", func() error { return l.cfg.Factor.set(factor...) })
	}
	return l
}

// Validate reports arguments that Keras rejects.
func (c *randomInvertConfig) Validate() error { return c.imageConfig.check() }

func (l *RandomInvertLayer) keepsIntegers() {}

func (l *RandomInvertLayer) draw(d draws, dims []int) transformation {
	return transformation{"apply_inversion": d.chosen(l.cfg.Factor.bounds, dims)}
}

func (l *RandomInvertLayer) transform(c *symbolic.Call, x *graph.Node, t transformation) *graph.Node {
	x = toCompute(c, x)
	return graph.Where(across(t["apply_inversion"], x), graph.AddScalar(graph.Neg(x), l.cfg.ValueRange.high), x)
}
