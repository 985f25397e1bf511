package layers

import (
	"fmt"
	"slices"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/initializers"
	"github.com/gokeras/gokeras/symbolic"
)

// RMSNormalizationLayer is Keras's RMSNormalization: it divides each sample by the root of its mean square, and multiplies by a weight.
type RMSNormalizationLayer struct {
	layer[*RMSNormalizationLayer]
	sampleWiseUnless
	cfg rmsNormConfig
}

type rmsNormConfig struct {
	symbolic.LayerConfig
	Axis    axes    `keras:"axis" default:"-1"`
	Epsilon float64 `keras:"epsilon" default:"1e-6"`
}

func init() { symbolic.RegisterLayer(func() symbolic.Layer { return RMSNormalization() }) }

// RMSNormalization returns a layer that divides by the root of the mean square over its last axis, or over the axes that Axis names
// (Keras: RMSNormalization()). It computes in at least 32 bits. As in Keras, the weight has the shape of the axes in ascending order and
// lies along the last axes of the input: with axes that aren't the last ones, it must have a shape that fits there.
func RMSNormalization() *RMSNormalizationLayer {
	l := &RMSNormalizationLayer{}
	l.init(l, &l.cfg.LayerConfig)
	return l
}

// Infer returns floats of the input's shape.
func (l *RMSNormalizationLayer) Infer(in *symbolic.Inputs) ([]symbolic.Spec, error) {
	x, err := one(in)
	if err != nil {
		return nil, err
	}
	list := slices.Sorted(slices.Values(l.cfg.Axis.list))
	if len(list) > len(x) {
		return nil, fmt.Errorf("got %d axes for an input of shape %s", len(list), x)
	}
	seen := map[int]bool{}
	for i, axis := range list {
		at, ok := x.Axis(axis)
		if !ok || seen[at] {
			return nil, fmt.Errorf("axis %d is out of bounds for, or given twice of, an input of shape %s", axis, x)
		}
		seen[at] = true
		if err := l.knownAxis(x, axis); err != nil {
			return nil, err
		}
		under := x[len(x)-len(list)+i]
		if size := x[at]; size != 1 && under != size && under != symbolic.None {
			return nil, fmt.Errorf("the scale of the axes %s does not fit the last axes of an input of shape %s", tuple(list), x)
		}
	}
	l.along(x, list...)
	return l.floatOutput(x, nil)
}

// Declare declares the scale, whose shape is that of the axes.
func (l *RMSNormalizationLayer) Declare(b *symbolic.Builder, in *symbolic.Inputs) error {
	x := firstShape(in)
	// Keras sorts the axes and writes a list of them once the layer is built.
	l.cfg.Axis.isList = true
	slices.Sort(l.cfg.Axis.list)
	var shape []int
	for _, axis := range l.cfg.Axis.list {
		at, _ := x.Axis(axis)
		shape = append(shape, x[at])
	}
	b.Weight(symbolic.WeightSpec{Name: "scale", Shape: shape, Initializer: initializers.Ones()})
	return nil
}

// OutputSteps says that each step is computed alone unless the layer goes along them.
func (l *RMSNormalizationLayer) OutputSteps(c *symbolic.Call) ([]*graph.Node, bool) {
	return stepsAlone(c, behindSteps(c.First()[0], l.cfg.Axis.list...))
}

// Call computes the layer. Of integers it makes integers, as Keras does, though the model takes the outputs for floats.
func (l *RMSNormalizationLayer) Call(c *symbolic.Call, in []*graph.Node) []*graph.Node {
	x := in[0]
	if x.Shape().Size() == 0 { // there is nothing to normalize
		return []*graph.Node{graph.ConvertDType(x, c.DType())}
	}
	given, wide := x.DType(), dtypes.Float32
	if given == dtypes.Float64 {
		wide = given
	}
	x = graph.ConvertDType(x, wide)
	square := graph.ReduceAndKeep(graph.Square(x), graph.ReduceMean, l.cfg.Axis.list...)
	factor := graph.Reciprocal(graph.Sqrt(graph.AddScalar(square, l.cfg.Epsilon))) // graph.Rsqrt has no gradient
	scale := graph.ExpandLeftToRank(graph.ConvertDType(c.Weight("scale"), wide), x.Rank())
	return []*graph.Node{graph.ConvertDType(graph.Mul(graph.Mul(x, factor), scale), given)}
}
