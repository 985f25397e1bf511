package optimizers

import (
	"fmt"
	"slices"

	"github.com/gomlx/gomlx/core/graph"
)

// Advance takes one step: the optimizer's Apply, then the weights' constraints (Keras: apply). What a training step needs of an
// optimizer is this and [ScaleLoss]. It panics, with an error, as Apply does, and where a custom optimizer's Apply returns
// something of another number, shape or data type than it got.
func Advance(o Optimizer, trainable []Variable, state, weights, grads []*graph.Node) (newState, newWeights []*graph.Node) {
	newState, newWeights = o.Apply(trainable, state, weights, grads)
	check(o, "variables", state, newState)
	check(o, "weights", weights, newWeights)
	var taken *graph.Node
	if skipper, ok := o.(interface {
		finite(grads []*graph.Node) *graph.Node
	}); ok {
		taken = skipper.finite(grads)
	}
	for i, v := range trainable {
		if v.Constraint == nil {
			continue
		}
		constrained := v.Constraint.Project(newWeights[i])
		if taken != nil { // a step that is left out changes nothing
			constrained = graph.Where(taken, constrained, newWeights[i])
		}
		newWeights[i] = constrained
	}
	return newState, newWeights
}

func check(o Optimizer, what string, before, after []*graph.Node) {
	checkCount(o.KerasName(), what, len(after), len(before))
	for i, x := range after {
		if x == nil || !x.Shape().Equal(before[i].Shape()) {
			got := "nothing"
			if x != nil {
				got = x.Shape().String()
			}
			panic(fmt.Errorf("optimizer %s: number %d of the %s is %s after the step, want %s", o.KerasName(), i, what, got, before[i].Shape()))
		}
	}
}

// ScaleLoss returns the loss that a step differentiates: the loss itself, unless the optimizer is a [LossScaler] (Keras: scale_loss).
func ScaleLoss(o Optimizer, trainable []Variable, state []*graph.Node, loss *graph.Node) *graph.Node {
	if scaler, ok := o.(LossScaler); ok {
		return scaler.ScaleLoss(trainable, state, loss)
	}
	return loss
}

// LearningRateIndex is the position in o.Variables(trainable) of the learning rate that counts, that of the optimizer inside for a
// [Wrapper]; -1 where a schedule sets it, or where several optimizers have one each.
func LearningRateIndex(o Optimizer, trainable []Variable) int {
	switch w := o.(type) {
	case *CombinedOptimizer:
		return -1
	case Wrapper:
		if at := LearningRateIndex(w.Inner(), trainable); at >= 0 {
			return w.Own() + at
		}
		return -1
	}
	return slices.IndexFunc(o.Variables(trainable), func(v Variable) bool { return v.Name == "learning_rate" })
}
