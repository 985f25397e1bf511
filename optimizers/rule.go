package optimizers

import (
	"fmt"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/internal/half"
)

// Rule is what one optimizer adds to [Base]: the variables that it keeps for a weight, and how a step changes both. A rule that
// also has a method Check() error is asked whether its arguments are in range. One whose Update changes each element by what stands at the same place in the gradient
// and in the slots, whatever the weight's shape and name, may say so by a method Elementwise() bool: many small weights then take one step.
type Rule interface {
	// Slots lists the variables that go with the weight, of any shape, data type and initial value; [Variable.Slot] makes
	// the usual one. They come in groups, most often one: files have a group's variables weight by weight, then the next
	// group's. A weight may have none.
	Slots(weight Variable) [][]Variable
	// Update returns the weight and its slots, in the order of Slots, after one step. The gradient has the weight's shape
	// and data type. It builds part of a GoMLX graph and panics with an error where it can't, as GoMLX's own functions do.
	Update(s *Step, v Variable, weight, gradient *graph.Node, slots []*graph.Node) (newWeight *graph.Node, newSlots []*graph.Node)
}

// Sharer is implemented by rules that keep variables for all weights together, such as Nadam's product of momenta.
type Sharer interface {
	// Shared lists them; they come after the slots. The data type is the first weight's.
	Shared(dtype dtypes.DType) []Variable
	// UpdateShared returns them after one step. It comes before the weights' updates, whose Step.Shared they are.
	UpdateShared(s *Step) []*graph.Node
}

// Step is what a rule knows of the step that it computes.
type Step struct {
	Iterations   *graph.Node   // int32 scalar: the updates before this one
	LearningRate *graph.Node   // float32 scalar
	Shared       []*graph.Node // a [Sharer]'s variables
}

// Rate is the learning rate in the data type of like.
func (s *Step) Rate(like *graph.Node) *graph.Node { return as(s.LearningRate, like) }

// Count is the number of updates before this one, plus n, in the data type of like.
func (s *Step) Count(like *graph.Node, n int) *graph.Node {
	return as(graph.AddScalar(s.Iterations, n), like)
}

// Number is v as a scalar of the data type of like. GoMLX's own scalars, and so graph.AddScalar, take a float16 below 6.1e-5 for 0,
// an epsilon of 1e-7 among them.
func Number(like *graph.Node, v float64) *graph.Node {
	return half.Scalar(like.Graph(), like.DType(), v)
}

// as converts x to the data type of like.
func as(x, like *graph.Node) *graph.Node {
	if x.DType() == like.DType() {
		return x
	}
	return graph.ConvertDType(x, like.DType())
}

// wide converts x to float32 if its type holds fewer bits.
func wide(x *graph.Node) *graph.Node {
	if x.DType().IsHalfPrecision() {
		return graph.ConvertDType(x, dtypes.Float32)
	}
	return x
}

func plus(x *graph.Node, v float64) *graph.Node  { return graph.Add(x, Number(x, v)) }
func times(x *graph.Node, v float64) *graph.Node { return graph.Mul(x, Number(x, v)) }
func over(x *graph.Node, v float64) *graph.Node  { return graph.Div(x, Number(x, v)) }

// approach moves x by a share of its distance to target.
func approach(x, target *graph.Node, share float64) *graph.Node {
	return graph.Add(x, times(graph.Sub(target, x), share))
}

// blend is the running average of old values, of which a share stays, and new.
func blend(old, now *graph.Node, share float64) *graph.Node {
	return graph.Add(times(old, share), times(now, 1-share))
}

// likeWeight is one group of slots of the weight's shape that start at zeros.
func likeWeight(w Variable, names ...string) []Variable {
	group := make([]Variable, len(names))
	for i, name := range names {
		group[i] = w.Slot(name)
	}
	return group
}

// checkCount is the error for a rule that doesn't give as many nodes as it has variables.
func checkCount(name, what string, got, want int) {
	if got != want {
		panic(fmt.Errorf("optimizer %s: got %d %s after the step, want %d", name, got, what, want))
	}
}
