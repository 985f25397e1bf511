package symbolic

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/internal/ndarray"
)

// OnNodes computes, on nodes of a graph that is being built, what a function says of symbolic tensors, as package ops writes it. The tensors have
// the nodes' shapes, the batch's size among them. Like GoMLX's functions it panics with an error; layers with weights are one, since nothing would train them.
func OnNodes(f func(inputs []*Tensor) *Tensor, nodes ...*graph.Node) *graph.Node {
	t := trace(specsOfNodes(nodes), func(t *traced) *Tensor { return f(t.inputs) })
	return t.compute(nodes[0].Graph(), nodes, false)
}

// OnGraph is [OnNodes] for a function that takes nodes of the graph as it needs them: lift is the symbolic tensor of a node.
func OnGraph(g *graph.Graph, f func(lift func(*graph.Node) *Tensor) *Tensor) *graph.Node {
	var nodes []*graph.Node
	t := trace(nil, func(t *traced) *Tensor {
		return f(func(node *graph.Node) *Tensor {
			i := slices.Index(nodes, node)
			if i < 0 {
				i = len(nodes)
				nodes = append(nodes, node)
				t.open(specsOfNodes(nodes[i:])[0])
			}
			return t.inputs[i]
		})
	})
	return t.compute(g, nodes, false)
}

func specsOfNodes(nodes []*graph.Node) []Spec {
	specs := make([]Spec, len(nodes))
	for i, node := range nodes {
		specs[i] = Spec{slices.Clone(node.Shape().Dimensions), ndarray.DTypeName(node.DType())}
	}
	return specs
}

// traced is what a function does with symbolic tensors.
type traced struct {
	network *Network
	inputs  []*Tensor
	output  *Tensor
}

// trace lets a function compute with symbolic tensors of those specs. It panics with an error.
func trace(specs []Spec, f func(t *traced) *Tensor) *traced {
	t := &traced{}
	for _, s := range specs {
		t.open(s)
	}
	n, self := NewNetwork()
	n.Start(self)
	n.GiveNameBack()
	t.network, t.output = n, f(t)
	if t.output == nil {
		panic(fmt.Errorf("the function returned no tensor"))
	}
	if err := t.output.Err(); err != nil {
		panic(err)
	}
	if err := n.Connect(t.inputs, t.output); err != nil {
		panic(err)
	}
	layers := n.Operations()
	slices.SortFunc(layers, func(a, b Layer) int { return cmp.Compare(b.Base().auto.count, a.Base().auto.count) })
	for _, l := range layers { // they are gone after this; the next layer of the user's isn't to be called add_1 for them
		l.Base().GiveNameBack()
	}
	if weights := self.Base().Weights(); len(weights) > 0 {
		panic(fmt.Errorf("the function applies a layer with weights (%s): here nothing would train them", weights[0].Path()))
	}
	return t
}

// open adds an input.
func (t *traced) open(s Spec) *Tensor {
	l := newInputLayer()
	l.cfg.BatchShape, l.cfg.DType = s.Shape, s.DType
	x, err := l.Open("")
	if err != nil {
		panic(err)
	}
	t.inputs = append(t.inputs, x)
	return x
}

// compute builds the graph of it; nodes are the values of the inputs.
func (t *traced) compute(g *graph.Graph, nodes []*graph.Node, training bool) *graph.Node {
	values := map[*Tensor]*Value{}
	for i, node := range nodes {
		values[t.inputs[i]] = &Value{Node: node}
	}
	t.network.compute(NewPass(g, training, nil), values, training)
	return values[t.output].Node
}
