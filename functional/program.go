package functional

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gokeras/gokeras/backend"
	"github.com/gokeras/gokeras/internal/execcache"
	"github.com/gokeras/gokeras/optimizers"
)

// program is a compiled step for batches of one shape. Its parameters are the
// variables, then the batch; its outputs are the new values of the variables
// that it writes, then what the step returns.
type program struct {
	graph   *graph.Graph
	engine  compute.Backend
	vars    []*Weight
	written []*Weight
	donated []bool // per parameter
}

type stepKind string

const (
	trainStep   stepKind = "train"
	testStep    stepKind = "test"
	predictStep stepKind = "predict"
)

// programs caches a model's compiled steps by kind, batch shapes and engine, the
// latest maxPrograms of them.
type programs struct {
	mu    sync.Mutex
	byKey map[string]*program
	order []string // oldest first
}

const maxPrograms = 32

func newPrograms() *programs { return &programs{byKey: map[string]*program{}} }

func (p *programs) clear() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, prog := range p.byKey {
		prog.graph.Finalize()
	}
	clear(p.byKey)
	p.order = nil
}

// add keeps the program and drops the oldest when there are too many. One that is
// still running ends undisturbed: its graph is left to the garbage collector.
func (p *programs) add(key string, prog *program) {
	p.byKey[key] = prog
	p.order = append(p.order, key)
	if len(p.order) > maxPrograms {
		delete(p.byKey, p.order[0])
		p.order = p.order[1:]
	}
}

// graphBatch is a batch as parameters of a graph.
type graphBatch struct{ x, y, w []*graph.Node }

func (b *graphBatch) rows() int { return b.x[0].Shape().Dimensions[0] }

func (b *graphBatch) weight(target int) *graph.Node {
	if b.w == nil {
		return nil
	}
	return b.w[target]
}

// program returns the compiled step for batches like b.
func (m *Model) program(ctx context.Context, kind stepKind, b *batch) (*program, error) {
	engine, err := backend.DefaultContext(ctx)
	if err != nil {
		return nil, err
	}
	var key strings.Builder
	fmt.Fprintf(&key, "%p %s", engine, kind)
	for _, t := range b.all() {
		fmt.Fprintf(&key, " %s", t.Shape())
	}
	for _, w := range m.Weights() {
		if w.Trainable() {
			key.WriteByte('t')
		} else {
			key.WriteByte('f')
		}
	}
	m.programs.mu.Lock()
	defer m.programs.mu.Unlock()
	if p, ok := m.programs.byKey[key.String()]; ok {
		return p, nil
	}
	var p *program
	err = catch(func() error {
		var err error
		p, err = m.buildProgram(engine, kind, b)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("building the %s step for a batch of %d: %w", kind, b.rows, err)
	}
	m.programs.add(key.String(), p)
	return p, nil
}

func (m *Model) buildProgram(engine compute.Backend, kind stepKind, b *batch) (*program, error) {
	g := graph.NewGraph(execcache.Wrap(engine), fmt.Sprintf("%s_%s", m.Name(), kind))
	p := &program{graph: g, engine: engine}
	p.vars = append(m.Weights(), m.seedStates()...)
	t := m.training
	if kind == trainStep {
		p.vars = append(p.vars, t.variables...)
	}
	if kind != predictStep {
		p.vars = append(p.vars, t.resolved.variables()...)
	}
	pass := &forward{graph: g, train: kind == trainStep, nodes: map[*Weight]*graph.Node{}, updates: map[*Weight]*graph.Node{}}
	for i, w := range p.vars {
		pass.nodes[w] = graph.Parameter(g, fmt.Sprintf("var%d_%s", i, w.spec.Name), shapes.Make(w.spec.DType, w.spec.Shape...))
	}
	gb := &graphBatch{}
	for _, part := range []struct {
		from []*tensors.Tensor
		to   *[]*graph.Node
		name string
	}{{b.x, &gb.x, "x"}, {b.y, &gb.y, "y"}, {b.w, &gb.w, "sample_weight"}} {
		for i, data := range part.from {
			*part.to = append(*part.to, graph.Parameter(g, fmt.Sprintf("%s_%d", part.name, i), data.Shape()))
		}
	}

	outputs := pass.apply(m, gb.x)
	results := outputs
	if kind != predictStep {
		total, each := t.resolved.loss(t, gb, outputs, pass.penalties(m.Weights()))
		if kind == trainStep {
			if err := t.learn(pass, total); err != nil {
				return nil, err
			}
		}
		results = []*graph.Node{t.resolved.update(pass, gb, outputs, total, each)}
	}
	var final []*graph.Node
	for _, w := range p.vars {
		update, ok := pass.updates[w]
		// Outside training only the accumulators change.
		if ok && (kind == trainStep || w.owner == nil) {
			if !slices.Equal(update.Shape().Dimensions, w.spec.Shape) {
				return nil, fmt.Errorf("weight %s of shape %s was given a value of shape %s", w.Path(), Shape(w.spec.Shape), Shape(update.Shape().Dimensions))
			}
			p.written = append(p.written, w)
			final = append(final, toDType(update, w.spec.DType))
		}
		p.donated = append(p.donated, ok && (kind == trainStep || w.owner == nil))
	}
	for range b.all() {
		p.donated = append(p.donated, true)
	}
	if err := g.Compile(append(final, results...)...); err != nil {
		return nil, err
	}
	return p, nil
}

// learn builds the gradients, the optimizer's step and the constraints.
func (t *trainer) learn(p *forward, total *graph.Node) error {
	weights := make([]*graph.Node, len(t.trainable))
	for i, w := range t.trainable {
		weights[i] = p.nodes[w]
	}
	if len(weights) == 0 {
		return nil // Keras reports the losses of such a model, too
	}
	state := make([]*graph.Node, len(t.variables))
	for i, v := range t.variables {
		state[i] = p.nodes[v]
	}
	scaled := total
	if s, ok := t.optimizer.(optimizers.LossScaler); ok {
		scaled = s.ScaleLoss(total)
	}
	newState, newWeights := t.optimizer.Apply(t.specs, state, weights, graph.Gradient(scaled, weights...))
	for i, v := range t.variables {
		p.updates[v] = newState[i]
	}
	for i, w := range t.trainable {
		if w.spec.Constraint != nil {
			newWeights[i] = w.spec.Constraint.Project(newWeights[i])
		}
		p.updates[w] = newWeights[i]
	}
	return nil
}

// buildOptimizer creates the optimizer's variables for the weights that are trainable now.
func (m *Model) buildOptimizer() error {
	t := m.training
	if m.inputs == nil {
		return fmt.Errorf("model %q has no weights yet: call Build, or fit it on data", m.Name())
	}
	trainable := m.TrainableWeights()
	if t.variables != nil {
		if !slices.Equal(t.trainable, trainable) {
			return fmt.Errorf("model %q: its trainable weights changed since the optimizer first saw them: call Compile again", m.Name())
		}
		return nil
	}
	t.trainable, t.specs = trainable, make([]optimizers.Variable, len(trainable))
	for i, w := range trainable {
		t.specs[i] = optimizers.Variable{Name: w.Name(), Path: w.Path(), Shape: w.Shape(), DType: w.DType()}
	}
	for _, v := range t.optimizer.Variables(t.specs) {
		t.variables = append(t.variables, newVariable(v.Name, t.optimizer.KerasName()+"/"+v.Name, v.DType, v.Shape, v.Initial))
	}
	return nil
}

// seedStates returns the generator states of the model's random layers.
func (m *Model) seedStates() []*Weight {
	var list []*Weight
	eachLayer(m, func(l Layer) {
		if w := l.Base().seed; w != nil {
			list = append(list, w)
		}
	})
	return list
}

// run executes the program on a batch, which it consumes, moves the written
// variables to their new values and returns what the step returns. It does not wait for the
// device.
func (p *program) run(b *batch) (results []*tensors.Tensor, err error) {
	inputs := make([]compute.Buffer, 0, len(p.donated))
	err = catch(func() error {
		for i, w := range p.vars {
			buf, err := w.buffer(p.engine, p.donated[i])
			if err != nil {
				return fmt.Errorf("weight %s: %w", w.Path(), err)
			}
			inputs = append(inputs, buf)
		}
		for _, t := range b.all() {
			buf, err := t.DonateBuffer(p.engine, 0)
			if err != nil {
				return err
			}
			inputs = append(inputs, buf)
		}
		results = p.graph.RunWithBuffers(inputs, p.donated, 0)
		return nil
	})
	if err != nil {
		return nil, err
	}
	for i, w := range p.written {
		w.replace(results[i])
	}
	return results[len(p.written):], nil
}
