package layers

import (
	"fmt"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/symbolic"
)

// addLoss is the layer AddLoss, as which Keras 2 keeps what model.add_loss was given. Keras 3 has no such layer: it is here for old files, and for what is
// saved of their models.
type addLoss struct {
	symbolic.BaseLayer
	cfg addLossConfig
}

type addLossConfig struct {
	symbolic.LayerConfig
	Unconditional bool `keras:"unconditional" default:"false"`
}

func init() {
	symbolic.RegisterLayer(func() symbolic.Layer {
		l := &addLoss{}
		l.Init(l, &l.cfg.LayerConfig)
		return l
	})
}

// KerasClass names Keras 2's AddLoss.
func (l *addLoss) KerasClass() symbolic.Class {
	return symbolic.Class{Module: "gokeras", Name: "AddLoss", Registered: "gokeras>AddLoss"}
}

// KerasConfig returns the layer's configuration.
func (l *addLoss) KerasConfig() any { return &l.cfg }

// Aside says that the layer is called though no output of the model depends on it.
func (l *addLoss) Aside() bool { return true }

// Infer refuses what isn't one number.
func (l *addLoss) Infer(in *symbolic.Inputs) ([]symbolic.Spec, error) {
	x, err := in.One()
	if err == nil && len(x.Shape) > 0 {
		err = fmt.Errorf("a loss of shape %s was added to the model, want one number, as tf.reduce_mean gives", x.Shape)
	}
	if err != nil {
		return nil, err
	}
	return []symbolic.Spec{l.SpecLike(x, x.Shape)}, nil
}

// Call adds its input to the model's loss.
func (l *addLoss) Call(c *symbolic.Call, in []*graph.Node) []*graph.Node {
	c.AddLoss(in[0])
	return in
}
