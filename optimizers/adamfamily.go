package optimizers

import (
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/internal/config"
)

type nadamConfig struct {
	Name         string   `keras:"name" default:"nadam"`
	LearningRate rate     `keras:"learning_rate" default:"0.001"`
	WeightDecay  *float64 `keras:"weight_decay"`
	common
	Beta1   float64 `keras:"beta_1" default:"0.9"`
	Beta2   float64 `keras:"beta_2" default:"0.999"`
	Epsilon float64 `keras:"epsilon" default:"1e-7"`
}

// NadamOptimizer is Adam with Nesterov's momentum (Keras: keras.optimizers.Nadam).
type NadamOptimizer struct {
	base[*NadamOptimizer]
	plain
	cfg nadamConfig
}

// Nadam returns Nadam with Keras's defaults: learning rate 0.001 unless given.
func Nadam(learningRate ...float64) *NadamOptimizer {
	o := &NadamOptimizer{}
	o.start(o, &o.cfg.Name, &o.cfg.LearningRate, &o.cfg.WeightDecay, &o.cfg.common, learningRate)
	return o
}

// Beta1 sets the decay of the first moment (Keras: beta_1=, default 0.9).
func (o *NadamOptimizer) Beta1(beta1 float64) *NadamOptimizer {
	o.cfg.Beta1 = beta1
	return o
}

// Beta2 sets the decay of the second moment (Keras: beta_2=, default 0.999).
func (o *NadamOptimizer) Beta2(beta2 float64) *NadamOptimizer {
	o.cfg.Beta2 = beta2
	return o
}

// Epsilon sets the small number in the denominator (Keras: epsilon=, default 1e-7).
func (o *NadamOptimizer) Epsilon(epsilon float64) *NadamOptimizer {
	o.cfg.Epsilon = epsilon
	return o
}

// KerasClass implements [Optimizer].
func (o *NadamOptimizer) KerasClass() config.Class { return class("Nadam") }

// KerasConfig implements [Optimizer].
func (o *NadamOptimizer) KerasConfig() any { return &o.cfg }

// globals holds the product of all steps' momenta, which Keras leaves without a name of its own.
func (o *NadamOptimizer) globals() []slot { return []slot{{name: "variable", initial: 1}} }

func (o *NadamOptimizer) stepGlobals(s *step) []*graph.Node {
	product := s.shared[0]
	return []*graph.Node{graph.Mul(product, o.momentumAt(product, s.count(product, 1)))}
}

// momentumAt is the momentum of step n: β₁(1-0.96ⁿ/2).
func (o *NadamOptimizer) momentumAt(like, n *graph.Node) *graph.Node {
	return graph.MulScalar(graph.OneMinus(graph.MulScalar(graph.Pow(scalar(like, 0.96), n), 0.5)), o.cfg.Beta1)
}

func (o *NadamOptimizer) slots() [][]slot {
	return [][]slot{{{name: "momentum"}, {name: "velocity"}}}
}

func (o *NadamOptimizer) update(s *step, w, g *graph.Node, slots []*graph.Node) (*graph.Node, []*graph.Node) {
	c := o.cfg
	beta1, beta2 := scalar(w, c.Beta1), scalar(w, c.Beta2)
	now, next := o.momentumAt(w, s.count(w, 1)), o.momentumAt(w, s.count(w, 2))
	product := as(s.shared[0], w)
	m := graph.Add(slots[0], graph.Mul(graph.Sub(g, slots[0]), graph.OneMinus(beta1)))
	v := graph.Add(slots[1], graph.Mul(graph.Sub(graph.Square(g), slots[1]), graph.OneMinus(beta2)))
	mHat := graph.Add(
		graph.Div(graph.Mul(next, m), graph.OneMinus(graph.Mul(product, next))),
		graph.Div(graph.Mul(graph.OneMinus(now), g), graph.OneMinus(product)))
	vHat := graph.Div(v, graph.OneMinus(graph.Pow(beta2, s.count(w, 1))))
	w = graph.Sub(w, graph.Div(graph.Mul(mHat, s.rate(w)), graph.AddScalar(graph.Sqrt(vHat), c.Epsilon)))
	return w, []*graph.Node{m, v}
}

type adamaxConfig struct {
	Name         string   `keras:"name" default:"adamax"`
	LearningRate rate     `keras:"learning_rate" default:"0.001"`
	WeightDecay  *float64 `keras:"weight_decay"`
	common
	Beta1   float64 `keras:"beta_1" default:"0.9"`
	Beta2   float64 `keras:"beta_2" default:"0.999"`
	Epsilon float64 `keras:"epsilon" default:"1e-7"`
}

// AdamaxOptimizer is Adam in the infinity norm (Keras: keras.optimizers.Adamax).
type AdamaxOptimizer struct {
	base[*AdamaxOptimizer]
	plain
	cfg adamaxConfig
}

// Adamax returns Adamax with Keras's defaults: learning rate 0.001 unless given.
func Adamax(learningRate ...float64) *AdamaxOptimizer {
	o := &AdamaxOptimizer{}
	o.start(o, &o.cfg.Name, &o.cfg.LearningRate, &o.cfg.WeightDecay, &o.cfg.common, learningRate)
	return o
}

// Beta1 sets the decay of the first moment (Keras: beta_1=, default 0.9).
func (o *AdamaxOptimizer) Beta1(beta1 float64) *AdamaxOptimizer {
	o.cfg.Beta1 = beta1
	return o
}

// Beta2 sets the decay of the infinity norm (Keras: beta_2=, default 0.999).
func (o *AdamaxOptimizer) Beta2(beta2 float64) *AdamaxOptimizer {
	o.cfg.Beta2 = beta2
	return o
}

// Epsilon sets the small number in the denominator (Keras: epsilon=, default 1e-7).
func (o *AdamaxOptimizer) Epsilon(epsilon float64) *AdamaxOptimizer {
	o.cfg.Epsilon = epsilon
	return o
}

// KerasClass implements [Optimizer].
func (o *AdamaxOptimizer) KerasClass() config.Class { return class("Adamax") }

// KerasConfig implements [Optimizer].
func (o *AdamaxOptimizer) KerasConfig() any { return &o.cfg }

func (o *AdamaxOptimizer) slots() [][]slot {
	return [][]slot{{{name: "momentum"}, {name: "norm"}}}
}

func (o *AdamaxOptimizer) update(s *step, w, g *graph.Node, slots []*graph.Node) (*graph.Node, []*graph.Node) {
	c := o.cfg
	correction := graph.OneMinus(graph.Pow(scalar(w, c.Beta1), s.count(w, 1)))
	m := approach(slots[0], g, 1-c.Beta1)
	u := graph.Max(graph.MulScalar(slots[1], c.Beta2), graph.Abs(g))
	w = graph.Sub(w, graph.Div(graph.Mul(s.rate(w), m), graph.Mul(correction, graph.AddScalar(u, c.Epsilon))))
	return w, []*graph.Node{m, u}
}

func init() {
	catalogue.Add(func() Optimizer { return Nadam() })
	catalogue.Add(func() Optimizer { return Adamax() })
}
