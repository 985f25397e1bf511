package optimizers

import (
	"fmt"
	"slices"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/internal/half"
)

// plan says where an optimizer's variables are.
type plan struct {
	variables              []Variable
	averages, accumulators []int   // of each weight, nil for none
	slots                  [][]int // of each weight: the rule's
	shared                 int     // the first of those that the weights share
}

func (p *plan) add(v Variable) int {
	p.variables = append(p.variables, v)
	return len(p.variables) - 1
}

// addEach adds a variable like each weight.
func (p *plan) addEach(trainable []Variable, name string) []int {
	at := make([]int, len(trainable))
	for i, w := range trainable {
		at[i] = p.add(w.Slot(name))
	}
	return at
}

// plan lays the variables out in Keras's order.
func (b *Base[S]) plan(trainable []Variable) *plan {
	p := &plan{slots: make([][]int, len(trainable))}
	p.add(Variable{Name: "iteration", DType: dtypes.Int32, CopyOf: -1})
	if r := b.args.LearningRate; r.schedule == nil {
		p.add(Variable{Name: "learning_rate", DType: dtypes.Float32, Initial: float64(float32(r.value)), CopyOf: -1})
	}
	if b.args.UseEMA {
		p.averages = p.addEach(trainable, "average")
	}
	if b.accumulationSteps() > 0 {
		p.accumulators = p.addEach(trainable, "gradient_accumulator")
	}
	groups, most := make([][][]Variable, len(trainable)), 0
	for i, w := range trainable {
		w.Index = i
		groups[i] = b.self.Slots(w)
		most = max(most, len(groups[i]))
	}
	for n := range most {
		for i := range trainable {
			if n < len(groups[i]) {
				for _, v := range groups[i][n] {
					p.slots[i] = append(p.slots[i], p.add(v))
				}
			}
		}
	}
	p.shared = len(p.variables)
	if rule, ok := any(b.self).(Sharer); ok {
		dtype := dtypes.Float32
		if len(trainable) > 0 {
			dtype = trainable[0].DType
		}
		p.variables = append(p.variables, rule.Shared(dtype)...)
	}
	for i := range p.variables {
		if p.variables[i].Path == "" {
			p.variables[i].Path = b.args.Name + "/" + p.variables[i].Name
		}
	}
	return p
}

func (b *Base[S]) accumulationSteps() int {
	if b.args.GradientAccumulationSteps == nil {
		return 0
	}
	return *b.args.GradientAccumulationSteps
}

// currentRate returns the learning rate of a step. A schedule counts the steps, not the updates that gradient
// accumulation makes of them.
func (b *Base[S]) currentRate(state []*graph.Node) *graph.Node {
	schedule := b.args.LearningRate.schedule
	if schedule == nil {
		return state[1]
	}
	r := schedule.At(state[0])
	if r == nil || !r.Shape().IsScalar() {
		panic(fmt.Errorf("optimizer %s: learning_rate: %s.At must return a scalar", b.args.Name, schedule.KerasClass().Name))
	}
	return graph.ConvertDType(r, dtypes.Float32)
}

// Variables implements [Optimizer].
func (b *Base[S]) Variables(trainable []Variable) []Variable { return b.plan(trainable).variables }

// Averages implements [Averager].
func (b *Base[S]) Averages(trainable []Variable) []int { return b.plan(trainable).averages }

// ScaleLoss implements [LossScaler].
func (b *Base[S]) ScaleLoss(_ []Variable, _ []*graph.Node, loss *graph.Node) *graph.Node {
	if b.args.LossScaleFactor == nil {
		return loss
	}
	return times(loss, *b.args.LossScaleFactor)
}

// Apply implements [Optimizer].
func (b *Base[S]) Apply(trainable []Variable, state, weights, grads []*graph.Node) (newState, newWeights []*graph.Node) {
	if err := b.Validate(); err != nil {
		panic(fmt.Errorf("optimizer %s: %w", b.KerasName(), err))
	}
	if factor := b.args.LossScaleFactor; factor != nil {
		grads = slices.Clone(grads)
		for i, g := range grads {
			grads[i] = over(g, *factor)
		}
	}
	return b.applyUnscaled(trainable, state, weights, grads)
}

func (b *Base[S]) applyUnscaled(trainable []Variable, state, weights, grads []*graph.Node) (newState, newWeights []*graph.Node) {
	return b.apply(b.plan(trainable), trainable, state, weights, grads)
}

// insideVariables and applyInside are Variables and Apply for a [LossScaleOptimizer] around this one.
func (b *Base[S]) insideVariables(trainable []Variable) []Variable {
	p := b.plan(trainable)
	var list []Variable
	for _, at := range p.inside() {
		list = append(list, p.variables[at])
	}
	return list
}

func (b *Base[S]) applyInside(trainable []Variable, state, weights, grads []*graph.Node) (newState, newWeights []*graph.Node) {
	p := b.plan(trainable)
	inside := p.inside()
	whole := make([]*graph.Node, len(p.variables))
	for i, at := range inside {
		whole[at] = state[i]
	}
	for i, v := range p.variables {
		if whole[i] == nil {
			whole[i] = half.Scalar(state[0].Graph(), v.DType, v.Initial)
		}
	}
	whole, newWeights = b.apply(p, trainable, whole, weights, grads)
	for _, at := range inside {
		newState = append(newState, whole[at])
	}
	return newState, newWeights
}

// inside are the places of the variables that Keras still sees when a LossScaleOptimizer wraps theirs: not those that weights share, nor
// those that only hold a place, all of them scalars.
func (p *plan) inside() []int {
	var list []int
	for i, v := range p.variables[:p.shared] {
		if !v.placeholder {
			list = append(list, i)
		}
	}
	return list
}

// apply takes a step by gradients of the loss itself.
func (b *Base[S]) apply(p *plan, trainable []Variable, state, weights, grads []*graph.Node) (newState, newWeights []*graph.Node) {
	if len(state) != len(p.variables) || len(weights) != len(trainable) || len(grads) != len(trainable) {
		panic(fmt.Errorf("optimizer %s: got %d variables, %d weights and %d gradients, want %d, %d and %d",
			b.args.Name, len(state), len(weights), len(grads), len(p.variables), len(trainable), len(trainable)))
	}
	newState, newWeights = slices.Clone(state), slices.Clone(weights)
	iteration := state[0]
	if len(trainable) > 0 {
		s := &Step{Iterations: iteration, LearningRate: b.currentRate(state)}
		if n := b.accumulationSteps(); n > 0 {
			s.Iterations = graph.Div(iteration, Number(iteration, float64(n)))
			b.accumulate(p, s, trainable, grads, newState, newWeights)
		} else {
			b.advance(p, s, trainable, grads, newState, newWeights)
		}
		b.average(p, s, newState, newWeights)
	}
	newState[0] = graph.AddScalar(iteration, 1)
	return newState, newWeights
}

// accumulate adds the gradients up, and every so many steps advances by their mean.
func (b *Base[S]) accumulate(p *plan, s *Step, trainable []Variable, grads, state, weights []*graph.Node) {
	n, iteration := b.accumulationSteps(), state[0]
	isUpdate := graph.Equal(graph.ModScalar(graph.AddScalar(iteration, 1), n), Number(iteration, 0))
	sums, means := make([]*graph.Node, len(grads)), make([]*graph.Node, len(grads))
	for i, g := range grads {
		sums[i] = graph.Add(g, as(state[p.accumulators[i]], g))
		means[i] = over(sums[i], float64(n))
	}
	oldState, oldWeights := slices.Clone(state), slices.Clone(weights)
	b.advance(p, s, trainable, means, state, weights)
	keep(isUpdate, state, oldState)
	keep(isUpdate, weights, oldWeights)
	for i, at := range p.accumulators {
		state[at] = graph.Where(isUpdate, graph.ZerosLike(state[at]), as(sums[i], state[at]))
	}
}

// keep takes back, unless the condition holds, what has changed.
func keep(condition *graph.Node, now, before []*graph.Node) {
	for i := range now {
		if now[i] != before[i] {
			now[i] = graph.Where(condition, now[i], before[i])
		}
	}
}

// advance clips, decays and steps: it replaces the weights and the rule's variables.
func (b *Base[S]) advance(p *plan, s *Step, trainable []Variable, grads, state, weights []*graph.Node) {
	grads = b.clipped(grads)
	b.decay(s, trainable, weights)
	if rule, ok := any(b.self).(Sharer); ok {
		s.Shared = slices.Clone(state[p.shared:])
		s.Shared = rule.UpdateShared(s)
		checkCount(b.args.Name, "shared variables", len(s.Shared), len(state)-p.shared)
		copy(state[p.shared:], s.Shared)
	}
	for i, w := range weights {
		at := p.slots[i]
		slots := make([]*graph.Node, len(at))
		for j, position := range at {
			slots[j] = state[position]
		}
		v := trainable[i]
		v.Index = i
		newWeight, newSlots := b.self.Update(s, v, w, as(grads[i], w), slots)
		checkCount(b.args.Name, "slots of "+v.Name, len(newSlots), len(at))
		weights[i] = newWeight
		for j, position := range at {
			state[position] = newSlots[j]
		}
	}
}

func (b *Base[S]) clipped(grads []*graph.Node) []*graph.Node {
	c := b.args
	out := make([]*graph.Node, len(grads))
	switch {
	case isPositive(c.Clipnorm):
		for i, g := range grads {
			out[i] = ClipByNorm(g, *c.Clipnorm)
		}
	case isPositive(c.GlobalClipnorm):
		out, _ = ClipByGlobalNorm(grads, *c.GlobalClipnorm)
	case isPositive(c.Clipvalue):
		for i, g := range grads {
			out[i] = graph.Min(graph.Max(g, Number(g, -*c.Clipvalue)), Number(g, *c.Clipvalue))
		}
	default:
		return grads
	}
	return out
}

// sumOfSquares adds up in float32 and rounds once, as JAX does.
func sumOfSquares(x *graph.Node) *graph.Node { return as(graph.ReduceAllSum(wide(graph.Square(x))), x) }

func isPositive(v *float64) bool { return v != nil && *v > 0 }

func (b *Base[S]) decay(s *Step, trainable []Variable, weights []*graph.Node) {
	decayOf := func(Variable) *float64 { return b.args.WeightDecay }
	if rule, ok := any(b.self).(interface{ decayOf(w Variable) *float64 }); ok {
		decayOf = rule.decayOf
	}
	exclude, _ := b.excluded() // validated
	for i, w := range weights {
		decay := decayOf(trainable[i])
		if decay == nil || exclude != nil && exclude.MatchString(trainable[i].Name) {
			continue
		}
		weights[i] = graph.Sub(w, graph.Mul(times(w, *decay), s.Rate(w)))
	}
}

// average updates the moving averages and, where the arguments want it, the weights from them.
func (b *Base[S]) average(p *plan, s *Step, state, weights []*graph.Node) {
	if !b.args.UseEMA {
		return
	}
	for i, w := range weights {
		// The first step takes the weights as they are.
		at := p.averages[i]
		notFirst := graph.ConvertDType(graph.NotEqual(s.Iterations, Number(s.Iterations, 0)), w.DType())
		momentum := times(notFirst, b.args.EMAMomentum)
		state[at] = graph.Add(graph.Mul(momentum, state[at]), graph.Mul(graph.OneMinus(momentum), w))
		if n := b.args.EMAOverwriteFrequency; n != nil {
			overwrite := graph.Equal(graph.ModScalar(graph.AddScalar(s.Iterations, 1), *n), Number(s.Iterations, 0))
			weights[i] = graph.Where(overwrite, state[at], w)
		}
	}
}
