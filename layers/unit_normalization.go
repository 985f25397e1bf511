package layers

import (
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/internal/kerasops"
	"github.com/gokeras/gokeras/symbolic"
)

// UnitNormalizationLayer is Keras's UnitNormalization: it scales its inputs to the length 1.
type UnitNormalizationLayer struct {
	elementwise[*UnitNormalizationLayer]
	sampleWiseUnless
	cfg unitNormConfig
}

type unitNormConfig struct {
	symbolic.LayerConfig
	Axis axes `keras:"axis" default:"-1"`
}

func init() { symbolic.RegisterLayer(func() symbolic.Layer { return UnitNormalization() }) }

// UnitNormalization returns a layer that divides by the root of the sum of squares over the last axis, or over the axes that Axis names
// (Keras: UnitNormalization()).
func UnitNormalization() *UnitNormalizationLayer {
	l := &UnitNormalizationLayer{}
	l.init(l, &l.cfg.LayerConfig)
	return l
}

// Infer returns floats of the input's shape.
func (l *UnitNormalizationLayer) Infer(in *symbolic.Inputs) ([]symbolic.Spec, error) {
	x, err := l.oneAlong(in, l.cfg.Axis.list)
	if err != nil {
		return nil, err
	}
	return l.floatOutput(x, nil)
}

// OutputSteps says that each step is computed alone unless the layer goes along them.
func (l *UnitNormalizationLayer) OutputSteps(c *symbolic.Call) ([]*graph.Node, bool) {
	return stepsAlone(c, behindSteps(c.First()[0], l.cfg.Axis.list...))
}

// Call computes the layer.
func (l *UnitNormalizationLayer) Call(_ *symbolic.Call, in []*graph.Node) []*graph.Node {
	x := kerasops.OnlyFloats("UnitNormalization", in[0])
	length := graph.Sqrt(graph.ReduceAndKeep(graph.Square(x), graph.ReduceSum, l.cfg.Axis.list...))
	return []*graph.Node{graph.Mul(x, graph.MinScalar(graph.Reciprocal(length), 1e12))}
}
