package optimizers

import (
	"errors"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/internal/config"
)

// adamArguments are those that Adam and AdamW share.
type adamArguments struct {
	Beta1   float64 `keras:"beta_1" default:"0.9"`
	Beta2   float64 `keras:"beta_2" default:"0.999"`
	Epsilon float64 `keras:"epsilon" default:"1e-7"`
	AMSGrad bool    `keras:"amsgrad"`
}

type adamConfig struct {
	Name         string   `keras:"name" default:"adam"`
	LearningRate rate     `keras:"learning_rate" default:"0.001"`
	WeightDecay  *float64 `keras:"weight_decay"`
	common
	adamArguments
}

type adamWConfig struct {
	Name         string   `keras:"name" default:"adam_w"`
	LearningRate rate     `keras:"learning_rate" default:"0.001"`
	WeightDecay  *float64 `keras:"weight_decay" default:"0.004"`
	common
	adamArguments
}

// adam is the algorithm and the setters that Adam and AdamW share.
type adam[S any] struct {
	plain
	self      S
	arguments *adamArguments
}

// Beta1 sets the decay of the first moment (Keras: beta_1=, default 0.9).
func (a *adam[S]) Beta1(beta float64) S {
	a.arguments.Beta1 = beta
	return a.self
}

// Beta2 sets the decay of the second moment (Keras: beta_2=, default 0.999).
func (a *adam[S]) Beta2(beta float64) S {
	a.arguments.Beta2 = beta
	return a.self
}

// Epsilon sets the small number in the denominator (Keras: epsilon=, default 1e-7).
func (a *adam[S]) Epsilon(epsilon float64) S {
	a.arguments.Epsilon = epsilon
	return a.self
}

// AMSGrad asks for the AMSGrad variant (Keras: amsgrad=, default false).
func (a *adam[S]) AMSGrad(on bool) S {
	a.arguments.AMSGrad = on
	return a.self
}

func (a *adam[S]) slots() [][]slot {
	groups := [][]slot{{{name: "momentum"}, {name: "velocity"}}}
	if a.arguments.AMSGrad {
		groups = append(groups, []slot{{name: "velocity_hat"}})
	}
	return groups
}

func (a *adam[S]) update(s *step, w, g *graph.Node, slots []*graph.Node) (*graph.Node, []*graph.Node) {
	p := a.arguments
	n := s.count(w, 1)
	correction1 := graph.OneMinus(graph.Pow(scalar(w, p.Beta1), n))
	correction2 := graph.OneMinus(graph.Pow(scalar(w, p.Beta2), n))
	alpha := graph.Div(graph.Mul(s.rate(w), graph.Sqrt(correction2)), correction1)

	m := approach(slots[0], g, 1-p.Beta1)
	v := approach(slots[1], graph.Square(g), 1-p.Beta2)
	slots = []*graph.Node{m, v, slots[len(slots)-1]}[:len(slots)]
	if p.AMSGrad {
		v = graph.Max(slots[2], v)
		slots[2] = v
	}
	return graph.Sub(w, graph.Div(graph.Mul(m, alpha), graph.AddScalar(graph.Sqrt(v), p.Epsilon))), slots
}

// approach moves x by a share of its distance to target.
func approach(x, target *graph.Node, share float64) *graph.Node {
	return graph.Add(x, graph.MulScalar(graph.Sub(target, x), share))
}

// AdamOptimizer is Adam (Keras: keras.optimizers.Adam).
type AdamOptimizer struct {
	base[*AdamOptimizer]
	adam[*AdamOptimizer]
	cfg adamConfig
}

// Adam returns Adam with Keras's defaults: learning rate 0.001 unless given.
func Adam(learningRate ...float64) *AdamOptimizer {
	o := &AdamOptimizer{}
	o.adam.self, o.adam.arguments = o, &o.cfg.adamArguments
	o.start(o, &o.cfg.Name, &o.cfg.LearningRate, &o.cfg.WeightDecay, &o.cfg.common, learningRate)
	return o
}

// KerasClass implements [Optimizer].
func (o *AdamOptimizer) KerasClass() config.Class { return class("Adam") }

// KerasConfig implements [Optimizer].
func (o *AdamOptimizer) KerasConfig() any { return &o.cfg }

// AdamWOptimizer is Adam with weight decay (Keras: keras.optimizers.AdamW).
type AdamWOptimizer struct {
	base[*AdamWOptimizer]
	adam[*AdamWOptimizer]
	cfg adamWConfig
}

// AdamW returns AdamW with Keras's defaults: learning rate 0.001 unless given, weight decay 0.004.
func AdamW(learningRate ...float64) *AdamWOptimizer {
	o := &AdamWOptimizer{}
	o.adam.self, o.adam.arguments = o, &o.cfg.adamArguments
	o.start(o, &o.cfg.Name, &o.cfg.LearningRate, &o.cfg.WeightDecay, &o.cfg.common, learningRate)
	return o
}

// KerasClass implements [Optimizer].
func (o *AdamWOptimizer) KerasClass() config.Class { return class("AdamW") }

// KerasConfig implements [Optimizer].
func (o *AdamWOptimizer) KerasConfig() any { return &o.cfg }

func (o *AdamWOptimizer) check() error {
	if o.cfg.WeightDecay == nil {
		return errors.New("weight_decay must be a number; received weight_decay=None")
	}
	return nil
}

func init() {
	catalogue.Add(func() Optimizer { return Adam() })
	catalogue.Add(func() Optimizer { return AdamW() }, "adamw")
}
