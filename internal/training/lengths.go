package training

import (
	"errors"
	"fmt"
	"math/bits"
	"slices"
	"strings"
	"sync"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gokeras/gokeras/internal/catch"
	"github.com/gokeras/gokeras/internal/data"
	"github.com/gokeras/gokeras/internal/rewrite"
	"github.com/gokeras/gokeras/losses"
	"github.com/gokeras/gokeras/metrics"
	"github.com/gokeras/gokeras/symbolic"
)

// A program is for batches of one shape. Sequences whose length a model leaves open would need one for each length, so that a few lengths get programs
// of their own, and all others share some: steps are added to their ends, and how many count is an argument of the program. The layers
// leave the added ones out ([symbolic.AnyLength]), and so do losses and metrics.

// ownLengths is how many lengths have programs of their own, for batches that are alike otherwise.
const ownLengths = 4

// sharedLength is the length of the program that computes sequences of n steps: a multiple of 8, or of an eighth of the next power of two.
func sharedLength(n int) int {
	unit := max(8, 1<<bits.Len(uint(n-1))/8)
	return (n + unit - 1) / unit * unit
}

// lengthPlan is how batches that are alike but for their lengths share programs.
type lengthPlan struct {
	own   int  // the lengths that have programs of their own
	whole bool // the model needs one for each

	groups  []int  // of each input, the length that it has, -1 for none
	lengths int    // how many different ones
	y, w    []int  // the same of targets and sample weights
	outputs []bool // which have steps

	mu    sync.Mutex
	sizes map[string][]int // of the outputs along axis 1, by the lengths; nil where the model can't take them
}

// addedSteps is a plan for certain lengths.
type addedSteps struct {
	*lengthPlan
	steps []int // of the program
}

// openLengths are the inputs of a program whose second axis alone is open, by the number that tells apart those of different lengths, -1 for others.
func (m *Session) openLengths(b *data.Batch) (groups, lengths []int) {
	open, err := m.ProgramTensors()
	if err != nil || len(open) != len(b.X) {
		return nil, nil
	}
	for i, t := range open {
		group := -1
		shape, dims := t.Shape(), b.X[i].Shape().Dimensions
		if len(shape) > 1 && len(shape) == len(dims) && shape[1] == symbolic.None && !slices.Contains(shape[2:], symbolic.None) && dims[1] > 0 {
			if group = slices.Index(lengths, dims[1]); group < 0 {
				group, lengths = len(lengths), append(lengths, dims[1])
			}
		}
		groups = append(groups, group)
	}
	return groups, lengths
}

// openKey is the key of programs for batches like b, whatever their lengths.
func (m *machine) openKey(engine compute.Backend, kind Step, b *data.Batch, groups, lengths []int) string {
	var key strings.Builder
	fmt.Fprintf(&key, "%p %s %v", engine, kind, groups)
	for i, t := range b.All() {
		dims := t.Shape().Dimensions
		inGroup := i < len(groups) && groups[i] >= 0
		if inGroup || i >= len(b.X) && len(dims) > 1 && slices.Contains(lengths, dims[1]) {
			at := slices.Index(lengths, dims[1])
			fmt.Fprintf(&key, " %s %d:%d %v", t.DType(), dims[0], at, dims[2:])
			continue
		}
		fmt.Fprintf(&key, " %s", t.Shape())
	}
	m.writeWiring(&key)
	return key.String()
}

// programOfLengths returns the program that batches of many lengths share, nil where these shall have one of their own. Several steps on
// such batches are taken apart.
func (m *machine) programOfLengths(engine compute.Backend, kind Step, batches []*data.Batch) (*program, error) {
	s, ok := m.stepper.(*Session)
	if !ok {
		return nil, nil
	}
	b := batches[0]
	groups, lengths := s.openLengths(b)
	if len(lengths) == 0 {
		return nil, nil
	}
	key := m.openKey(engine, kind, b, groups, lengths)
	plan := m.programs.lengths[key]
	if plan == nil {
		plan = &lengthPlan{sizes: map[string][]int{}}
		m.programs.lengths[key] = plan
	}
	if plan.own < ownLengths || plan.whole {
		plan.own++
		return nil, nil
	}
	added := plan.rounded(lengths)
	if plan.groups == nil {
		plan.groups, plan.lengths = groups, len(lengths)
		if err := catch.Panic(func() error { return s.plan(engine, kind, b, added) }); err != nil {
			plan.whole = true
			return nil, nil
		}
	}
	if !plan.takes(s, engine, kind, b, lengths) {
		return nil, nil
	}
	if len(batches) > 1 {
		return &program{engine: engine, vars: s.variablesOf(kind), steps: len(batches)}, nil
	}
	example, err := added.to(&data.Batch{X: likes(b.X), Y: likes(b.Y), W: likes(b.W), Rows: b.Rows})
	if err != nil {
		return nil, err
	}
	shared := m.programKey(engine, kind, example.All(), 1) + fmt.Sprint(" lengths ", groups)
	p, ok := m.programs.byKey[shared]
	if !ok {
		err := catch.Panic(func() error {
			var err error
			p, err = m.buildProgram(engine, kind, example, 1, added)
			return err
		})
		if err != nil { // what is wrong, if so, shows where the step is built for these shapes alone
			plan.whole = true
			return nil, nil
		}
		m.programs.add(shared, p)
	}
	return p, nil
}

// likes are zeros of the tensors' shapes.
func likes(list []*tensors.Tensor) []*tensors.Tensor {
	out := make([]*tensors.Tensor, len(list))
	for i, t := range list {
		out[i] = tensors.FromShape(t.Shape())
	}
	return out
}

// trial builds the model's graph for batches like b, and gives it up. The steps may be nil.
func (m *Session) trial(engine compute.Backend, kind Step, x []shapes.Shape, added *addedSteps, see func(outputs []*symbolic.Value, steps []*graph.Node)) error {
	g := graph.NewGraph(rewrite.Compiler(engine), "trial")
	defer g.Finalize()
	return catch.Panic(func() error {
		values := map[*symbolic.Weight]*graph.Node{}
		for i, w := range m.variablesOf(Predict) {
			values[w] = graph.Parameter(g, fmt.Sprintf("var%d", i), shapes.Make(w.Spec().DType, w.Spec().Shape...))
		}
		b := &graphBatch{}
		for i, shape := range x {
			b.x = append(b.x, graph.Parameter(g, fmt.Sprintf("x%d", i), shape))
		}
		if added != nil {
			b.steps = added.parameter(g)
		}
		see(m.forward(symbolic.NewPass(g, kind == Train, values), b.inputs()), b.steps)
		return nil
	})
}

// plan finds out what of a batch has steps that may be added to, and fails where the model, a loss or a metric can't leave them out.
func (m *Session) plan(engine compute.Backend, kind Step, b *data.Batch, added *addedSteps) error {
	plan := added.lengthPlan
	lengths := plan.of(b)
	var x []shapes.Shape
	for i, t := range b.X {
		shape := t.Shape().Clone()
		if group := plan.groups[i]; group >= 0 {
			shape.Dimensions[1] = added.steps[group]
		}
		x = append(x, shape)
	}
	var groups, ranks []int // of the outputs; a length of their own is -2
	err := m.trial(engine, kind, x, added, func(outputs []*symbolic.Value, steps []*graph.Node) {
		for _, out := range outputs {
			group := -1
			if out.Steps != nil {
				group = -2
				if at := slices.Index(steps, out.Steps); at >= 0 {
					group = plan.groups[at]
				}
			}
			groups, ranks = append(groups, group), append(ranks, out.Node.Rank())
			plan.outputs = append(plan.outputs, out.Steps != nil)
		}
	})
	if err != nil || kind == Predict {
		return err
	}
	set := m.training.resolved
	for k, i := range set.targets {
		plan.y, plan.w = append(plan.y, groups[i]), append(plan.w, -1)
		if groups[i] == -1 {
			continue
		}
		y := b.Y[k].Shape().Dimensions
		if groups[i] == -2 || ranks[i] != 3 || len(y) < 2 || y[1] != lengths[groups[i]] || set.losses[i] != nil && !losses.RowsAlone(set.losses[i]) {
			return symbolic.ErrLength
		}
		if b.W != nil && b.W[k] != nil && b.W[k].Rank() > 1 {
			if b.W[k].Shape().Dimensions[1] != y[1] {
				return symbolic.ErrLength
			}
			plan.w[k] = groups[i]
		}
		for _, e := range set.entries {
			if e.target == k && !metrics.RowsAlone(e.metric) {
				return symbolic.ErrLength
			}
		}
	}
	return nil
}

// rounded is the plan for the program that shares these lengths with others.
func (p *lengthPlan) rounded(lengths []int) *addedSteps {
	added := &addedSteps{lengthPlan: p}
	for _, n := range lengths {
		added.steps = append(added.steps, sharedLength(n))
	}
	return added
}

// of are the lengths of a batch.
func (p *lengthPlan) of(b *data.Batch) []int {
	lengths := make([]int, p.lengths)
	for i, group := range p.groups {
		if group >= 0 {
			lengths[group] = b.X[i].Shape().Dimensions[1]
		}
	}
	return lengths
}

// takes reports whether the model takes sequences of these lengths: windows may be longer.
func (p *lengthPlan) takes(m *Session, engine compute.Backend, kind Step, b *data.Batch, lengths []int) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	key := fmt.Sprint(lengths)
	sizes, tried := p.sizes[key]
	if !tried {
		var x []shapes.Shape
		for _, t := range b.X {
			x = append(x, t.Shape())
		}
		err := m.trial(engine, kind, x, nil, func(outputs []*symbolic.Value, _ []*graph.Node) {
			for i, out := range outputs {
				size := 0
				if p.outputs[i] && kind == Predict { // else a step returns results
					size = out.Node.Shape().Dimensions[1]
				}
				sizes = append(sizes, size)
			}
		})
		if err != nil {
			sizes = nil
		}
		p.sizes[key] = sizes
	}
	return sizes != nil
}

// parameter is how many steps of each input count, from a parameter with the lengths; nil for inputs without.
func (a *addedSteps) parameter(g *graph.Graph) []*graph.Node {
	all := graph.Parameter(g, "lengths", shapes.Make(dtypes.Int32, a.lengths))
	each := make([]*graph.Node, a.lengths)
	for group := range each {
		each[group] = graph.Reshape(graph.Slice(all, graph.AxisElem(group)))
	}
	steps := make([]*graph.Node, len(a.groups))
	for i, group := range a.groups {
		if group >= 0 {
			steps[i] = each[group]
		}
	}
	return steps
}

// to is the batch with the program's steps. What isn't needed any more is given back.
func (a *addedSteps) to(b *data.Batch) (*data.Batch, error) {
	longer := &data.Batch{Rows: b.Rows, Start: b.Start, Lengths: lengthsOf(a.of(b))}
	var failed error
	add := func(list []*tensors.Tensor, groups []int) []*tensors.Tensor {
		if list == nil {
			return nil
		}
		out := slices.Clone(list)
		for i, t := range list {
			if t == nil {
				continue
			}
			var err error
			if i < len(groups) && groups[i] >= 0 {
				out[i], err = data.WithSteps(t, a.steps[groups[i]])
			}
			switch copied := out[i] != t; {
			case err != nil:
			case copied && !b.Lent():
				err = t.FinalizeAll()
			case !copied && b.Lent(): // it is given back
				out[i], err = t.LocalClone()
			}
			failed = errors.Join(failed, err)
		}
		return out
	}
	longer.X, longer.Y, longer.W = add(b.X, a.groups), add(b.Y, a.y), add(b.W, a.w)
	return longer, errors.Join(failed, b.Return())
}

// lengthsOf is the argument of a program that says how many steps count.
func lengthsOf(lengths []int) *tensors.Tensor {
	values := make([]int32, len(lengths))
	for i, n := range lengths {
		values[i] = int32(n)
	}
	return tensors.FromValue(values)
}

// cut takes the added steps off the outputs of a batch with those lengths.
func (a *addedSteps) cut(outputs []*tensors.Tensor, lengths []int) ([]*tensors.Tensor, error) {
	a.mu.Lock()
	sizes := a.sizes[fmt.Sprint(lengths)]
	a.mu.Unlock()
	for i, t := range outputs {
		if i >= len(sizes) || sizes[i] == 0 {
			continue
		}
		short, err := data.WithSteps(t, sizes[i])
		if err == nil && short != t {
			err = t.FinalizeAll()
		}
		if err != nil {
			return nil, err
		}
		outputs[i] = short
	}
	return outputs, nil
}

// leaveOutAdded masks the added steps of outputs, for their losses.
func leaveOutAdded(outputs []*symbolic.Value) {
	for _, out := range outputs {
		if out.Steps != nil {
			out.Mask = symbolic.CountedMask(out.Mask, out.Node, out.Steps)
		}
	}
}

// weightOfSteps are sample weights for a metric that averages the steps of each sample, of which a mask leaves out those that were added: they make up for them,
// so that a sample weighs as much as if it had none. Weight may be nil.
func weightOfSteps(x, steps, weight *graph.Node) *graph.Node {
	all := graph.Scalar(x.Graph(), dtypes.Float32, float64(x.Shape().Dimensions[1]))
	factor := graph.Div(all, graph.ConvertDType(steps, dtypes.Float32))
	if weight == nil {
		return graph.BroadcastToDims(factor, x.Shape().Dimensions[0], 1)
	}
	if weight.Rank() == 1 {
		weight = graph.InsertAxes(weight, -1)
	}
	return graph.Mul(graph.ConvertDType(weight, dtypes.Float32), graph.BroadcastToDims(factor, weight.Shape().Dimensions...))
}
