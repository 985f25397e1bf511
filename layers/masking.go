package layers

import (
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/symbolic"
)

// MaskingLayer is Keras's Masking: it says which steps later layers skip.
type MaskingLayer struct {
	layer[*MaskingLayer]
	sampleWise
	cfg maskingConfig
}

type maskingConfig struct {
	symbolic.LayerConfig
	MaskValue numbers `keras:"mask_value" default:"0"`
}

func init() { symbolic.RegisterLayer(func() symbolic.Layer { return Masking() }) }

// Masking returns a layer that masks the steps whose values all equal one, 0 unless MaskValue says another (Keras: Masking()). Inputs have
// shape (batch, …, features), the mask (batch, …); the values of masked steps become 0.
func Masking() *MaskingLayer {
	l := &MaskingLayer{}
	l.init(l, &l.cfg.LayerConfig)
	return l
}

// Infer returns the input's shape.
func (l *MaskingLayer) Infer(in *symbolic.Inputs) ([]symbolic.Spec, error) {
	x, err := one(in)
	if err == nil {
		err = minRank(x, 1)
	}
	return l.floatOutput(x, err)
}

// ComputeMask counts the steps of which a value differs.
func (l *MaskingLayer) ComputeMask(m *symbolic.MaskCall) []symbolic.Mask {
	return []symbolic.Mask{m.Op("Any", map[string]any{"axis": -1}, m.Op("NotEqual", nil, m.Input(), l.value()))}
}

// OutputSteps says that each step is computed alone where a step has features.
func (l *MaskingLayer) OutputSteps(c *symbolic.Call) ([]*graph.Node, bool) {
	return stepsAlone(c, c.First()[0].Rank() > 2)
}

// Call sets masked steps to 0.
func (l *MaskingLayer) Call(c *symbolic.Call, in []*graph.Node) []*graph.Node {
	x := in[0]
	counts := c.Op("Any", map[string]any{"axis": -1, "keepdims": true}, c.Op("NotEqual", nil, x, l.value()))
	x = truthAsNumbers(x)
	return []*graph.Node{graph.Where(graph.BroadcastToDims(counts, x.Shape().Dimensions...), x, graph.ZerosLike(x))}
}

// value is mask_value as an argument of Keras's operations.
func (l *MaskingLayer) value() any {
	v, err := l.cfg.MaskValue.EncodeKeras()
	if err != nil {
		panic(err)
	}
	return v
}
