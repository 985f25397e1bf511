package layers

import (
	"fmt"
	"math"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/internal/lowering"
	"github.com/gokeras/gokeras/symbolic"
)

// RandomElasticTransformLayer is Keras's RandomElasticTransform: in training it distorts some images.
type RandomElasticTransformLayer struct {
	augmentation[*RandomElasticTransformLayer]
	cfg randomElasticTransformConfig
}

type randomElasticTransformConfig struct {
	symbolic.LayerConfig
	Factor        upTo          `keras:"factor" default:"1.0"`
	Scale         upTo          `keras:"scale" default:"1.0"`
	Interpolation Interpolation `keras:"interpolation" default:"bilinear"`
	FillMode      elasticFill   `keras:"fill_mode" default:"reflect"`
	FillValue     float64       `keras:"fill_value"`
	valueRange
	randomConfig
	imageConfig
}

func init() { symbolic.RegisterLayer(func() symbolic.Layer { return RandomElasticTransform() }) }

// RandomElasticTransform returns a layer that in training moves the pixels of some images by smooth random distances (Keras:
// RandomElasticTransform(factor)): the probability is drawn between 0 and factor, 1 by default, or between two bounds; see Scale for the size
// of the distances. Otherwise it returns its inputs.
func RandomElasticTransform(factor ...float64) *RandomElasticTransformLayer {
	l := &RandomElasticTransformLayer{}
	l.init(l, &l.cfg.LayerConfig)
	if len(factor) > 0 {
		l.Configure("factor", func() error { return l.cfg.Factor.set(factor...) })
	}
	return l
}

// elasticFill is a fill mode, of which this layer has one more.
type elasticFill string

func (f elasticFill) check() error {
	if f == "mirror" {
		return nil
	}
	return FillMode(f).check()
}

// Validate reports arguments that Keras rejects.
func (c *randomElasticTransformConfig) Validate() error {
	if math.IsNaN(c.FillValue) {
		return fmt.Errorf("fill_value is not a number")
	}
	return firstError(c.FillMode.check(), nearOrLinear(c.Interpolation), c.imageConfig.check())
}

func (l *RandomElasticTransformLayer) draw(d draws, dims []int) transformation {
	if l.cfg.Scale.upper == 0 || l.cfg.Factor.upper == 0 {
		return transformation{}
	}
	h, w := l.cfg.DataFormat.spatialAxes(len(dims))
	_, noise := graph.RandomNormal(d.c.Random(), shapes.Make(dtypes.Float32, dims[0], dims[h], dims[w]))
	return transformation{"apply_transform": d.chosen(l.cfg.Factor.bounds, dims), "distortion_factor": d.uniform(l.cfg.Scale.lower, l.cfg.Scale.upper, 1), "noise": noise}
}

func (l *RandomElasticTransformLayer) transform(c *symbolic.Call, x *graph.Node, t transformation) *graph.Node {
	return l.distorted(c, x, t, l.cfg.Interpolation)
}

func (l *RandomElasticTransformLayer) refuses(part string, _ bool) bool {
	return part == "bounding_boxes"
}

// masks moves floats alone, as Keras does.
func (l *RandomElasticTransformLayer) masks(c *symbolic.Call, x *graph.Node, t transformation) *graph.Node {
	if !x.DType().IsFloat() {
		panic(fmt.Errorf("segmentation masks of type %s can't be distorted, floats can", x.DType()))
	}
	return l.distorted(c, x, t, Nearest)
}

func (l *RandomElasticTransformLayer) distorted(c *symbolic.Call, x *graph.Node, t transformation, how Interpolation) *graph.Node {
	if t["noise"] == nil {
		return x
	}
	noise := t["noise"]
	dims := noise.Shape().Dimensions
	factor := graph.Reshape(graph.ConvertDType(t["distortion_factor"], dtypes.Float32))
	sigma := graph.MaxScalar(graph.MulScalar(graph.MulScalar(factor, 0.05), float64(min(dims[1], dims[2]))), 1e-6)
	alpha := graph.MulScalar(graph.MulScalar(factor, 0.1), float64(max(dims[1], dims[2])))
	over := func(v *graph.Node) *graph.Node { return graph.BroadcastToDims(v, dims...) }

	// The kernel is as large as the largest sigma asks for; what a smaller one leaves out has no weight.
	reach := int(6*0.05*l.cfg.Scale.upper*float64(min(dims[1], dims[2]))) / 2
	used := graph.Floor(graph.MulScalar(graph.Floor(graph.MulScalar(sigma, 6)), 0.5))
	weights := make([]*graph.Node, 2*reach+1)
	var sum *graph.Node
	for k := range weights {
		from := graph.Scalar(c.Graph(), dtypes.Float32, math.Abs(float64(k-reach)))
		z := graph.Div(from, sigma)
		weights[k] = graph.Where(graph.LessOrEqual(from, used), graph.Exp(graph.MulScalar(graph.Mul(z, z), -0.5)), graph.ZerosLike(sigma))
		if sum == nil {
			sum = weights[k]
		} else {
			sum = graph.Add(sum, weights[k])
		}
	}
	shift := graph.Mul(noise, over(sigma))
	for axis := 1; axis <= 2; axis++ {
		shift = window(shift, axis, len(weights), func(k int) *graph.Node { return over(graph.Div(weights[k], sum)) })
	}
	shift = graph.Mul(shift, over(alpha)) // Keras draws both directions from one seed, which makes them the same
	at := func(axis int) *graph.Node {
		return graph.Add(graph.Iota(c.Graph(), shapes.Make(dtypes.Float32, dims...), axis), shift)
	}
	moved := l.cfg.DataFormat.channelsLast(x, func(x *graph.Node) *graph.Node {
		return lowering.Sample(x, []*graph.Node{at(1), at(2)}, lowering.Sampling{Linear: how == Bilinear, Mode: string(l.cfg.FillMode), Fill: l.cfg.FillValue})
	})
	return l.cfg.ValueRange.clipped(graph.Where(across(t["apply_transform"], x), moved, x))
}
