package optimizers

import (
	"fmt"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/internal/config"
)

type sgdConfig struct {
	Name         string   `keras:"name" default:"sgd"`
	LearningRate rate     `keras:"learning_rate" default:"0.01"`
	WeightDecay  *float64 `keras:"weight_decay"`
	common
	Momentum float64 `keras:"momentum"`
	Nesterov bool    `keras:"nesterov"`
}

// SGDOptimizer is gradient descent, with momentum where asked (Keras: keras.optimizers.SGD).
type SGDOptimizer struct {
	base[*SGDOptimizer]
	plain
	cfg sgdConfig
}

// SGD returns gradient descent with Keras's defaults: learning rate 0.01 unless given, no momentum.
func SGD(learningRate ...float64) *SGDOptimizer {
	o := &SGDOptimizer{}
	o.start(o, &o.cfg.Name, &o.cfg.LearningRate, &o.cfg.WeightDecay, &o.cfg.common, learningRate)
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

// KerasClass implements [Optimizer].
func (o *SGDOptimizer) KerasClass() config.Class { return class("SGD") }

// KerasConfig implements [Optimizer].
func (o *SGDOptimizer) KerasConfig() any { return &o.cfg }

func (o *SGDOptimizer) check() error {
	if !(o.cfg.Momentum >= 0 && o.cfg.Momentum <= 1) {
		return fmt.Errorf("momentum must be between 0 and 1; received momentum=%v", o.cfg.Momentum)
	}
	return nil
}

func (o *SGDOptimizer) slots() [][]slot {
	if o.cfg.Momentum == 0 {
		return nil
	}
	return [][]slot{{{name: "momentum"}}}
}

func (o *SGDOptimizer) update(s *step, w, g *graph.Node, slots []*graph.Node) (*graph.Node, []*graph.Node) {
	move := graph.Mul(g, s.rate(w))
	if o.cfg.Momentum == 0 {
		return graph.Sub(w, move), nil
	}
	m := graph.Sub(graph.MulScalar(slots[0], o.cfg.Momentum), move)
	if o.cfg.Nesterov {
		return graph.Add(w, graph.Sub(graph.MulScalar(m, o.cfg.Momentum), move)), []*graph.Node{m}
	}
	return graph.Add(w, m), []*graph.Node{m}
}

func init() {
	catalogue.Add(func() Optimizer { return SGD() })
}
