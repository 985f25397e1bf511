package training

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gokeras/gokeras/backend"
	"github.com/gokeras/gokeras/callbacks"
	"github.com/gokeras/gokeras/internal/catch"
	"github.com/gokeras/gokeras/internal/data"
	"github.com/gokeras/gokeras/internal/ndarray"
	"github.com/gokeras/gokeras/losses"
	"github.com/gokeras/gokeras/metrics"
	"github.com/gokeras/gokeras/optimizers"
	"github.com/gokeras/gokeras/symbolic"
)

// Own runs steps that are a function of the user's: it may run several models, take gradients and apply several optimizers, and is
// compiled whole. The variables of such a step are found by building it once for nothing.
type Own struct {
	machine
	fetching machine // takes steps on one batch that give arrays, which loops don't compute
	name     string
	models   []*symbolic.Network
	build    map[Step]func(*OwnStep)

	optimizers []*ownOptimizer
	reports    map[Step]*ownReports
	outputs    map[Step][]string // the names of the arrays that a kind of step gives, in order
	seed       *symbolic.Weight
	mu         sync.Mutex
	found      map[string]bool // kinds and shapes that were built for nothing
}

// ownOptimizer is an optimizer with the weights that it trains.
type ownOptimizer struct {
	optimizer optimizers.Optimizer
	trained   []*symbolic.Weight
	specs     []optimizers.Variable
	variables []*symbolic.Weight
}

// fetching makes programs that return the arrays of a step after its reports.
type fetching struct{ *Own }

func (f fetching) buildStep(g *graph.Graph, kind Step, vars []*symbolic.Weight, values map[*symbolic.Weight]*graph.Node, b *graphBatch) (map[*symbolic.Weight]*graph.Node, []*graph.Node, error) {
	return f.finished(g, kind, vars, values, b, true)
}

// ownOutput is an array that a step gives.
type ownOutput struct {
	name  string
	value *graph.Node
}

// ownReports are what a kind of step reports, in order.
type ownReports struct{ list []*ownReport }

// ownReport is a value that is shown: a running mean, or a metric.
type ownReport struct {
	name   string
	metric metrics.Metric // nil for the mean
	vars   []*symbolic.Weight
	shape  []int
}

// NewOwn makes what runs steps of the user's own on those models. A nil function is a step that there isn't.
func NewOwn(name string, models []*symbolic.Network, train, test func(*OwnStep)) *Own {
	o := &Own{name: name, models: models, build: map[Step]func(*OwnStep){Train: train, Test: test},
		reports: map[Step]*ownReports{Train: {}, Test: {}}, outputs: map[Step][]string{}, found: map[string]bool{}}
	o.machine = machine{stepper: o, programs: newPrograms(), stop: new(atomic.Bool)}
	o.fetching = machine{stepper: fetching{o}, programs: newPrograms(), stop: o.stop}
	o.seed = symbolic.NewSeedState(nil)
	return o
}

// NewLoop makes a loop over the source, of so many batches an epoch, 0 for all.
func (o *Own) NewLoop(ctx context.Context, source data.Source, steps int) *Loop {
	return newLoop(&o.machine, ctx, source, steps, 1)
}

// OnBatch takes one step on a batch, which it consumes, with metrics of this batch alone. It returns what the step reports, and its arrays by name.
func (o *Own) OnBatch(ctx context.Context, kind Step, b *data.Batch) (*callbacks.Logs, map[string]*tensors.Tensor, error) {
	engine, err := backend.DefaultContext(ctx)
	if err != nil {
		return nil, nil, err
	}
	if err := o.ready(ctx, kind, b); err != nil {
		return nil, nil, err
	}
	m, names := &o.machine, o.outputNames(kind)
	if len(names) > 0 {
		m = &o.fetching
	}
	results, err := m.run(ctx, kind, &tally{}, []*data.Batch{b}, true, false)
	if err != nil {
		return nil, nil, err
	}
	outputs := map[string]*tensors.Tensor{}
	for i, name := range names {
		if outputs[name], err = data.ToHost(engine, results[1+i]); err != nil {
			return nil, nil, err
		}
	}
	return o.logs(kind, results[0]), outputs, nil
}

func (o *Own) outputNames(kind Step) []string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.outputs[kind]
}

// Name is the name that programs have.
func (o *Own) Name() string { return o.name }

func (o *Own) networks() []*symbolic.Network { return o.models }

func (o *Own) weights() []*symbolic.Weight {
	var list []*symbolic.Weight
	seen := map[*symbolic.Weight]bool{}
	for _, n := range o.models {
		for _, w := range n.Weights() {
			if !seen[w] {
				seen[w] = true
				list = append(list, w)
			}
		}
	}
	return list
}

// prepare builds the step once on a graph that is thrown away, which finds the variables of optimizers and reports.
func (o *Own) prepare(ctx context.Context, kind Step, b *data.Batch) error {
	key := string(kind)
	for _, t := range b.All() {
		key += " " + t.Shape().String()
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.found[key] {
		return nil
	}
	engine, err := backend.DefaultContext(ctx)
	if err != nil {
		return err
	}
	err = catch.Panic(func() error {
		g := graph.NewGraph(engine, o.name+"_trial")
		defer g.Finalize()
		values := map[*symbolic.Weight]*graph.Node{}
		_, err := o.step(g, kind, values, newGraphBatch(g, b, 0), true)
		return err
	})
	if err != nil {
		return fmt.Errorf("building the %s step for a batch of %d: %w", kind, b.Rows, err)
	}
	o.found[key] = true
	return nil
}

func (o *Own) variablesOf(kind Step) []*symbolic.Weight {
	list := append(o.weights(), o.seed)
	seen := map[*symbolic.Weight]bool{}
	for _, n := range o.models {
		for _, w := range slices.Concat(n.States(), n.SeedStates()) {
			if !seen[w] {
				seen[w] = true
				list = append(list, w)
			}
		}
	}
	if kind == Train {
		for _, opt := range o.optimizers {
			list = append(list, opt.variables...)
		}
	}
	for _, r := range o.reports[kind].list {
		list = append(list, r.vars...)
	}
	return list
}

func (o *Own) accumulators() []*symbolic.Weight {
	var list []*symbolic.Weight
	for _, kind := range []Step{Train, Test} {
		for _, r := range o.reports[kind].list {
			list = append(list, r.vars...)
		}
	}
	return list
}

func (o *Own) resultSize(compute.Backend) int {
	size := 0
	for _, r := range o.reports[Train].list {
		size += shapes.Make(dtypes.Float32, r.shape...).Size()
	}
	return size
}

func (o *Own) logs(kind Step, results *tensors.Tensor) *callbacks.Logs {
	reports := o.reports[kind].list
	if len(reports) == 0 {
		return callbacks.LazyLogs(nil, func() ([]float64, error) { return nil, nil })
	}
	names, shapes := make([]string, len(reports)), make([][]int, len(reports))
	for i, r := range reports {
		names[i], shapes[i] = r.name, r.shape
	}
	return lazyLogs(names, shapes, results)
}

func (o *Own) buildStep(g *graph.Graph, kind Step, vars []*symbolic.Weight, values map[*symbolic.Weight]*graph.Node, b *graphBatch) (map[*symbolic.Weight]*graph.Node, []*graph.Node, error) {
	return o.finished(g, kind, vars, values, b, false)
}

// finished is a step with its vector of reports and, if they are wanted, its arrays.
func (o *Own) finished(g *graph.Graph, kind Step, vars []*symbolic.Weight, values map[*symbolic.Weight]*graph.Node, b *graphBatch, arrays bool) (map[*symbolic.Weight]*graph.Node, []*graph.Node, error) {
	s, err := o.step(g, kind, values, b, false)
	if err != nil {
		return nil, nil, err
	}
	var flat []*graph.Node
	for _, r := range o.reports[kind].list {
		x := s.shown[r]
		if x == nil {
			return nil, nil, fmt.Errorf("%q was reported for other batches, and isn't for this one: report the same values in every step", r.name)
		}
		flat = append(flat, graph.Reshape(ndarray.Cast(x, dtypes.Float32), x.Shape().Size()))
	}
	if len(flat) == 0 { // programs return something
		flat = append(flat, graph.Const(g, []float32{0}))
	}
	results := []*graph.Node{graph.Concatenate(flat, 0)}
	if arrays {
		for _, out := range s.outputs {
			results = append(results, graph.Identity(out.value)) // a program can't return its parameters, nor a node twice
		}
	}
	after, err := valuesAfter(s.pass, vars, values)
	return after, results, err
}

// step runs the user's function. On a trial, variables that are not known yet are made.
func (o *Own) step(g *graph.Graph, kind Step, values map[*symbolic.Weight]*graph.Node, b *graphBatch, trial bool) (*OwnStep, error) {
	build := o.build[kind]
	if build == nil {
		return nil, fmt.Errorf("there is no %s step", kind)
	}
	if trial {
		for i, w := range o.variablesOf(kind) {
			values[w] = graph.Parameter(g, fmt.Sprintf("var%d", i), shapes.Make(w.DType(), w.Shape()...))
		}
	}
	s := &OwnStep{own: o, kind: kind, trial: trial, values: values, batch: b, pass: symbolic.NewPass(g, kind == Train, values),
		history: map[*symbolic.Weight][]*graph.Node{}, assigned: map[*symbolic.Weight]*graph.Node{}, shown: map[*ownReport]*graph.Node{}}
	build(s)
	var names []string
	for _, out := range s.outputs {
		names = append(names, out.name)
	}
	if known, ok := o.outputs[kind]; ok && !slices.Equal(known, names) {
		return nil, fmt.Errorf("the step gives the arrays %q for this batch, and %q for others: give the same ones in every step", names, known)
	}
	o.outputs[kind] = names
	return s, s.err
}

// OwnStep is what the user's function works with.
type OwnStep struct {
	own     *Own
	kind    Step
	trial   bool
	values  map[*symbolic.Weight]*graph.Node
	batch   *graphBatch
	pass    *symbolic.Pass
	history map[*symbolic.Weight][]*graph.Node // the values that a weight had before it was trained in this step
	// assigned are the values that layers gave weights that are trained, in the last call of their model. They are those of that call and of its penalties alone.
	assigned map[*symbolic.Weight]*graph.Node
	shown    map[*ownReport]*graph.Node
	outputs  []ownOutput
	err      error
}

// Graph is the GoMLX graph that is being built.
func (s *OwnStep) Graph() *graph.Graph { return s.pass.Graph }

// X, Y and SampleWeight are the batch.
func (s *OwnStep) X() []*graph.Node { return slices.Clone(s.batch.x) }

// Y are the batch's targets.
func (s *OwnStep) Y() []*graph.Node { return slices.Clone(s.batch.y) }

// SampleWeight are the batch's weights, nil for none.
func (s *OwnStep) SampleWeight() []*graph.Node { return slices.Clone(s.batch.w) }

// BatchSize is the number of samples in the batch.
func (s *OwnStep) BatchSize() int { return s.batch.rows() }

// Call runs a model.
func (s *OwnStep) Call(n *symbolic.Network, training bool, inputs []*graph.Node) []*graph.Node {
	if !slices.Contains(s.own.models, n) {
		panic(fmt.Errorf("model %q is not among the models of the step", n.Name()))
	}
	values := make([]any, len(inputs))
	for i, x := range inputs {
		values[i] = &symbolic.Value{Node: x}
	}
	trained := n.TrainableWeights()
	before := s.Weights(n)
	outputs := s.pass.ApplyIn(n, []any{(&Session{Network: n}).arrange(values)}, nil, training)
	for i, w := range trained {
		delete(s.assigned, w)
		if now := s.pass.Value(w); now != before[i] {
			s.assigned[w] = now
			s.pass.Update(w, before[i])
		}
	}
	nodes := make([]*graph.Node, len(outputs))
	for i, out := range outputs {
		nodes[i] = out.Node
	}
	return nodes
}

// Penalties are the losses that the model's regularizers and layers add, since they were last asked for; a scalar 0 if there are none.
func (s *OwnStep) Penalties(n *symbolic.Network) *graph.Node {
	before := map[*symbolic.Weight]*graph.Node{}
	for w, value := range s.assigned {
		before[w] = s.pass.Value(w)
		s.pass.Update(w, value)
	}
	defer func() {
		for w, value := range before {
			s.pass.Update(w, value)
		}
	}()
	if p := s.pass.TakePenalties(n.Weights()); p != nil {
		return p
	}
	return graph.Scalar(s.Graph(), dtypes.Float32, 0)
}

// Loss is a loss of predictions, reduced as it says.
func (s *OwnStep) Loss(loss losses.Loss, yTrue, yPred, sampleWeight *graph.Node) *graph.Node {
	return ndarray.Cast(losses.Compute(loss, yTrue, toFloat32(yPred), sampleWeight, nil), dtypes.Float32)
}

// Weights are the values that a model's trainable weights have now.
func (s *OwnStep) Weights(n *symbolic.Network) []*graph.Node {
	weights := n.TrainableWeights()
	nodes := make([]*graph.Node, len(weights))
	for i, w := range weights {
		nodes[i] = s.pass.Value(w)
	}
	return nodes
}

// Minimize takes a step of the optimizer that makes the loss smaller by the trainable weights of the models. Models that run
// afterwards have the new weights.
func (s *OwnStep) Minimize(loss *graph.Node, optimizer optimizers.Optimizer, models []*symbolic.Network) {
	opt := s.optimizer(optimizer, models)
	depends := ancestors(loss)
	at := make([]*graph.Node, len(opt.trained))
	for i, w := range opt.trained {
		at[i] = s.pass.Value(w)
		for _, earlier := range slices.Backward(s.history[w]) {
			if !depends[at[i]] {
				at[i] = earlier
			}
		}
	}
	state := s.state(opt)
	grads := graph.Gradient(optimizers.ScaleLoss(opt.optimizer, opt.specs, state, loss), at...)
	s.advance(opt, state, grads)
}

// Apply takes a step of the optimizer with gradients of the user's own, one for each of the trainable weights of the models in order.
func (s *OwnStep) Apply(optimizer optimizers.Optimizer, models []*symbolic.Network, grads []*graph.Node) {
	opt := s.optimizer(optimizer, models)
	if len(grads) != len(opt.trained) {
		panic(fmt.Errorf("got %d gradients for %d trainable weights", len(grads), len(opt.trained)))
	}
	s.advance(opt, s.state(opt), grads)
}

func (s *OwnStep) advance(opt *ownOptimizer, state, grads []*graph.Node) {
	if len(opt.trained) == 0 {
		return
	}
	now := make([]*graph.Node, len(opt.trained))
	for i, w := range opt.trained {
		now[i] = s.pass.Value(w)
	}
	newState, newWeights := optimizers.Advance(opt.optimizer, opt.specs, state, now, grads)
	for i, v := range opt.variables {
		s.pass.Update(v, newState[i])
	}
	for i, w := range opt.trained {
		s.history[w] = append(s.history[w], now[i])
		delete(s.assigned, w)
		// What comes after takes the new weights as they are.
		s.pass.Update(w, graph.StopGradient(newWeights[i]))
	}
}

func (s *OwnStep) state(opt *ownOptimizer) []*graph.Node {
	state := make([]*graph.Node, len(opt.variables))
	for i, v := range opt.variables {
		state[i] = s.pass.Value(v)
	}
	return state
}

// optimizer finds the state of the next optimizer of the step.
func (s *OwnStep) optimizer(optimizer optimizers.Optimizer, models []*symbolic.Network) *ownOptimizer {
	if s.kind != Train {
		panic(fmt.Errorf("a %s step applies an optimizer", s.kind))
	}
	var trained []*symbolic.Weight
	for _, n := range models {
		if !slices.Contains(s.own.models, n) {
			panic(fmt.Errorf("model %q is not among the models of the step", n.Name()))
		}
		for _, w := range n.TrainableWeights() {
			if !slices.Contains(trained, w) {
				trained = append(trained, w)
			}
		}
	}
	for _, known := range s.own.optimizers {
		if known.optimizer == optimizer {
			if !slices.Equal(known.trained, trained) {
				panic(fmt.Errorf("optimizer %q trains other weights than before: each optimizer has weights of its own, and freezing some needs a new trainer", optimizer.KerasName()))
			}
			return known
		}
	}
	if !s.trial {
		panic(fmt.Errorf("optimizer %q is applied for this batch, and wasn't for others: make optimizers outside of the step", optimizer.KerasName()))
	}
	t := &trainer{optimizer: optimizer, trainable: trained, specs: specsOf(trained)}
	variables, err := t.optimizerVariables()
	if err != nil {
		panic(err)
	}
	opt := &ownOptimizer{optimizer: optimizer, trained: trained, specs: t.specs, variables: variables}
	for i, v := range variables {
		s.values[v] = graph.Parameter(s.Graph(), fmt.Sprintf("optimizer%d_%d", len(s.own.optimizers), i), shapes.Make(v.DType(), v.Shape()...))
	}
	s.own.optimizers = append(s.own.optimizers, opt)
	return opt
}

// Report shows the mean of a scalar over the batches of an epoch under the name.
func (s *OwnStep) Report(name string, value *graph.Node) {
	if value.Rank() != 0 {
		panic(fmt.Errorf("%q is reported with shape %s, want a scalar", name, symbolic.Shape(value.Shape().Dimensions)))
	}
	r := s.report(name, nil, func() []*symbolic.Weight { return meanState(name) })
	rows := float64(s.batch.rows())
	sum := graph.Add(s.pass.Value(r.vars[0]), graph.MulScalar(graph.StopGradient(ndarray.Cast(value, dtypes.Float32)), rows))
	count := graph.AddScalar(s.pass.Value(r.vars[1]), rows)
	s.pass.Update(r.vars[0], sum)
	s.pass.Update(r.vars[1], count)
	s.show(r, graph.Div(sum, count))
}

// Metric updates a metric and shows it.
func (s *OwnStep) Metric(metric metrics.Metric, yTrue, yPred, sampleWeight *graph.Node) {
	yTrue, yPred = graph.StopGradient(yTrue), graph.StopGradient(toFloat32(yPred))
	r := s.report(metric.KerasName(), metric, func() []*symbolic.Weight {
		open := func(x *graph.Node) []int {
			shape := slices.Clone(x.Shape().Dimensions)
			if len(shape) > 0 {
				shape[0] = symbolic.None
			}
			return shape
		}
		state, err := metric.State(open(yTrue), open(yPred))
		if err != nil {
			panic(err)
		}
		var vars []*symbolic.Weight
		for _, v := range state {
			vars = append(vars, symbolic.NewVariable(v.Name, metric.KerasName()+"/"+v.Name, v.Type(), v.Shape, v.Initial))
		}
		return vars
	})
	now := make([]*graph.Node, len(r.vars))
	for i, v := range r.vars {
		now[i] = s.pass.Value(v)
	}
	now = metric.Update(now, metrics.Batch{YTrue: yTrue, YPred: yPred, SampleWeight: sampleWeight})
	for i, v := range r.vars {
		s.pass.Update(v, now[i])
	}
	s.show(r, metric.Value(now))
}

func (s *OwnStep) show(r *ownReport, value *graph.Node) {
	r.shape = value.Shape().Dimensions
	s.shown[r] = value
}

// report finds what is shown under the name.
func (s *OwnStep) report(name string, metric metrics.Metric, vars func() []*symbolic.Weight) *ownReport {
	reports := s.own.reports[s.kind]
	for _, r := range reports.list {
		if r.name != name {
			continue
		}
		if s.shown[r] != nil || r.metric != metric {
			panic(fmt.Errorf("%q is reported twice in one step", name))
		}
		return r
	}
	if !s.trial {
		panic(fmt.Errorf("%q is reported for this batch, and wasn't for others: report the same values in every step", name))
	}
	r := &ownReport{name: name, metric: metric, vars: vars()}
	for i, v := range r.vars {
		s.values[v] = graph.Parameter(s.Graph(), fmt.Sprintf("report%d_%d", len(reports.list), i), shapes.Make(v.DType(), v.Shape()...))
	}
	reports.list = append(reports.list, r)
	return r
}

// Output gives an array under the name to who takes the step on one batch.
func (s *OwnStep) Output(name string, value *graph.Node) {
	if slices.ContainsFunc(s.outputs, func(o ownOutput) bool { return o.name == name }) {
		panic(fmt.Errorf("the array %q is given twice in one step", name))
	}
	s.outputs = append(s.outputs, ownOutput{name, value})
}

// Random is a GoMLX random state that differs for every draw.
func (s *OwnStep) Random() *graph.Node { return s.pass.Draw(s.own.seed) }

// ancestors are the nodes that a node is computed from, itself included.
func ancestors(n *graph.Node) map[*graph.Node]bool {
	seen := map[*graph.Node]bool{}
	var visit func(n *graph.Node)
	visit = func(n *graph.Node) {
		if seen[n] {
			return
		}
		seen[n] = true
		for _, input := range n.Inputs() {
			visit(input)
		}
	}
	visit(n)
	return seen
}

// RandomNormal draws from a normal distribution of mean 0 and standard deviation 1.
func (s *OwnStep) RandomNormal(dims []int) *graph.Node {
	_, values := graph.RandomNormal(s.Random(), shapes.Make(dtypes.Float32, dims...))
	return values
}

// RandomUniform draws from 0 to 1.
func (s *OwnStep) RandomUniform(dims []int) *graph.Node {
	_, values := graph.RandomUniform(s.Random(), shapes.Make(dtypes.Float32, dims...))
	return values
}

// Finish does what the optimizers leave for the end of training.
func (o *Own) Finish() error {
	for _, opt := range o.optimizers {
		if err := finish(opt.optimizer, opt.specs, opt.trained, opt.variables); err != nil {
			return err
		}
	}
	return nil
}

// LearningRate returns the learning rate of the optimizer that steps apply first.
func (o *Own) LearningRate() (float64, error) {
	v, err := o.learningRate()
	if err != nil {
		return 0, err
	}
	return readRate(v)
}

// SetLearningRate changes it.
func (o *Own) SetLearningRate(rate float64) error {
	v, err := o.learningRate()
	if err != nil {
		return err
	}
	return setRate(v, rate)
}

func (o *Own) learningRate() (*symbolic.Weight, error) {
	if len(o.optimizers) == 0 {
		return nil, fmt.Errorf("no optimizer has taken a step yet")
	}
	opt := o.optimizers[0]
	if at := optimizers.LearningRateIndex(opt.optimizer, opt.specs); at >= 0 {
		return opt.variables[at], nil
	}
	return nil, noRate(opt.optimizer)
}
