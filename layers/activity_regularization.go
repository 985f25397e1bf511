package layers

import (
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/regularizers"
	"github.com/gokeras/gokeras/symbolic"
)

// ActivityRegularizationLayer is Keras's ActivityRegularization: it returns its inputs and penalises them.
type ActivityRegularizationLayer struct {
	elementwise[*ActivityRegularizationLayer]
	cfg activityRegularizationConfig
}

type activityRegularizationConfig struct {
	symbolic.LayerConfig
	L1 float64 `keras:"l1" default:"0.0"`
	L2 float64 `keras:"l2" default:"0.0"`
	_  any     `keras:"activity_regularizer,unsaved"`
}

func init() { symbolic.RegisterLayer(func() symbolic.Layer { return ActivityRegularization() }) }

// ActivityRegularization returns a layer that returns its inputs, and adds to the loss L1 times the sum of their absolute values and L2
// times that of their squares, both divided by the number of samples (Keras: ActivityRegularization()).
func ActivityRegularization() *ActivityRegularizationLayer {
	l := &ActivityRegularizationLayer{}
	l.init(l, &l.cfg.LayerConfig)
	return l
}

// Validate makes the regularizer of the factors.
func (c *activityRegularizationConfig) Validate() error {
	c.ActivityRegularizer = regularizers.L1L2(c.L1, c.L2)
	if c, ok := c.ActivityRegularizer.(interface{ Validate() error }); ok {
		return c.Validate()
	}
	return nil
}

// Infer returns floats of the input's shape.
func (l *ActivityRegularizationLayer) Infer(in *symbolic.Inputs) ([]symbolic.Spec, error) {
	return l.floatOutput(one(in))
}

// OutputSteps says that added steps can't be told from others: its penalty is one of all steps.
func (l *ActivityRegularizationLayer) OutputSteps(*symbolic.Call) ([]*graph.Node, bool) {
	return nil, false
}

// Call returns the inputs.
func (l *ActivityRegularizationLayer) Call(_ *symbolic.Call, in []*graph.Node) []*graph.Node {
	return in
}
