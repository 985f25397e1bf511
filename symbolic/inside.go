package symbolic

import (
	"errors"
	"fmt"
	"slices"

	"github.com/gomlx/gomlx/core/graph"
)

// What a layer may do with a layer inside it beyond [Call.Apply].

// Of is what the Call of an inner layer would be given, without arguments: for a layer that computes a part of inner, or inner in another way, as
// LSTM computes all steps of its cell at once.
func (c *Call) Of(inner Layer) *Call {
	c.mustTrack(inner)
	signature, err := ParseSignature(inner.Signature())
	if err != nil {
		panic(err)
	}
	none := &Arguments[*graph.Node]{signature: signature, values: map[string]any{}}
	base := inner.Base()
	return &Call{Arguments: none, Training: c.Training, layer: base, pass: c.pass, dtype: base.cfg.DType.Compute()}
}

// CallOnly runs nothing but the Call of an inner layer (Python: self.dense.call(x), where [Call.ApplyCall] is self.dense(x)): it computes in the type
// of this layer, and neither converts its arguments nor penalises its outputs nor gives them masks.
func (c *Call) CallOnly(inner Layer, args []any, kwargs map[string]any) []*graph.Node {
	within := c.Of(inner)
	bound, err := bindArguments(within.signature, args, kwargs, func(*graph.Node) any { return nil })
	if err != nil {
		panic(fmt.Errorf("layer %q: %w", inner.Base().Name(), err))
	}
	within.Arguments, within.dtype = bound, c.dtype
	return inner.Call(within, within.First())
}

// errLeaves says that something would have to leave a function of the graph that is only part of a loop.
var errLeaves = errors.New("inside a loop no layer can set its weights, add losses or draw random numbers")

// Looped is [Call.ApplyCall] for the body of a loop, whose functions see no node of the graph around them. It returns the values of inner's weights,
// and a function that applies inner with other nodes in their place: those that the loop gives its body for them.
// Where inner sets weights, adds losses or draws random numbers that function panics inside a function of the graph, not outside.
func (c *Call) Looped(inner Layer) (values []*graph.Node, apply func(values []*graph.Node, args []any, kwargs map[string]any) []*graph.Node) {
	c.mustTrack(inner)
	base := inner.Base()
	weights := slices.Concat(base.Weights(), base.States(), base.SeedStates())
	for _, w := range weights {
		values = append(values, c.pass.Value(w))
	}
	return values, func(values []*graph.Node, args []any, kwargs map[string]any) []*graph.Node {
		inside := NewPass(c.pass.Graph, c.pass.Training, map[*Weight]*graph.Node{})
		for i, w := range weights {
			inside.values[w] = values[i]
			if set, ok := c.pass.updates[w]; ok { // by a step before, which is no loop's
				inside.values[w] = set
			}
		}
		call := *c
		call.pass = inside
		outputs := call.ApplyCall(inner, args, kwargs)
		if len(inside.updates)+len(inside.losses) == 0 {
			return outputs
		}
		if !c.pass.Graph.IsMainFunc() {
			panic(fmt.Errorf("layer %q: %w", base.Name(), errLeaves))
		}
		for w, value := range inside.updates {
			c.pass.updates[w] = value
		}
		c.pass.losses = append(c.pass.losses, inside.losses...)
		return outputs
	}
}

// Attempt runs what it is given unless that sets a weight that isn't the state of a random generator, or adds to the loss: then it undoes all
// that, and returns false.
func (c *Call) Attempt(run func()) bool {
	updates, losses := c.pass.Updates(), len(c.pass.losses)
	run()
	kept := len(c.pass.losses) == losses
	for w, value := range c.pass.updates {
		kept = kept && (w.isSeed() || updates[w] == value)
	}
	if !kept {
		c.pass.updates, c.pass.losses = updates, c.pass.losses[:losses]
	}
	return kept
}
