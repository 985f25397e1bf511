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
	inputs, values := make([]*Tensor, len(nodes)), map[*Tensor]*Value{}
	for i, node := range nodes {
		l := newInputLayer()
		l.cfg.BatchShape, l.cfg.DType = slices.Clone(node.Shape().Dimensions), ndarray.DTypeName(node.DType())
		t, err := l.Open("")
		if err != nil {
			panic(err)
		}
		inputs[i], values[t] = t, &Value{Node: node}
	}
	n, self := NewNetwork()
	n.Start(self)
	n.GiveNameBack()
	out := f(inputs)
	if out == nil {
		panic(fmt.Errorf("the function returned no tensor"))
	}
	if err := out.Err(); err != nil {
		panic(err)
	}
	if err := n.Connect(inputs, out); err != nil {
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
	n.compute(NewPass(nodes[0].Graph(), false, nil), values, false)
	return values[out].Node
}
