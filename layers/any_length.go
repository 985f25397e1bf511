package layers

import (
	"slices"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/activations"
	"github.com/gokeras/gokeras/symbolic"
)

// What layers have in common that compute sequences to which steps were added ([symbolic.AnyLength]).

// stepWise is embedded by layers that compute each step from the same step of their inputs.
type stepWise struct{}

// OutputSteps says that as many steps count as of the inputs.
func (stepWise) OutputSteps(c *symbolic.Call) ([]*graph.Node, bool) { return stepsAlone(c, true) }

// stepsAlone is OutputSteps of a layer with one output that computes each step alone on a condition.
func stepsAlone(c *symbolic.Call, condition bool) ([]*graph.Node, bool) {
	steps, ok := c.CommonSteps()
	return []*graph.Node{steps}, ok && condition
}

// behindSteps reports whether x has axes behind that of the steps, and all of the axes that are named are among them.
func behindSteps(x *graph.Node, axes ...int) bool {
	rank := x.Rank()
	return rank > 2 && !slices.ContainsFunc(axes, func(axis int) bool {
		if axis < 0 {
			axis += rank
		}
		return axis < 2
	})
}

// stepsAlone reports whether the activation, applied to an array of that many axes, computes each step alone.
func (c *activationConfig) stepsAlone(rank int) bool {
	mixes, known := activations.MixesLast(c.Activation)
	return known && (rank > 2 || !mixes)
}

// windowSteps is how many steps windows along them have that lie wholly within those that count.
func windowSteps(steps *graph.Node, span, stride int) *graph.Node {
	if span > 1 {
		steps = graph.AddScalar(steps, float64(1-span))
	}
	if stride > 1 {
		steps = graph.Div(graph.AddScalar(steps, float64(stride-1)), graph.Scalar(steps.Graph(), steps.DType(), stride))
	}
	return steps
}

// outputSteps is OutputSteps of a kernel that moves along the steps. What zeros before and behind a whole sequence do, zeros in place of the added steps do, too; with
// strides the number of those before depends on the length.
func (c *windowArguments[A]) outputSteps(call *symbolic.Call, activation *activationConfig) ([]*graph.Node, bool) {
	steps := call.Steps()
	if len(c.KernelSize) != 1 || c.DataFormat == ChannelsFirst || steps == nil || !activation.stepsAlone(3) {
		return nil, false
	}
	switch {
	case c.Padding == Valid:
		return []*graph.Node{windowSteps(steps, c.span(0), c.Strides[0])}, true
	case c.Padding == Causal:
		return []*graph.Node{windowSteps(steps, 1, c.Strides[0])}, true
	}
	return []*graph.Node{steps}, c.Strides[0] == 1
}

// padded is the input of the kernel, ready for the zeros that "same" sees behind it.
func (c *windowArguments[A]) padded(call *symbolic.Call, x *graph.Node) *graph.Node {
	if steps := call.Steps(); steps != nil && c.Padding == Same {
		return graph.Where(symbolic.Counted(steps, x.Shape().Dimensions...), x, graph.ZerosLike(x))
	}
	return x
}
