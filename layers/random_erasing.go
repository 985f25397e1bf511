package layers

import (
	"fmt"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/internal/config"
	"github.com/gokeras/gokeras/symbolic"
)

// RandomErasingLayer is Keras's RandomErasing: in training it paints over a part of some images.
type RandomErasingLayer struct {
	augmentation[*RandomErasingLayer]
	cfg randomErasingConfig
}

type randomErasingConfig struct {
	symbolic.LayerConfig
	Factor    upTo   `keras:"factor" default:"1.0"`
	Scale     upTo   `keras:"scale" default:"[0.02,0.33]"`
	FillValue colors `keras:"fill_value"`
	valueRange
	randomConfig
	imageConfig
}

// colors is an argument that is a number, or one for each of three channels; none is noise.
type colors struct{ config.OneOrMore[float64] }

func (f *colors) set(values ...float64) error {
	if len(values) != 1 && len(values) != 3 {
		return fmt.Errorf("got %d values: want a number, or one for each of three channels", len(values))
	}
	f.OneOrMore = config.Given(values)
	return nil
}

func init() { symbolic.RegisterLayer(func() symbolic.Layer { return RandomErasing() }) }

// RandomErasing returns a layer that in training paints a rectangle over some images (Keras: RandomErasing(factor)): the probability is drawn
// between 0 and factor, 1 by default, or between two bounds; see Scale for the sizes of the rectangle and FillValue for what is painted.
// Otherwise it returns its inputs.
func RandomErasing(factor ...float64) *RandomErasingLayer {
	l := &RandomErasingLayer{}
	l.init(l, &l.cfg.LayerConfig)
	if len(factor) > 0 {
		l.Configure("factor", func() error { return l.cfg.Factor.set(factor...) })
	}
	return l
}

// Validate reports arguments that Keras rejects.
func (c *randomErasingConfig) Validate() error {
	if f := c.FillValue; f.Values != nil && !f.One && (len(f.Values) != 3 || c.DataFormat == ChannelsFirst) {
		return fmt.Errorf("the `fill_value` argument should be a number, or a list of three for images whose channels are last, received: %v", f.Values)
	}
	return c.imageConfig.check()
}

func (l *RandomErasingLayer) draw(d draws, dims []int) transformation {
	g := d.c.Graph()
	h, w := l.cfg.DataFormat.spatialAxes(len(dims))
	sides := graph.Sqrt(d.uniform(l.cfg.Scale.lower, l.cfg.Scale.upper, dims[0], 2))
	within := func(side, axis int) *graph.Node {
		n := dims[axis]
		length := graph.MulScalar(graph.SliceAxis(sides, 1, graph.AxisRange(side, side+1)), float64(n))
		start := graph.Mul(d.uniform(0, 1, dims[0], 1), graph.AddScalar(graph.Neg(length), float64(n)))
		spread := func(x *graph.Node) *graph.Node {
			return graph.BroadcastToDims(graph.Reshape(x, dims[0], 1, 1, 1), dims...)
		}
		at := graph.Iota(g, shapes.Make(dtypes.Float32, dims...), axis)
		return graph.LogicalAnd(graph.GreaterOrEqual(at, spread(start)), graph.LessThan(at, spread(graph.Add(start, length))))
	}
	mask := graph.LogicalAnd(within(0, w), within(1, h))
	return transformation{"batch_masks": mask, "apply_erasing": d.chosen(l.cfg.Factor.bounds, dims), "fill_value": l.painted(d, dims)}
}

// painted is what the rectangles have: noise, a number, or a number for each channel.
func (l *RandomErasingLayer) painted(d draws, dims []int) *graph.Node {
	var fill *graph.Node
	switch values := l.cfg.FillValue.Values; len(values) {
	case 0:
		_, fill = graph.RandomNormal(d.c.Random(), shapes.Make(dtypes.Float32, dims...))
		fill = graph.MulScalar(fill, l.cfg.ValueRange.high)
	case 1:
		fill = graph.BroadcastToDims(graph.Scalar(d.c.Graph(), dtypes.Float32, values[0]), dims...)
	default:
		colors := graph.ConvertDType(graph.Const(d.c.Graph(), values), dtypes.Float32)
		fill = graph.BroadcastToDims(graph.Reshape(colors, 1, 1, 1, len(values)), dims...)
	}
	return toCompute(d.c, l.cfg.ValueRange.clipped(fill))
}

func (l *RandomErasingLayer) transform(_ *symbolic.Call, x *graph.Node, t transformation) *graph.Node {
	return graph.Where(graph.LogicalAnd(t["batch_masks"], across(t["apply_erasing"], x)), t["fill_value"], x)
}
