package scan

import (
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/internal/lowering"
)

// kernel says what recurrent layer a loop computes, so that an engine that has a kernel for it may use that.
type kernel struct {
	layer lowering.Layer
	// roles of the loop's states, inputs and parameters
	states, inputs, params []lowering.Role
	// written returns the roles of what the loop writes besides, in order, nil if it isn't what the kernel does.
	written  func(w *while) []lowering.Role
	gradient bool
}

// takesKernel reports whether a kernel would take the loop.
func (l Loop) takesKernel() bool {
	return l.kernel != nil && lowering.HasKernels(l.graph())
}

// mark is the loop's mark, nil if there is none.
func (w *while) mark() *lowering.Mark {
	if !w.takesKernel() || w.sums > 0 {
		return nil
	}
	written := w.kernel.written(w)
	if written == nil {
		return nil
	}
	m := &lowering.Mark{Layer: w.kernel.layer, Gradient: w.kernel.gradient, Reverse: w.Reverse != w.kernel.gradient, Roles: []lowering.Role{lowering.NoRole}}
	for _, list := range [][]lowering.Role{w.kernel.states, w.kernel.inputs, w.kernel.params, written} {
		m.Roles = append(m.Roles, list...)
	}
	return m
}

// layerKernel is the kernel of a layer.
func layerKernel(layer lowering.Layer, bias bool) *kernel {
	k := &kernel{layer: layer, states: []lowering.Role{lowering.H}, inputs: []lowering.Role{lowering.X}, params: []lowering.Role{lowering.Kernel}}
	wanted := []lowering.Role{lowering.Outputs, lowering.Products}
	if layer == lowering.LSTM {
		k.states = append(k.states, lowering.C)
		wanted = append(wanted, lowering.Carries)
	}
	if bias && layer == lowering.GRU {
		k.params = append(k.params, lowering.Bias)
	}
	k.written = func(w *while) []lowering.Role {
		if w.outputs != 1 || w.keeps != 1 || w.as[0] != 0 || w.saved != len(wanted)-2 {
			return nil
		}
		return wanted
	}
	return k
}

// masked is the kernel of the loop with a mask as its last input.
func (k *kernel) masked() *kernel {
	if k == nil {
		return nil
	}
	with := *k
	with.inputs = append(with.inputs[:len(with.inputs):len(with.inputs)], lowering.StepMask)
	return &with
}

// back is the kernel of the gradient's loop.
func (k *kernel) back(b *back, inputs int) *kernel {
	if k == nil || k.gradient {
		return nil
	}
	g := &kernel{layer: k.layer, gradient: true, states: []lowering.Role{lowering.DH}, inputs: append([]lowering.Role{}, k.inputs...), params: k.params}
	g.inputs = append(g.inputs, lowering.BeforeH)
	if k.layer == lowering.LSTM {
		g.states = append(g.states, lowering.DC)
		g.inputs = append(g.inputs, lowering.Carries)
	}
	g.inputs = append(g.inputs, lowering.Products)
	if b.outputs[0] >= 0 {
		g.inputs = append(g.inputs, lowering.DOutputs)
	}
	if len(g.inputs) != inputs {
		return nil // gradients arrive at what was kept
	}
	g.written = func(w *while) []lowering.Role {
		// What the gradient's loop saves for a gradient of its own isn't asked for, as a rule.
		wanted := []lowering.Role{lowering.DX}
		if k.layer == lowering.GRU {
			wanted = append(wanted, lowering.DProducts)
		}
		if len(b.inputs) != 1 || b.inputs[0] != 0 || len(b.dots) != 1 || b.dots[0].d != len(wanted)-1 || b.dots[0].x >= 0 || w.outputs != len(wanted) || w.keeps > 0 {
			return nil
		}
		return append(wanted, make([]lowering.Role, w.saved)...)
	}
	return g
}

// is reports whether f makes one operation of that type of what it gets.
func is(f func(x *graph.Node) *graph.Node, operation graph.NodeType, g *graph.Graph) bool {
	if f == nil {
		return false
	}
	x := graph.Const(g, [][]float32{{0, 1}, {2, 3}})
	y := f(x)
	return y.Type() == operation && len(y.Inputs()) == 1 && y.Inputs()[0] == x
}

// kernelFor is the kernel that computes the cell, nil if there is none.
func (w Weights) kernelFor(layer lowering.Layer, bias bool) *kernel {
	g := w.Kernel.Graph()
	if w.Kernel.DType() != dtypes.Float32 || len(w.StateMasks) > 0 || !lowering.HasKernels(g) || !is(w.Activation, graph.NodeTypeTanh, g) {
		return nil
	}
	if layer != lowering.SimpleRNN && !is(w.RecurrentActivation, graph.NodeTypeLogistic, g) {
		return nil
	}
	return layerKernel(layer, bias)
}
