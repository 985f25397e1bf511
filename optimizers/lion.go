package optimizers

import (
	"fmt"

	"github.com/gomlx/gomlx/core/graph"
)

// LionOptimizer steps by the sign of a blend of momentum and gradient (Keras: keras.optimizers.Lion).
type LionOptimizer struct {
	Base[*LionOptimizer]
	withBetas[*LionOptimizer]
	cfg struct {
		Arguments `default:"name=lion,learning_rate=0.001"`
		betas     `default:"beta_2=0.99"`
	}
}

// Lion returns Lion with Keras's defaults: learning rate 0.001 unless given.
func Lion(learningRate ...float64) *LionOptimizer {
	o := &LionOptimizer{}
	o.withBetas = withBetas[*LionOptimizer]{o, &o.cfg.betas}
	o.Start(o, class("Lion"), &o.cfg, &o.cfg.Arguments, learningRate...)
	return o
}

// Check says whether beta_1 is in range.
func (o *LionOptimizer) Check() error {
	if !(o.cfg.Beta1 > 0 && o.cfg.Beta1 <= 1) {
		return fmt.Errorf("beta_1 must be in the range (0, 1]; received beta_1=%v", o.cfg.Beta1)
	}
	return nil
}

// Slots implements [Rule].
func (o *LionOptimizer) Slots(w Variable) [][]Variable {
	return [][]Variable{likeWeight(w, "momentum")}
}

// Elementwise reports that a step changes each element by itself.
func (*LionOptimizer) Elementwise() bool { return true }

// Update implements [Rule].
func (o *LionOptimizer) Update(s *Step, _ Variable, w, g *graph.Node, slots []*graph.Node) (*graph.Node, []*graph.Node) {
	mixed := func(share float64) *graph.Node {
		beta := Number(w, share)
		return graph.Add(graph.Mul(slots[0], beta), graph.Mul(g, graph.OneMinus(beta)))
	}
	w = graph.Sub(w, graph.Mul(s.Rate(w), graph.Sign(mixed(o.cfg.Beta1))))
	return w, []*graph.Node{mixed(o.cfg.Beta2)}
}

func init() {
	catalogue.Add(func() Optimizer { return Lion() })
}
