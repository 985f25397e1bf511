package optimizers

import (
	"slices"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"
)

// AdafactorOptimizer keeps for a weight of two axes or more the means of squared gradients along its last two in place of all of them
// (Keras: keras.optimizers.Adafactor). As in Keras, the product of those means is kept, too.
type AdafactorOptimizer struct {
	Base[*AdafactorOptimizer]
	cfg struct {
		Arguments     `default:"name=adafactor,learning_rate=0.001"`
		Beta2Decay    float64 `keras:"beta_2_decay" default:"-0.8"`
		Epsilon1      float64 `keras:"epsilon_1" default:"1e-30"`
		Epsilon2      float64 `keras:"epsilon_2" default:"0.001"`
		ClipThreshold float64 `keras:"clip_threshold" default:"1.0"`
		RelativeStep  bool    `keras:"relative_step" default:"true"`
	}
}

// Adafactor returns Adafactor with Keras's defaults: learning rate 0.001 unless given.
func Adafactor(learningRate ...float64) *AdafactorOptimizer {
	o := &AdafactorOptimizer{}
	o.Start(o, class("Adafactor"), &o.cfg, &o.cfg.Arguments, learningRate...)
	return o
}

// Beta2Decay sets the exponent of the step's number by which the decay of the second moment approaches 1 (Keras: beta_2_decay=, default -0.8).
func (o *AdafactorOptimizer) Beta2Decay(decay float64) *AdafactorOptimizer {
	o.cfg.Beta2Decay = decay
	return o
}

// Epsilon1 sets what is added to squared gradients (Keras: epsilon_1=, default 1e-30).
func (o *AdafactorOptimizer) Epsilon1(epsilon float64) *AdafactorOptimizer {
	o.cfg.Epsilon1 = epsilon
	return o
}

// Epsilon2 sets the least size of a weight to which steps are relative (Keras: epsilon_2=, default 0.001).
func (o *AdafactorOptimizer) Epsilon2(epsilon float64) *AdafactorOptimizer {
	o.cfg.Epsilon2 = epsilon
	return o
}

// ClipThreshold bounds the root of the mean square of a step (Keras: clip_threshold=, default 1).
func (o *AdafactorOptimizer) ClipThreshold(threshold float64) *AdafactorOptimizer {
	o.cfg.ClipThreshold = threshold
	return o
}

// RelativeStep bounds the learning rate, unless a schedule gives it, by one over the root of the step's number (Keras: relative_step=, default
// true). Keras bounds the steps themselves so in any case.
func (o *AdafactorOptimizer) RelativeStep(on bool) *AdafactorOptimizer {
	o.cfg.RelativeStep = on
	return o
}

// Slots implements [Rule]: the means along the last two axes and their product. A weight of fewer axes has what Keras puts in the means' places.
func (o *AdafactorOptimizer) Slots(w Variable) [][]Variable {
	rows := Variable{Name: w.Name, Path: w.Name, DType: dtypes.Int32, CopyOf: -1, placeholder: true} // Keras's own names
	columns := rows
	if last := len(w.Shape) - 1; last > 0 {
		rows = Variable{Name: w.Name, DType: w.DType, CopyOf: -1, Shape: slices.Clone(w.Shape[:last])}
		columns = rows
		columns.Shape = append(slices.Clone(w.Shape[:last-1]), w.Shape[last])
	}
	return [][]Variable{{rows, columns, w.Slot("velocity")}}
}

// Update implements [Rule].
func (o *AdafactorOptimizer) Update(s *Step, _ Variable, w, g *graph.Node, slots []*graph.Node) (*graph.Node, []*graph.Node) {
	n := s.Count(w, 1)
	bound := graph.Reciprocal(graph.Sqrt(n))
	rate := graph.Min(s.Rate(w), bound)
	if o.cfg.LearningRate.schedule == nil && o.cfg.RelativeStep {
		rate = graph.Min(rate, bound)
	}
	alpha := graph.Mul(graph.Max(Number(w, o.cfg.Epsilon2), rootMeanSquare(w)), rate)
	square := plus(graph.Square(g), o.cfg.Epsilon1)
	stays := graph.OneMinus(graph.Pow(n, Number(n, o.cfg.Beta2Decay)))
	mix := func(old, now *graph.Node) *graph.Node {
		return graph.Add(graph.Mul(stays, old), graph.Mul(graph.OneMinus(stays), now))
	}
	rows, columns, v := slots[0], slots[1], slots[2]
	if w.Rank() < 2 {
		v = mix(v, square)
	} else {
		rows, columns = mix(rows, mean(square, -1)), mix(columns, mean(square, -2))
		share := graph.Div(rows, graph.InsertAxes(mean(rows, -1), -1))
		v = graph.Mul(graph.InsertAxes(share, -1), graph.InsertAxes(columns, -2))
	}
	step := graph.Div(g, graph.Sqrt(v))
	size := graph.Max(graph.OnesLike(alpha), over(rootMeanSquare(step), o.cfg.ClipThreshold))
	return graph.Sub(w, graph.Mul(alpha, graph.Div(step, size))), []*graph.Node{rows, columns, v}
}

// mean is that along an axis, added up in float32 and rounded once, as JAX does.
func mean(x *graph.Node, axis int) *graph.Node { return as(graph.ReduceMean(wide(x), axis), x) }

func rootMeanSquare(x *graph.Node) *graph.Node {
	return graph.Sqrt(as(graph.ReduceAllMean(wide(graph.Square(x))), x))
}

func init() { catalogue.Add(func() Optimizer { return Adafactor() }) }
