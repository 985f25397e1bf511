package training

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gokeras/gokeras/backend"
	"github.com/gokeras/gokeras/internal/catch"
	"github.com/gokeras/gokeras/internal/data"
	"github.com/gokeras/gokeras/internal/rewrite"
	"github.com/gokeras/gokeras/optimizers"
	"github.com/gokeras/gokeras/symbolic"
)

// program is a compiled step for batches of one shape. Its parameters are the
// variables, some of them together, then the batch; its outputs are the new values of the
// places that it writes, then what the step returns.
type program struct {
	graph   *graph.Graph // nil: the engine runs such steps apart
	engine  compute.Backend
	vars    []*symbolic.Weight
	places  []place         // of the variables
	written []int           // of the places
	claim   *symbolic.Claim // on the variables but those of a tally
	donated []bool          // per parameter
	outputs []*graph.Node   // from which tests see what is computed

	shapes   []shapes.Shape // of one step's batch
	steps    int            // that one run takes
	added    *addedSteps    // nil: the program is for those shapes alone
	revision uint64         // when this was last known to be the model's program
	inputs   sync.Pool      // *[]compute.Buffer, so that a step allocates none
	keepers  sync.Pool      // *keeper, see spare
}

// programs caches a model's compiled steps by kind, batch shapes and engine, the
// latest maxPrograms of them.
type programs struct {
	mu     sync.Mutex
	byKey  map[string]*program
	order  []string               // oldest first
	latest map[latestKey]*program // those used last, found without making a key

	lengths map[string]*lengthPlan // by [machine.openKey]
}

type latestKey struct {
	kind  Step
	steps int
}

const maxPrograms = 32

func newPrograms() *programs {
	return &programs{byKey: map[string]*program{}, latest: map[latestKey]*program{}, lengths: map[string]*lengthPlan{}}
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

// graphBatch is a batch as nodes of a graph.
type graphBatch struct {
	x, y, w []*graph.Node
	steps   []*graph.Node // how many steps of each of x count, nil for all; it may itself be nil
}

// inputs are the values of x.
func (b *graphBatch) inputs() []*symbolic.Value {
	values := make([]*symbolic.Value, len(b.x))
	for i, x := range b.x {
		values[i] = &symbolic.Value{Node: x}
		if b.steps != nil {
			values[i].Steps = b.steps[i]
		}
	}
	return values
}

// newGraphBatch makes the parameters for the batch of one of a program's steps, which is like b.
func newGraphBatch(g *graph.Graph, b *data.Batch, step int) *graphBatch {
	parameters := func(name string, like []*tensors.Tensor) []*graph.Node {
		var list []*graph.Node
		for i, t := range like {
			list = append(list, graph.Parameter(g, fmt.Sprintf("%s_%d_step%d", name, i, step), t.Shape()))
		}
		return list
	}
	return &graphBatch{x: parameters("x", b.X), y: parameters("y", b.Y), w: parameters("sample_weight", b.W)}
}

func (b *graphBatch) all() []*graph.Node { return slices.Concat(b.x, b.y, b.w) }

// rows is the number of samples: 1 where the first input is a single number, which a step of the user's own may be given.
func (b *graphBatch) rows() int {
	if b.x[0].Rank() == 0 {
		return 1
	}
	return b.x[0].Shape().Dimensions[0]
}

func (b *graphBatch) weight(target int) *graph.Node {
	if b.w == nil {
		return nil
	}
	return b.w[target]
}

// program returns the compiled program that takes one step on each of the batches, which
// are alike. Its graph is nil where several steps are better run apart.
func (m *machine) program(ctx context.Context, kind Step, batches ...*data.Batch) (*program, error) {
	engine, err := backend.DefaultContext(ctx)
	if err != nil {
		return nil, err
	}
	m.programs.mu.Lock()
	defer m.programs.mu.Unlock()
	now := symbolic.Revision()
	latest := latestKey{kind, len(batches)}
	if p := m.programs.latest[latest]; p != nil && p.engine == engine && p.revision == now && p.fits(batches) {
		return p, nil
	}
	key := m.programKey(engine, kind, batches[0].All(), len(batches))
	p, ok := m.programs.byKey[key]
	if !ok {
		if p, err = m.programOfLengths(engine, kind, batches); p != nil || err != nil {
			return p, err
		}
		err = catch.Panic(func() error {
			var err error
			p, err = m.buildProgram(engine, kind, batches[0], len(batches), nil)
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("building the %s step for a batch of %d: %w", kind, batches[0].Rows, err)
		}
		m.programs.add(key, p)
	}
	p.revision = now
	m.programs.latest[latest] = p
	return p, nil
}

func (m *machine) programKey(engine compute.Backend, kind Step, batch []*tensors.Tensor, steps int) string {
	var key strings.Builder
	fmt.Fprintf(&key, "%p %s %d", engine, kind, steps)
	for _, t := range batch {
		fmt.Fprintf(&key, " %s", t.Shape())
	}
	m.writeWiring(&key)
	return key.String()
}

// writeWiring adds to a key what programs depend on beside their batches.
func (m *machine) writeWiring(key *strings.Builder) {
	for _, n := range m.stepper.networks() {
		fmt.Fprintf(key, " %d", n.Wiring())
	}
	for _, w := range m.stepper.weights() {
		if w.Trainable() {
			key.WriteByte('t')
		} else {
			key.WriteByte('f')
		}
	}
}

// fits reports whether the program takes such batches.
func (p *program) fits(batches []*data.Batch) bool {
	if p.steps != len(batches) {
		return false
	}
	at := 0
	for _, part := range [][]*tensors.Tensor{batches[0].X, batches[0].Y, batches[0].W} {
		for _, t := range part {
			if at == len(p.shapes) || !p.shapes[at].Equal(t.Shape()) {
				return false
			}
			at++
		}
	}
	return at == len(p.shapes)
}

// buildProgram compiles so many steps on batches like b, one step where it may have added ones.
func (m *machine) buildProgram(engine compute.Backend, kind Step, b *data.Batch, steps int, added *addedSteps) (*program, error) {
	g := graph.NewGraph(rewrite.Compiler(engine), fmt.Sprintf("%s_%s", m.stepper.Name(), kind))
	p := &program{graph: g, engine: engine, vars: m.stepper.variablesOf(kind), steps: steps, added: added}
	var groups []*group
	if steps == 1 && takesGroups(g.Backend()) {
		groups = m.stepper.groups(kind)
	}
	p.places = places(p.vars, groups)
	for _, t := range b.All() {
		p.shapes = append(p.shapes, t.Shape())
	}
	values := map[*symbolic.Weight]*graph.Node{}
	for i, pl := range p.places {
		pl.parameter(g, i, p.vars, values)
	}
	batches := make([]*graphBatch, steps)
	for i := range batches {
		batches[i] = newGraphBatch(g, b, i)
	}
	if added != nil {
		batches[0].steps = added.parameter(g)
	}
	after, results, err := m.buildSteps(g, kind, p.vars, values, batches)
	if errors.Is(err, errStepsApart) {
		g.Finalize()
		p.graph = nil
		return p, nil
	}
	if err != nil {
		return nil, err
	}
	var final []*graph.Node
	changed := map[*symbolic.Weight]bool{}
	for i, pl := range p.places {
		w := pl.variable(p.vars)
		changes := after[w] != values[w]
		if changes {
			p.written = append(p.written, i)
			final = append(final, after[w])
			for _, at := range pl.at {
				changed[p.vars[at]] = true
			}
		}
		p.donated = append(p.donated, changes)
	}
	for range steps * len(p.shapes) {
		p.donated = append(p.donated, true)
	}
	if added != nil {
		p.donated = append(p.donated, true)
	}
	var ofLoops []*symbolic.Weight
	if kind != Predict {
		ofLoops = m.stepper.accumulators()
	}
	shared := slices.DeleteFunc(slices.Clone(p.vars), func(w *symbolic.Weight) bool { return slices.Contains(ofLoops, w) })
	p.claim = symbolic.NewClaim(shared, func(i int) bool { return changed[shared[i]] })
	symbolic.Draw(shared)
	p.outputs = append(final, results...)
	if err := catch.Panic(func() error { return g.Compile(p.outputs...) }); err != nil {
		if steps > 1 { // an engine may find out only now what its loops can't hold
			g.Finalize()
			return &program{engine: engine, vars: p.vars, shapes: p.shapes, steps: steps}, nil
		}
		return nil, err
	}
	return p, nil
}

// variablesOf lists the variables that a step of the kind takes.
func (m *Session) variablesOf(kind Step) []*symbolic.Weight {
	list := slices.Concat(m.Weights(), m.States(), m.SeedStates())
	if kind == Train {
		list = append(list, m.training.variables...)
	}
	if kind != Predict {
		list = append(list, m.training.resolved.variables()...)
	}
	return list
}

// learn builds the gradients, the optimizer's step and the constraints.
func (t *trainer) learn(p *symbolic.Pass, total *graph.Node) error {
	if len(t.trainable) == 0 {
		return nil // Keras reports the losses of such a model, too
	}
	v := t.view(p)
	initial := func(list []*symbolic.Weight) []*graph.Node {
		nodes := make([]*graph.Node, len(list))
		for i, w := range list {
			nodes[i] = p.Initial(w)
		}
		return nodes
	}
	if !total.IsScalar() { // a loss without a reduction: Keras on TensorFlow follows the sum, on JAX it refuses
		total = graph.ReduceAllSum(total)
	}
	state, weights := initial(v.variables), initial(v.weights)
	scaled := optimizers.ScaleLoss(t.optimizer, v.specs, state, total)
	newState, newWeights := optimizers.Advance(t.optimizer, v.specs, state, weights, v.gradients(scaled, initial))
	for i, w := range v.variables {
		p.Update(w, newState[i])
	}
	for i, w := range v.weights {
		p.Update(w, newWeights[i])
	}
	return nil
}

// buildOptimizer creates the optimizer's variables for the weights that are trainable now.
func (m *Session) buildOptimizer() error {
	m.training.mu.Lock()
	defer m.training.mu.Unlock()
	return m.buildOptimizerLocked()
}

func (m *Session) buildOptimizerLocked() error {
	t := m.training
	now := symbolic.Revision()
	if t.variables != nil && t.revision == now {
		return nil
	}
	if !m.Connected() {
		return fmt.Errorf("model %q has no weights yet: call Build, or fit it on data", m.Name())
	}
	trainable := m.TrainableWeights()
	if t.variables != nil {
		if !slices.Equal(t.trainable, trainable) {
			return fmt.Errorf("model %q: its trainable weights changed since the optimizer first saw them: call Compile again", m.Name())
		}
		t.revision = now
		return nil
	}
	t.trainable, t.specs = trainable, specsOf(trainable)
	var err error
	if t.variables, err = t.optimizerVariables(); err != nil {
		return err
	}
	t.revision = now
	return nil
}

// specsOf describes weights as optimizers know them.
func specsOf(weights []*symbolic.Weight) []optimizers.Variable {
	specs := make([]optimizers.Variable, len(weights))
	for i, w := range weights {
		specs[i] = optimizers.Variable{Name: w.Name(), Path: w.Path(), Shape: w.Shape(), DType: w.DType(), Index: i, Constraint: w.Spec().Constraint, CopyOf: -1}
	}
	return specs
}

// run executes the program on its batches, which it consumes, moves the written
// variables to their new values and returns what the last step returns.
// The accumulators are those of the tally; nil stands for a program without.
func (p *program) run(t *tally, batches ...*data.Batch) (results []*tensors.Tensor, err error) {
	vars := t.variables(p)
	var lengths []int
	if p.added != nil {
		lengths = p.added.of(batches[0])
		batch, err := p.added.to(batches[0])
		if err != nil {
			return nil, err
		}
		batches = []*data.Batch{batch}
	}
	p.claim.Hold()
	defer p.claim.Release()
	if k := t.keeperOf(p); k != nil {
		err = catch.Panic(func() error {
			if err := k.fetch(p, vars); err != nil {
				return err
			}
			if err := p.eachBuffer(batches, k.Put, k.Lend); err != nil {
				return err
			}
			if results, err = k.run(); err != nil {
				return err
			}
			return giveBack(batches)
		})
		if err == nil && p.added != nil {
			return p.added.cut(results, lengths)
		}
		return results, err
	}
	results, err = p.once(func(use, lend func(at int, buf compute.Buffer) error) error {
		for i := range p.places {
			buf, err := p.buffer(i, vars)
			if err == nil {
				err = use(i, buf)
			}
			if err != nil {
				return err
			}
		}
		return p.eachBuffer(batches, use, lend)
	})
	if err == nil {
		err = giveBack(batches)
	}
	if err != nil {
		return nil, err
	}
	p.replace(vars, results)
	results = results[len(p.written):]
	if p.added != nil {
		return p.added.cut(results, lengths)
	}
	return results, nil
}

// giveBack returns what is lent of batches that no run needs any more.
func giveBack(batches []*data.Batch) error {
	var failed error
	for _, b := range batches {
		failed = errors.Join(failed, b.Return())
	}
	return failed
}

// once runs the program on inputs that feed gives in order, to use or only to lend, and returns all that it computes.
func (p *program) once(feed func(use, lend func(at int, buf compute.Buffer) error) error) (results []*tensors.Tensor, err error) {
	if len(p.written) == 0 {
		if k := p.spare(); k != nil {
			err = catch.Panic(func() error {
				if err := feed(k.Put, k.Lend); err != nil {
					return err
				}
				results, err = k.run()
				return err
			})
			if err == nil {
				p.keepers.Put(k)
			}
			return results, err
		}
	}
	scratch, ok := p.inputs.Get().(*[]compute.Buffer)
	if !ok {
		scratch = new([]compute.Buffer)
	}
	inputs, donated := (*scratch)[:0], p.donated
	err = catch.Panic(func() error {
		use := func(_ int, buf compute.Buffer) error {
			inputs = append(inputs, buf)
			return nil
		}
		lend := func(at int, buf compute.Buffer) error {
			if donated[at] {
				donated = slices.Clone(donated)
				donated[at] = false
			}
			return use(at, buf)
		}
		if err := feed(use, lend); err != nil {
			return err
		}
		results = p.graph.RunWithBuffers(inputs, donated, 0)
		return nil
	})
	clear(inputs)
	*scratch = inputs
	p.inputs.Put(scratch)
	return results, err
}

// spare is a keeper that no run uses now, for a program that changes nothing: go-xla goes through all inputs that stay for each input.
func (p *program) spare() *keeper {
	if k, ok := p.keepers.Get().(*keeper); ok {
		return k
	}
	return p.newKeeper(p.donated)
}

// replace makes the first results what is at the places that the program writes.
func (p *program) replace(vars []*symbolic.Weight, results []*tensors.Tensor) {
	for i, at := range p.written {
		if pl := p.places[at]; pl.whole == nil {
			vars[pl.at[0]].Replace(results[i])
		} else {
			pl.keep(p.engine, vars, one{results[i]}, 0)
		}
	}
}

// eachBuffer gives use, or lend, the batches' parts, on the device, with which inputs they are.
func (p *program) eachBuffer(batches []*data.Batch, use, lend func(at int, buf compute.Buffer) error) error {
	at := len(p.places)
	for _, b := range batches {
		parts := [][]*tensors.Tensor{b.X, b.Y, b.W, nil}
		if b.Lengths != nil {
			parts[3] = []*tensors.Tensor{b.Lengths}
		}
		for _, part := range parts {
			for _, t := range part {
				take, give := t.DonateBuffer, use
				if b.Lent() {
					take, give = t.Buffer, lend
				}
				buf, err := take(p.engine, 0)
				if err != nil {
					return err
				}
				if err := give(at, buf); err != nil {
					return err
				}
				at++
			}
		}
	}
	return nil
}
