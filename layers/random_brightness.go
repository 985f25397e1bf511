package layers

import (
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/symbolic"
)

// RandomBrightnessLayer is Keras's RandomBrightness: in training it makes images lighter or darker.
type RandomBrightnessLayer struct {
	augmentation[*RandomBrightnessLayer]
	cfg randomBrightnessConfig
}

type randomBrightnessConfig struct {
	symbolic.LayerConfig
	Factor around `keras:"factor"`
	valueRange
	randomConfig
	imageConfig
}

func init() { symbolic.RegisterLayer(func() symbolic.Layer { return RandomBrightness(0) }) }

// RandomBrightness returns a layer that in training adds a random number to the pixels of each image (Keras: RandomBrightness(factor)):
// factor is a fraction of the range of values, for up to as much either way, or a slice with a lower and an upper bound, from -1 to 1.
// Otherwise it returns its inputs.
func RandomBrightness[S Strength](factor S) *RandomBrightnessLayer {
	l := &RandomBrightnessLayer{}
	l.init(l, &l.cfg.LayerConfig)
	l.Configure("factor", func() error { return l.cfg.Factor.set(strength(factor)...) })
	return l
}

// Validate reports arguments that Keras rejects, and puts the bounds of the values in order, as Keras does.
func (c *randomBrightnessConfig) Validate() error {
	c.sorted()
	return c.imageConfig.check()
}

func (l *RandomBrightnessLayer) keepsIntegers() {}

func (l *RandomBrightnessLayer) draw(d draws, dims []int) transformation {
	return transformation{"rgb_delta": graph.MulScalar(d.one(l.cfg.Factor.bounds, dims), l.cfg.ValueRange.size())}
}

func (l *RandomBrightnessLayer) transform(_ *symbolic.Call, x *graph.Node, t transformation) *graph.Node {
	y := graph.Add(x, across(graph.ConvertDType(t["rgb_delta"], x.DType()), x))
	return l.cfg.ValueRange.clipped(y)
}
