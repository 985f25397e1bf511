package optimizers

import (
	"github.com/gomlx/gomlx/core/graph"
)

// AdagradOptimizer divides gradients by the root of their summed squares (Keras: keras.optimizers.Adagrad).
type AdagradOptimizer struct {
	Base[*AdagradOptimizer]
	withAccumulator[*AdagradOptimizer]
	withEpsilon[*AdagradOptimizer]
	cfg struct {
		Arguments `default:"name=adagrad,learning_rate=0.001"`
		accumulator
		rootEpsilon
	}
}

// Adagrad returns Adagrad with Keras's defaults: learning rate 0.001 unless given.
func Adagrad(learningRate ...float64) *AdagradOptimizer {
	o := &AdagradOptimizer{}
	o.withAccumulator = withAccumulator[*AdagradOptimizer]{o, &o.cfg.accumulator}
	o.withEpsilon = withEpsilon[*AdagradOptimizer]{o, &o.cfg.epsilon}
	o.Start(o, class("Adagrad"), &o.cfg, &o.cfg.Arguments, learningRate...)
	return o
}

// Slots implements [Rule].
func (o *AdagradOptimizer) Slots(w Variable) [][]Variable { return o.cfg.accumulator.slots(w) }

// Elementwise reports that a step changes each element by itself.
func (*AdagradOptimizer) Elementwise() bool { return true }

// Update implements [Rule].
func (o *AdagradOptimizer) Update(s *Step, _ Variable, w, g *graph.Node, slots []*graph.Node) (*graph.Node, []*graph.Node) {
	sum := graph.Add(slots[0], graph.Square(g))
	w = graph.Sub(w, graph.Div(graph.Mul(s.Rate(w), g), o.cfg.root(sum)))
	return w, []*graph.Node{sum}
}

// AdadeltaOptimizer scales gradients by the ratio of running root mean squares of steps and gradients (Keras: keras.optimizers.Adadelta).
type AdadeltaOptimizer struct {
	Base[*AdadeltaOptimizer]
	withRho[*AdadeltaOptimizer]
	withEpsilon[*AdadeltaOptimizer]
	cfg struct {
		Arguments `default:"name=adadelta,learning_rate=0.001"`
		rho       `default:"rho=0.95"`
		epsilon
	}
}

// Adadelta returns Adadelta with Keras's defaults: learning rate 0.001 unless given.
func Adadelta(learningRate ...float64) *AdadeltaOptimizer {
	o := &AdadeltaOptimizer{}
	o.withRho = withRho[*AdadeltaOptimizer]{o, &o.cfg.rho}
	o.withEpsilon = withEpsilon[*AdadeltaOptimizer]{o, &o.cfg.epsilon}
	o.Start(o, class("Adadelta"), &o.cfg, &o.cfg.Arguments, learningRate...)
	return o
}

// Slots implements [Rule].
func (o *AdadeltaOptimizer) Slots(w Variable) [][]Variable {
	return [][]Variable{likeWeight(w, "accumulated_grad", "accumulated_delta_var")}
}

// Elementwise reports that a step changes each element by itself.
func (*AdadeltaOptimizer) Elementwise() bool { return true }

// Update implements [Rule].
func (o *AdadeltaOptimizer) Update(s *Step, _ Variable, w, g *graph.Node, slots []*graph.Node) (*graph.Node, []*graph.Node) {
	rms := func(x *graph.Node) *graph.Node { return graph.Sqrt(plus(x, o.cfg.Epsilon)) }
	gradients := blend(slots[0], graph.Square(g), o.cfg.Rho)
	delta := graph.Neg(graph.Div(graph.Mul(rms(slots[1]), g), rms(gradients)))
	deltas := blend(slots[1], graph.Square(delta), o.cfg.Rho)
	return graph.Add(w, graph.Mul(s.Rate(w), delta)), []*graph.Node{gradients, deltas}
}

func init() {
	catalogue.Add(func() Optimizer { return Adagrad() })
	catalogue.Add(func() Optimizer { return Adadelta() })
}
