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
	"github.com/gokeras/gokeras/symbolic"
)

// XLA's bookkeeping of a buffer costs more than a step of Adam on a thousand values. The small weights of a model, and what Adam has beside each, are therefore one
// parameter of the training program each, in which the values of one come after those of another.

const (
	fewestPacked  = 8       // weights
	largestPacked = 1 << 12 // values of one: what is copied out for its layer should cost less than a buffer
)

// place is a parameter of a program: which of its variables are there.
type place []int

// places are the parameters for variables; those of packs stand together at the place of the first.
func places(vars []*symbolic.Weight, packs [][]*symbolic.Weight) []place {
	at := make(map[*symbolic.Weight]int, len(vars))
	for i, w := range vars {
		at[w] = i
	}
	packed := map[*symbolic.Weight]place{}
	for _, pack := range packs {
		var p place
		for _, w := range pack {
			i, known := at[w]
			if !known {
				return places(vars, nil)
			}
			p = append(p, i)
		}
		for _, w := range pack {
			packed[w] = p
		}
	}
	var list []place
	for i, w := range vars {
		switch p := packed[w]; {
		case p == nil:
			list = append(list, place{i})
		case p[0] == i:
			list = append(list, p)
		}
	}
	return list
}

// packs are the lists of variables that a training step of Adam may take as one parameter each: small weights, their momenta, their velocities.
func (m *Session) packs(kind Step) [][]*symbolic.Weight {
	t := m.training
	if kind != Train || len(t.variables) != 2+2*len(t.trainable) {
		return nil
	}
	packs := make([][]*symbolic.Weight, 3)
	for i, w := range t.trainable {
		if w.DType() != dtypes.Float32 || len(w.Shape()) == 0 || w.Size() > largestPacked || w.Spec().Constraint != nil {
			continue
		}
		for k, v := range []*symbolic.Weight{w, t.variables[2+2*i], t.variables[3+2*i]} {
			if v.DType() != w.DType() || !slices.Equal(v.Shape(), w.Shape()) {
				return nil
			}
			packs[k] = append(packs[k], v)
		}
	}
	if len(packs[0]) < fewestPacked {
		return nil
	}
	return packs
}

// packs implements stepper: a step of the user's own may do anything with its variables.
func (o *Own) packs(Step) [][]*symbolic.Weight { return nil }

// takesPacks reports whether programs are rewritten so that packs pay.
func takesPacks(engine compute.Backend) bool {
	k, ok := engine.(lowering.Kerneled)
	return ok && k.HasKernels()
}

// parameter makes the parameter for a place, and the values of its variables from it.
func (pl place) parameter(g *graph.Graph, number int, vars []*symbolic.Weight, values map[*symbolic.Weight]*graph.Node) {
	if len(pl) == 1 {
		w := vars[pl[0]]
		values[w] = graph.Parameter(g, fmt.Sprintf("var%d_%s", pl[0], w.Spec().Name), shapes.Make(w.Spec().DType, w.Spec().Shape...))
		return
	}
	whole := graph.Parameter(g, fmt.Sprintf("%s%d", rewrite.Packed, number), shapes.Make(dtypes.Float32, pl.size(vars)))
	at := 0
	for _, i := range pl {
		w := vars[i]
		values[w] = graph.Reshape(graph.Slice(whole, graph.AxisRange(at, at+w.Size())), w.Spec().Shape...)
		at += w.Size()
	}
}

// result is what a step leaves at the place; nil where it changes nothing.
func (pl place) result(vars []*symbolic.Weight, before, after map[*symbolic.Weight]*graph.Node) *graph.Node {
	var parts []*graph.Node
	for _, i := range pl {
		w := vars[i]
		if after[w] != before[w] {
			parts = append(parts, after[w])
		}
	}
	switch {
	case len(parts) == 0:
		return nil
	case len(pl) == 1:
		return parts[0]
	case len(parts) < len(pl):
		panic(rewrite.ErrApart)
	}
	for i, part := range parts {
		parts[i] = graph.Reshape(part, part.Shape().Size())
	}
	return graph.Concatenate(parts, 0)
}

func (pl place) size(vars []*symbolic.Weight) int {
	size := 0
	for _, i := range pl {
		size += vars[i].Size()
	}
	return size
}

// buffer returns what the program takes at a place, which it takes over if it writes there.
func (p *program) buffer(at int, vars []*symbolic.Weight) (compute.Buffer, error) {
	pl := p.places[at]
	if len(pl) == 1 {
		w := vars[pl[0]]
		buf, err := w.Buffer(p.engine, p.donated[at])
		if err != nil {
			return nil, fmt.Errorf("weight %s: %w", w.Path(), err)
		}
		return buf, nil
	}
	whole, err := pl.whole(p.engine, vars)
	if err != nil {
		return nil, err
	}
	return whole.DonateBuffer(p.engine, 0)
}

// whole are the values at a pack's place, which a keeper has, or the variables one by one.
func (pl place) whole(engine compute.Backend, vars []*symbolic.Weight) (*tensors.Tensor, error) {
	if k, _ := vars[pl[0]].Keeper(); k != nil {
		if pack, ok := k.(*pack); ok && pack.isOf(engine, pl, vars) {
			if t, err := pack.take(); t != nil || err != nil {
				return t, err
			}
		}
	}
	flat := make([]float32, 0, pl.size(vars))
	for _, i := range pl {
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

// keep leaves the variables at a place to a keeper: k at that place or, of a pack, one that can take it apart.
func (pl place) keep(engine compute.Backend, vars []*symbolic.Weight, k symbolic.Keeper, at int) {
	if len(pl) == 1 {
		vars[pl[0]].Keep(k, at)
		return
	}
	pack := &pack{engine: engine, held: k, at: at}
	for _, i := range pl {
		pack.shapes = append(pack.shapes, vars[i].Spec().Shape)
	}
	for j, i := range pl {
		vars[i].Keep(pack, j)
	}
}

// pack has the values of a place until somebody asks for one of them: then it is taken apart.
type pack struct {
	engine compute.Backend
	shapes [][]int

	mu   sync.Mutex
	held symbolic.Keeper // of the whole; nil when it was taken
	at   int             // there
	flat []float32       // when it was taken apart
}

// isOf reports whether the pack has the variables of the place, and no others.
func (p *pack) isOf(engine compute.Backend, pl place, vars []*symbolic.Weight) bool {
	if p.engine != engine || len(p.shapes) != len(pl) {
		return false
	}
	for j, i := range pl {
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
	size := func(shape []int) int { return shapes.Make(dtypes.Float32, shape...).Size() }
	at := 0
	for _, shape := range p.shapes[:place] {
		at += size(shape)
	}
	shape := p.shapes[place]
	return tensors.FromFlatDataAndDimensions(p.flat[at:at+size(shape)], shape...), nil
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
