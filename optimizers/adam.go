package optimizers

import (
	"errors"

	"github.com/gomlx/gomlx/core/graph"
)

// adamArguments are those that Adam and AdamW share.
type adamArguments struct {
	betas
	epsilon
	AMSGrad bool `keras:"amsgrad"`
}

// adam is the rule and the setters that Adam and AdamW share.
type adam[S any] struct {
	withBetas[S]
	withEpsilon[S]
	own  S
	args *adamArguments
}

func newAdam[S any](own S, args *adamArguments) adam[S] {
	return adam[S]{withBetas[S]{own, &args.betas}, withEpsilon[S]{own, &args.epsilon}, own, args}
}

// AMSGrad asks for the AMSGrad variant (Keras: amsgrad=, default false).
func (a *adam[S]) AMSGrad(on bool) S {
	a.args.AMSGrad = on
	return a.own
}

// Slots implements [Rule].
func (a *adam[S]) Slots(w Variable) [][]Variable {
	groups := [][]Variable{likeWeight(w, "momentum", "velocity")}
	if a.args.AMSGrad {
		groups = append(groups, likeWeight(w, "velocity_hat"))
	}
	return groups
}

// Elementwise reports that a step changes each element by itself.
func (*adam[S]) Elementwise() bool { return true }

// Update implements [Rule].
func (a *adam[S]) Update(s *Step, _ Variable, w, g *graph.Node, slots []*graph.Node) (*graph.Node, []*graph.Node) {
	p := a.args
	n := s.Count(w, 1)
	correction1 := graph.OneMinus(graph.Pow(Number(w, p.Beta1), n))
	correction2 := graph.OneMinus(graph.Pow(Number(w, p.Beta2), n))
	alpha := graph.Div(graph.Mul(s.Rate(w), graph.Sqrt(correction2)), correction1)

	m := approach(slots[0], g, 1-p.Beta1)
	v := approach(slots[1], graph.Square(g), 1-p.Beta2)
	newSlots := []*graph.Node{m, v}
	if p.AMSGrad {
		v = graph.Max(slots[2], v)
		newSlots = append(newSlots, v)
	}
	return graph.Sub(w, graph.Div(graph.Mul(m, alpha), plus(graph.Sqrt(v), p.Epsilon))), newSlots
}

// AdamOptimizer is Adam (Keras: keras.optimizers.Adam).
type AdamOptimizer struct {
	Base[*AdamOptimizer]
	adam[*AdamOptimizer]
	cfg struct {
		Arguments `default:"name=adam,learning_rate=0.001"`
		adamArguments
	}
}

// Adam returns Adam with Keras's defaults: learning rate 0.001 unless given.
func Adam(learningRate ...float64) *AdamOptimizer {
	o := &AdamOptimizer{}
	o.adam = newAdam(o, &o.cfg.adamArguments)
	o.Start(o, class("Adam"), &o.cfg, &o.cfg.Arguments, learningRate...)
	return o
}

// AdamWOptimizer is Adam with weight decay (Keras: keras.optimizers.AdamW).
type AdamWOptimizer struct {
	Base[*AdamWOptimizer]
	adam[*AdamWOptimizer]
	cfg struct {
		Arguments `default:"name=adam_w,learning_rate=0.001,weight_decay=0.004"`
		adamArguments
	}
}

// AdamW returns AdamW with Keras's defaults: learning rate 0.001 unless given, weight decay 0.004.
func AdamW(learningRate ...float64) *AdamWOptimizer {
	o := &AdamWOptimizer{}
	o.adam = newAdam(o, &o.cfg.adamArguments)
	o.Start(o, class("AdamW"), &o.cfg, &o.cfg.Arguments, learningRate...)
	return o
}

// Check says whether there is a weight decay.
func (o *AdamWOptimizer) Check() error {
	if o.cfg.WeightDecay == nil {
		return errors.New("weight_decay must be a number; received weight_decay=None")
	}
	return nil
}

func init() {
	catalogue.Add(func() Optimizer { return Adam() })
	catalogue.Add(func() Optimizer { return AdamW() }, "adamw")
}
