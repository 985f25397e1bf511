package optimizers

import (
	"fmt"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/internal/config"
)

type lionConfig struct {
	Name         string   `keras:"name" default:"lion"`
	LearningRate rate     `keras:"learning_rate" default:"0.001"`
	WeightDecay  *float64 `keras:"weight_decay"`
	common
	Beta1 float64 `keras:"beta_1" default:"0.9"`
	Beta2 float64 `keras:"beta_2" default:"0.99"`
}

// LionOptimizer steps by the sign of a blend of momentum and gradient (Keras: keras.optimizers.Lion).
type LionOptimizer struct {
	base[*LionOptimizer]
	plain
	cfg lionConfig
}

// Lion returns Lion with Keras's defaults: learning rate 0.001 unless given.
func Lion(learningRate ...float64) *LionOptimizer {
	o := &LionOptimizer{}
	o.start(o, &o.cfg.Name, &o.cfg.LearningRate, &o.cfg.WeightDecay, &o.cfg.common, learningRate)
	return o
}

// Beta1 sets the share of momentum in the step (Keras: beta_1=, default 0.9).
func (o *LionOptimizer) Beta1(beta1 float64) *LionOptimizer {
	o.cfg.Beta1 = beta1
	return o
}

// Beta2 sets the decay of the momentum (Keras: beta_2=, default 0.99).
func (o *LionOptimizer) Beta2(beta2 float64) *LionOptimizer {
	o.cfg.Beta2 = beta2
	return o
}

// KerasClass implements [Optimizer].
func (o *LionOptimizer) KerasClass() config.Class { return class("Lion") }

// KerasConfig implements [Optimizer].
func (o *LionOptimizer) KerasConfig() any { return &o.cfg }

func (o *LionOptimizer) check() error {
	if !(o.cfg.Beta1 > 0 && o.cfg.Beta1 <= 1) {
		return fmt.Errorf("beta_1 must be in the range (0, 1]; received beta_1=%v", o.cfg.Beta1)
	}
	return nil
}

func (o *LionOptimizer) slots() [][]slot {
	return [][]slot{{{name: "momentum"}}}
}

func (o *LionOptimizer) update(s *step, w, g *graph.Node, slots []*graph.Node) (*graph.Node, []*graph.Node) {
	blend := func(share float64) *graph.Node {
		beta := scalar(w, share)
		return graph.Add(graph.Mul(slots[0], beta), graph.Mul(g, graph.OneMinus(beta)))
	}
	w = graph.Sub(w, graph.Mul(s.rate(w), graph.Sign(blend(o.cfg.Beta1))))
	return w, []*graph.Node{blend(o.cfg.Beta2)}
}

func init() {
	catalogue.Add(func() Optimizer { return Lion() })
}
