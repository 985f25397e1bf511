package functional

import (
	"fmt"
	"slices"
)

// NodeInfo is one application of a layer inside a model (Keras: Node): a
// read-only view for what draws or inspects the graph.
type NodeInfo struct {
	// Layer is the layer that was applied; a model applied inside another is a *Model.
	Layer Layer
	// Index counts the layer's applications from 0. Those outside the model count too: it is
	// the first number of "conv2d[1][0]".
	Index int
	// Inputs are the tensors that the layer was applied to, none for an input
	// layer; [Tensor.Source] says where each comes from.
	Inputs []*Tensor
	// Outputs are the tensors that the application made.
	Outputs []*Tensor
	// Caller is the file and line of the application: "main.go:42".
	Caller string
}

// Nodes returns the applications that make up the model, inputs first, each after those it depends on. The
// layers of a model applied inside this one are in that model's own Nodes. It is nil
// for a Sequential that isn't built yet.
func (m *Model) Nodes() []NodeInfo {
	var list []NodeInfo
	fed := map[*node]bool{}
	for _, t := range m.inputs {
		fed[t.node] = true
	}
	for _, nodes := range m.nodesByDepth {
		for _, n := range nodes {
			info := NodeInfo{Layer: n.layer, Index: n.index, Outputs: slices.Clone(n.outputs), Caller: n.caller}
			// A model may begin at an inner tensor: what made it isn't part of the model.
			if !fed[n] {
				info.Inputs = slices.Clone(n.inputs)
			}
			list = append(list, info)
		}
	}
	return list
}

// Source says which application made a tensor (Keras: the KerasHistory of a
// tensor); printed, it is the summary's "conv2d[0][0]".
type Source struct {
	Layer       Layer
	NodeIndex   int // among the layer's applications
	TensorIndex int // among the application's outputs
}

// String is the source as the summary writes it: "conv2d[0][0]".
func (s Source) String() string {
	if s.Layer == nil {
		return "?"
	}
	return fmt.Sprintf("%s[%d][%d]", s.Layer.Base().Name(), s.NodeIndex, s.TensorIndex)
}

// Source returns the application that made the tensor; ok is false for a
// tensor that carries an error.
func (t *Tensor) Source() (source Source, ok bool) {
	if t.Err() != nil || t.node == nil {
		return Source{}, false
	}
	return Source{Layer: t.node.layer, NodeIndex: t.node.index, TensorIndex: t.index}, true
}

// LayerNodes returns every application of a layer, in the order in which they were made, whichever model they belong to
// (Keras: layer._inbound_nodes).
func LayerNodes(l Layer) []NodeInfo {
	if l == nil || l.Base() == nil {
		return nil
	}
	var list []NodeInfo
	for _, n := range l.Base().nodes {
		list = append(list, NodeInfo{Layer: n.layer, Index: n.index, Inputs: slices.Clone(n.inputs), Outputs: slices.Clone(n.outputs), Caller: n.caller})
	}
	return list
}
