package layers

import (
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/symbolic"
)

// CutMixLayer is Keras's CutMix: in training it puts a part of another image into each.
type CutMixLayer struct {
	augmentation[*CutMixLayer]
	cfg cutMixConfig
}

type cutMixConfig struct {
	symbolic.LayerConfig
	Factor upTo `keras:"factor" default:"1.0"`
	randomConfig
	imageConfig
}

func init() { symbolic.RegisterLayer(func() symbolic.Layer { return CutMix() }) }

// CutMix returns a layer that in training puts into each image of a batch a rectangle of another one of it (Keras: CutMix(factor)): how much of it
// is drawn from a beta distribution, whose parameter is drawn between 0 and factor, 1 by default, or between two bounds. Of a
// dictionary it mixes the labels, too, (batch, classes), and the segmentation masks; it refuses bounding boxes, as Keras does. Otherwise, and for one
// image, it returns its inputs.
func CutMix(factor ...float64) *CutMixLayer {
	l := &CutMixLayer{}
	l.init(l, &l.cfg.LayerConfig)
	if len(factor) > 0 {
		l.Configure("factor", func() error { return l.cfg.Factor.set(factor...) })
	}
	return l
}

// Validate reports arguments that Keras rejects.
func (c *cutMixConfig) Validate() error { return c.imageConfig.check() }

func (l *CutMixLayer) draw(d draws, dims []int) transformation {
	g := d.c.Graph()
	alpha := graph.BroadcastToDims(graph.AddScalar(d.uniform(l.cfg.Factor.lower, l.cfg.Factor.upper, 1), 1e-6), dims[0])
	ratio := graph.Sqrt(graph.OneMinus(d.beta(alpha, alpha)))
	h, w := l.cfg.DataFormat.spatialAxes(len(dims))
	kept := graph.Ones(g, shapes.Make(dtypes.Float32, dims[0]))
	within := func(axis int) *graph.Node {
		length := graph.MulScalar(ratio, float64(dims[axis]))
		kept = graph.Mul(kept, ratio)
		start := graph.Mul(d.uniform(0, 1, dims[0]), graph.AddScalar(graph.Neg(length), float64(dims[axis])))
		at := graph.Iota(g, shapes.Make(dtypes.Float32, dims...), axis)
		return graph.LogicalAnd(graph.GreaterOrEqual(at, across(start, at)), graph.LessThan(at, across(graph.Add(start, length), at)))
	}
	return transformation{"batch_masks": graph.LogicalAnd(within(w), within(h)), "permutation_order": d.order(dims[0]), "mix_weight": graph.OneMinus(kept)}
}

func (l *CutMixLayer) labels(c *symbolic.Call, y *graph.Node, t transformation) *graph.Node {
	return mixedLabels(c, y, t)
}

func (l *CutMixLayer) makesFloatMasks() {}

// masks of one channel become as many as the images have, as in Keras.
func (l *CutMixLayer) masks(c *symbolic.Call, x *graph.Node, t transformation) *graph.Node {
	return l.transform(c, across(toCompute(c, x), t["batch_masks"]), t)
}

func (l *CutMixLayer) masksAtRest(c *symbolic.Call, x *graph.Node) *graph.Node {
	return toCompute(c, x)
}

func (l *CutMixLayer) refuses(part string, _ bool) bool { return part == "bounding_boxes" }

func (l *CutMixLayer) transform(c *symbolic.Call, x *graph.Node, t transformation) *graph.Node {
	return graph.Where(t["batch_masks"], reordered(c, x, t), x)
}
