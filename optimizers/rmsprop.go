package optimizers

import (
	"github.com/gomlx/gomlx/core/graph"
)

// RMSpropOptimizer divides gradients by a running root mean square (Keras: keras.optimizers.RMSprop).
type RMSpropOptimizer struct {
	Base[*RMSpropOptimizer]
	withRho[*RMSpropOptimizer]
	withEpsilon[*RMSpropOptimizer]
	cfg struct {
		Arguments `default:"name=rm_sprop,learning_rate=0.001"`
		rho
		rootEpsilon
		Momentum float64 `keras:"momentum"`
		Centered bool    `keras:"centered"`
	}
}

// RMSprop returns RMSprop with Keras's defaults: learning rate 0.001 unless given.
func RMSprop(learningRate ...float64) *RMSpropOptimizer {
	o := &RMSpropOptimizer{}
	o.withRho = withRho[*RMSpropOptimizer]{o, &o.cfg.rho}
	o.withEpsilon = withEpsilon[*RMSpropOptimizer]{o, &o.cfg.epsilon}
	o.Start(o, class("RMSprop"), &o.cfg, &o.cfg.Arguments, learningRate...)
	return o
}

// Momentum sets how much of the last step goes into the next (Keras: momentum=, default 0).
func (o *RMSpropOptimizer) Momentum(momentum float64) *RMSpropOptimizer {
	o.cfg.Momentum = momentum
	return o
}

// Centered divides by the estimated variance instead of the uncentered second
// moment (Keras: centered=, default false).
func (o *RMSpropOptimizer) Centered(on bool) *RMSpropOptimizer {
	o.cfg.Centered = on
	return o
}

// Slots implements [Rule].
func (o *RMSpropOptimizer) Slots(w Variable) [][]Variable {
	groups := [][]Variable{likeWeight(w, "velocity")}
	if o.cfg.Momentum > 0 {
		groups = append(groups, likeWeight(w, "momentum"))
	}
	if o.cfg.Centered {
		groups = append(groups, likeWeight(w, "average_gradient"))
	}
	return groups
}

// Elementwise reports that a step changes each element by itself.
func (*RMSpropOptimizer) Elementwise() bool { return true }

// Update implements [Rule].
func (o *RMSpropOptimizer) Update(s *Step, _ Variable, w, g *graph.Node, slots []*graph.Node) (*graph.Node, []*graph.Node) {
	velocity := blend(slots[0], graph.Square(g), o.cfg.Rho)
	denominator := velocity
	newSlots := []*graph.Node{velocity}
	var average *graph.Node
	if o.cfg.Centered {
		average = blend(slots[len(slots)-1], g, o.cfg.Rho)
		denominator = graph.Sub(denominator, graph.Square(average))
	}
	move := graph.Div(graph.Mul(s.Rate(w), g), o.cfg.root(denominator))
	if o.cfg.Momentum > 0 {
		move = graph.Add(times(slots[1], o.cfg.Momentum), move)
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
