package layers

import (
	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/symbolic"
)

// RandomSharpnessLayer is Keras's RandomSharpness: in training it blurs or sharpens images.
type RandomSharpnessLayer struct {
	augmentation[*RandomSharpnessLayer]
	cfg randomSharpnessConfig
}

type randomSharpnessConfig struct {
	symbolic.LayerConfig
	Factor upTo `keras:"factor"`
	valueRange
	randomConfig
	imageConfig
}

func init() { symbolic.RegisterLayer(func() symbolic.Layer { return RandomSharpness(0) }) }

// RandomSharpness returns a layer that in training blurs each image, or sharpens it, by a number drawn between 0 and factor, or between two
// bounds, from 0 to 1 (Keras: RandomSharpness(factor)): 0 is blurred, 0.5 as it was, 1 sharpened. Otherwise it returns its inputs.
func RandomSharpness[S Strength](factor S) *RandomSharpnessLayer {
	l := &RandomSharpnessLayer{}
	l.init(l, &l.cfg.LayerConfig)
	l.Configure("factor", func() error { return l.cfg.Factor.set(strength(factor)...) })
	return l
}

// Validate reports arguments that Keras rejects.
func (c *randomSharpnessConfig) Validate() error {
	c.sorted()
	return c.imageConfig.check()
}

func (l *RandomSharpnessLayer) draw(d draws, dims []int) transformation {
	return transformation{"factor": d.uniform(l.cfg.Factor.lower, l.cfg.Factor.upper, dims[0])}
}

func (l *RandomSharpnessLayer) transform(c *symbolic.Call, x *graph.Node, t transformation) *graph.Node {
	sum := x
	for _, axis := range spatialOf(l.cfg.DataFormat, x) {
		sum = window(sum, axis, 3, func(int) *graph.Node { return graph.OnesLike(x) })
	}
	smooth := graph.Add(graph.MulScalar(sum, 1.0/13), graph.MulScalar(x, 4.0/13))
	amount := across(graph.OneMinus(toCompute(c, graph.MulScalar(t["factor"], 2))), x)
	return l.cfg.ValueRange.clipped(graph.Add(x, graph.Mul(amount, graph.Sub(smooth, x))))
}

// spatialOf are the axes of the height and the width of x.
func spatialOf(format DataFormat, x *graph.Node) []int {
	h, w := format.spatialAxes(x.Rank())
	return []int{h, w}
}

// window adds up size elements around each along an axis, with zeros beyond the border; weight says how much the i-th counts, spread over x.
func window(x *graph.Node, axis, size int, weight func(i int) *graph.Node) *graph.Node {
	n, before := x.Shape().Dimensions[axis], (size-1)/2
	pads := make([]compute.PadAxis, x.Rank())
	pads[axis] = compute.PadAxis{Start: before, End: size - 1 - before}
	wide := graph.Pad(x, graph.ScalarZero(x.Graph(), x.DType()), pads...)
	var sum *graph.Node
	for i := range size {
		term := graph.Mul(part(wide, axis, i, n), weight(i))
		if sum == nil {
			sum = term
		} else {
			sum = graph.Add(sum, term)
		}
	}
	return sum
}
