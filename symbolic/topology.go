package symbolic

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync/atomic"
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
	// Args and Kwargs are the arguments of the call as files record them; tensors in them are *Tensor.
	Args   []any
	Kwargs map[string]any
	// Training is the argument training that the caller gave, nil for none; Kwargs may have one that Keras fills in.
	Training *bool
	// Caller is the file and line of the application: "main.go:42".
	Caller string
}

// Nodes returns the applications that make up the model, inputs first, each after those it depends on. The
// layers of a model applied inside this one are in that model's own Nodes. It is nil
// for a Sequential that isn't built yet.
func (m *Network) Nodes() []NodeInfo {
	var list []NodeInfo
	fed := m.fed()
	for _, nodes := range m.nodesByDepth {
		for _, n := range nodes {
			info := n.info()
			info.Inputs = nil
			// A model may begin at an inner tensor: what made it isn't part of the model.
			if !fed[n] {
				info.Inputs = slices.Clone(n.inputs)
			}
			list = append(list, info)
		}
	}
	return list
}

func (n *node) info() NodeInfo {
	return NodeInfo{Layer: n.layer, Index: n.index, Inputs: slices.Clone(n.inputs), Outputs: slices.Clone(n.outputs),
		Args: slices.Clone(n.args), Kwargs: maps.Clone(n.kwargs), Training: n.asked, Caller: n.caller}
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
		list = append(list, n.info())
	}
	return list
}

// Revision counts the changes of layers that programs depend on: which weights there are
// and which of them are trainable. What was looked up at the same count holds still.
func Revision() uint64 { return revision.Load() }

var revision atomic.Uint64

// Contains reports whether an application is part of the model; index counts the layer's applications.
func (n *Network) Contains(l Layer, index int) bool {
	nodes := l.Base().nodes
	return index < len(nodes) && n.contains(nodes[index])
}

func (n *Network) contains(at *node) bool { return n.inside[at] }

// Linear reports whether the model is a plain stack: one application after the other, each of one tensor and of a layer of its own.
func (n *Network) Linear() bool {
	if n.sequential != nil {
		return true
	}
	seen := map[Layer]bool{}
	for _, nodes := range n.nodesByDepth {
		if len(nodes) > 1 || len(nodes[0].inputs) > 1 || seen[nodes[0].layer] {
			return false
		}
		seen[nodes[0].layer] = true
	}
	return true
}

// SamplesAlone reports whether all layers of the model compute each sample alone, and keep the samples on the first axis.
func (n *Network) SamplesAlone() bool {
	if !n.Connected() {
		return false
	}
	open := func(t *Tensor) bool { return len(t.shape) > 0 && t.shape[0] == None }
	for _, t := range n.inputs {
		if !open(t) {
			return false
		}
	}
	fails := errors.New("a layer looks at other samples")
	return n.eachNode(func(at *node) error {
		if !SamplesAlone(at.layer) || slices.ContainsFunc(at.outputs, func(t *Tensor) bool { return !open(t) }) {
			return fails
		}
		return nil
	}) == nil
}
