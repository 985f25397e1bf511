package scan

import (
	"fmt"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/internal/lowering"
)

// recurrent are the parameters by which the output of the step before is multiplied, and their products: with one mask for all gates, or none, one
// product, else one for each gate. Masks are parameters too, and come last.
func (w Weights) recurrent(count int) (params []*graph.Node, product func(s *Step, h *graph.Node) *graph.Node) {
	if len(w.StateMasks) <= 1 {
		params = append([]*graph.Node{w.RecurrentKernel}, w.StateMasks...)
		return params, func(s *Step, h *graph.Node) *graph.Node {
			if len(w.StateMasks) == 1 {
				h = graph.Mul(h, s.Params[1])
			}
			return s.Dot(h, s.Params[0])
		}
	}
	params = append(gates(w.RecurrentKernel, count), w.StateMasks...)
	return params, func(s *Step, h *graph.Node) *graph.Node {
		parts := make([]*graph.Node, count)
		for i := range parts {
			parts[i] = s.Dot(graph.Mul(h, s.Params[count+i]), s.Params[i])
		}
		return graph.Concatenate(parts, -1)
	}
}

func (c SimpleRNN) plan() plan {
	params, product := c.recurrent(1)
	return plan{name: "SimpleRNN", gates: 1, states: 1, bias: c.Bias, params: params, kernel: c.kernelFor(lowering.SimpleRNN, false), next: func(s *Step) []*graph.Node {
		z := s.Keep(graph.Add(s.Inputs[0], product(s, s.States[0])))
		return []*graph.Node{apply(c.Activation, z)}
	}}
}

func (c LSTM) plan() plan {
	params, product := c.recurrent(4)
	return plan{name: "LSTM", gates: 4, states: 2, bias: c.Bias, params: params, kernel: c.kernelFor(lowering.LSTM, false), next: func(s *Step) []*graph.Node {
		z := gates(s.Keep(graph.Add(s.Inputs[0], product(s, s.States[0]))), 4)
		input, forget, output := apply(c.RecurrentActivation, z[0]), apply(c.RecurrentActivation, z[1]), apply(c.RecurrentActivation, z[3])
		carry := graph.Add(graph.Mul(forget, s.States[1]), graph.Mul(input, apply(c.Activation, z[2])))
		return []*graph.Node{graph.Mul(output, apply(c.Activation, carry)), carry}
	}}
}

func (c GRU) plan() plan {
	p := plan{name: "GRU", gates: 3, states: 1, bias: c.Bias}
	units := c.RecurrentKernel.Shape().Dimensions[0]
	mix := func(update, h, candidate *graph.Node) []*graph.Node {
		return []*graph.Node{graph.Add(graph.Mul(update, h), graph.Mul(graph.OneMinus(update), candidate))}
	}
	if c.ResetAfter {
		params, product := c.recurrent(3)
		p.params, p.kernel = params, c.kernelFor(lowering.GRU, c.Bias != nil)
		bias := -1
		if c.Bias != nil {
			if !(c.Bias.Rank() == 2 && c.Bias.Shape().Dimensions[0] == 2) {
				panic(fmt.Errorf("scan: GRU with reset after the product got a bias of shape %s, want (2, 3·units)", c.Bias.Shape()))
			}
			rows := unstack(c.Bias)
			p.bias, bias = rows[0], len(params)
			p.params = append(p.params, rows[1])
		}
		p.next = func(s *Step) []*graph.Node {
			x, h := s.Inputs[0], s.States[0]
			var inner *graph.Node
			switch {
			case bias < 0:
				inner = product(s, h)
			case len(c.StateMasks) == 0:
				inner = s.Affine(h, s.Params[0], s.Params[bias])
			default:
				inner = graph.Add(product(s, h), graph.InsertAxes(s.Params[bias], 0))
			}
			inner = s.Keep(inner)
			gate := func(i int) *graph.Node {
				return apply(c.RecurrentActivation, graph.Add(columns(x, i*units, (i+1)*units), columns(inner, i*units, (i+1)*units)))
			}
			update, reset := gate(0), gate(1)
			candidate := apply(c.Activation, graph.Add(columns(x, 2*units, 3*units), graph.Mul(reset, columns(inner, 2*units, 3*units))))
			return mix(update, h, candidate)
		}
		return p
	}
	masks := len(c.StateMasks)
	if masks == 0 {
		p.params = []*graph.Node{columns(c.RecurrentKernel, 0, 2*units), columns(c.RecurrentKernel, 2*units, 3*units)}
	} else {
		p.params = gates(c.RecurrentKernel, 3)
	}
	kernels := len(p.params)
	p.params = append(p.params, c.StateMasks...)
	p.next = func(s *Step) []*graph.Node {
		x, h := s.Inputs[0], s.States[0]
		masked := func(gate int) *graph.Node {
			if masks == 0 {
				return h
			}
			return graph.Mul(h, s.Params[kernels+min(gate, masks-1)])
		}
		var inner *graph.Node
		if masks == 0 {
			inner = s.Dot(h, s.Params[0])
		} else {
			inner = graph.Concatenate([]*graph.Node{s.Dot(masked(0), s.Params[0]), s.Dot(masked(1), s.Params[1])}, -1)
		}
		zr := gates(s.Keep(graph.Add(columns(x, 0, 2*units), inner)), 2)
		update, reset := apply(c.RecurrentActivation, zr[0]), apply(c.RecurrentActivation, zr[1])
		recurrent := s.Keep(s.Dot(graph.Mul(reset, masked(2)), s.Params[kernels-1]))
		candidate := apply(c.Activation, graph.Add(columns(x, 2*units, 3*units), recurrent))
		return mix(update, h, candidate)
	}
	return p
}
