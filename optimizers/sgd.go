package optimizers

import (
	"fmt"

	"github.com/gomlx/gomlx/core/graph"
)

// SGDOptimizer is gradient descent, with momentum where asked (Keras: keras.optimizers.SGD).
type SGDOptimizer struct {
	Base[*SGDOptimizer]
	cfg struct {
		Arguments `default:"name=sgd,learning_rate=0.01"`
		Momentum  float64 `keras:"momentum"`
		Nesterov  bool    `keras:"nesterov"`
	}
}

// SGD returns gradient descent with Keras's defaults: learning rate 0.01 unless given, no momentum.
func SGD(learningRate ...float64) *SGDOptimizer {
	o := &SGDOptimizer{}
	o.Start(o, class("SGD"), &o.cfg, &o.cfg.Arguments, learningRate...)
	return o
}

// Momentum sets how much of the last step goes into the next (Keras: momentum=, 0 to 1, default 0).
func (o *SGDOptimizer) Momentum(momentum float64) *SGDOptimizer {
	o.cfg.Momentum = momentum
	return o
}

// Nesterov asks for Nesterov's momentum (Keras: nesterov=, default false).
func (o *SGDOptimizer) Nesterov(on bool) *SGDOptimizer {
	o.cfg.Nesterov = on
	return o
}

// Check says whether the momentum is in range.
func (o *SGDOptimizer) Check() error {
	if !(o.cfg.Momentum >= 0 && o.cfg.Momentum <= 1) {
		return fmt.Errorf("momentum must be between 0 and 1; received momentum=%v", o.cfg.Momentum)
	}
	return nil
}

// Slots implements [Rule].
func (o *SGDOptimizer) Slots(w Variable) [][]Variable {
	if o.cfg.Momentum == 0 {
		return nil
	}
	return [][]Variable{likeWeight(w, "momentum")}
}

// Elementwise reports that a step changes each element by itself.
func (*SGDOptimizer) Elementwise() bool { return true }

// Update implements [Rule].
func (o *SGDOptimizer) Update(s *Step, _ Variable, w, g *graph.Node, slots []*graph.Node) (*graph.Node, []*graph.Node) {
	move := graph.Mul(g, s.Rate(w))
	if o.cfg.Momentum == 0 {
		return graph.Sub(w, move), nil
	}
	m := graph.Sub(times(slots[0], o.cfg.Momentum), move)
	if o.cfg.Nesterov {
		return graph.Add(w, graph.Sub(times(m, o.cfg.Momentum), move)), []*graph.Node{m}
	}
	return graph.Add(w, m), []*graph.Node{m}
}

func init() {
	catalogue.Add(func() Optimizer { return SGD() })
}
