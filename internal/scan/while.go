package scan

import (
	"fmt"
	"slices"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
)

// while is a loop as a GoMLX While. As its functions see nothing of what is around them, its state holds everything: the step's number,
// the loop's states, inputs and parameters, then what the steps add up and what they write, a row each.
type while struct {
	Loop
	body  Body
	state []*graph.Node // the While's results, in order

	sums, outputs, keeps, saved int // how many there are of each
	// as is, for each state, the output that is the state after the step, -1 if none is. The others' values before each step are saved.
	as []int
}

// firsts of the parts of the state
func (w *while) firstState() int  { return 1 }
func (w *while) firstInput() int  { return w.firstState() + len(w.States) }
func (w *while) firstParam() int  { return w.firstInput() + len(w.Inputs) }
func (w *while) firstSum() int    { return w.firstParam() + len(w.Params) }
func (w *while) firstOutput() int { return w.firstSum() + w.sums }
func (w *while) firstKeep() int   { return w.firstOutput() + w.outputs }
func (w *while) firstSaved() int  { return w.firstKeep() + w.keeps }
func (w *while) end() int         { return w.firstSaved() + w.saved }

// compile adds the loop to its graph.
func (l Loop) compile(body Body) (*while, error) {
	g := l.graph()
	w := &while{Loop: l, body: body}
	initial := slices.Concat([]*graph.Node{graph.Const(g, int32(0))}, l.States, l.Inputs, l.Params)
	var rest []shapes.Shape
	var mark []int32
	step, err := apart(g, func(g *graph.Graph) []*graph.Node {
		now := make([]*graph.Node, len(initial))
		for i, x := range initial {
			now[i] = parameter(g, i, x.Shape())
		}
		t := now[0]
		at := t
		if l.Reverse {
			at = graph.Sub(graph.Const(g, int32(l.Steps-1)), t)
		}
		s := &Step{States: now[w.firstState():w.firstInput()], Params: now[w.firstParam():]}
		for _, x := range now[w.firstInput():w.firstParam()] {
			s.Inputs = append(s.Inputs, read(x, at))
		}
		states, outputs := l.call(body, s)
		next := slices.Concat([]*graph.Node{graph.Add(t, graph.Const(g, int32(1)))}, states, now[w.firstInput():])
		add := func(shape shapes.Shape, value func(before *graph.Node) *graph.Node) {
			rest = append(rest, shape)
			next = append(next, value(parameter(g, len(next), shape)))
		}
		write := func(x *graph.Node) {
			shape := shapes.Make(x.DType(), append([]int{l.Steps}, x.Shape().Dimensions...)...)
			add(shape, func(before *graph.Node) *graph.Node { return put(before, x, at) })
		}
		w.sums, w.outputs, w.keeps = len(s.sums), len(outputs), len(s.keeps)
		for _, x := range s.sums {
			add(x.Shape(), func(before *graph.Node) *graph.Node { return graph.Add(before, x) })
		}
		for _, x := range outputs {
			write(x)
		}
		for _, k := range s.keeps {
			write(k.fresh)
		}
		for i, x := range s.States {
			w.as = append(w.as, slices.Index(outputs, states[i]))
			if w.as[i] < 0 {
				write(x)
				w.saved++
			}
		}
		if m := w.mark(); m != nil {
			mark = m.Numbers()
			next = append(next, parameter(g, len(next), shapes.Make(dtypes.Int32, len(mark))))
		}
		return next
	})
	if err != nil {
		return nil, err
	}
	for _, shape := range rest {
		initial = append(initial, graph.Zeros(g, shape))
	}
	if mark != nil {
		initial = append(initial, graph.Const(g, mark))
	}
	more, err := apart(g, func(g *graph.Graph) []*graph.Node {
		var t *graph.Node
		for i, x := range initial {
			if p := parameter(g, i, x.Shape()); i == 0 {
				t = p
			}
		}
		return []*graph.Node{graph.LessThan(t, graph.Const(g, int32(l.Steps)))}
	})
	if err != nil {
		return nil, err
	}
	w.state = graph.While(more, step, initial...)
	w.remember()
	return w, nil
}

// results are the loop's final states, outputs and sums.
func (w *while) results() (states, outputs, sums []*graph.Node) {
	return w.state[w.firstState():w.firstInput()], w.state[w.firstOutput():w.firstKeep()], w.state[w.firstSum():w.firstOutput()]
}

func parameter(g *graph.Graph, i int, shape shapes.Shape) *graph.Node {
	return graph.Parameter(g, fmt.Sprintf("scan%d", i), shape)
}

// read is row number at of x.
func read(x, at *graph.Node) *graph.Node {
	dims := slices.Clone(x.Shape().Dimensions)
	if !canSlice(x.Graph()) {
		return graph.Reshape(graph.Gather(x, graph.Reshape(at, 1, 1)), dims[1:]...)
	}
	dims[0] = 1
	return graph.Reshape(graph.DynamicSlice(x, corner(at, len(dims)), dims), dims[1:]...)
}

// put is x with row number at, which was zeros, replaced.
func put(x, row, at *graph.Node) *graph.Node {
	row = graph.InsertAxes(row, 0)
	if !canSlice(x.Graph()) {
		return graph.ScatterSum(x, graph.Reshape(at, 1, 1), row, true, true)
	}
	return graph.DynamicUpdateSlice(x, row, corner(at, x.Rank()))
}

// corner is the first place of row number at.
func corner(at *graph.Node, rank int) []*graph.Node {
	start := slices.Repeat([]*graph.Node{graph.Scalar(at.Graph(), dtypes.Int32, 0)}, rank)
	start[0] = at
	return start
}
