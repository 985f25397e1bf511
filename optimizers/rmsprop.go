package optimizers

import (
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/internal/config"
)

type rmspropConfig struct {
	Name         string   `keras:"name" default:"rm_sprop"`
	LearningRate rate     `keras:"learning_rate" default:"0.001"`
	WeightDecay  *float64 `keras:"weight_decay"`
	common
	Rho      float64 `keras:"rho" default:"0.9"`
	Momentum float64 `keras:"momentum"`
	Epsilon  float64 `keras:"epsilon" default:"1e-7"`
	Centered bool    `keras:"centered"`
}

// RMSpropOptimizer divides gradients by a running root mean square (Keras: keras.optimizers.RMSprop).
type RMSpropOptimizer struct {
	base[*RMSpropOptimizer]
	plain
	cfg rmspropConfig
}

// RMSprop returns RMSprop with Keras's defaults: learning rate 0.001 unless given.
func RMSprop(learningRate ...float64) *RMSpropOptimizer {
	o := &RMSpropOptimizer{}
	o.start(o, &o.cfg.Name, &o.cfg.LearningRate, &o.cfg.WeightDecay, &o.cfg.common, learningRate)
	return o
}

// Rho sets the decay of the running averages (Keras: rho=, default 0.9).
func (o *RMSpropOptimizer) Rho(rho float64) *RMSpropOptimizer {
	o.cfg.Rho = rho
	return o
}

// Momentum sets how much of the last step goes into the next (Keras: momentum=, default 0).
func (o *RMSpropOptimizer) Momentum(momentum float64) *RMSpropOptimizer {
	o.cfg.Momentum = momentum
	return o
}

// Epsilon sets the small number under the root (Keras: epsilon=, default 1e-7).
func (o *RMSpropOptimizer) Epsilon(epsilon float64) *RMSpropOptimizer {
	o.cfg.Epsilon = epsilon
	return o
}

// Centered divides by the estimated variance instead of the uncentered second
// moment (Keras: centered=, default false).
func (o *RMSpropOptimizer) Centered(on bool) *RMSpropOptimizer {
	o.cfg.Centered = on
	return o
}

// KerasClass implements [Optimizer].
func (o *RMSpropOptimizer) KerasClass() config.Class { return class("RMSprop") }

// KerasConfig implements [Optimizer].
func (o *RMSpropOptimizer) KerasConfig() any { return &o.cfg }

func (o *RMSpropOptimizer) slots() [][]slot {
	groups := [][]slot{{{name: "velocity"}}}
	if o.cfg.Momentum > 0 {
		groups = append(groups, []slot{{name: "momentum"}})
	}
	if o.cfg.Centered {
		groups = append(groups, []slot{{name: "average_gradient"}})
	}
	return groups
}

func (o *RMSpropOptimizer) update(s *step, w, g *graph.Node, slots []*graph.Node) (*graph.Node, []*graph.Node) {
	blend := func(old, now *graph.Node) *graph.Node {
		return graph.Add(graph.MulScalar(old, o.cfg.Rho), graph.MulScalar(now, 1-o.cfg.Rho))
	}
	velocity := blend(slots[0], graph.Square(g))
	denominator := velocity
	newSlots := []*graph.Node{velocity}
	var average *graph.Node
	if o.cfg.Centered {
		average = blend(slots[len(slots)-1], g)
		denominator = graph.Sub(denominator, graph.Square(average))
	}
	denominator = graph.AddScalar(denominator, o.cfg.Epsilon)
	move := graph.Div(graph.Mul(s.rate(w), g), graph.Sqrt(denominator))
	if o.cfg.Momentum > 0 {
		move = graph.Add(graph.MulScalar(slots[1], o.cfg.Momentum), move)
		newSlots = append(newSlots, move)
	}
	if average != nil {
		newSlots = append(newSlots, average)
	}
	return graph.Sub(w, move), newSlots
}

func init() {
	catalogue.Add(func() Optimizer { return RMSprop() }, "rmsprop")
}
