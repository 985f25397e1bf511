package layers

import (
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/symbolic"
)

// IdentityLayer is Keras's Identity: its inputs, as they are.
type IdentityLayer struct {
	layer[*IdentityLayer]
	sampleWise
	cfg identityConfig
}

type identityConfig struct{ symbolic.LayerConfig }

func init() { symbolic.RegisterLayer(func() symbolic.Layer { return Identity() }) }

// Identity returns a layer that returns its inputs (Keras: Identity()): a place that another layer may take.
func Identity() *IdentityLayer {
	l := &IdentityLayer{}
	l.init(l, &l.cfg.LayerConfig)
	return l
}

// Infer returns the inputs' shapes.
func (l *IdentityLayer) Infer(in *symbolic.Inputs) ([]symbolic.Spec, error) {
	var specs []symbolic.Spec
	for _, x := range in.First() {
		specs = append(specs, l.SpecLike(x, x.Shape))
	}
	return specs, nil
}

// ComputeMask returns the masks of the inputs.
func (l *IdentityLayer) ComputeMask(m *symbolic.MaskCall) []symbolic.Mask { return m.PreviousAll() }

// Call returns the inputs.
func (l *IdentityLayer) Call(_ *symbolic.Call, in []*graph.Node) []*graph.Node { return in }
