package layers

import (
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/symbolic"
)

// AutoContrastLayer is Keras's AutoContrast: it stretches the values of images over their whole range.
type AutoContrastLayer struct {
	images[*AutoContrastLayer]
	cfg autoContrastConfig
}

type autoContrastConfig struct {
	symbolic.LayerConfig
	valueRange
	imageConfig
}

func init() { symbolic.RegisterLayer(func() symbolic.Layer { return AutoContrast() }) }

// AutoContrast returns a layer that stretches the values of each channel of images (batch, height, width, channels), in training and outside
// of it, so that the least becomes 0 and the largest 255, or what ValueRange says (Keras: AutoContrast()). A channel of one value stays. In half
// precision it rounds once less than Keras.
func AutoContrast() *AutoContrastLayer {
	l := &AutoContrastLayer{}
	l.init(l, &l.cfg.LayerConfig)
	return l
}

// Validate reports arguments that Keras rejects.
func (c *autoContrastConfig) Validate() error {
	c.sorted()
	return c.imageConfig.check()
}

func (l *AutoContrastLayer) always() {}

// transform takes, as Keras does, the second and the third axis of a batch for the height and the width in either format.
func (l *AutoContrastLayer) transform(c *symbolic.Call, x *graph.Node, _ transformation) *graph.Node {
	x, bytes := toCompute(c, x), span{0, 255}
	y := l.cfg.ValueRange.to(bytes, x)
	low := across(graph.ReduceAndKeep(y, graph.ReduceMin, 1, 2), y)
	high := across(graph.ReduceAndKeep(y, graph.ReduceMax, 1, 2), y)
	flat := graph.Equal(high, low)
	scale := graph.Div(graph.MulScalar(graph.OnesLike(y), 255), graph.Where(flat, graph.OnesLike(y), graph.Sub(high, low)))
	// In Keras's order: where halves are computed, what it rounds is seen.
	y = bytes.clipped(graph.Add(graph.Mul(y, scale), graph.Mul(graph.Neg(low), scale)))
	return graph.Where(flat, x, bytes.to(l.cfg.ValueRange, y))
}
