package optimizers

import (
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"
)

// NadamOptimizer is Adam with Nesterov's momentum (Keras: keras.optimizers.Nadam).
type NadamOptimizer struct {
	Base[*NadamOptimizer]
	withBetas[*NadamOptimizer]
	withEpsilon[*NadamOptimizer]
	cfg struct {
		Arguments `default:"name=nadam,learning_rate=0.001"`
		betas
		epsilon
	}
}

// Nadam returns Nadam with Keras's defaults: learning rate 0.001 unless given.
func Nadam(learningRate ...float64) *NadamOptimizer {
	o := &NadamOptimizer{}
	o.withBetas = withBetas[*NadamOptimizer]{o, &o.cfg.betas}
	o.withEpsilon = withEpsilon[*NadamOptimizer]{o, &o.cfg.epsilon}
	o.Start(o, class("Nadam"), &o.cfg, &o.cfg.Arguments, learningRate...)
	return o
}

// Shared implements [Sharer]: the product of all steps' momenta, which Keras leaves without a name of its own.
func (o *NadamOptimizer) Shared(dtype dtypes.DType) []Variable {
	return []Variable{{Name: "variable", DType: dtype, Initial: 1, CopyOf: -1}}
}

// UpdateShared implements [Sharer].
func (o *NadamOptimizer) UpdateShared(s *Step) []*graph.Node {
	product := s.Shared[0]
	return []*graph.Node{graph.Mul(product, o.momentumAt(product, s.Count(product, 1)))}
}

// momentumAt is the momentum of step n: β₁(1-0.96ⁿ/2).
func (o *NadamOptimizer) momentumAt(like, n *graph.Node) *graph.Node {
	return times(graph.OneMinus(times(graph.Pow(Number(like, 0.96), n), 0.5)), o.cfg.Beta1)
}

// Slots implements [Rule].
func (o *NadamOptimizer) Slots(w Variable) [][]Variable {
	return [][]Variable{likeWeight(w, "momentum", "velocity")}
}

// Elementwise reports that a step changes each element by itself.
func (*NadamOptimizer) Elementwise() bool { return true }

// Update implements [Rule].
func (o *NadamOptimizer) Update(s *Step, _ Variable, w, g *graph.Node, slots []*graph.Node) (*graph.Node, []*graph.Node) {
	beta1, beta2 := Number(w, o.cfg.Beta1), Number(w, o.cfg.Beta2)
	now, next := o.momentumAt(w, s.Count(w, 1)), o.momentumAt(w, s.Count(w, 2))
	product := as(s.Shared[0], w)
	m := graph.Add(slots[0], graph.Mul(graph.Sub(g, slots[0]), graph.OneMinus(beta1)))
	v := graph.Add(slots[1], graph.Mul(graph.Sub(graph.Square(g), slots[1]), graph.OneMinus(beta2)))
	mHat := graph.Add(
		graph.Div(graph.Mul(next, m), graph.OneMinus(graph.Mul(product, next))),
		graph.Div(graph.Mul(graph.OneMinus(now), g), graph.OneMinus(product)))
	vHat := graph.Div(v, graph.OneMinus(graph.Pow(beta2, s.Count(w, 1))))
	w = graph.Sub(w, graph.Div(graph.Mul(mHat, s.Rate(w)), plus(graph.Sqrt(vHat), o.cfg.Epsilon)))
	return w, []*graph.Node{m, v}
}

// AdamaxOptimizer is Adam in the infinity norm (Keras: keras.optimizers.Adamax).
type AdamaxOptimizer struct {
	Base[*AdamaxOptimizer]
	withBetas[*AdamaxOptimizer]
	withEpsilon[*AdamaxOptimizer]
	cfg struct {
		Arguments `default:"name=adamax,learning_rate=0.001"`
		betas
		epsilon
	}
}

// Adamax returns Adamax with Keras's defaults: learning rate 0.001 unless given.
func Adamax(learningRate ...float64) *AdamaxOptimizer {
	o := &AdamaxOptimizer{}
	o.withBetas = withBetas[*AdamaxOptimizer]{o, &o.cfg.betas}
	o.withEpsilon = withEpsilon[*AdamaxOptimizer]{o, &o.cfg.epsilon}
	o.Start(o, class("Adamax"), &o.cfg, &o.cfg.Arguments, learningRate...)
	return o
}

// Slots implements [Rule].
func (o *AdamaxOptimizer) Slots(w Variable) [][]Variable {
	return [][]Variable{likeWeight(w, "momentum", "norm")}
}

// Elementwise reports that a step changes each element by itself.
func (*AdamaxOptimizer) Elementwise() bool { return true }

// Update implements [Rule].
func (o *AdamaxOptimizer) Update(s *Step, _ Variable, w, g *graph.Node, slots []*graph.Node) (*graph.Node, []*graph.Node) {
	correction := graph.OneMinus(graph.Pow(Number(w, o.cfg.Beta1), s.Count(w, 1)))
	m := approach(slots[0], g, 1-o.cfg.Beta1)
	u := graph.Max(times(slots[1], o.cfg.Beta2), graph.Abs(g))
	w = graph.Sub(w, graph.Div(graph.Mul(s.Rate(w), m), graph.Mul(correction, plus(u, o.cfg.Epsilon))))
	return w, []*graph.Node{m, u}
}

func init() {
	catalogue.Add(func() Optimizer { return Nadam() })
	catalogue.Add(func() Optimizer { return Adamax() })
}
