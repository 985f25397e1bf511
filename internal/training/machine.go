package training

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gokeras/gokeras/callbacks"
	"github.com/gokeras/gokeras/internal/catch"
	"github.com/gokeras/gokeras/internal/data"
	"github.com/gokeras/gokeras/internal/execcache"
	"github.com/gokeras/gokeras/symbolic"
)

// stepper builds the steps of a kind of training: that of a model ([Session]), or one of the user's own ([Own]).
type stepper interface {
	Name() string
	// prepare makes what a step on such a batch needs before its program is built or run.
	prepare(ctx context.Context, kind Step, b *data.Batch) error
	// variablesOf lists the variables that a step of the kind takes.
	variablesOf(kind Step) []*symbolic.Weight
	// buildStep adds one step to the graph and returns the variables' values after it, and what it returns: outputs, or one vector of results.
	buildStep(g *graph.Graph, kind Step, vars []*symbolic.Weight, values map[*symbolic.Weight]*graph.Node, b *graphBatch) (map[*symbolic.Weight]*graph.Node, []*graph.Node, error)
	// groups lists variables that a step of the kind may take as one parameter each.
	groups(kind Step) []*group
	// accumulators are those of the metrics. A loop has its own in their place.
	accumulators() []*symbolic.Weight
	// resultSize is the length of the vector of results.
	resultSize(engine compute.Backend) int
	// weights are those of which programs depend on whether they are trainable.
	weights() []*symbolic.Weight
	// networks are the models on whose connections programs depend.
	networks() []*symbolic.Network
	logs(kind Step, results *tensors.Tensor) *callbacks.Logs
}

// machine runs the compiled steps of a stepper.
type machine struct {
	stepper  stepper
	programs *programs
	stop     *atomic.Bool
}

// StopTraining reports whether training was asked to stop.
func (m *machine) StopTraining() bool { return m.stop.Load() }

// SetStopTraining asks a loop that heeds it to stop after the running batch.
func (m *machine) SetStopTraining(stop bool) { m.stop.Store(stop) }

// tally are the accumulators of one loop, so that those side by side don't mix their metrics.
type tally struct {
	of   []*symbolic.Weight // the stepper's, in whose place they stand
	own  map[*symbolic.Weight]*symbolic.Weight
	last *program
	vars []*symbolic.Weight // the variables of the last program, with those of the loop
	runs int                // of the last program
	kept *keeper            // of those variables, from the second run on
}

// keeper has the variables of a program between its runs.
type keeper struct{ *execcache.Chain }

// Give makes the value of a variable a tensor.
func (k *keeper) Give(place int) (*tensors.Tensor, error) {
	if b := k.Take(place); b != nil {
		return tensors.FromBuffer(b)
	}
	return nil, errors.New("its value was lost")
}

// Drop forgets the value of a variable.
func (k *keeper) Drop(place int) error {
	if b := k.Take(place); b != nil {
		return b.Finalize()
	}
	return nil
}

// keeperOf is the keeper for a run of the program, nil where it does without: one that isn't repeated has little to gain.
func (t *tally) keeperOf(p *program) *keeper {
	if t == nil {
		return nil
	}
	if t.runs++; t.runs == 2 {
		t.kept = p.newKeeper(p.donated)
	}
	return t.kept
}

// newKeeper returns nil on an engine that keeps nothing.
func (p *program) newKeeper(donated []bool) *keeper {
	chain := execcache.NewChain(p.graph.Executable(), donated, p.written)
	if chain == nil {
		return nil
	}
	return &keeper{chain}
}

// fetch has the keeper take over those variables that it hasn't.
func (k *keeper) fetch(p *program, vars []*symbolic.Weight) error {
	whole := k.Whole()
	for i, pl := range p.places {
		if p.donated[i] && (whole || k.Has(i)) {
			continue
		}
		buffer, err := p.buffer(i, vars)
		if err != nil {
			return err
		}
		if err := k.Put(i, buffer); err != nil {
			return err
		}
		if p.donated[i] {
			pl.keep(p.engine, vars, k, i)
		}
	}
	return nil
}

// run runs the program, whose other inputs were put, and returns what a step returns.
func (k *keeper) run() ([]*tensors.Tensor, error) {
	buffers, err := k.Run()
	if err != nil {
		return nil, err
	}
	results := make([]*tensors.Tensor, len(buffers))
	for i, b := range buffers {
		if results[i], err = tensors.FromBuffer(b); err != nil {
			return nil, err
		}
	}
	return results, nil
}

// begin starts the metrics over (Keras: reset_metrics).
func (t *tally) begin(of []*symbolic.Weight) error {
	if !slices.Equal(t.of, of) { // a step of the user's own may report more in other batches
		*t = tally{of: slices.Clone(of), own: map[*symbolic.Weight]*symbolic.Weight{}}
		for _, v := range of {
			t.own[v] = v.Like()
		}
	}
	for _, v := range t.own {
		if err := v.Reset(); err != nil {
			return err
		}
	}
	return nil
}

// variables are those that a run of the program takes.
func (t *tally) variables(p *program) []*symbolic.Weight {
	if t == nil {
		return p.vars
	}
	if t.last != p {
		t.last, t.runs, t.kept, t.vars = p, 0, nil, make([]*symbolic.Weight, len(p.vars))
		for i, v := range p.vars {
			if own := t.own[v]; own != nil {
				v = own
			}
			t.vars[i] = v
		}
	}
	return t.vars
}

// OnBatch takes one step on a batch, which it consumes, with metrics of this batch alone.
func (m *machine) OnBatch(ctx context.Context, kind Step, b *data.Batch) (*callbacks.Logs, error) {
	results, err := m.run(ctx, kind, &tally{}, []*data.Batch{b}, true, false)
	if err != nil {
		return nil, err
	}
	return m.stepper.logs(kind, results[0]), nil
}

// ready prepares for steps on such a batch. Parts of the user's own, such as a metric, may panic.
func (m *machine) ready(ctx context.Context, kind Step, b *data.Batch) error {
	return catch.Panic(func() error { return m.stepper.prepare(ctx, kind, b) })
}

// run takes a training or test step on each batch and returns what the last one returns, a
// vector of results at first, which may still be on the device. Steps are taken in one program where looped
// is set, the batches are alike, and the engine gains from it.
func (m *machine) run(ctx context.Context, kind Step, t *tally, batches []*data.Batch, reset, looped bool) ([]*tensors.Tensor, error) {
	if err := m.ready(ctx, kind, batches[0]); err != nil {
		return nil, err
	}
	if reset {
		if err := t.begin(m.stepper.accumulators()); err != nil {
			return nil, err
		}
	}
	if looped && len(batches) > 1 && alike(batches) {
		p, err := m.program(ctx, kind, batches...)
		if err != nil {
			return nil, err
		}
		if p.graph != nil {
			return p.run(t, batches...)
		}
	}
	var last []*tensors.Tensor
	for _, b := range batches {
		p, err := m.program(ctx, kind, b)
		if err != nil {
			return nil, err
		}
		if last, err = p.run(t, b); err != nil {
			return nil, err
		}
	}
	return last, nil
}
