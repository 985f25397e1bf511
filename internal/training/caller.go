package training

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gokeras/gokeras/backend"
	"github.com/gokeras/gokeras/internal/catch"
	"github.com/gokeras/gokeras/internal/data"
	"github.com/gokeras/gokeras/internal/ndarray"
	"github.com/gokeras/gokeras/internal/nest"
	"github.com/gokeras/gokeras/symbolic"
)

// Caller calls a layer alone on data. It compiles a program for each form and shapes of data, and keeps the latest maxPrograms. Calls may run at the same time:
// each has random numbers of its own.
type Caller struct {
	layer    symbolic.Layer
	training bool
	mu       sync.Mutex
	programs map[string]*called
	order    []string // oldest first
}

// called is the program of one form of data. Its parameters are the weights, the states of the generators, and the data; its outputs the layer's, then the
// generators' next states.
type called struct {
	graph   *graph.Graph
	engine  compute.Backend
	weights []*symbolic.Weight
	seeds   []*symbolic.Weight
	draws   []uint32 // of each generator in a call; nil until the first one has run
	outputs int
}

// NewCaller makes what calls the layer in its training phase or outside of it.
func NewCaller(l symbolic.Layer, training bool) *Caller {
	return &Caller{layer: l, training: training, programs: map[string]*called{}}
}

// Call calls the layer on data: a tensor, or lists and dictionaries of them.
func (c *Caller) Call(ctx context.Context, x any) ([]*tensors.Tensor, error) {
	engine, err := backend.DefaultContext(ctx)
	if err != nil {
		return nil, err
	}
	leaves := nest.Flatten(x)
	key := fmt.Sprintf("%p", engine)
	nest.Walk(x, func(at nest.Path, v any) bool {
		if t, ok := v.(*tensors.Tensor); ok {
			key += " " + at.String() + t.Shape().String()
		}
		return true
	})
	p, args, finish, err := c.start(engine, key, x)
	if err != nil {
		return nil, err
	}
	var outputs []*tensors.Tensor
	err = catch.Panic(func() error {
		var buffers []compute.Buffer
		for _, t := range append(args, asTensors(leaves)...) {
			buffer, err := copied(engine, t, t.Shape())
			if err != nil {
				return err
			}
			buffers = append(buffers, buffer)
		}
		outputs = p.graph.RunWithBuffers(buffers, slices.Repeat([]bool{true}, len(buffers)), 0)
		return nil
	})
	for i := range outputs {
		if err == nil {
			outputs[i], err = data.ToHost(engine, outputs[i])
		}
	}
	if err := finish(outputs, err); err != nil {
		return nil, err
	}
	return outputs[:p.outputs], nil
}

func asTensors(leaves []any) []*tensors.Tensor {
	list := make([]*tensors.Tensor, len(leaves))
	for i, v := range leaves {
		list[i] = v.(*tensors.Tensor)
	}
	return list
}

// start finds or builds the program, reads the weights, and takes random numbers for a call. The first call of a program finds out how many that are: until
// finish, which gets its results, others wait.
func (c *Caller) start(engine compute.Backend, key string, x any) (p *called, args []*tensors.Tensor, finish func(results []*tensors.Tensor, err error) error, err error) {
	c.mu.Lock()
	held := true
	defer func() {
		if held {
			c.mu.Unlock()
		}
	}()
	p, ok := c.programs[key]
	if !ok {
		if err := catch.Panic(func() error { p, err = c.build(engine, x); return err }); err != nil {
			return nil, nil, nil, err
		}
		c.programs[key] = p
		if c.order = append(c.order, key); len(c.order) > maxPrograms {
			delete(c.programs, c.order[0])
			c.order = c.order[1:]
		}
	}
	if args, err = symbolic.Values(slices.Concat(p.weights, p.seeds)); err != nil {
		return nil, nil, nil, err
	}
	states := args[len(p.weights):]
	if p.draws != nil {
		for i, w := range p.seeds {
			if err := advance(w, states[i], p.draws[i]); err != nil {
				return nil, nil, nil, err
			}
		}
		return p, args, func(_ []*tensors.Tensor, err error) error { return err }, nil
	}
	held = false // finish lets go
	return p, args, func(results []*tensors.Tensor, err error) error {
		defer c.mu.Unlock()
		if err != nil {
			return err
		}
		draws := make([]uint32, len(p.seeds))
		for i, w := range p.seeds {
			after, before := tensors.MustCopyFlatData[uint32](results[p.outputs+i]), tensors.MustCopyFlatData[uint32](states[i])
			draws[i] = after[1] - before[1]
			if err := advance(w, states[i], draws[i]); err != nil {
				return err
			}
		}
		p.draws = draws
		return nil
	}, nil
}

// advance lets a generator go on.
func advance(w *symbolic.Weight, state *tensors.Tensor, draws uint32) error {
	next := tensors.MustCopyFlatData[uint32](state)
	next[1] += draws
	return w.Set(tensors.FromFlatDataAndDimensions(next, 2))
}

func (c *Caller) build(engine compute.Backend, x any) (*called, error) {
	base := c.layer.Base()
	specs, _ := nest.Map(x, func(leaf any) (any, error) {
		s := leaf.(*tensors.Tensor).Shape()
		return symbolic.Spec{Shape: s.Dimensions, DType: ndarray.DTypeName(s.DType)}, nil
	})
	if err := base.BuildOn(specs); err != nil {
		return nil, err
	}
	p := &called{engine: engine, weights: slices.Concat(base.Weights(), base.States()), seeds: base.SeedStates()}
	g := graph.NewGraph(engine, base.Name())
	values := map[*symbolic.Weight]*graph.Node{}
	all := slices.Concat(p.weights, p.seeds)
	current, err := symbolic.Values(all)
	if err != nil {
		return nil, err
	}
	for i, w := range all {
		values[w] = graph.Parameter(g, fmt.Sprintf("w%d", i), current[i].Shape())
	}
	i := 0
	nodes, _ := nest.Map(x, func(leaf any) (any, error) {
		i++
		return &symbolic.Value{Node: graph.Parameter(g, fmt.Sprintf("x%d", i), leaf.(*tensors.Tensor).Shape())}, nil
	})
	pass := symbolic.NewPass(g, c.training, values)
	var results []*graph.Node
	for _, v := range pass.Apply(c.layer, []any{nodes}, nil) {
		results = append(results, graph.Identity(v.Node)) // a program can't return its parameters
	}
	p.outputs = len(results)
	var changed []string
	for w := range pass.Updates() {
		if !slices.Contains(p.seeds, w) {
			changed = append(changed, w.Path())
		}
	}
	if len(changed) > 0 {
		slices.Sort(changed)
		return nil, fmt.Errorf("the call changes %s, which a call on data alone can't: train a model", strings.Join(changed, ", "))
	}
	for _, w := range p.seeds {
		results = append(results, graph.Identity(pass.Value(w)))
	}
	if err := g.Compile(results...); err != nil {
		return nil, err
	}
	p.graph = g
	return p, nil
}
