package optimizers

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/internal/config"
)

// algorithm is what one optimizer adds to the base.
type algorithm interface {
	config.Object
	// slots lists the variables that go with each weight, in groups: Keras
	// creates a group's variables weight by weight, then the next group's.
	slots() [][]slot
	// globals lists the variables that the weights share, which follow the slots.
	globals() []slot
	// stepGlobals returns the new shared variables, from which the weights' steps start.
	stepGlobals(s *step) []*graph.Node
	// update returns a weight and its slots, in the order of slots(), after one step.
	update(s *step, weight, grad *graph.Node, slots []*graph.Node) (newWeight *graph.Node, newSlots []*graph.Node)
	// check validates the algorithm's own arguments.
	check() error
}

// slot is a variable of an optimizer.
type slot struct {
	name    string
	initial float64
}

// plain is embedded by algorithms without shared variables and without arguments to check.
type plain struct{}

func (plain) globals() []slot                 { return nil }
func (plain) stepGlobals(*step) []*graph.Node { return nil }
func (plain) check() error                    { return nil }

// step is what an algorithm knows about the step it computes.
type step struct {
	iterations   *graph.Node // int32: updates done before this one
	learningRate *graph.Node // float32
	shared       []*graph.Node
}

// rate returns the learning rate in the data type of the weight.
func (s *step) rate(weight *graph.Node) *graph.Node { return as(s.learningRate, weight) }

// count returns the number of updates done, plus n, in the data type of the weight.
func (s *step) count(weight *graph.Node, n int) *graph.Node {
	return as(graph.AddScalar(s.iterations, n), weight)
}

// as converts x to the data type of like.
func as(x, like *graph.Node) *graph.Node {
	if x.DType() == like.DType() {
		return x
	}
	return graph.ConvertDType(x, like.DType())
}

// scalar returns the constant in the data type of like.
func scalar(like *graph.Node, v float64) *graph.Node {
	return graph.Scalar(like.Graph(), like.DType(), v)
}

// firstSlot is the position after iteration and, if there is one, learning_rate.
func (b *base[S]) firstSlot() int {
	if b.learningRate.schedule != nil {
		return 1
	}
	return 2
}

// currentRate returns the learning rate of a step. A schedule counts the steps, not the updates that gradient
// accumulation makes of them.
func (b *base[S]) currentRate(state []*graph.Node) *graph.Node {
	if b.learningRate.schedule == nil {
		return state[1]
	}
	r := b.learningRate.schedule.At(state[0])
	if r == nil || !r.Shape().IsScalar() {
		panic(fmt.Errorf("optimizer %s: learning_rate: %s.At must return a scalar", *b.name, b.learningRate.schedule.KerasClass().Name))
	}
	return graph.ConvertDType(r, dtypes.Float32)
}

func (b *base[S]) accumulationSteps() int {
	if b.common.GradientAccumulationSteps == nil {
		return 0
	}
	return *b.common.GradientAccumulationSteps
}

// Variables implements [Optimizer].
func (b *base[S]) Variables(trainable []Variable) []Variable {
	out := []Variable{{Name: "iteration", DType: dtypes.Int32, CopyOf: -1}}
	if r := b.learningRate; r.schedule == nil {
		out = append(out, Variable{Name: "learning_rate", DType: dtypes.Float32, Initial: float64(float32(r.value)), CopyOf: -1})
	}
	for _, group := range b.groups() {
		for _, w := range trainable {
			path := w.Path
			if path == "" {
				path = w.Name
			}
			for _, s := range group {
				out = append(out, Variable{Name: strings.ReplaceAll(path, "/", "_") + "_" + s.name,
					Shape: slices.Clone(w.Shape), DType: w.DType, Initial: s.initial, CopyOf: -1})
			}
		}
	}
	dtype := dtypes.Float32
	if len(trainable) > 0 {
		dtype = trainable[0].DType
	}
	for _, s := range b.self.globals() {
		out = append(out, Variable{Name: s.name, DType: dtype, Initial: s.initial, CopyOf: -1})
	}
	return out
}

// groups lists the slots of moving averages and gradient accumulation, then the algorithm's.
func (b *base[S]) groups() [][]slot {
	var groups [][]slot
	if b.common.UseEMA {
		groups = append(groups, []slot{{name: "average"}})
	}
	if b.accumulationSteps() > 0 {
		groups = append(groups, []slot{{name: "gradient_accumulator"}})
	}
	return append(groups, b.self.slots()...)
}

// Averages implements [Averager].
func (b *base[S]) Averages(trainable []Variable) []int {
	if !b.common.UseEMA {
		return nil
	}
	out := make([]int, len(trainable))
	for i := range out {
		out[i] = b.firstSlot() + i
	}
	return out
}

// ScaleLoss implements [LossScaler].
func (b *base[S]) ScaleLoss(loss *graph.Node) *graph.Node {
	if b.common.LossScaleFactor == nil {
		return loss
	}
	return graph.MulScalar(loss, *b.common.LossScaleFactor)
}

// Apply implements [Optimizer].
func (b *base[S]) Apply(trainable []Variable, state, weights, grads []*graph.Node) (newState, newWeights []*graph.Node) {
	want := len(b.Variables(trainable))
	if len(state) != want || len(weights) != len(trainable) || len(grads) != len(trainable) {
		panic(fmt.Errorf("optimizer %s: got %d variables, %d weights and %d gradients, want %d, %d and %d",
			*b.name, len(state), len(weights), len(grads), want, len(trainable), len(trainable)))
	}
	if err := b.Validate(); err != nil {
		panic(fmt.Errorf("optimizer %s: %w", *b.name, err))
	}
	if len(trainable) == 0 {
		return append([]*graph.Node{graph.AddScalar(state[0], 1)}, state[1:]...), nil
	}
	newState, newWeights = slices.Clone(state), slices.Clone(weights)
	iteration := state[0]
	s := &step{iterations: iteration, learningRate: b.currentRate(state)}
	if n := b.accumulationSteps(); n > 0 {
		s.iterations = graph.Div(iteration, scalar(iteration, float64(n)))
	}
	grads = b.unscaled(grads)

	next := b.firstSlot() // of the groups that follow
	if b.common.UseEMA {
		next += len(trainable)
	}
	if n := b.accumulationSteps(); n > 0 {
		accumulated := state[next : next+len(trainable)]
		sums := make([]*graph.Node, len(grads))
		means := make([]*graph.Node, len(grads))
		for i, g := range grads {
			sums[i] = graph.Add(g, accumulated[i])
			means[i] = graph.DivScalar(sums[i], n)
		}
		isUpdate := graph.Equal(graph.ModScalar(graph.AddScalar(iteration, 1), n), scalar(iteration, 0))
		b.advance(s, trainable, means, newState, newWeights, next+len(trainable))
		for i := range newWeights {
			newWeights[i] = graph.Where(isUpdate, newWeights[i], weights[i])
			newState[next+i] = graph.Where(isUpdate, graph.ZerosLike(sums[i]), sums[i])
		}
		for i := next + len(trainable); i < len(newState); i++ {
			newState[i] = graph.Where(isUpdate, newState[i], state[i])
		}
	} else {
		b.advance(s, trainable, grads, newState, newWeights, next)
	}
	b.average(s, newState, newWeights)
	newState[0] = graph.AddScalar(iteration, 1)
	return newState, newWeights
}

// unscaled takes the loss scale out of the gradients.
func (b *base[S]) unscaled(grads []*graph.Node) []*graph.Node {
	if b.common.LossScaleFactor == nil {
		return grads
	}
	out := make([]*graph.Node, len(grads))
	for i, g := range grads {
		out[i] = graph.DivScalar(g, *b.common.LossScaleFactor)
	}
	return out
}

// advance clips, decays and steps: it replaces the weights and the algorithm's variables, which start at first.
func (b *base[S]) advance(s *step, trainable []Variable, grads, state, weights []*graph.Node, first int) {
	grads = b.clipped(grads)
	b.decay(s, trainable, weights)

	groups := b.self.slots()
	shared := first
	for _, group := range groups {
		shared += len(group) * len(trainable)
	}
	s.shared = state[shared:]
	s.shared = b.self.stepGlobals(s)
	copy(state[shared:], s.shared)

	for i, w := range weights {
		var at []int // the positions of the weight's slots
		start := first
		for _, group := range groups {
			for j := range group {
				at = append(at, start+i*len(group)+j)
			}
			start += len(group) * len(trainable)
		}
		slots := make([]*graph.Node, len(at))
		for j, position := range at {
			slots[j] = state[position]
		}
		newWeight, newSlots := b.self.update(s, w, as(grads[i], w), slots)
		weights[i] = newWeight
		for j, position := range at {
			state[position] = newSlots[j]
		}
	}
}

func (b *base[S]) clipped(grads []*graph.Node) []*graph.Node {
	c := b.common
	out := make([]*graph.Node, len(grads))
	switch {
	case isPositive(c.Clipnorm):
		for i, g := range grads {
			norm := graph.Sqrt(graph.ReduceAllSum(graph.Square(g)))
			out[i] = graph.Div(graph.MulScalar(g, *c.Clipnorm), graph.Max(norm, scalar(g, *c.Clipnorm)))
		}
	case isPositive(c.GlobalClipnorm):
		var sum *graph.Node
		for _, g := range grads {
			square := graph.ReduceAllSum(graph.Square(g))
			if sum == nil {
				sum = square
			} else {
				sum = graph.Add(sum, as(square, sum))
			}
		}
		norm := graph.Sqrt(sum)
		scale := graph.MulScalar(graph.Min(graph.Reciprocal(norm), scalar(norm, 1 / *c.GlobalClipnorm)), *c.GlobalClipnorm)
		// A norm that is infinite or NaN makes every gradient NaN, so that it shows.
		scale = graph.Add(scale, graph.Sub(norm, norm))
		for i, g := range grads {
			out[i] = graph.Mul(g, as(scale, g))
		}
	case isPositive(c.Clipvalue):
		for i, g := range grads {
			out[i] = graph.ClipScalar(g, -*c.Clipvalue, *c.Clipvalue)
		}
	default:
		return grads
	}
	return out
}

func isPositive(v *float64) bool { return v != nil && *v > 0 }

func (b *base[S]) decay(s *step, trainable []Variable, weights []*graph.Node) {
	if *b.weightDecay == nil {
		return
	}
	exclude, _ := b.excluded() // validated
	for i, w := range weights {
		if exclude != nil && exclude.MatchString(trainable[i].Name) {
			continue
		}
		weights[i] = graph.Sub(w, graph.Mul(graph.MulScalar(w, **b.weightDecay), s.rate(w)))
	}
}

// average updates the moving averages and, where the arguments want it, the weights from them.
func (b *base[S]) average(s *step, state, weights []*graph.Node) {
	if !b.common.UseEMA {
		return
	}
	first := b.firstSlot()
	for i, w := range weights {
		// The first step takes the weights as they are.
		notFirst := graph.ConvertDType(graph.NotEqual(s.iterations, scalar(s.iterations, 0)), w.DType())
		momentum := graph.MulScalar(notFirst, b.common.EMAMomentum)
		average := graph.Add(graph.Mul(momentum, state[first+i]), graph.Mul(graph.OneMinus(momentum), w))
		state[first+i] = average
		if n := b.common.EMAOverwriteFrequency; n != nil {
			overwrite := graph.Equal(graph.ModScalar(graph.AddScalar(s.iterations, 1), *n), scalar(s.iterations, 0))
			weights[i] = graph.Where(overwrite, average, w)
		}
	}
}
