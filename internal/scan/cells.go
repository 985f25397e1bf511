package scan

import (
	"fmt"

	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
)

// Weights are what Keras's cells compute with. A cell has as many gates as its kernels have times its units in their last axis: SimpleRNN one,
// GRU three (update z, reset r, candidate h), LSTM four (input i, forget f, candidate c, output o).
type Weights struct {
	Kernel          *graph.Node // (features, gates·units)
	RecurrentKernel *graph.Node // (units, gates·units)
	Bias            *graph.Node // (gates·units), or nil; for a GRU with ResetAfter (2, 3·units), the input's and the recurrent one

	// Activation and RecurrentActivation are applied to the candidate and to the other gates; nil is the identity.
	Activation, RecurrentActivation func(x *graph.Node) *graph.Node

	// InputMasks and StateMasks, which Keras draws anew for each call in training, multiply the inputs (batch, features) and the output of the step before
	// (batch, units) in every step: none; one for all gates; or one for each gate, which Keras's GRU and LSTM have where recurrent_dropout isn't 0.
	InputMasks, StateMasks []*graph.Node
}

// SimpleRNN is Keras's SimpleRNN.
type SimpleRNN struct{ Weights }

// GRU is Keras's GRU.
type GRU struct {
	Weights
	ResetAfter bool // Keras's reset_after, true by default there
}

// LSTM is Keras's LSTM.
type LSTM struct{ Weights }

// Run computes the layer on x (batch, time, features) from the initial state (batch, units), zeros if there is none.
func (c SimpleRNN) Run(x *graph.Node, initial []*graph.Node, o Options) Result {
	return c.run(c.plan(), x, initial, o)
}

// Run computes the layer on x (batch, time, features) from the initial state (batch, units), zeros if there is none.
func (c GRU) Run(x *graph.Node, initial []*graph.Node, o Options) Result {
	return c.run(c.plan(), x, initial, o)
}

// Run computes the layer on x (batch, time, features) from the initial states h and c (batch, units), zeros if there are none.
func (c LSTM) Run(x *graph.Node, initial []*graph.Node, o Options) Result {
	return c.run(c.plan(), x, initial, o)
}

// Step computes one step of the cell on x (batch, features): its output, which is the first of the states after it, and these.
func (c SimpleRNN) Step(x *graph.Node, states []*graph.Node) (output *graph.Node, after []*graph.Node) {
	return c.step(c.plan(), x, states)
}

// Step computes one step of the cell on x (batch, features): its output, which is the first of the states after it, and these.
func (c GRU) Step(x *graph.Node, states []*graph.Node) (output *graph.Node, after []*graph.Node) {
	return c.step(c.plan(), x, states)
}

// Step computes one step of the cell on x (batch, features): its output, which is the first of the states after it, and these.
func (c LSTM) Step(x *graph.Node, states []*graph.Node) (output *graph.Node, after []*graph.Node) {
	return c.step(c.plan(), x, states)
}

// plan is how a cell is computed.
type plan struct {
	name          string
	gates, states int
	bias          *graph.Node   // of the inputs' products, nil for none
	params        []*graph.Node // what the steps need beside
	kernel        *kernel       // nil for none
	// next computes the states after a step whose input is the inputs' products.
	next func(s *Step) []*graph.Node
}

func (p plan) units(w Weights) int { return w.RecurrentKernel.Shape().Dimensions[0] }

// run runs the cell. All that depends on the inputs alone is computed before the loop.
func (w Weights) run(p plan, x *graph.Node, initial []*graph.Node, o Options) Result {
	w.check(p, x, 3)
	units := p.units(w)
	if len(initial) == 0 {
		for range p.states {
			initial = append(initial, graph.Zeros(x.Graph(), shapes.Make(x.DType(), x.Shape().Dimensions[0], units)))
		}
	}
	if len(initial) != p.states {
		panic(fmt.Errorf("scan: %s got %d initial states, want %d", p.name, len(initial), p.states))
	}
	l := Loop{Inputs: []*graph.Node{w.project(p, x)}, States: initial, Params: p.params, kernel: p.kernel}
	return o.run(l, func(s *Step) (*graph.Node, []*graph.Node) {
		states := p.next(s)
		return states[0], states
	})
}

// step computes one step.
func (w Weights) step(p plan, x *graph.Node, states []*graph.Node) (output *graph.Node, after []*graph.Node) {
	w.check(p, x, 2)
	if len(states) != p.states {
		panic(fmt.Errorf("scan: %s got %d states, want %d", p.name, len(states), p.states))
	}
	rows := w.project(p, graph.InsertAxes(x, 1))
	after = p.next(&Step{States: states, Inputs: []*graph.Node{graph.Squeeze(rows, 0)}, Params: p.params})
	return after[0], after
}

func (w Weights) check(p plan, x *graph.Node, rank int) {
	k, r := w.Kernel.Shape().Dimensions, w.RecurrentKernel.Shape().Dimensions
	switch {
	case x.Rank() != rank:
		panic(fmt.Errorf("scan: %s got an input of shape %s, want %d axes", p.name, x.Shape(), rank))
	case len(k) != 2 || len(r) != 2 || r[1] != p.gates*r[0] || k[1] != r[1] || k[0] != x.Shape().Dimensions[rank-1]:
		panic(fmt.Errorf("scan: %s got an input of shape %s, a kernel %s and a recurrent kernel %s, want (…, features), (features, %[5]d·units), (units, %[5]d·units)",
			p.name, x.Shape(), w.Kernel.Shape(), w.RecurrentKernel.Shape(), p.gates))
	}
	for _, masks := range [][]*graph.Node{w.InputMasks, w.StateMasks} {
		if n := len(masks); n > 1 && n != p.gates {
			panic(fmt.Errorf("scan: %s got %d dropout masks, want none, 1 or %d", p.name, n, p.gates))
		}
	}
}

// project returns the inputs' products with the kernel, and the bias, as (time, batch, gates·units) for x (batch, time, features).
func (w Weights) project(p plan, x *graph.Node) *graph.Node {
	batch, time, features := x.Shape().Dimensions[0], x.Shape().Dimensions[1], x.Shape().Dimensions[2]
	columns := w.Kernel.Shape().Dimensions[1]
	rows := swap(x)
	product := func(mask *graph.Node, kernel *graph.Node) *graph.Node {
		x := rows
		if mask != nil {
			x = graph.Mul(x, graph.InsertAxes(mask, 0))
		}
		return graph.Dot(graph.Reshape(x, time*batch, features), kernel).Product()
	}
	var y *graph.Node
	switch len(w.InputMasks) {
	case 0:
		y = product(nil, w.Kernel)
	case 1:
		y = product(w.InputMasks[0], w.Kernel)
	default:
		parts := make([]*graph.Node, p.gates)
		for i, kernel := range gates(w.Kernel, p.gates) {
			parts[i] = product(w.InputMasks[i], kernel)
		}
		y = graph.Concatenate(parts, 1)
	}
	if p.bias != nil {
		y = graph.Add(y, graph.Reshape(p.bias, 1, columns))
	}
	return graph.Reshape(y, time, batch, columns)
}

// gates cuts x into so many equal parts along its last axis.
func gates(x *graph.Node, count int) []*graph.Node {
	n := x.Shape().Dimensions[x.Rank()-1] / count
	parts := make([]*graph.Node, count)
	for i := range parts {
		parts[i] = columns(x, i*n, (i+1)*n)
	}
	return parts
}

// columns are those of x's last axis from one to before another.
func columns(x *graph.Node, from, to int) *graph.Node {
	return graph.SliceAxis(x, x.Rank()-1, graph.AxisRange(from, to))
}

func apply(f func(x *graph.Node) *graph.Node, x *graph.Node) *graph.Node {
	if f == nil {
		return x
	}
	return f(x)
}
