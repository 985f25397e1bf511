package symbolic

import (
	"fmt"
	"maps"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/internal/ndarray"
	"github.com/gokeras/gokeras/internal/nest"
)

// Pass is one pass through layers while a program is built: which values the weights have, and what the layers do to them.
type Pass struct {
	Graph    *graph.Graph
	Training bool
	values   map[*Weight]*graph.Node // at the beginning
	updates  map[*Weight]*graph.Node // what the pass gives them
	losses   []*graph.Node           // penalties that layers added, in order
	host     *hostNodes              // what the host computed of the network that is being applied, nil for nothing
}

// NewPass begins a pass on a graph in which the weights have those values.
func NewPass(g *graph.Graph, training bool, values map[*Weight]*graph.Node) *Pass {
	return &Pass{Graph: g, Training: training, values: values, updates: map[*Weight]*graph.Node{}}
}

// Value is the value that a weight has at this point of the pass.
func (p *Pass) Value(w *Weight) *graph.Node {
	if n, ok := p.updates[w]; ok {
		return n
	}
	return p.values[w]
}

// Initial is the value that a weight had when the pass began.
func (p *Pass) Initial(w *Weight) *graph.Node { return p.values[w] }

// Update gives a weight, or another variable, its next value.
func (p *Pass) Update(w *Weight, value *graph.Node) { p.updates[w] = value }

// Updates are the weights' new values so far.
func (p *Pass) Updates() map[*Weight]*graph.Node { return maps.Clone(p.updates) }

// set is Update for a layer, by the weight's rule.
func (p *Pass) set(w *Weight, value *graph.Node) {
	switch {
	case w.spec.Change == Never:
		panic(fmt.Errorf("weight %s was set in a call, though it is declared never to change", w.Path()))
	case w.spec.Change == InTraining && !p.Training:
		return
	}
	p.updates[w] = ndarray.Cast(value, w.spec.DType)
}

// Draw returns a GoMLX random state for one draw from a generator's state, which goes on.
func (p *Pass) Draw(state *Weight) *graph.Node {
	rng, next := drawSeed(p.Value(state))
	p.updates[state] = next
	return rng
}

// ApplyIn is [Pass.Apply] in a phase of its own.
func (p *Pass) ApplyIn(l Layer, args []any, kwargs map[string]any, training bool) []*Value {
	return p.apply(l, args, kwargs, training)
}

// TakePenalties is [Pass.Penalties] for what layers added since it was called last.
func (p *Pass) TakePenalties(weights []*Weight) *graph.Node {
	total := p.Penalties(weights)
	p.losses = nil
	return total
}

// Apply runs a layer on the values of its call, as Keras's Layer.__call__ does: inputs cast to the compute type, then call, then the
// activity regularizer and the masks. Tensors in the arguments are *Value.
func (p *Pass) Apply(l Layer, args []any, kwargs map[string]any) []*Value {
	return p.apply(l, args, kwargs, p.Training)
}

func (p *Pass) apply(l Layer, args []any, kwargs map[string]any, training bool) []*Value {
	base := l.Base()
	signature, err := ParseSignature(l.Signature())
	if err != nil {
		panic(err)
	}
	maskOf := func(v *Value) any {
		if v.Mask == nil {
			return nil
		}
		return &Value{Node: v.Mask, Steps: v.Steps}
	}
	bound, err := bindArguments[*Value](signature, args, kwargs, maskOf)
	if err != nil {
		panic(fmt.Errorf("layer %q: %w", base.Name(), err))
	}
	_, isNetwork := NetworkOf(l)
	_, keeps := l.(InputKeeper)
	nodes := &Arguments[*graph.Node]{signature: signature, given: bound.given, values: map[string]any{}}
	for name, v := range bound.values {
		nodes.values[name] = nodesOf(v, func(n *graph.Node) *graph.Node {
			if !isNetwork && !keeps && n.DType().IsFloat() {
				return ndarray.Cast(n, base.cfg.DType.Compute())
			}
			return n
		})
	}
	previous := bound.previousMask(maskOf) // before the call, which may take masks away
	c := &Call{Arguments: nodes, Training: training, layer: base, pass: p, dtype: base.cfg.DType.Compute(), came: bound.values}
	steps := p.outputSteps(c, l)
	outputs := l.Call(c, c.First())
	if steps == nil {
		steps = c.outputSteps
	}
	if reg := base.cfg.ActivityRegularizer; reg != nil {
		for _, out := range outputs {
			if out.DType() == dtypes.Bool {
				out = graph.ConvertDType(out, dtypes.Int32)
			}
			penalty := ndarray.Cast(reg.Penalty(out), dtypes.Float32)
			if out.Rank() > 0 { // Keras divides by the batch so that the strength doesn't depend on its size.
				penalty = graph.DivScalar(penalty, float64(out.Shape().Dimensions[0]))
			}
			p.losses = append(p.losses, penalty)
		}
	}
	values := make([]*Value, len(outputs))
	for i, out := range outputs {
		values[i] = &Value{Node: out}
		if i < len(c.masks) {
			values[i].Mask = c.masks[i]
		}
		if i < len(steps) {
			values[i].Steps = steps[i]
		}
	}
	p.maskOutputs(l, bound.values[bound.firstName()], previous, values)
	return values
}

// maskOutputs gives the outputs the masks that the layer computes, where its call gave them none.
func (p *Pass) maskOutputs(l Layer, inputs, previous any, outputs []*Value) {
	masker, ok := l.(Masker)
	if !ok {
		return
	}
	open := false
	for _, out := range outputs {
		open = open || out.Mask == nil
	}
	if !open {
		return
	}
	same := func(n *graph.Node) *graph.Node { return n }
	masks := masker.ComputeMask(&MaskCall{ops: graphOps{p.Graph}, inputs: nodesOf(inputs, same), previous: nodesOf(previous, same), outputs: len(outputs)})
	for i, mask := range masks {
		if n, ok := mask.(*graph.Node); ok && i < len(outputs) && outputs[i].Mask == nil {
			outputs[i].Mask = n
		}
	}
}

// nodesOf puts the node of each value in its place.
func nodesOf(v any, change func(*graph.Node) *graph.Node) any {
	out, _ := nest.Map(v, func(leaf any) (any, error) {
		if value, ok := leaf.(*Value); ok {
			return change(value.Node), nil
		}
		return leaf, nil
	})
	return out
}

// applyNode runs one application inside a model.
func (p *Pass) applyNode(n *node, values map[*Tensor]*Value, training bool) []*Value {
	put := func(v any) any {
		out, _ := nest.Map(v, func(leaf any) (any, error) {
			if t, ok := leaf.(*Tensor); ok {
				return values[t], nil
			}
			return leaf, nil
		})
		return out
	}
	outside := p.host
	defer func() { p.host = outside }()
	p.host = outside.at(n)
	return p.apply(n.layer, put(n.args).([]any), toKwargs(put(n.kwargs)), training)
}

// Penalties adds up the weight regularizers of the weights that are trainable and the
// losses that layers added (Keras: model.losses); nil if there are none.
func (p *Pass) Penalties(weights []*Weight) *graph.Node {
	var total *graph.Node
	add := func(x *graph.Node) {
		if total == nil {
			total = x
		} else {
			total = graph.Add(total, x)
		}
	}
	for _, loss := range p.losses {
		add(loss)
	}
	for _, w := range weights {
		if w.spec.Regularizer != nil && w.Trainable() {
			add(ndarray.Cast(w.spec.Regularizer.Penalty(p.Value(w)), dtypes.Float32))
		}
	}
	return total
}
