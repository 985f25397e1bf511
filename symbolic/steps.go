package symbolic

import (
	"errors"
	"fmt"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/internal/nest"
)

// ErrLength says that a model can't compute sequences to which steps were added: it needs a program for each length.
var ErrLength = errors.New("needs a program for each length of sequences")

// outputSteps asks a layer how many steps of its outputs count, if steps were added to its inputs, and panics if it can't take them.
func (p *Pass) outputSteps(c *Call, l Layer) []*graph.Node {
	if _, isNetwork := NetworkOf(l); isNetwork || !c.added() {
		return nil
	}
	if sequence, ok := l.(AnyLength); ok {
		steps, ok := sequence.OutputSteps(c)
		for _, of := range steps { // the penalty is one of all steps
			ok = ok && (of == nil || c.layer.cfg.ActivityRegularizer == nil)
		}
		if ok {
			return steps
		}
	}
	panic(fmt.Errorf("layer %q %w", l.Base().Name(), ErrLength))
}

// added reports whether steps were added to any tensor of the call.
func (c *Call) added() bool {
	found := false
	nest.Each(c.came, func(leaf any) {
		v, ok := leaf.(*Value)
		found = found || ok && v.Steps != nil
	})
	return found
}

// Steps is how many steps count of the first tensor of the first argument; nil where all do.
func (c *Call) Steps() *graph.Node {
	if all := c.StepsOf(c.firstName()); len(all) > 0 {
		return all[0]
	}
	return nil
}

// StepsOf is how many steps count of each tensor of an argument; nil of those where all do.
func (c *Call) StepsOf(argument string) []*graph.Node {
	var steps []*graph.Node
	nest.Each(c.came[argument], func(leaf any) {
		if v, ok := leaf.(*Value); ok {
			steps = append(steps, v.Steps)
		}
	})
	return steps
}

// CommonSteps is how many steps count of all tensors of the call but masks, where elements of the same step are combined with each other or with what is
// the same for all steps; ok is false where they may be combined otherwise.
func (c *Call) CommonSteps() (steps *graph.Node, ok bool) {
	var all []*Value
	for name, v := range c.came {
		if name != maskArgument {
			nest.Each(v, func(leaf any) {
				if v, ok := leaf.(*Value); ok {
					all = append(all, v)
				}
			})
		}
	}
	rank := 0
	for _, v := range all {
		if v.Steps == nil {
			continue
		}
		if steps != nil && (v.Steps != steps || v.Node.Rank() != rank) {
			return nil, false
		}
		steps, rank = v.Steps, v.Node.Rank()
	}
	for _, v := range all {
		axis := v.Node.Rank() - rank + 1 // that which meets the steps
		if v.Steps == nil && (axis > 1 || axis >= 0 && v.Node.Shape().Dimensions[axis] != 1) {
			return nil, false
		}
	}
	return steps, true
}

// Counted says which elements of an array of those sizes, (batch, steps, …), belong to the first steps of them.
func Counted(steps *graph.Node, dims ...int) *graph.Node {
	at := graph.Iota(steps.Graph(), shapes.Make(dtypes.Int32, dims...), 1)
	return graph.LessThan(at, graph.BroadcastToDims(steps, dims...))
}

// CountedMask is a mask of x, nil for none, in which only the first steps count: bools (batch, steps).
func CountedMask(mask, x, steps *graph.Node) *graph.Node {
	if mask == nil {
		return Counted(steps, x.Shape().Dimensions[:2]...)
	}
	if mask.DType() != dtypes.Bool {
		mask = graph.NotEqual(mask, graph.ScalarZero(mask.Graph(), mask.DType()))
	}
	return graph.LogicalAnd(mask, Counted(steps, mask.Shape().Dimensions...))
}

// StepMask is the call's mask, of which steps that were added to the first input don't count: bools (batch, steps) then.
func (c *Call) StepMask() *graph.Node {
	mask, steps := c.Mask(), c.Steps()
	if steps == nil {
		return mask
	}
	return CountedMask(mask, c.First()[0], steps)
}
