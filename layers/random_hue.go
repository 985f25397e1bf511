package layers

import (
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/symbolic"
)

// RandomHueLayer is Keras's RandomHue: in training it turns the hues of images.
type RandomHueLayer struct {
	augmentation[*RandomHueLayer]
	cfg randomHueConfig
}

type randomHueConfig struct {
	symbolic.LayerConfig
	Factor upTo `keras:"factor"`
	valueRange
	randomConfig
	imageConfig
}

func init() { symbolic.RegisterLayer(func() symbolic.Layer { return RandomHue(0) }) }

// RandomHue returns a layer that in training turns the hues of each image, of 3 channels, by up to half of factor of a full turn either way
// (Keras: RandomHue(factor)); factor is a number from 0 to 1, or a slice with a lower and an upper bound. Otherwise it returns its inputs.
func RandomHue[S Strength](factor S) *RandomHueLayer {
	l := &RandomHueLayer{}
	l.init(l, &l.cfg.LayerConfig)
	l.Configure("factor", func() error { return l.cfg.Factor.set(strength(factor)...) })
	return l
}

// Validate reports arguments that Keras rejects.
func (c *randomHueConfig) Validate() error { return c.imageConfig.check() }

func (l *RandomHueLayer) keepsIntegers() {}

func (l *RandomHueLayer) draw(d draws, dims []int) transformation {
	invert := d.uniform(0, 1, dims[0])
	factor := graph.MulScalar(d.uniform(l.cfg.Factor.lower, l.cfg.Factor.upper, dims[0]), 0.5)
	back := graph.GreaterThan(invert, graph.Scalar(invert.Graph(), invert.DType(), 0.5))
	return transformation{"factor": graph.Where(back, graph.Neg(factor), factor)}
}

func (l *RandomHueLayer) transform(c *symbolic.Call, x *graph.Node, t transformation) *graph.Node {
	unit := span{0, 1}
	x = l.cfg.ValueRange.to(unit, toCompute(c, x))
	x = withHSV(c, x, l.cfg.DataFormat, 0, func(hue *graph.Node) *graph.Node {
		hue = graph.Add(hue, across(toCompute(c, t["factor"]), hue))
		one, zero := graph.OnesLike(hue), graph.ZerosLike(hue)
		hue = graph.Where(graph.GreaterThan(hue, one), graph.Sub(hue, one), hue)
		return graph.Where(graph.LessThan(hue, zero), graph.Add(hue, one), hue)
	})
	return unit.to(l.cfg.ValueRange, unit.clipped(x))
}

// withHSV changes the hue (0), the saturation (1) or the value (2) of colors.
func withHSV(c *symbolic.Call, x *graph.Node, format DataFormat, which int, change func(x *graph.Node) *graph.Node) *graph.Node {
	cfg := func() map[string]any { return map[string]any{"data_format": string(format)} }
	channels, _ := format.axesOf(2)
	x = c.Op("RGBToHSV", cfg(), x)
	planes := make([]*graph.Node, 3)
	for i := range planes {
		planes[i] = part(x, channels, i, 1)
	}
	planes[which] = change(planes[which])
	return c.Op("HSVToRGB", cfg(), graph.Concatenate(planes, channels))
}
