package optimizers

import "github.com/gomlx/gomlx/core/graph"

// LambOptimizer is Adam whose step for each weight is as long, relative to the weight, for all of them: for large batches
// (Keras: keras.optimizers.Lamb).
type LambOptimizer struct {
	Base[*LambOptimizer]
	withBetas[*LambOptimizer]
	withEpsilon[*LambOptimizer]
	cfg struct {
		Arguments `default:"name=lamb,learning_rate=0.001"`
		betas
		epsilon
	}
}

// Lamb returns Lamb with Keras's defaults: learning rate 0.001 unless given.
func Lamb(learningRate ...float64) *LambOptimizer {
	o := &LambOptimizer{}
	o.withBetas = withBetas[*LambOptimizer]{o, &o.cfg.betas}
	o.withEpsilon = withEpsilon[*LambOptimizer]{o, &o.cfg.epsilon}
	o.Start(o, class("Lamb"), &o.cfg, &o.cfg.Arguments, learningRate...)
	return o
}

// Slots implements [Rule].
func (o *LambOptimizer) Slots(w Variable) [][]Variable {
	return [][]Variable{likeWeight(w, "momentum", "velocity")}
}

// Update implements [Rule].
func (o *LambOptimizer) Update(s *Step, _ Variable, w, g *graph.Node, slots []*graph.Node) (*graph.Node, []*graph.Node) {
	n := s.Count(w, 1)
	m := approach(slots[0], g, 1-o.cfg.Beta1)
	v := approach(slots[1], graph.Square(g), 1-o.cfg.Beta2)
	mHat := graph.Div(m, graph.OneMinus(graph.Pow(Number(w, o.cfg.Beta1), n)))
	vHat := graph.Div(v, graph.OneMinus(graph.Pow(Number(w, o.cfg.Beta2), n)))
	step := graph.Div(mHat, plus(graph.Sqrt(vHat), o.cfg.Epsilon))

	weightNorm, stepNorm := graph.Sqrt(sumOfSquares(w)), graph.Sqrt(sumOfSquares(step))
	zero, one := graph.ZerosLike(weightNorm), graph.OnesLike(weightNorm)
	both := graph.LogicalAnd(graph.GreaterThan(weightNorm, zero), graph.GreaterThan(stepNorm, zero))
	ratio := graph.Where(both, graph.Div(weightNorm, graph.Where(both, stepNorm, one)), one)
	return graph.Sub(w, graph.Mul(graph.Mul(ratio, s.Rate(w)), step)), []*graph.Node{m, v}
}

func init() { catalogue.Add(func() Optimizer { return Lamb() }) }
