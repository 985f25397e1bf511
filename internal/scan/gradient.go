package scan

import (
	"fmt"
	"slices"

	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
)

// whilesKey is where a graph keeps its loops.
type whilesKey struct{}

// remember lets the gradient find the loop by its node.
func (w *while) remember() {
	g := w.graph()
	known, ok := g.State(whilesKey{}).(map[*graph.Node]*while)
	if !ok {
		known = map[*graph.Node]*while{}
		g.AttachState(whilesKey{}, known)
	}
	known[w.state[0].Inputs()[0]] = w
}

func init() {
	graph.VJPRegistration[graph.NodeTypeWhile] = func(node *graph.Node, d []*graph.Node, _ shapes.Shape) []*graph.Node {
		known, _ := node.Graph().State(whilesKey{}).(map[*graph.Node]*while)
		w := known[node]
		if w == nil {
			panic(fmt.Errorf("scan: %s has no gradient: only loops of package scan do", node))
		}
		return w.gradient(d)
	}
}

// back is the loop on the way back: its step is the gradient of the body's, in the other direction.
type back struct {
	*while
	states []int // those that have gradients, which are the loop's states

	// Where the gradients that arrive are among the inputs, or for sums the parameters, of the loop; -1 for those that are zeros.
	outputs, keeps, saved, sums []int

	// What a step gives is known when it has been built.
	inputs []int // the inputs that have gradients, which are the first outputs
	params []int // the parameters that have gradients, which are the sums
	dots   []dotGradient
}

// dotGradient tells where a product's factor and gradient are.
type dotGradient struct {
	dot
	d   int // the output that is the gradient for the product
	x   int // the output that is the factor, or
	row int // the input
}

// gradient returns the gradients for the While's initial state, given those for its results, nil where there are none.
func (w *while) gradient(d []*graph.Node) []*graph.Node {
	result := make([]*graph.Node, len(w.state))
	b := &back{while: w}
	loop := Loop{Steps: w.Steps, Reverse: !w.Reverse, back: true}
	for i, x := range w.States {
		if x.DType().IsFloat() {
			b.states = append(b.states, i)
			loop.States = append(loop.States, d[w.firstState()+i])
		}
	}
	loop.Inputs = slices.Concat(w.Inputs, w.entering(), w.state[w.firstKeep():w.firstSaved()])
	loop.Params = slices.Clone(w.Params)
	arriving := func(list *[]*graph.Node, from, to int) []int {
		places := make([]int, to-from)
		for i, x := range d[from:to] {
			if places[i] = -1; arrives(x) {
				places[i] = len(*list)
				*list = append(*list, x)
			}
		}
		return places
	}
	b.sums = arriving(&loop.Params, w.firstSum(), w.firstOutput())
	b.outputs = arriving(&loop.Inputs, w.firstOutput(), w.firstKeep())
	b.keeps = arriving(&loop.Inputs, w.firstKeep(), w.firstSaved())
	b.saved = arriving(&loop.Inputs, w.firstSaved(), w.end())

	loop.kernel = w.kernel.back(b, len(loop.Inputs))
	states, outputs, sums := loop.run(b.step)
	for k, i := range b.states {
		result[w.firstState()+i] = states[k]
	}
	for k, i := range b.inputs {
		result[w.firstInput()+i] = outputs[k]
	}
	for k, i := range b.params {
		result[w.firstParam()+i] = sums[k]
	}
	for _, p := range b.dots {
		x := loop.Inputs[max(p.row, 0)]
		if p.x >= 0 {
			x = outputs[p.x]
		}
		at := w.firstParam() + p.param
		result[at] = plus(result[at], product(x, outputs[p.d]))
		if p.bias >= 0 {
			at = w.firstParam() + p.bias
			result[at] = plus(result[at], graph.ReduceSum(rowsOf(outputs[p.d]), 0))
		}
	}
	return result
}

// arrives reports whether x is a gradient that isn't zero everywhere.
func arrives(x *graph.Node) bool {
	if x == nil || !x.DType().IsFloat() {
		return false
	}
	for x.Type() == graph.NodeTypeBroadcastInDim || x.Type() == graph.NodeTypeReshape {
		x = x.Inputs()[0]
	}
	return x != graph.ScalarZero(x.Graph(), x.DType())
}

func plus(x, y *graph.Node) *graph.Node {
	if x == nil {
		return y
	}
	return graph.Add(x, y)
}

// product is the gradient for w of all steps' products x · w, given those for the products.
func product(x, d *graph.Node) *graph.Node {
	return graph.Dot(rowsOf(x), rowsOf(d)).General([]int{0}, nil, []int{0}, nil)
}

// rowsOf is x as a matrix of rows along its last axis.
func rowsOf(x *graph.Node) *graph.Node { return graph.Reshape(x, -1, x.Shape().Dimensions[x.Rank()-1]) }

// entering are the states before each step.
func (w *while) entering() []*graph.Node {
	list := make([]*graph.Node, len(w.States))
	saved := w.state[w.firstSaved():w.end()]
	for i, at := range w.as {
		if at < 0 {
			list[i], saved = saved[0], saved[1:]
			continue
		}
		first, rows := graph.InsertAxes(w.States[i], 0), w.state[w.firstOutput()+at]
		switch {
		case w.Steps == 1:
			list[i] = first
		case w.Reverse:
			list[i] = graph.Concatenate([]*graph.Node{graph.Slice(rows, graph.AxisRange(1)), first}, 0)
		default:
			list[i] = graph.Concatenate([]*graph.Node{first, graph.Slice(rows, graph.AxisRange(0, w.Steps-1))}, 0)
		}
	}
	return list
}

// step is the gradient of one step.
func (b *back) step(s *Step) (states, outputs []*graph.Node) {
	w := b.while
	rows := len(w.Inputs) + len(w.States) // those that a step was given; then come those that it kept
	of := &Step{Inputs: s.Inputs[:len(w.Inputs)], States: s.Inputs[len(w.Inputs):rows], given: s.Inputs[rows : rows+w.keeps : rows+w.keeps], Params: s.Params[:len(w.Params)]}
	after, out := w.call(w.body, of)
	results := slices.Concat(after, out, of.sums)
	for _, k := range of.keeps {
		results = append(results, k.fresh)
	}
	dots := of.separate(results)

	f := &flow{sums: map[*graph.Node]*graph.Node{}}
	f.towards(of.States...)
	f.towards(of.Inputs...)
	for i, p := range of.Params {
		if !slices.ContainsFunc(dots, func(d dot) bool { return d.param == i || d.bias == i }) {
			f.towards(p)
		}
	}
	for _, d := range dots {
		f.towards(d.product)
	}
	for _, k := range of.keeps {
		f.towards(k.kept)
	}
	for k, i := range b.states {
		f.from(after[i], s.States[k])
	}
	for i, at := range b.outputs {
		f.fromRow(out[i], s.Inputs, at)
	}
	for i, at := range b.sums {
		f.fromRow(of.sums[i], s.Params, at)
	}
	k := 0
	for i, at := range w.as {
		if at < 0 {
			f.fromRow(of.States[i], s.Inputs, b.saved[k])
			k++
		}
	}
	for i, at := range b.keeps {
		f.fromRow(of.keeps[i].kept, s.Inputs, at)
	}
	f.run()
	// What has arrived at the kept values goes on to what they were computed from, the last one first: it may come from those before it.
	for _, k := range slices.Backward(of.keeps) {
		if d := f.sums[k.kept]; d != nil {
			f.from(k.fresh, d)
			f.run()
		}
	}

	for _, i := range b.states {
		d := f.sums[of.States[i]]
		if d == nil {
			d = graph.ZerosLike(of.States[i])
		}
		states = append(states, d)
	}
	output := func(x *graph.Node) int {
		at := slices.Index(outputs, x)
		if at < 0 {
			at = len(outputs)
			outputs = append(outputs, x)
		}
		return at
	}
	b.inputs, b.params, b.dots = nil, nil, nil
	for i, x := range of.Inputs {
		if d := f.sums[x]; d != nil {
			b.inputs = append(b.inputs, i)
			outputs = append(outputs, d)
		}
	}
	for i, p := range of.Params {
		if d := f.sums[p]; d != nil {
			b.params = append(b.params, i)
			s.sums = append(s.sums, d)
		}
	}
	for _, p := range dots {
		d := f.sums[p.product]
		if d == nil {
			continue
		}
		g := dotGradient{dot: p, d: output(d), x: -1, row: slices.Index(s.Inputs[:rows], p.x)}
		if g.row < 0 {
			g.x = output(p.x)
		}
		b.dots = append(b.dots, g)
	}
	return states, outputs
}

// separate are the products whose parameters, the bias among them, are used in no other way.
func (s *Step) separate(results []*graph.Node) []dot {
	products := map[*graph.Node]dot{}
	for _, d := range s.dots {
		products[d.product] = d
	}
	other := map[*graph.Node]bool{}
	var visit func(n *graph.Node)
	visit = func(n *graph.Node) {
		if other[n] {
			return
		}
		other[n] = true
		if d, ok := products[n]; ok {
			visit(d.x)
			return
		}
		for _, in := range n.Inputs() {
			visit(in)
		}
	}
	for _, r := range results {
		visit(r)
	}
	list := s.dots
	for {
		left := slices.DeleteFunc(slices.Clone(list), func(d dot) bool {
			return other[s.Params[d.param]] || d.bias >= 0 && other[s.Params[d.bias]]
		})
		if len(left) == len(list) {
			return left
		}
		// A product that isn't separate uses its parameters as anything else does.
		for _, d := range list {
			if !slices.Contains(left, d) {
				other[s.Params[d.param]] = true
				if d.bias >= 0 {
					other[s.Params[d.bias]] = true
				}
			}
		}
		list = left
	}
}

// flow adds up gradients as they go back through a graph.
type flow struct {
	targets []*graph.Node
	losses  []*graph.Node
	sums    map[*graph.Node]*graph.Node // what has arrived at the targets; none where it is zeros
}

func (f *flow) towards(list ...*graph.Node) {
	for _, x := range list {
		if x.DType().IsFloat() {
			f.targets = append(f.targets, x)
		}
	}
}

// from lets the gradient d for x go back from it.
func (f *flow) from(x, d *graph.Node) {
	if !arrives(d) {
		return
	}
	// The loss has a value, which nobody computes: only its gradient is used.
	x = graph.IdentityWithCustomGradient(x, func(_, _ *graph.Node) *graph.Node { return d })
	f.losses = append(f.losses, graph.ReduceAllSum(x))
}

// fromRow does so with the node of that place in a list, if it isn't -1.
func (f *flow) fromRow(x *graph.Node, list []*graph.Node, at int) {
	if at >= 0 {
		f.from(x, list[at])
	}
}

// run lets go back what is to.
func (f *flow) run() {
	if len(f.losses) == 0 {
		return
	}
	var loss *graph.Node
	for _, l := range f.losses {
		loss = plus(loss, graph.ConvertDType(l, f.losses[0].DType()))
	}
	f.losses = nil
	for i, d := range graph.Gradient(loss, f.targets...) {
		if arrives(d) {
			f.sums[f.targets[i]] = plus(f.sums[f.targets[i]], d)
		}
	}
}
