package optimizers

import "github.com/gomlx/gomlx/core/graph"

// ScheduleFreeAdamWOptimizer is AdamW that averages its steps in place of letting the learning rate fall (Keras:
// keras.optimizers.ScheduleFreeAdamW).
type ScheduleFreeAdamWOptimizer struct {
	Base[*ScheduleFreeAdamWOptimizer]
	withBetas[*ScheduleFreeAdamWOptimizer]
	cfg struct {
		Arguments `default:"name=schedule_free_adam_w,learning_rate=0.0025"`
		betas
		Epsilon     float64 `keras:"epsilon" default:"1e-8"`
		WarmupSteps int     `keras:"warmup_steps"`
	}
}

// ScheduleFreeAdamW returns the optimizer with Keras's defaults: learning rate 0.0025 unless given, no weight decay.
func ScheduleFreeAdamW(learningRate ...float64) *ScheduleFreeAdamWOptimizer {
	o := &ScheduleFreeAdamWOptimizer{}
	o.withBetas = withBetas[*ScheduleFreeAdamWOptimizer]{o, &o.cfg.betas}
	o.Start(o, class("ScheduleFreeAdamW"), &o.cfg, &o.cfg.Arguments, learningRate...)
	return o
}

// Epsilon sets the small number in the denominator (Keras: epsilon=, default 1e-8).
func (o *ScheduleFreeAdamWOptimizer) Epsilon(epsilon float64) *ScheduleFreeAdamWOptimizer {
	o.cfg.Epsilon = epsilon
	return o
}

// WarmupSteps sets over how many steps the learning rate rises to its own (Keras: warmup_steps=, default 0).
func (o *ScheduleFreeAdamWOptimizer) WarmupSteps(steps int) *ScheduleFreeAdamWOptimizer {
	o.cfg.WarmupSteps = steps
	return o
}

// Slots implements [Rule]. What Keras calls the momentum are weights that aren't averaged, and begin as the weight's own.
func (o *ScheduleFreeAdamWOptimizer) Slots(w Variable) [][]Variable {
	group := likeWeight(w, "momentum", "velocity")
	group[0].CopyOf = w.Index
	return [][]Variable{group}
}

// Elementwise reports that a step changes each element by itself.
func (*ScheduleFreeAdamWOptimizer) Elementwise() bool { return true }

// Update implements [Rule].
func (o *ScheduleFreeAdamWOptimizer) Update(s *Step, _ Variable, w, g *graph.Node, slots []*graph.Node) (*graph.Node, []*graph.Node) {
	n, rate := s.Count(w, 1), s.Rate(w)
	if o.cfg.WarmupSteps > 0 {
		rate = graph.Mul(rate, graph.Min(over(n, float64(o.cfg.WarmupSteps)), Number(n, 1)))
	}
	beta1, beta2 := Number(w, o.cfg.Beta1), Number(w, o.cfg.Beta2)
	lerp := func(from, to, share *graph.Node) *graph.Node {
		return graph.Add(graph.Mul(graph.OneMinus(share), from), graph.Mul(share, to))
	}
	v := graph.Add(slots[1], graph.Mul(graph.Sub(graph.Square(g), slots[1]), graph.OneMinus(beta2)))
	denominator := plus(graph.Sqrt(graph.Div(v, graph.OneMinus(graph.Pow(beta2, n)))), o.cfg.Epsilon)
	z := graph.Sub(slots[0], graph.Div(graph.Mul(rate, g), denominator))
	average := graph.Div(graph.Sub(w, graph.Mul(graph.OneMinus(beta1), slots[0])), beta1)
	average = lerp(average, z, graph.Reciprocal(n))
	return lerp(z, average, beta1), []*graph.Node{z, v}
}

func init() { catalogue.Add(func() Optimizer { return ScheduleFreeAdamW() }, "schedulefreeadamw") }
