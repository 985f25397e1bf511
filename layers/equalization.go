package layers

import (
	"fmt"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/symbolic"
)

// EqualizationLayer is Keras's Equalization: in training it spreads the values of images over their whole range, as many pixels on each part of it.
type EqualizationLayer struct {
	images[*EqualizationLayer]
	cfg equalizationConfig
}

type equalizationConfig struct {
	symbolic.LayerConfig
	valueRange
	Bins int `keras:"bins" default:"256"`
	imageConfig
}

func init() { symbolic.RegisterLayer(func() symbolic.Layer { return Equalization() }) }

// Equalization returns a layer that in training gives each channel of a batch of images, all its images together, a flat histogram of Bins bins,
// 256 by default (Keras: Equalization()). Otherwise it returns its inputs, as Keras does outside of training; Keras 3.15 itself can't put it into a
// functional model.
func Equalization() *EqualizationLayer {
	l := &EqualizationLayer{}
	l.init(l, &l.cfg.LayerConfig)
	return l
}

// Validate reports arguments that Keras rejects.
func (c *equalizationConfig) Validate() error {
	if c.Bins < 1 || c.Bins > 1<<16 {
		return fmt.Errorf("bins: got %d, want from 1 to %d", c.Bins, 1<<16)
	}
	c.sorted()
	return c.imageConfig.check()
}

func (l *EqualizationLayer) keepsIntegers() {}

func (l *EqualizationLayer) transform(c *symbolic.Call, x *graph.Node, _ transformation) *graph.Node {
	back := func(y *graph.Node) *graph.Node { return graph.TransposeAllAxes(y, 1, 2, 3, 0) }
	order := []int{3, 0, 1, 2}
	if l.cfg.DataFormat == ChannelsFirst {
		order = []int{1, 0, 2, 3}
		back = func(y *graph.Node) *graph.Node { return graph.TransposeAllAxes(y, 1, 0, 2, 3) }
	}
	x = graph.TransposeAllAxes(toCompute(c, x), order...)
	dims := x.Shape().Dimensions
	bytes, bins, channels := span{0, 255}, l.cfg.Bins, dims[0]
	x = graph.Reshape(scaled(x, l.cfg.ValueRange, bytes), channels, -1)

	// The bins of the channels are one after the other.
	own := graph.MulScalar(graph.Iota(c.Graph(), shapes.Make(dtypes.Int32, x.Shape().Dimensions...), 0), bins)
	binned := func(v *graph.Node) *graph.Node {
		return graph.Add(c.Op("Cast", map[string]any{"dtype": "int32"}, graph.ClipScalar(v, 0, float64(bins-1))), own)
	}
	at := binned(graph.DivScalar(graph.MulScalar(graph.ConvertDType(x, dtypes.Float32), float64(bins-1)), 255))
	histogram := graph.Reshape(counted(c, at, channels*bins), channels, bins)
	filled := graph.ReduceSum(graph.ConvertDType(graph.GreaterThan(histogram, graph.ZerosLike(histogram)), dtypes.Int32), 1)
	sums := c.Op("Cumsum", map[string]any{"axis": 1}, histogram)
	all := graph.MulScalar(graph.OnesLike(sums), x.Shape().Dimensions[1])
	least := graph.ReduceAndKeep(graph.Where(graph.GreaterThan(sums, graph.ZerosLike(sums)), sums, all), graph.ReduceMin, 1)
	above := graph.Sub(sums, across(least, sums))
	rest := across(graph.MaxScalar(graph.Sub(graph.SliceAxis(all, 1, graph.AxisRange(0, 1)), least), 1), sums)
	f := func(v *graph.Node) *graph.Node { return graph.ConvertDType(v, dtypes.Float32) }
	table := bytes.clipped(graph.Round(graph.Div(f(graph.MulScalar(above, 255)), f(rest))))

	read := binned(graph.MulScalar(graph.DivScalar(x, 255), float64(bins-1)))
	y := toCompute(c, c.Op("Take", map[string]any{"axis": nil}, graph.Reshape(table, channels*bins), read))
	flat := graph.LessOrEqual(filled, graph.OnesLike(filled))
	y = graph.Where(across(flat, x), x, y)
	return back(graph.Reshape(scaled(y, bytes, l.cfg.ValueRange), dims...))
}

// counted is how often each number from 0 up to n is in x.
func counted(c *symbolic.Call, x *graph.Node, n int) *graph.Node {
	x = graph.Reshape(x, x.Shape().Size())
	return c.Op("SegmentSum", map[string]any{"num_segments": n}, graph.OnesLike(x), x)
}

// scaled brings values from one span to another by one product.
func scaled(x *graph.Node, from, to span) *graph.Node {
	by := to.size() / from.size()
	return graph.AddScalar(graph.MulScalar(x, by), to.low-from.low*by)
}
