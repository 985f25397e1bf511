package scan

import (
	"errors"
	"fmt"
	"slices"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/backend"
)

// Loop is a loop of so many Steps over sequences.
type Loop struct {
	Steps int
	// States are the values before the first step. A step gives values of the same shapes and data types for the next.
	States []*graph.Node
	// Inputs are of shape (steps, …); a step sees its own part, without that axis.
	Inputs []*graph.Node
	// Params are what all steps see whole.
	Params []*graph.Node
	// Reverse begins with the last part of the inputs.
	Reverse bool
	// Unroll puts every step into the graph by itself, however many there are.
	Unroll bool

	kernel *kernel // what computes the same, if there is something
	// back is a loop's gradient. It is never unrolled: what the steps go back to comes from the loop itself, and side by side with it they would go on through it,
	// without end.
	back bool
}

// Body adds one step to a graph: from what the step is given, the states after it and the step's outputs, whose shapes are the same in each
// step. It is called several times for one loop, and gives the same each time.
//
// A loop whose body can't be a function of the program is unrolled: a body that uses other nodes of the graph than those of s and what it makes of
// them, that sorts, or that holds another loop; also one with convolutions or pools on XLA's CPU plugin, which computes these slowly in a loop.
type Body func(s *Step) (states, outputs []*graph.Node)

// Step is what a step is given.
type Step struct {
	States, Inputs, Params []*graph.Node

	dots  []dot
	keeps []keep
	given []*graph.Node // nil: keeps are made; else they are these
	sums  []*graph.Node
}

// dot is a product with a parameter, plus perhaps a bias.
type dot struct {
	x, product  *graph.Node
	param, bias int // bias -1: none
}

// keep is a value that the loop keeps for the way back.
type keep struct{ fresh, kept *graph.Node }

// Dot is the product x · w of x (…, k) and a parameter w (k, n). The gradient for w is computed for all steps at once, after the loop, if w isn't used
// in other ways.
func (s *Step) Dot(x, w *graph.Node) *graph.Node {
	y := graph.Dot(x, w).General([]int{x.Rank() - 1}, nil, []int{0}, nil)
	if i := slices.Index(s.Params, w); i >= 0 {
		s.dots = append(s.dots, dot{x, y, i, -1})
	}
	return y
}

// Affine is x · w + b, and does for the parameter b (n) what [Step.Dot] does for w.
func (s *Step) Affine(x, w, b *graph.Node) *graph.Node {
	product := s.Dot(x, w)
	y := graph.Add(product, graph.ExpandLeftToRank(b, product.Rank()))
	if last := len(s.dots) - 1; last >= 0 && s.dots[last].product == product {
		if i := slices.Index(s.Params, b); i >= 0 {
			s.dots[last].product, s.dots[last].bias = y, i
		}
	}
	return y
}

// Keep returns x. The way back takes its value from memory instead of computing it again; without Keep that is so for states alone.
func (s *Step) Keep(x *graph.Node) *graph.Node {
	k := keep{x, x}
	if s.given != nil {
		k.kept = s.given[len(s.keeps)]
	}
	s.keeps = append(s.keeps, k)
	return k.kept
}

// ErrInside is the error of a loop inside a function of a graph, which can hold no other function.
var ErrInside = errors.New("scan: a loop inside a loop's function can't be compiled")

// Run adds the loop to the graph. It returns the states after the last step, and the outputs of all steps, (steps, …), each in the place of
// its input. It panics, as GoMLX does, where shapes don't fit.
func (l Loop) Run(body Body) (states, outputs []*graph.Node) {
	states, outputs, _ = l.run(body)
	return states, outputs
}

// run returns the sums over all steps, too.
func (l Loop) run(body Body) (states, outputs, sums []*graph.Node) {
	l.check()
	g := l.graph()
	if l.Unroll || l.isShort() || !loops(g) {
		return l.unroll(body)
	}
	if !g.IsMainFunc() {
		panic(ErrInside)
	}
	w, err := l.compile(body)
	if err != nil && l.back {
		panic(err)
	}
	if err != nil {
		// Either the body can't be a function, or it is wrong, which it will be here as well.
		return l.unroll(body)
	}
	return w.results()
}

// isShort reports whether steps side by side are better than a loop. XLA takes longer to compile the more steps there are; the pure-Go engine doesn't, and
// runs them a little faster than a loop.
func (l Loop) isShort() bool {
	if l.back || l.takesKernel() {
		return false
	}
	if backend.KindOf(l.graph().Backend()) == backend.Go {
		return l.Steps < fewest.onGo
	}
	return l.Steps < fewest.elsewhere
}

// fewest are the numbers of steps from which there is a loop.
var fewest = struct{ onGo, elsewhere int }{16, 4}

func (l Loop) graph() *graph.Graph {
	for _, list := range [][]*graph.Node{l.States, l.Inputs, l.Params} {
		if len(list) > 0 {
			return list[0].Graph()
		}
	}
	panic(errors.New("scan: a loop needs a state, an input or a parameter"))
}

func (l Loop) check() {
	if l.Steps < 1 {
		panic(fmt.Errorf("scan: a loop has %d steps, want 1 or more", l.Steps))
	}
	for i, x := range l.Inputs {
		if x.Rank() < 1 || x.Shape().Dimensions[0] != l.Steps {
			panic(fmt.Errorf("scan: input %d of a loop of %d steps has shape %s, want (%d, …)", i, l.Steps, x.Shape(), l.Steps))
		}
	}
}

// call runs the body and checks what it gives.
func (l Loop) call(body Body, s *Step) (states, outputs []*graph.Node) {
	states, outputs = body(s)
	if len(states) != len(l.States) {
		panic(fmt.Errorf("scan: a step gives %d states, want %d", len(states), len(l.States)))
	}
	for i, x := range states {
		if !x.Shape().Equal(l.States[i].Shape()) {
			panic(fmt.Errorf("scan: a step gives state %d of shape %s, want %s as before it", i, x.Shape(), l.States[i].Shape()))
		}
	}
	return states, outputs
}

// unroll puts the steps side by side.
func (l Loop) unroll(body Body) (states, outputs, sums []*graph.Node) {
	parts := make([][]*graph.Node, len(l.Inputs))
	for i, x := range l.Inputs {
		parts[i] = unstack(x)
	}
	states = l.States
	stacks := make([][]*graph.Node, 0)
	for i := range l.Steps {
		at := i
		if l.Reverse {
			at = l.Steps - 1 - i
		}
		s := &Step{States: states, Params: l.Params}
		for _, p := range parts {
			s.Inputs = append(s.Inputs, p[at])
		}
		var out []*graph.Node
		states, out = l.call(body, s)
		if i == 0 {
			sums = slices.Clone(s.sums)
			for range out {
				stacks = append(stacks, make([]*graph.Node, l.Steps))
			}
		} else {
			for k, x := range s.sums {
				sums[k] = graph.Add(sums[k], x)
			}
		}
		for k, x := range out {
			stacks[k][at] = x
		}
	}
	for _, s := range stacks {
		outputs = append(outputs, graph.Stack(s, 0))
	}
	return states, outputs, sums
}

// unstack returns the parts of x along its first axis. It halves, for the gradient of each cut is as large as what is cut.
func unstack(x *graph.Node) []*graph.Node {
	n := x.Shape().Dimensions[0]
	if n == 1 {
		return []*graph.Node{graph.Squeeze(x, 0)}
	}
	return append(unstack(graph.Slice(x, graph.AxisRange(0, n/2))), unstack(graph.Slice(x, graph.AxisRange(n/2)))...)
}
