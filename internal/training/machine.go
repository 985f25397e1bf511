package training

import (
	"context"
	"sync"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gokeras/gokeras/callbacks"
	"github.com/gokeras/gokeras/internal/data"
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
	// resultSize is the length of the vector of results.
	resultSize(engine compute.Backend) int
	// weights are those of which programs depend on whether they are trainable.
	weights() []*symbolic.Weight
	resetMetrics() error
	logs(kind Step, results *tensors.Tensor) *callbacks.Logs
}

// machine runs the compiled steps of a stepper.
type machine struct {
	stepper  stepper
	programs *programs
	mu       sync.Mutex // guards stop
	stop     bool
}

// StopTraining reports whether training was asked to stop.
func (m *machine) StopTraining() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.stop
}

// SetStopTraining asks a loop that heeds it to stop after the running batch.
func (m *machine) SetStopTraining(stop bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.stop = stop
}

// OnBatch takes one step on a batch, which it consumes, with metrics of this batch alone.
func (m *machine) OnBatch(ctx context.Context, kind Step, b *data.Batch) (*callbacks.Logs, error) {
	results, err := m.run(ctx, kind, []*data.Batch{b}, true, false)
	if err != nil {
		return nil, err
	}
	return m.stepper.logs(kind, results), nil
}

// run takes a training or test step on each batch and returns the last one's vector of
// results, which may still be on the device. Steps are taken in one program where looped
// is set, the batches are alike, and the engine gains from it.
func (m *machine) run(ctx context.Context, kind Step, batches []*data.Batch, reset, looped bool) (*tensors.Tensor, error) {
	if err := m.stepper.prepare(ctx, kind, batches[0]); err != nil {
		return nil, err
	}
	if reset {
		if err := m.stepper.resetMetrics(); err != nil {
			return nil, err
		}
	}
	if looped && len(batches) > 1 && alike(batches) {
		p, err := m.program(ctx, kind, batches...)
		if err != nil {
			return nil, err
		}
		if p.graph != nil {
			results, err := p.run(batches...)
			if err != nil {
				return nil, err
			}
			return results[0], nil
		}
	}
	var last *tensors.Tensor
	for _, b := range batches {
		p, err := m.program(ctx, kind, b)
		if err != nil {
			return nil, err
		}
		results, err := p.run(b)
		if err != nil {
			return nil, err
		}
		last = results[0]
	}
	return last, nil
}
