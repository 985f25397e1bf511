package layers

import (
	"slices"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/internal/scan"
	"github.com/gokeras/gokeras/symbolic"
)

// LayerNormalizationLayer is Keras's LayerNormalization: it gives each sample the mean beta and the standard deviation gamma.
type LayerNormalizationLayer struct {
	elementwise[*LayerNormalizationLayer]
	cfg layerNormConfig
}

type layerNormConfig struct {
	symbolic.LayerConfig
	Axis       axes    `keras:"axis" default:"-1"`
	Epsilon    float64 `keras:"epsilon" default:"0.001"`
	RMSScaling bool    `keras:"rms_scaling"`
	scaleAndCenter
}

func init() { symbolic.RegisterLayer(func() symbolic.Layer { return LayerNormalization() }) }

// LayerNormalization returns a layer that normalizes each sample over its last axis, or over the axes that Axis names (Keras:
// LayerNormalization()). It computes in at least 32 bits.
func LayerNormalization() *LayerNormalizationLayer {
	l := &LayerNormalizationLayer{}
	l.init(l, &l.cfg.LayerConfig)
	return l
}

// KeepsInputTypes says that inputs are not rounded before they are normalized.
func (l *LayerNormalizationLayer) KeepsInputTypes() {}

// Infer returns the input's shape.
func (l *LayerNormalizationLayer) Infer(in *symbolic.Inputs) ([]symbolic.Spec, error) {
	x, err := one(in)
	if err != nil {
		return nil, err
	}
	for _, axis := range l.cfg.Axis.list {
		if err := l.knownAxis(x, axis); err != nil {
			return nil, err
		}
	}
	return l.floatOutput(x, nil)
}

// Declare declares gamma and beta, whose shape is that of the axes.
func (l *LayerNormalizationLayer) Declare(b *symbolic.Builder, in *symbolic.Inputs) error {
	c := &l.cfg
	x := firstShape(in)
	// Keras sorts the axes and writes a list of them once the layer is built.
	c.Axis.isList = true
	slices.Sort(c.Axis.list)
	var shape []int
	for _, axis := range c.Axis.list {
		at, _ := x.Axis(axis)
		shape = append(shape, x[at])
	}
	c.declare(b, c.Scale || c.RMSScaling, c.Center && !c.RMSScaling, shape...)
	return nil
}

// OutputSteps says that each step is computed alone unless the layer goes along them.
func (l *LayerNormalizationLayer) OutputSteps(c *symbolic.Call) ([]*graph.Node, bool) {
	return stepsAlone(c, behindSteps(c.First()[0], l.cfg.Axis.list...))
}

// Call computes the layer.
func (l *LayerNormalizationLayer) Call(c *symbolic.Call, in []*graph.Node) []*graph.Node {
	x := in[0]
	if x.Shape().Size() == 0 { // there is nothing to normalize
		return []*graph.Node{graph.ConvertDType(x, c.DType())}
	}
	given, dims := x.DType(), x.Shape().Dimensions
	wide := dtypes.Float32
	if given == dtypes.Float64 {
		wide = given
	}
	x = graph.ConvertDType(x, wide)
	along, normalized := slices.Repeat([]int{1}, len(dims)), make([]bool, len(dims))
	for _, axis := range l.cfg.Axis.list {
		at := graph.MustAdjustAxis(axis, x)
		along[at], normalized[at] = dims[at], true
	}
	weight := func(name string) *graph.Node {
		return graph.Reshape(graph.ConvertDType(c.RawWeight(name), wide), along...)
	}
	if y := l.byKernel(c, x, normalized); y != nil {
		return []*graph.Node{graph.ConvertDType(graph.ConvertDType(y, given), c.DType())}
	}
	mean := graph.ReduceAndKeep(x, graph.ReduceMean, l.cfg.Axis.list...)
	variance := graph.ReduceAndKeep(graph.Square(graph.Sub(x, mean)), graph.ReduceMean, l.cfg.Axis.list...)
	factor := graph.Reciprocal(graph.Sqrt(graph.AddScalar(variance, l.cfg.Epsilon))) // graph.Rsqrt has no gradient
	if l.cfg.RMSScaling {
		// What Keras calls so divides by the deviation, but takes no mean off.
		y := graph.Mul(graph.Mul(x, factor), weight("gamma"))
		return []*graph.Node{graph.ConvertDType(graph.ConvertDType(y, given), c.DType())}
	}
	if l.cfg.Scale {
		factor = graph.Mul(factor, weight("gamma"))
	}
	shift := graph.Neg(graph.Mul(mean, factor))
	if l.cfg.Center {
		shift = graph.Add(shift, weight("beta"))
	}
	y := graph.Add(graph.Mul(x, factor), shift)
	return []*graph.Node{graph.ConvertDType(graph.ConvertDType(y, given), c.DType())}
}

// byKernel normalizes x over those axes by the engine's kernel; nil if that doesn't take it.
func (l *LayerNormalizationLayer) byKernel(c *symbolic.Call, x *graph.Node, normalized []bool) *graph.Node {
	dims := x.Shape().Dimensions
	columns := 1
	last := len(dims)
	for last > 0 && normalized[last-1] {
		last--
		columns *= dims[last]
	}
	n := scan.LayerNormalization{Epsilon: l.cfg.Epsilon}
	if l.cfg.RMSScaling || len(dims)-last != len(l.cfg.Axis.list) || !n.Takes(x) {
		return nil
	}
	gamma, beta := graph.Ones(c.Graph(), shapes.Make(x.DType(), columns)), graph.Zeros(c.Graph(), shapes.Make(x.DType(), columns))
	if l.cfg.Scale {
		gamma = graph.Reshape(graph.ConvertDType(c.RawWeight("gamma"), x.DType()), columns)
	}
	if l.cfg.Center {
		beta = graph.Reshape(graph.ConvertDType(c.RawWeight("beta"), x.DType()), columns)
	}
	return graph.Reshape(n.Run(graph.Reshape(x, -1, columns), gamma, beta), dims...)
}
