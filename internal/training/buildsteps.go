package training

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/backend"
	"github.com/gokeras/gokeras/internal/catch"
	"github.com/gokeras/gokeras/internal/ndarray"
	"github.com/gokeras/gokeras/internal/nest"
	"github.com/gokeras/gokeras/symbolic"
)

// errStepsApart says that steps must run one by one, or run faster so than in a loop on the device.
var errStepsApart = errors.New("steps are run apart")

// buildSteps adds the steps of a program to the graph, one for each batch, each on the
// variables as the one before left them. It returns the variables' values after the
// last, and its results.
func (m *machine) buildSteps(g *graph.Graph, kind Step, vars []*symbolic.Weight, values map[*symbolic.Weight]*graph.Node, batches []*graphBatch) (map[*symbolic.Weight]*graph.Node, []*graph.Node, error) {
	if len(batches) == 1 {
		return m.stepper.buildStep(g, kind, vars, values, batches[0])
	}
	if !loopsSteps(g.Backend()) {
		return nil, nil, errStepsApart
	}
	var after map[*symbolic.Weight]*graph.Node
	var results []*graph.Node
	err := catch.Panic(func() error { // the loop's functions can only panic
		after, results = m.loopSteps(g, kind, vars, values, batches)
		return nil
	})
	if err != nil {
		// Not all that a step may hold can stand in a loop: what needs functions of its own, such as sorting, can't. What is wrong
		// with the step itself shows when it is built alone.
		return nil, nil, fmt.Errorf("%w: %w", errStepsApart, err)
	}
	return after, results, nil
}

// buildStep adds one step to the graph.
func (m *Session) buildStep(g *graph.Graph, kind Step, vars []*symbolic.Weight, values map[*symbolic.Weight]*graph.Node, b *graphBatch) (map[*symbolic.Weight]*graph.Node, []*graph.Node, error) {
	t := m.training
	pass := symbolic.NewPass(g, kind == Train, values)
	outputs := m.forward(pass, b.inputs())
	results := make([]*graph.Node, len(outputs))
	for i, out := range outputs {
		results[i] = out.Node
	}
	if kind != Predict {
		leaveOutAdded(outputs)
		total, each := t.resolved.loss(t, b, outputs, pass.Penalties(m.Weights()))
		if kind == Train {
			if err := t.learn(pass, total); err != nil {
				return nil, nil, err
			}
		}
		results = []*graph.Node{t.resolved.update(pass, b, outputs, total, each)}
	}
	after, err := valuesAfter(pass, vars, values)
	return after, results, err
}

// valuesAfter are the variables' values after a pass.
func valuesAfter(pass *symbolic.Pass, vars []*symbolic.Weight, values map[*symbolic.Weight]*graph.Node) (map[*symbolic.Weight]*graph.Node, error) {
	after := maps.Clone(values)
	updates := pass.Updates()
	for _, w := range vars {
		update, ok := updates[w]
		if !ok {
			continue
		}
		delete(updates, w)
		if !slices.Equal(update.Shape().Dimensions, w.Spec().Shape) {
			return nil, fmt.Errorf("weight %s of shape %s was given a value of shape %s", w.Path(), symbolic.Shape(w.Spec().Shape), symbolic.Shape(update.Shape().Dimensions))
		}
		after[w] = ndarray.Cast(update, w.Spec().DType)
	}
	for w, update := range updates { // of groups
		if _, ok := values[w]; ok {
			after[w] = update
		}
	}
	return after, nil
}

// forward runs the model on the inputs.
func (m *Session) forward(pass *symbolic.Pass, x []*symbolic.Value) []*symbolic.Value {
	inputs, err := m.ProgramInputs(pass, x)
	if err != nil {
		panic(err)
	}
	return pass.Apply(m.Network, []any{m.arrange(inputs)}, nil)
}

// loopSteps adds a loop over the batches. A loop's functions know nothing of what is
// around them, so its state holds all: the step's number, its results, the variables and
// the batches, stacked.
func (m *machine) loopSteps(g *graph.Graph, kind Step, vars []*symbolic.Weight, values map[*symbolic.Weight]*graph.Node, batches []*graphBatch) (map[*symbolic.Weight]*graph.Node, []*graph.Node) {
	const step, result, first = 0, 1, 2 // places in the state
	state := []*graph.Node{graph.Const(g, int32(0)), graph.Const(g, make([]float32, m.stepper.resultSize(g.Backend())))}
	for _, w := range vars {
		state = append(state, values[w])
	}
	data := len(state)
	one := batches[0]
	for k := range one.all() {
		rows := make([]*graph.Node, len(batches))
		for i, b := range batches {
			rows[i] = graph.InsertAxes(b.all()[k], 0)
		}
		state = append(state, graph.Concatenate(rows, 0))
	}
	parameters := func(g *graph.Graph) []*graph.Node {
		list := make([]*graph.Node, len(state))
		for i, s := range state {
			list[i] = graph.Parameter(g, fmt.Sprintf("state%d", i), s.Shape())
		}
		return list
	}
	more := graph.NewClosure(g, func(g *graph.Graph) []*graph.Node {
		return []*graph.Node{graph.LessThan(parameters(g)[step], graph.Const(g, int32(len(batches))))}
	})
	changed := map[*symbolic.Weight]bool{}
	body := graph.NewClosure(g, func(g *graph.Graph) []*graph.Node {
		now := parameters(g)
		inner := map[*symbolic.Weight]*graph.Node{}
		for i, w := range vars {
			inner[w] = now[first+i]
		}
		parts := make([]*graph.Node, 0, len(state)-data)
		zero := graph.Const(g, int32(0))
		for _, stacked := range now[data:] {
			dims := slices.Clone(stacked.Shape().Dimensions)
			start := slices.Repeat([]*graph.Node{zero}, len(dims))
			dims[0], start[0] = 1, now[step]
			parts = append(parts, graph.Reshape(graph.DynamicSlice(stacked, start, dims), dims[1:]...))
		}
		x, y := len(one.x), len(one.y)
		b := &graphBatch{x: parts[:x], y: parts[x : x+y]}
		if one.w != nil {
			b.w = parts[x+y:]
		}
		after, results, err := m.stepper.buildStep(g, kind, vars, inner, b)
		if err != nil {
			panic(err)
		}
		next := []*graph.Node{graph.Add(now[step], graph.Const(g, int32(1))), results[0]}
		for _, w := range vars {
			next = append(next, after[w])
			changed[w] = after[w] != inner[w]
		}
		if backend.KindOf(g.Backend()) == backend.XLACPU && hasWindows(next) {
			panic(errStepsApart)
		}
		return append(next, now[data:]...)
	})
	state = graph.While(more, body, state...)
	after := maps.Clone(values)
	for i, w := range vars {
		if changed[w] {
			after[w] = state[first+i]
		}
	}
	return after, state[result : result+1]
}

// loopsSteps reports whether the engine can loop over steps. The pure-Go engine can't, and
// would gain nothing: it has no device to talk to.
func loopsSteps(engine compute.Backend) bool {
	c := engine.Capabilities()
	return c.Functions && c.Operations[compute.OpTypeDynamicSlice]
}

// hasWindows reports whether convolutions or pooling lead to the nodes. In a loop, XLA on the
// CPU computes them with plain loops on one core, many times slower than outside.
func hasWindows(nodes []*graph.Node) bool {
	seen := map[*graph.Node]bool{}
	var find func(n *graph.Node) bool
	find = func(n *graph.Node) bool {
		if seen[n] {
			return false
		}
		seen[n] = true
		switch n.Type() {
		case graph.NodeTypeConvGeneral, graph.NodeTypeReduceWindow, graph.NodeTypeSelectAndScatterMax, graph.NodeTypeSelectAndScatterMin:
			return true
		}
		return slices.ContainsFunc(n.Inputs(), find)
	}
	return slices.ContainsFunc(nodes, find)
}

// arrange groups values in the order of Inputs as the model's inputs are grouped.
func (m *Session) arrange(inputs []any) any {
	packed, err := nest.Pack(m.InputForm(), inputs)
	if err != nil { // no model has another number of inputs than its form
		return inputs
	}
	return packed
}
