package training

import (
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gokeras/gokeras/internal/lowering"
	"github.com/gokeras/gokeras/internal/rewrite"
	"github.com/gokeras/gokeras/optimizers"
	"github.com/gokeras/gokeras/symbolic"
)

// XLA's bookkeeping of a buffer costs more than the step of a thousand values, and its compiler compares buffers with each other. The small weights of a model, and what the
// optimizer has beside each, are therefore one parameter of the training program each, in which the values of one come after those of another. The optimizer's step knows
// each such parameter as one variable.

const (
	fewestPacked  = 8       // weights
	largestPacked = 1 << 12 // values of one: what is copied out for its layer should cost less than a buffer
)

// group are variables that stand together.
type group struct {
	whole *symbolic.Weight // what a step knows all of them as; it has no value of its own
	parts []*symbolic.Weight
	apart bool // a step knows the parts, too
}

// newGroup makes a group of float32 variables.
func newGroup(parts []*symbolic.Weight) *group {
	return &group{whole: symbolic.NewVariable("packed", "packed", dtypes.Float32, []int{symbolic.CountParams(parts)}, 0), parts: parts}
}

// view is what the optimizer's step goes through: weights and its variables, some of which may stand for many.
type view struct {
	specs     []optimizers.Variable
	weights   []*symbolic.Weight
	variables []*symbolic.Weight
	groups    []*group // the first is of weights, and the first of them; nil: none stand together
}

// together is the view in which small weights stand together, nil where that doesn't pay, or the optimizer doesn't take each element by itself.
func (t *trainer) together() *view {
	beside := optimizers.Beside(t.optimizer, t.specs)
	if beside == nil {
		return nil
	}
	v := &view{specs: make([]optimizers.Variable, 1), weights: make([]*symbolic.Weight, 1)}
	var small, large []int
	for i, w := range t.trainable {
		fits := w.Size() <= largestPacked && w.Spec().Constraint == nil && packable(w)
		for _, at := range beside[i] {
			fits = fits && packable(t.variables[at]) && slices.Equal(t.variables[at].Shape(), w.Shape())
		}
		if fits {
			small = append(small, i)
			continue
		}
		large = append(large, i)
		spec := t.specs[i]
		spec.Index = len(v.specs)
		v.specs, v.weights = append(v.specs, spec), append(v.weights, w)
	}
	if len(small) < fewestPacked {
		return nil
	}
	gather := func(variable func(i int) *symbolic.Weight) *symbolic.Weight {
		var parts []*symbolic.Weight
		for _, i := range small {
			parts = append(parts, variable(i))
		}
		g := newGroup(parts)
		v.groups = append(v.groups, g)
		return g.whole
	}
	v.weights[0] = gather(func(i int) *symbolic.Weight { return t.trainable[i] })
	v.groups[0].apart = true
	v.specs[0] = specsOf(v.weights[:1])[0]
	declared := t.optimizer.Variables(v.specs)
	v.variables = make([]*symbolic.Weight, len(declared))
	known := make([]bool, len(t.variables))
	for k, list := range optimizers.Beside(t.optimizer, v.specs) {
		for j, at := range list {
			if k == 0 {
				v.variables[at] = gather(func(i int) *symbolic.Weight { known[beside[i][j]] = true; return t.variables[beside[i][j]] })
			} else {
				known[beside[large[k-1]][j]] = true
				v.variables[at] = t.variables[beside[large[k-1]][j]]
			}
		}
	}
	// What goes with no weight is there in either view, in the same order.
	next := 0
	for at := range v.variables {
		if v.variables[at] == nil {
			for next < len(known) && known[next] {
				next++
			}
			if next == len(known) {
				return nil
			}
			v.variables[at] = t.variables[next]
			next++
		}
		if w := v.variables[at]; w.DType() != declared[at].DType || !slices.Equal(w.Shape(), declared[at].Shape) {
			return nil
		}
	}
	return v
}

// gradients are those of a loss for the view's weights.
func (v *view) gradients(loss *graph.Node, initial func([]*symbolic.Weight) []*graph.Node) []*graph.Node {
	if v.groups == nil {
		return graph.Gradient(loss, initial(v.weights)...)
	}
	parts := v.groups[0].parts
	list := graph.Gradient(loss, initial(slices.Concat(parts, v.weights[1:]))...)
	flat := make([]*graph.Node, len(parts))
	for i := range flat {
		flat[i] = graph.Reshape(list[i], list[i].Shape().Size())
	}
	return append([]*graph.Node{graph.Concatenate(flat, 0)}, list[len(parts):]...)
}

// packable reports whether a variable may stand in a group.
func packable(w *symbolic.Weight) bool { return w.DType() == dtypes.Float32 && len(w.Shape()) > 0 }

// groups implements stepper: small weights, and beside them groups of what the optimizer has with each.
func (m *Session) groups(kind Step) []*group {
	if kind != Train {
		return nil
	}
	t := m.training
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.packed == nil {
		if t.packed = t.together(); t.packed == nil {
			t.packed = &view{}
		}
	}
	return t.packed.groups
}

// view is that of a pass: a group's whole has a value there if the group stands together.
func (t *trainer) view(p *symbolic.Pass) *view {
	if v := t.packed; v != nil && v.groups != nil && p.Initial(v.groups[0].whole) != nil {
		return v
	}
	return &view{specs: t.specs, weights: t.trainable, variables: t.variables}
}

// groups implements stepper: a step of the user's own may do anything with its variables.
func (o *Own) groups(Step) []*group { return nil }

// takesGroups reports whether programs are rewritten so that groups pay.
func takesGroups(engine compute.Backend) bool {
	k, ok := engine.(lowering.Kerneled)
	return ok && k.HasKernels()
}

// place is a parameter of a program: which of its variables are there, one or a group.
type place struct {
	at    []int
	whole *symbolic.Weight // nil for one
	apart bool             // as in group
}

// places are the parameters for variables; a group stands at the place of its first.
func places(vars []*symbolic.Weight, groups []*group) []place {
	at := make(map[*symbolic.Weight]int, len(vars))
	for i, w := range vars {
		at[w] = i
	}
	grouped := map[*symbolic.Weight]*place{}
	for _, g := range groups {
		p := &place{whole: g.whole, apart: g.apart}
		for _, w := range g.parts {
			p.at = append(p.at, at[w])
			grouped[w] = p
		}
	}
	var list []place
	for i, w := range vars {
		switch p := grouped[w]; {
		case p == nil:
			list = append(list, place{at: []int{i}})
		case p.at[0] == i:
			list = append(list, *p)
		}
	}
	return list
}

// parameter makes the parameter for a place, and the values of its variables from it.
func (pl place) parameter(g *graph.Graph, number int, vars []*symbolic.Weight, values map[*symbolic.Weight]*graph.Node) {
	if pl.whole == nil {
		w := vars[pl.at[0]]
		values[w] = graph.Parameter(g, fmt.Sprintf("var%d_%s", pl.at[0], w.Spec().Name), shapes.Make(w.Spec().DType, w.Spec().Shape...))
		return
	}
	whole := graph.Parameter(g, fmt.Sprintf("%s%d", rewrite.Packed, number), shapes.Make(dtypes.Float32, pl.whole.Size()))
	values[pl.whole] = whole
	if !pl.apart {
		return
	}
	at := 0
	for _, i := range pl.at {
		w := vars[i]
		values[w] = graph.Reshape(graph.Slice(whole, graph.AxisRange(at, at+w.Size())), w.Spec().Shape...)
		at += w.Size()
	}
}

// variable is what a step knows what is at the place as.
func (pl place) variable(vars []*symbolic.Weight) *symbolic.Weight {
	if pl.whole != nil {
		return pl.whole
	}
	return vars[pl.at[0]]
}

// buffer returns what the program takes at a place, which it takes over if it writes there.
func (p *program) buffer(at int, vars []*symbolic.Weight) (compute.Buffer, error) {
	pl := p.places[at]
	if pl.whole == nil {
		w := vars[pl.at[0]]
		buf, err := w.Buffer(p.engine, p.donated[at])
		if err != nil {
			return nil, fmt.Errorf("weight %s: %w", w.Path(), err)
		}
		return buf, nil
	}
	whole, err := pl.values(p.engine, vars)
	if err != nil {
		return nil, err
	}
	return whole.DonateBuffer(p.engine, 0)
}

// values are those at a group's place, which a keeper has, or the variables one by one.
func (pl place) values(engine compute.Backend, vars []*symbolic.Weight) (*tensors.Tensor, error) {
	if k, _ := vars[pl.at[0]].Keeper(); k != nil {
		if pack, ok := k.(*pack); ok && pack.isOf(engine, pl, vars) {
			if t, err := pack.take(); t != nil || err != nil {
				return t, err
			}
		}
	}
	flat := make([]float32, 0, pl.whole.Size())
	for _, i := range pl.at {
		w := vars[i]
		err := w.Look(func(t *tensors.Tensor) error {
			return tensors.ConstFlatData(t, func(values []float32) { flat = append(flat, values...) })
		})
		if err != nil {
			return nil, fmt.Errorf("weight %s: %w", w.Path(), err)
		}
	}
	return tensors.FromFlatDataAndDimensions(flat, len(flat)), nil
}

// keep leaves the variables at a place to a keeper: k at that place or, of a group, one that can take it apart.
func (pl place) keep(engine compute.Backend, vars []*symbolic.Weight, k symbolic.Keeper, at int) {
	if pl.whole == nil {
		vars[pl.at[0]].Keep(k, at)
		return
	}
	pack := &pack{engine: engine, held: k, at: at}
	start := 0
	for _, i := range pl.at {
		pack.shapes, pack.starts = append(pack.shapes, vars[i].Spec().Shape), append(pack.starts, start)
		start += vars[i].Size()
	}
	for j, i := range pl.at {
		vars[i].Keep(pack, j)
	}
}

// pack has the values of a place until somebody asks for one of them: then it is taken apart.
type pack struct {
	engine compute.Backend
	shapes [][]int
	starts []int // of each in the whole

	mu   sync.Mutex
	held symbolic.Keeper // of the whole; nil when it was taken
	at   int             // there
	flat []float32       // when it was taken apart
}

// isOf reports whether the pack has the variables of the place, and no others.
func (p *pack) isOf(engine compute.Backend, pl place, vars []*symbolic.Weight) bool {
	if p.engine != engine || len(p.shapes) != len(pl.at) {
		return false
	}
	for j, i := range pl.at {
		if k, at := vars[i].Keeper(); k != symbolic.Keeper(p) || at != j {
			return false
		}
	}
	return true
}

// take gives the whole away, nil if it was taken apart.
func (p *pack) take() (*tensors.Tensor, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.held == nil {
		return nil, nil
	}
	held := p.held
	p.held = nil
	return held.Give(p.at)
}

// open takes the whole apart.
func (p *pack) open() error {
	if p.held == nil {
		return nil
	}
	t, err := p.held.Give(p.at)
	p.held = nil
	if err != nil {
		return err
	}
	if err := tensors.ConstFlatData(t, func(values []float32) { p.flat = slices.Clone(values) }); err != nil {
		return err
	}
	return t.FinalizeAll()
}

// Give implements [symbolic.Keeper].
func (p *pack) Give(place int) (*tensors.Tensor, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.open(); err != nil {
		return nil, err
	}
	if p.flat == nil {
		return nil, errors.New("its value was lost")
	}
	shape, start := p.shapes[place], p.starts[place]
	return tensors.FromFlatDataAndDimensions(p.flat[start:start+shapes.Make(dtypes.Float32, shape...).Size()], shape...), nil
}

// Drop implements [symbolic.Keeper]: without one of them, the whole is no use to a program.
func (p *pack) Drop(int) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.open()
}

// one keeps a tensor.
type one struct{ t *tensors.Tensor }

// Give implements [symbolic.Keeper].
func (o one) Give(int) (*tensors.Tensor, error) { return o.t, nil }

// Drop implements [symbolic.Keeper].
func (o one) Drop(int) error { return o.t.FinalizeAll() }
