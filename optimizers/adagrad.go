package optimizers

import (
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/internal/config"
)

type adagradConfig struct {
	Name         string   `keras:"name" default:"adagrad"`
	LearningRate rate     `keras:"learning_rate" default:"0.001"`
	WeightDecay  *float64 `keras:"weight_decay"`
	common
	InitialAccumulatorValue float64 `keras:"initial_accumulator_value" default:"0.1"`
	Epsilon                 float64 `keras:"epsilon" default:"1e-7"`
}

// AdagradOptimizer divides gradients by the root of their summed squares (Keras: keras.optimizers.Adagrad).
type AdagradOptimizer struct {
	base[*AdagradOptimizer]
	plain
	cfg adagradConfig
}

// Adagrad returns Adagrad with Keras's defaults: learning rate 0.001 unless given.
func Adagrad(learningRate ...float64) *AdagradOptimizer {
	o := &AdagradOptimizer{}
	o.start(o, &o.cfg.Name, &o.cfg.LearningRate, &o.cfg.WeightDecay, &o.cfg.common, learningRate)
	return o
}

// InitialAccumulatorValue sets where the sums of squares start (Keras: initial_accumulator_value=, default 0.1).
func (o *AdagradOptimizer) InitialAccumulatorValue(initialAccumulatorValue float64) *AdagradOptimizer {
	o.cfg.InitialAccumulatorValue = initialAccumulatorValue
	return o
}

// Epsilon sets the small number under the root (Keras: epsilon=, default 1e-7).
func (o *AdagradOptimizer) Epsilon(epsilon float64) *AdagradOptimizer {
	o.cfg.Epsilon = epsilon
	return o
}

// KerasClass implements [Optimizer].
func (o *AdagradOptimizer) KerasClass() config.Class { return class("Adagrad") }

// KerasConfig implements [Optimizer].
func (o *AdagradOptimizer) KerasConfig() any { return &o.cfg }

func (o *AdagradOptimizer) slots() [][]slot {
	return [][]slot{{{name: "accumulator", initial: o.cfg.InitialAccumulatorValue}}}
}

func (o *AdagradOptimizer) update(s *step, w, g *graph.Node, slots []*graph.Node) (*graph.Node, []*graph.Node) {
	sum := graph.Add(slots[0], graph.Square(g))
	w = graph.Sub(w, graph.Div(graph.Mul(s.rate(w), g), graph.Sqrt(graph.AddScalar(sum, o.cfg.Epsilon))))
	return w, []*graph.Node{sum}
}

type adadeltaConfig struct {
	Name         string   `keras:"name" default:"adadelta"`
	LearningRate rate     `keras:"learning_rate" default:"0.001"`
	WeightDecay  *float64 `keras:"weight_decay"`
	common
	Rho     float64 `keras:"rho" default:"0.95"`
	Epsilon float64 `keras:"epsilon" default:"1e-7"`
}

// AdadeltaOptimizer scales gradients by the ratio of running root mean squares of steps and gradients (Keras: keras.optimizers.Adadelta).
type AdadeltaOptimizer struct {
	base[*AdadeltaOptimizer]
	plain
	cfg adadeltaConfig
}

// Adadelta returns Adadelta with Keras's defaults: learning rate 0.001 unless given.
func Adadelta(learningRate ...float64) *AdadeltaOptimizer {
	o := &AdadeltaOptimizer{}
	o.start(o, &o.cfg.Name, &o.cfg.LearningRate, &o.cfg.WeightDecay, &o.cfg.common, learningRate)
	return o
}

// Rho sets the decay of the running averages (Keras: rho=, default 0.95).
func (o *AdadeltaOptimizer) Rho(rho float64) *AdadeltaOptimizer {
	o.cfg.Rho = rho
	return o
}

// Epsilon sets the small number under the roots (Keras: epsilon=, default 1e-7).
func (o *AdadeltaOptimizer) Epsilon(epsilon float64) *AdadeltaOptimizer {
	o.cfg.Epsilon = epsilon
	return o
}

// KerasClass implements [Optimizer].
func (o *AdadeltaOptimizer) KerasClass() config.Class { return class("Adadelta") }

// KerasConfig implements [Optimizer].
func (o *AdadeltaOptimizer) KerasConfig() any { return &o.cfg }

func (o *AdadeltaOptimizer) slots() [][]slot {
	return [][]slot{{{name: "accumulated_grad"}, {name: "accumulated_delta_var"}}}
}

func (o *AdadeltaOptimizer) update(s *step, w, g *graph.Node, slots []*graph.Node) (*graph.Node, []*graph.Node) {
	rms := func(x *graph.Node) *graph.Node { return graph.Sqrt(graph.AddScalar(x, o.cfg.Epsilon)) }
	blend := func(old, now *graph.Node) *graph.Node {
		return graph.Add(graph.MulScalar(old, o.cfg.Rho), graph.MulScalar(graph.Square(now), 1-o.cfg.Rho))
	}
	gradients := blend(slots[0], g)
	delta := graph.Neg(graph.Div(graph.Mul(rms(slots[1]), g), rms(gradients)))
	deltas := blend(slots[1], delta)
	return graph.Add(w, graph.Mul(s.rate(w), delta)), []*graph.Node{gradients, deltas}
}

func init() {
	catalogue.Add(func() Optimizer { return Adagrad() })
	catalogue.Add(func() Optimizer { return Adadelta() })
}
