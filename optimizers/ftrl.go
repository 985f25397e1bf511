package optimizers

import (
	"fmt"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/internal/config"
)

type ftrlConfig struct {
	Name         string   `keras:"name" default:"ftrl"`
	LearningRate rate     `keras:"learning_rate" default:"0.001"`
	WeightDecay  *float64 `keras:"weight_decay"`
	common
	LearningRatePower                 float64 `keras:"learning_rate_power" default:"-0.5"`
	InitialAccumulatorValue           float64 `keras:"initial_accumulator_value" default:"0.1"`
	L1RegularizationStrength          float64 `keras:"l1_regularization_strength"`
	L2RegularizationStrength          float64 `keras:"l2_regularization_strength"`
	L2ShrinkageRegularizationStrength float64 `keras:"l2_shrinkage_regularization_strength"`
	Beta                              float64 `keras:"beta"`
}

// FtrlOptimizer follows the regularized leader (Keras: keras.optimizers.Ftrl).
type FtrlOptimizer struct {
	base[*FtrlOptimizer]
	plain
	cfg ftrlConfig
}

// Ftrl returns Ftrl with Keras's defaults: learning rate 0.001 unless given.
func Ftrl(learningRate ...float64) *FtrlOptimizer {
	o := &FtrlOptimizer{}
	o.start(o, &o.cfg.Name, &o.cfg.LearningRate, &o.cfg.WeightDecay, &o.cfg.common, learningRate)
	return o
}

// LearningRatePower sets how the learning rate falls, at most 0 (Keras: learning_rate_power=, default -0.5).
func (o *FtrlOptimizer) LearningRatePower(learningRatePower float64) *FtrlOptimizer {
	o.cfg.LearningRatePower = learningRatePower
	return o
}

// InitialAccumulatorValue sets where the sums of squares start, at least 0 (Keras: initial_accumulator_value=, default 0.1).
func (o *FtrlOptimizer) InitialAccumulatorValue(initialAccumulatorValue float64) *FtrlOptimizer {
	o.cfg.InitialAccumulatorValue = initialAccumulatorValue
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

// KerasClass implements [Optimizer].
func (o *FtrlOptimizer) KerasClass() config.Class { return class("Ftrl") }

// KerasConfig implements [Optimizer].
func (o *FtrlOptimizer) KerasConfig() any { return &o.cfg }

func (o *FtrlOptimizer) check() error {
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

func (o *FtrlOptimizer) slots() [][]slot {
	return [][]slot{{{name: "accumulator", initial: o.cfg.InitialAccumulatorValue}, {name: "linear"}}}
}

func (o *FtrlOptimizer) update(s *step, w, g *graph.Node, slots []*graph.Node) (*graph.Node, []*graph.Node) {
	c := o.cfg
	lr := s.rate(w)
	sum := graph.Add(slots[0], graph.Square(g))
	power := func(x *graph.Node) *graph.Node { return graph.Pow(x, scalar(x, -c.LearningRatePower)) }
	shrunk := graph.Add(g, graph.MulScalar(w, 2*c.L2ShrinkageRegularizationStrength))
	linear := graph.Add(slots[1], graph.Sub(shrunk, graph.Mul(graph.Div(graph.Sub(power(sum), power(slots[0])), lr), w)))
	l2 := graph.AddScalar(graph.Div(scalar(w, c.Beta), graph.MulScalar(lr, 2)), c.L2RegularizationStrength)
	quadratic := graph.Add(graph.Div(power(sum), lr), graph.MulScalar(l2, 2))
	clipped := graph.ClipScalar(linear, -c.L1RegularizationStrength, c.L1RegularizationStrength)
	return graph.Div(graph.Sub(clipped, linear), quadratic), []*graph.Node{sum, linear}
}

func init() {
	catalogue.Add(func() Optimizer { return Ftrl() })
}
