package optimizers

import (
	"fmt"

	"github.com/gomlx/gomlx/core/graph"
)

// FtrlOptimizer follows the regularized leader (Keras: keras.optimizers.Ftrl).
type FtrlOptimizer struct {
	Base[*FtrlOptimizer]
	withAccumulator[*FtrlOptimizer]
	cfg struct {
		Arguments         `default:"name=ftrl,learning_rate=0.001"`
		LearningRatePower float64 `keras:"learning_rate_power" default:"-0.5"`
		accumulator
		L1RegularizationStrength          float64 `keras:"l1_regularization_strength"`
		L2RegularizationStrength          float64 `keras:"l2_regularization_strength"`
		L2ShrinkageRegularizationStrength float64 `keras:"l2_shrinkage_regularization_strength"`
		Beta                              float64 `keras:"beta"`
	}
}

// Ftrl returns Ftrl with Keras's defaults: learning rate 0.001 unless given.
func Ftrl(learningRate ...float64) *FtrlOptimizer {
	o := &FtrlOptimizer{}
	o.withAccumulator = withAccumulator[*FtrlOptimizer]{o, &o.cfg.accumulator}
	o.Start(o, class("Ftrl"), &o.cfg, &o.cfg.Arguments, learningRate...)
	return o
}

// LearningRatePower sets how the learning rate falls, at most 0 (Keras: learning_rate_power=, default -0.5).
func (o *FtrlOptimizer) LearningRatePower(learningRatePower float64) *FtrlOptimizer {
	o.cfg.LearningRatePower = learningRatePower
	return o
}

// L1RegularizationStrength sets the L1 penalty, at least 0 (Keras: l1_regularization_strength=, default 0).
func (o *FtrlOptimizer) L1RegularizationStrength(l1RegularizationStrength float64) *FtrlOptimizer {
	o.cfg.L1RegularizationStrength = l1RegularizationStrength
	return o
}

// L2RegularizationStrength sets the L2 penalty, at least 0 (Keras: l2_regularization_strength=, default 0).
func (o *FtrlOptimizer) L2RegularizationStrength(l2RegularizationStrength float64) *FtrlOptimizer {
	o.cfg.L2RegularizationStrength = l2RegularizationStrength
	return o
}

// L2ShrinkageRegularizationStrength sets the L2 penalty on the size of gradients, at least 0 (Keras: l2_shrinkage_regularization_strength=, default 0).
func (o *FtrlOptimizer) L2ShrinkageRegularizationStrength(l2ShrinkageRegularizationStrength float64) *FtrlOptimizer {
	o.cfg.L2ShrinkageRegularizationStrength = l2ShrinkageRegularizationStrength
	return o
}

// Beta sets the paper's β (Keras: beta=, default 0).
func (o *FtrlOptimizer) Beta(beta float64) *FtrlOptimizer {
	o.cfg.Beta = beta
	return o
}

// Check says which arguments are out of range.
func (o *FtrlOptimizer) Check() error {
	if c := o.cfg; !(c.LearningRatePower <= 0) {
		return fmt.Errorf("learning_rate_power must be negative or zero; received learning_rate_power=%v", c.LearningRatePower)
	}
	for _, a := range []struct {
		name  string
		value float64
	}{
		{"initial_accumulator_value", o.cfg.InitialAccumulatorValue},
		{"l1_regularization_strength", o.cfg.L1RegularizationStrength},
		{"l2_regularization_strength", o.cfg.L2RegularizationStrength},
		{"l2_shrinkage_regularization_strength", o.cfg.L2ShrinkageRegularizationStrength},
	} {
		if !(a.value >= 0) {
			return fmt.Errorf("%s must be positive or zero; received %s=%v", a.name, a.name, a.value)
		}
	}
	return nil
}

// Slots implements [Rule].
func (o *FtrlOptimizer) Slots(w Variable) [][]Variable { return o.cfg.accumulator.slots(w, "linear") }

// Elementwise reports that a step changes each element by itself.
func (*FtrlOptimizer) Elementwise() bool { return true }

// Update implements [Rule].
func (o *FtrlOptimizer) Update(s *Step, _ Variable, w, g *graph.Node, slots []*graph.Node) (*graph.Node, []*graph.Node) {
	c := &o.cfg
	lr := s.Rate(w)
	sum := graph.Add(slots[0], graph.Square(g))
	power := func(x *graph.Node) *graph.Node { return graph.Pow(x, Number(x, -c.LearningRatePower)) }
	shrunk := graph.Add(g, times(w, 2*c.L2ShrinkageRegularizationStrength))
	linear := graph.Add(slots[1], graph.Sub(shrunk, graph.Mul(graph.Div(graph.Sub(power(sum), power(slots[0])), lr), w)))
	l2 := plus(graph.Div(Number(w, c.Beta), times(lr, 2)), c.L2RegularizationStrength)
	quadratic := graph.Add(graph.Div(power(sum), lr), times(l2, 2))
	clipped := graph.Min(graph.Max(linear, Number(w, -c.L1RegularizationStrength)), Number(w, c.L1RegularizationStrength))
	return graph.Div(graph.Sub(clipped, linear), quadratic), []*graph.Node{sum, linear}
}

func init() {
	catalogue.Add(func() Optimizer { return Ftrl() })
}
