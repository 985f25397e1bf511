package scan

import (
	"errors"
	"fmt"
	"slices"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
)

// Options are what all recurrent layers take.
type Options struct {
	// Mask is bool (batch, time), nil if nothing is masked. At a step where it is false the states stay what they were, and the output is that of the step before.
	Mask *graph.Node
	// GoBackwards begins with the last step. The outputs are in the order in which they are computed, as Keras's.
	GoBackwards bool
	// ZeroOutputForMask makes the outputs of masked steps zeros.
	ZeroOutputForMask bool
	// Unroll puts the steps side by side, as Keras's argument of that name, with what Keras does differently then: outputs of masked steps before the
	// first that isn't are zeros instead of the first initial state, and ZeroOutputForMask does nothing.
	Unroll bool
	// OutputState is the state that is taken for the output of the step before: 0 but for stacked cells, of which it is the last's first.
	OutputState int
}

// Result is what a recurrent layer gives.
type Result struct {
	Outputs *graph.Node   // (batch, time, …)
	Last    *graph.Node   // (batch, …), the output of the step that was computed last
	States  []*graph.Node // after the last step
}

// Cell is one step of a recurrent network: from what the step is given, its output and the states after it, all (batch, …). It obeys the rules of [Body].
type Cell func(s *Step) (output *graph.Node, states []*graph.Node)

// RNN computes what Keras's RNN does with any cell, on inputs (batch, time, …) from the initial states (batch, …). A cell may use nodes that it
// wasn't given as parameters, at the price of a program that grows with the number of steps. It panics, as GoMLX does, where shapes don't fit.
func RNN(inputs, initial, params []*graph.Node, cell Cell, o Options) Result {
	if len(inputs) == 0 {
		panic(errors.New("scan: a recurrent network needs an input"))
	}
	for i, x := range inputs {
		if x.Rank() < 2 || x.Shape().Dimensions[1] != inputs[0].Shape().Dimensions[1] {
			panic(fmt.Errorf("scan: input %d of a recurrent network has shape %s, want (batch, time, …) with the time of input 0, %s", i, x.Shape(), inputs[0].Shape()))
		}
	}
	major := make([]*graph.Node, len(inputs))
	for i, x := range inputs {
		major[i] = swap(x)
	}
	return o.run(Loop{Inputs: major, States: initial, Params: params}, cell)
}

// run runs a cell on a loop's inputs (time, batch, …).
func (o Options) run(l Loop, cell Cell) Result {
	l.Steps = l.Inputs[0].Shape().Dimensions[0]
	l.Reverse, l.Unroll = o.GoBackwards, o.Unroll
	inputs := len(l.Inputs)
	var mask *graph.Node
	if o.Mask != nil {
		if m := o.Mask.Shape(); m.DType != dtypes.Bool || m.Rank() != 2 || m.Dimensions[1] != l.Steps {
			panic(fmt.Errorf("scan: the mask of a recurrent network of %d steps is %s, want bool (batch, %d)", l.Steps, m, l.Steps))
		}
		mask = swap(o.Mask)
		l.Inputs = append(slices.Clone(l.Inputs), mask)
		l.kernel = l.kernel.masked()
	}
	carried := -1 // the state that is the output
	var before *graph.Node
	states, outputs := l.Run(func(s *Step) (states, outputs []*graph.Node) {
		var now *graph.Node
		if mask != nil {
			now = s.Inputs[inputs]
			s.Inputs = s.Inputs[:inputs]
		}
		output, states := cell(s)
		carried = slices.Index(states, output)
		if now == nil {
			return states, []*graph.Node{output}
		}
		if len(states) != len(s.States) {
			panic(fmt.Errorf("scan: a cell gives %d states, want %d", len(states), len(s.States)))
		}
		next := make([]*graph.Node, len(states))
		for i, x := range states {
			next[i] = where(now, x, s.States[i])
		}
		switch {
		case o.Unroll:
			if before == nil || before.Graph() != output.Graph() {
				before = graph.ZerosLike(output)
			}
			before = where(now, output, before)
			carried = -1
			return next, []*graph.Node{before}
		case carried >= 0 && carried == o.OutputState:
			output = next[carried]
		case o.ZeroOutputForMask:
			output, carried = where(now, output, graph.ZerosLike(output)), -1
		default:
			output, carried = where(now, output, s.States[o.OutputState]), -1
		}
		return next, []*graph.Node{output}
	})
	last := l.Steps - 1
	if o.GoBackwards {
		last = 0
	}
	rows := outputs[0]
	r := Result{States: states}
	if carried >= 0 {
		r.Last = states[carried]
	} else {
		r.Last = graph.Squeeze(graph.Slice(rows, graph.AxisElem(last)), 0)
	}
	if carried >= 0 && mask != nil && o.ZeroOutputForMask {
		r.Last = where(graph.Squeeze(graph.Slice(mask, graph.AxisElem(last)), 0), r.Last, graph.ZerosLike(r.Last))
		rows = where(mask, rows, graph.ZerosLike(rows))
	}
	if o.GoBackwards {
		rows = graph.Reverse(rows, 0)
	}
	r.Outputs = swap(rows)
	return r
}

// swap exchanges the first two axes.
func swap(x *graph.Node) *graph.Node {
	axes := make([]int, x.Rank())
	for i := range axes {
		axes[i] = i
	}
	axes[0], axes[1] = 1, 0
	return graph.TransposeAllDims(x, axes...)
}

// where is x where the mask is true, else y. The mask has the first axes of both.
func where(mask, x, y *graph.Node) *graph.Node {
	if !x.Shape().Equal(y.Shape()) {
		panic(fmt.Errorf("scan: a masked step gives %s where %s was before", x.Shape(), y.Shape()))
	}
	for mask.Rank() < x.Rank() {
		mask = graph.InsertAxes(mask, -1)
	}
	return graph.Where(graph.BroadcastToShape(mask, shapes.Make(dtypes.Bool, x.Shape().Dimensions...)), x, y)
}
