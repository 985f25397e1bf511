package symbolic_test

import (
	"testing"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/symbolic"
)

// scale is as small as a layer with a weight can be.
type scale struct {
	symbolic.BaseLayer
	cfg struct{ symbolic.LayerConfig }
}

func newScale() *scale {
	l := &scale{}
	l.Init(l, &l.cfg.LayerConfig)
	return l
}

func (l *scale) KerasClass() symbolic.Class { return symbolic.Class{Name: "Scale"} }
func (l *scale) KerasConfig() any           { return &l.cfg }

func (l *scale) Declare(b *symbolic.Builder, in *symbolic.Inputs) error {
	x := in.First()[0].Shape
	b.Weight(symbolic.WeightSpec{Name: "scale", Shape: x[len(x)-1:]})
	return nil
}

func (l *scale) Call(c *symbolic.Call, in []*graph.Node) []*graph.Node {
	return []*graph.Node{graph.Mul(in[0], graph.ExpandLeftToRank(c.Weight("scale"), in[0].Rank()))}
}

// TestUnknownWeightShape: a layer needn't look itself whether the axes are known that its weights take their shapes from.
func TestUnknownWeightShape(t *testing.T) {
	l := newScale()
	require.ErrorContains(t, l.Apply(symbolic.Input(3, symbolic.None)).Err(),
		`weight "scale": its shape would be (None,): the layer wants an input whose axes are known there`)
	require.False(t, l.Built())
	require.NoError(t, l.Apply(symbolic.Input(symbolic.None, 3)).Err())
	require.Equal(t, []int{3}, l.Weights()[0].Shape())
}
