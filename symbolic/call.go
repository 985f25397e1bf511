package symbolic

import (
	"fmt"
	"slices"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/internal/ndarray"
	"github.com/gokeras/gokeras/internal/nest"
)

// Call is what a layer's Call method may ask for while it builds its part of
// the graph: the arguments of the call by their names, weights, random numbers, inner layers.
type Call struct {
	*Arguments[*graph.Node]
	// Training tells the training phase from inference (Keras: training=).
	Training bool

	layer *BaseLayer
	pass  *Pass
	dtype dtypes.DType   // in which the layer computes
	came  map[string]any // the arguments as they came, with *Value for tensors
	masks []*graph.Node  // that the layer gave its outputs itself

	outputSteps []*graph.Node // how many steps of a network's outputs count
}

// Value is the value of a symbolic tensor in the graph, with its mask, nil for none.
type Value struct {
	Node, Mask *graph.Node
	// Steps is how many steps, along axis 1, count; those behind them were added. It is nil where all do. See [AnyLength].
	Steps *graph.Node
}

// Graph is the GoMLX graph that is being built.
func (c *Call) Graph() *graph.Graph { return c.pass.Graph }

// DType is the type in which the layer computes.
func (c *Call) DType() dtypes.DType { return c.dtype }

// Specs are the call's arguments as their shapes and types, which Infer got.
func (c *Call) Specs() *Inputs {
	specs := &Inputs{signature: c.signature, given: c.given, values: map[string]any{}}
	for name, v := range c.values {
		specs.values[name], _ = nest.Map(v, func(leaf any) (any, error) {
			if n, ok := leaf.(*graph.Node); ok {
				return Spec{n.Shape().Dimensions, ndarray.DTypeName(n.DType())}, nil
			}
			return leaf, nil
		})
	}
	return specs
}

// Trainable reports whether the layer's weights may change.
func (c *Call) Trainable() bool { return c.layer.Trainable() }

// Mask is the mask of the call (Keras: mask=), given by the caller or by the layer before; nil for none.
func (c *Call) Mask() *graph.Node {
	masks := c.Tensors(maskArgument)
	if len(masks) == 0 {
		return nil
	}
	return masks[0]
}

// InputMasks are the masks that the tensors of the first argument came with, nil for those without one.
func (c *Call) InputMasks() []*graph.Node {
	var list []*graph.Node
	nest.Each(c.came[c.firstName()], func(v any) {
		if v, ok := v.(*Value); ok {
			list = append(list, v.Mask)
		}
	})
	return list
}

// TakeMask returns the mask that a tensor argument came with, whatever the caller gave as its mask, and takes it away from the tensor: layers
// that read the tensor later see none. That is what Keras's MultiHeadAttention does to its inputs. A tensor that was cast for the call is
// another one, whose mask is not taken away.
func (c *Call) TakeMask(argument string) *graph.Node {
	v, ok := c.came[argument].(*Value)
	if !ok {
		return nil
	}
	mask := v.Mask
	if n, _ := c.Tensor(argument); n == v.Node {
		v.Mask = nil
	}
	return mask
}

// SetOutputMask gives output i a mask. Layers whose masks follow from those of their inputs implement [Masker] instead.
func (c *Call) SetOutputMask(i int, mask *graph.Node) {
	for len(c.masks) <= i {
		c.masks = append(c.masks, nil)
	}
	c.masks[i] = mask
}

// Weight returns the layer's weight of that name in the layer's compute type. It
// panics if the layer has none.
func (c *Call) Weight(name string) *graph.Node {
	return ndarray.Cast(c.RawWeight(name), c.DType())
}

// RawWeight returns the weight in the type in which it is stored.
func (c *Call) RawWeight(name string) *graph.Node { return c.pass.Value(c.layer.find(name)) }

// SetWeight gives a non-trainable weight the value it has from the next step
// on (and for the rest of this pass). What [WeightSpec.Change] says decides whether that lasts.
func (c *Call) SetWeight(name string, value *graph.Node) { c.pass.set(c.layer.find(name), value) }

// WeightOf is [Call.Weight] for a weight of a layer that the layer tracks, in this layer's compute type.
func (c *Call) WeightOf(inner Layer, name string) *graph.Node {
	c.mustTrack(inner)
	return ndarray.Cast(c.pass.Value(inner.Base().find(name)), c.DType())
}

// SetWeightOf gives a weight of a layer that the layer tracks another value for the rest of this pass, as assigning it does in Python. Of a weight that
// is trained, the optimizer changes the value that it had before; another one keeps the value.
func (c *Call) SetWeightOf(inner Layer, name string, value *graph.Node) {
	c.mustTrack(inner)
	c.pass.set(inner.Base().find(name), value)
}

// AddLoss adds a scalar to the model's loss (Keras: Layer.add_loss).
func (c *Call) AddLoss(penalty *graph.Node) {
	c.pass.losses = append(c.pass.losses, graph.ConvertDType(penalty, dtypes.Float32))
}

// Random returns a GoMLX random state that differs for every draw, from the layer's only generator. It panics if Declare declared none.
func (c *Call) Random() *graph.Node { return c.RandomFrom(0) }

// RandomFrom is Random for a layer with several generators, counted from 0 in the order of their declarations.
func (c *Call) RandomFrom(generator int) *graph.Node {
	if generator >= len(c.layer.seeds) {
		panic(fmt.Errorf("layer %q draws random numbers but declared no generator: call Seed in Declare", c.layer.Name()))
	}
	return c.pass.Draw(c.layer.seeds[generator])
}

// Op computes one of Keras's operations, as [MaskCall.Op] does: c.Op("Einsum", map[string]any{"subscripts": "ab,cb->ac"}, x, y). It is for
// operations with one output; GoMLX's functions serve as well where they do what Keras's do.
func (c *Call) Op(class string, cfg map[string]any, args ...any) *graph.Node {
	return graphOps{c.Graph()}.apply(class, cfg, args).(*graph.Node)
}

// Ops is [Call.Op] for operations with several outputs.
func (c *Call) Ops(class string, cfg map[string]any, args ...any) []*graph.Node {
	return graphOps{c.Graph()}.outputs(class, cfg, args)
}

// Apply runs a layer that the layer tracks and returns its outputs (Python: self.dense(x)).
func (c *Call) Apply(inner Layer, inputs ...*graph.Node) []*graph.Node {
	return c.ApplyCall(inner, inner.Base().grouped(toAny(inputs)), nil)
}

// ApplyCall is Apply with positional and keyword arguments, whose tensors are *graph.Node.
func (c *Call) ApplyCall(inner Layer, args []any, kwargs map[string]any) []*graph.Node {
	c.mustTrack(inner)
	valued := func(v any) any {
		out, _ := nest.Map(v, func(leaf any) (any, error) {
			if n, ok := leaf.(*graph.Node); ok {
				return &Value{Node: n}, nil
			}
			return leaf, nil
		})
		return out
	}
	outputs := c.pass.apply(inner, valued(args).([]any), toKwargs(valued(kwargs)), c.Training)
	nodes := make([]*graph.Node, len(outputs))
	for i, o := range outputs {
		nodes[i] = o.Node
	}
	return nodes
}

func (c *Call) mustTrack(inner Layer) {
	if !slices.ContainsFunc(c.layer.tracked, func(t trackedLayer) bool { return t.layer == inner }) {
		panic(fmt.Errorf("layer %q applies a layer that it doesn't track: call Track in Declare", c.layer.Name()))
	}
}

// OwnWeight is the weight or state of that name that the layer declared itself, nil for none.
func (b *BaseLayer) OwnWeight(name string) *Weight {
	for _, list := range [][]*Weight{b.weights, b.states} {
		for _, w := range list {
			if w.spec.Name == name {
				return w
			}
		}
	}
	return nil
}

func (b *BaseLayer) find(name string) *Weight {
	w := b.OwnWeight(name)
	if w == nil {
		panic(fmt.Errorf("layer %q has no weight %q", b.Name(), name))
	}
	return w
}
