package functional

import (
	"fmt"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/internal/kerasops"
)

// Call is what a layer's Call method may ask for while it builds its part of
// the graph.
type Call struct {
	// Training tells the training phase from inference (Keras: training=).
	Training bool

	layer     *BaseLayer
	pass      *forward
	inputs    []*graph.Node
	arguments *kerasops.Arguments // nil for a call with tensors alone
}

// forward is one forward pass through a model under construction.
type forward struct {
	graph   *graph.Graph
	train   bool
	nodes   map[*Weight]*graph.Node // the current value of every variable
	updates map[*Weight]*graph.Node // values that the pass gives to non-trainable variables
	losses  []*graph.Node           // penalties that layers added, in order
}

// Graph is the GoMLX graph that is being built.
func (c *Call) Graph() *graph.Graph { return c.pass.graph }

// DType is the type in which the layer computes.
func (c *Call) DType() dtypes.DType { return c.layer.cfg.DType.Compute() }

// Trainable reports whether the layer's weights may change.
func (c *Call) Trainable() bool { return c.layer.cfg.Trainable }

// Weight returns the layer's weight of that name in the layer's compute type. It
// panics if the layer has none.
func (c *Call) Weight(name string) *graph.Node {
	return toDType(c.RawWeight(name), c.DType())
}

// RawWeight returns the weight in the type in which it is stored.
func (c *Call) RawWeight(name string) *graph.Node {
	w := c.find(name)
	if n, ok := c.pass.updates[w]; ok {
		return n
	}
	return c.pass.nodes[w]
}

// SetWeight gives a non-trainable weight the value it has from the next step
// on (and for the rest of this pass).
func (c *Call) SetWeight(name string, value *graph.Node) {
	w := c.find(name)
	c.pass.updates[w] = toDType(value, w.spec.DType)
}

// AddLoss adds a scalar to the model's loss (Keras: Layer.add_loss).
func (c *Call) AddLoss(penalty *graph.Node) {
	c.pass.losses = append(c.pass.losses, graph.ConvertDType(penalty, dtypes.Float32))
}

// Random returns a GoMLX random state that differs for every draw. Only a
// [RandomLayer] has one.
func (c *Call) Random() *graph.Node {
	w := c.layer.seed
	if w == nil {
		panic(fmt.Errorf("layer %q draws random numbers but is no RandomLayer", c.layer.Name()))
	}
	state, ok := c.pass.updates[w]
	if !ok {
		state = c.pass.nodes[w]
	}
	rng, next := drawSeed(state)
	c.pass.updates[w] = next
	return rng
}

func (c *Call) find(name string) *Weight {
	for _, w := range c.layer.weights {
		if w.spec.Name == name {
			return w
		}
	}
	panic(fmt.Errorf("layer %q has no weight %q", c.layer.Name(), name))
}

// apply runs one layer on concrete nodes, the way Keras's Layer.__call__ does:
// inputs cast to the compute type, then call, then the activity regularizer.
func (p *forward) apply(l Layer, inputs []*graph.Node) []*graph.Node {
	return p.applyWith(l, inputs, nil)
}

func (p *forward) applyWith(l Layer, inputs []*graph.Node, arguments *kerasops.Arguments) []*graph.Node {
	base := l.Base()
	cast := make([]*graph.Node, len(inputs))
	for i, x := range inputs {
		cast[i] = x
		if _, isModel := l.(*Model); !isModel && x.DType().IsFloat() {
			cast[i] = toDType(x, base.cfg.DType.Compute())
		}
	}
	outputs := l.Call(&Call{Training: p.train, layer: base, pass: p, inputs: cast, arguments: arguments}, cast)
	if reg := base.cfg.ActivityRegularizer; reg != nil {
		for _, out := range outputs {
			// Keras divides by the batch so that the strength doesn't depend on its size.
			batch := float64(out.Shape().Dimensions[0])
			p.losses = append(p.losses, graph.DivScalar(toDType(reg.Penalty(out), dtypes.Float32), batch))
		}
	}
	return outputs
}

// penalties adds up the weight regularizers of the model's weights and the
// losses that layers added (Keras: model.losses); nil if there are none.
func (p *forward) penalties(weights []*Weight) *graph.Node {
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
			add(toDType(w.spec.Regularizer.Penalty(p.nodes[w]), dtypes.Float32))
		}
	}
	return total
}

func toDType(x *graph.Node, dtype dtypes.DType) *graph.Node {
	if x.DType() == dtype {
		return x
	}
	return graph.ConvertDType(x, dtype)
}
