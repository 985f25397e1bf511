package training

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gokeras/gokeras/backend"
	"github.com/gokeras/gokeras/callbacks"
	"github.com/gokeras/gokeras/internal/catch"
	"github.com/gokeras/gokeras/internal/data"
	"github.com/gokeras/gokeras/internal/execcache"
)

// Loop runs epochs over one source.
type Loop struct {
	m        *machine
	ctx      context.Context
	data     data.Source
	tally    tally
	Steps    int  // batches an epoch, 0: until the data ends
	Heed     bool // whether StopTraining ends the loop
	together int  // batches between two calls of callbacks (Keras: steps_per_execution)

	next    func() (*data.Batch, error, bool) // the running pass over the data
	end     func()
	staging *data.Staging // of the batches, nil where they have memory of their own
	passed  int           // batches of the running pass so far

	// What a training that is taken up again needs to know.
	passes  int             // over the data that were begun
	order   data.Order      // of the running pass
	count   int             // steps of the running epoch
	cut     bool            // an execution ended early, so that count is too large
	stopped bool            // the context ended between two executions
	example *Example        // what a batch is like
	logs    *callbacks.Logs // of the steps of this epoch before the training was taken up
}

// begin starts a pass over the data.
func (l *Loop) begin() error {
	var err error
	if l.order, err = l.data.Order(); err != nil {
		return err
	}
	l.passes++
	batches := l.data.Epoch()
	if !l.data.Quick() {
		engine, err := backend.DefaultContext(l.ctx)
		if err != nil {
			return err
		}
		waiting := 1
		if a, ok := l.data.(*data.Arrays); ok {
			if l.staging == nil {
				l.staging = data.NewStaging(engine, execcache.View)
			}
			a.Staging = l.staging
			waiting = 0 // all batches are made in the same time, and each needs memory
		}
		batches = data.Prefetch(l.ctx, engine, waiting, batches)
	}
	l.next, l.end = iter.Pull2(batches)
	return nil
}

// take returns the next batch, or nil at the end of the data.
func (l *Loop) take() (*data.Batch, error) {
	if l.next == nil {
		if err := l.begin(); err != nil {
			return nil, err
		}
	}
	b, err, ok := l.next()
	if !ok {
		if l.ctx.Err() == nil { // else the pass was cut short, and its place is still to be told
			l.endPass()
		}
		return nil, nil
	}
	l.passed++
	return b, err
}

// Stop ends the running pass over the data, and gives back the memory of its batches.
func (l *Loop) Stop() {
	l.endPass()
	_ = l.staging.End() // memory that couldn't be given back is no reason to fail
	l.staging = nil
}

func (l *Loop) endPass() {
	if l.end != nil {
		l.end()
		l.next, l.end, l.passed = nil, nil, 0
	}
}

// hooks are what a loop calls for each execution: begin with the number of its first step,
// run with its batches in one part or several, end with the number of its last step. That
// number is as if the execution were whole, as in Keras, even where the data ends within it.
type hooks struct {
	begin, end func(step int) error
	run        func(batches []*data.Batch) error
}

// each runs the executions of one epoch: as many as it takes for the steps asked for, or
// fewer where a pass over the data ends first, as in Keras. The next epoch goes on where this one
// stopped, or with a new pass. It returns the context's error if the context ended.
func (l *Loop) each(h hooks) error {
	count, fresh := l.count, l.next == nil
	if s, ok := l.data.(*batched); ok && s.Endless && l.Steps == 0 {
		return data.Bad(fmt.Errorf("%s has no end: a number of steps is needed", s.Name))
	}
	for l.Steps == 0 || count < l.Steps {
		if count > 0 && l.Heed && l.m.StopTraining() {
			break
		}
		if err := l.ctx.Err(); err != nil {
			l.stopped = true
			return fmt.Errorf("stopped after batch %d: %w", count, context.Cause(l.ctx))
		}
		b, err := l.take()
		if err != nil {
			return err
		}
		if b == nil {
			if l.ctx.Err() != nil {
				continue
			}
			if count == 0 && !fresh { // the epoch before took the last batch
				fresh = true
				continue
			}
			if count == 0 {
				return errors.New("the data has no batches")
			}
			break
		}
		if err := h.begin(count); err != nil {
			return err
		}
		if err := l.execution(b, h.run); err != nil {
			return err
		}
		count += l.together
		l.count = count
		if err := h.end(count - 1); err != nil {
			return err
		}
		if l.next == nil { // the data ended within the execution
			break
		}
	}
	l.count = 0
	// A pass that is used up ends with its epoch, so that the next one is shuffled anew.
	if l.passed == l.data.Steps() {
		l.endPass()
	}
	return nil
}

// mostLooped is how many steps one program takes at most.
const mostLooped = 32

// part is how many steps of an execution are handed over at once.
func (l *Loop) part() int { return min(l.together, mostLooped) }

// execution runs the steps between two calls of callbacks: on the batch b and those after it.
func (l *Loop) execution(b *data.Batch, run func([]*data.Batch) error) error {
	if l.together == 1 {
		return run([]*data.Batch{b})
	}
	var part []*data.Batch
	for taken := 1; ; taken++ {
		part = append(part, b)
		if len(part) == l.part() {
			if err := run(part); err != nil {
				return err
			}
			part = nil
		}
		if taken == l.together || l.passed == l.data.Steps() {
			break
		}
		if l.ctx.Err() != nil {
			l.cut = true
			break
		}
		var err error
		if b, err = l.take(); err != nil {
			return err
		}
		if b == nil {
			l.cut = l.ctx.Err() != nil
			break
		}
	}
	if part == nil {
		return nil
	}
	return run(part)
}

// TrainEpoch trains on one epoch's batches and returns its logs.
func (l *Loop) TrainEpoch(list *callbacks.List) (*callbacks.Logs, error) {
	return l.run(Train, list.ObservesBatches(), list.OnTrainBatchBegin, list.OnTrainBatchEnd)
}

// TestEpoch tests on one epoch's batches.
func (l *Loop) TestEpoch(list *callbacks.List) (*callbacks.Logs, error) {
	if err := list.OnTestBegin(); err != nil {
		return nil, err
	}
	defer l.Stop()
	logs, err := l.run(Test, list.ObservesBatches(), list.OnTestBatchBegin, list.OnTestBatchEnd)
	if err != nil {
		return nil, err
	}
	return logs, list.OnTestEnd(logs)
}

// run trains or tests on one epoch's batches and returns the logs after the last. Logs of
// single executions are made where they are observed.
func (l *Loop) run(kind Step, observed bool, begin func(int) error, end func(int, *callbacks.Logs) error) (*callbacks.Logs, error) {
	var results *tensors.Tensor
	logs, step := l.logs, l.count
	l.logs = nil
	err := l.each(hooks{
		begin: begin,
		run: func(batches []*data.Batch) error {
			previous := results
			if l.example == nil {
				l.example = exampleOf(batches[0])
			}
			returned, err := l.m.run(l.ctx, kind, &l.tally, batches, step == 0, len(batches) == l.part())
			if err != nil {
				return fmt.Errorf("batch %d: %w", step, err)
			}
			results = returned[0]
			step += len(batches)
			if previous != nil && !observed {
				return previous.FinalizeAll() // nobody holds logs of it
			}
			return nil
		},
		end: func(i int) error {
			if !observed {
				return nil
			}
			logs = l.m.stepper.logs(kind, results)
			return end(i, logs)
		},
	})
	if results != nil && !observed {
		logs = l.m.stepper.logs(kind, results)
	}
	if err == nil && logs.Err() != nil {
		err = logs.Err()
	}
	return logs, err
}

// alike reports whether the batches have the same shapes.
func alike(batches []*data.Batch) bool {
	first := batches[0].All()
	for _, b := range batches[1:] {
		if !slices.EqualFunc(first, b.All(), func(s, t *tensors.Tensor) bool { return s.Shape().Equal(t.Shape()) }) {
			return false
		}
	}
	return true
}

// logs are the results of a step, fetched from the device when something looks.
func (m *Session) logs(_ Step, results *tensors.Tensor) *callbacks.Logs {
	set := m.training.resolved
	return lazyLogs(set.names, *set.shapes.Load(), results)
}

func lazyLogs(names []string, shapes [][]int, results *tensors.Tensor) *callbacks.Logs {
	return callbacks.LazyArrays(names, shapes, func() ([]float64, error) {
		values := make([]float64, 0, len(names))
		err := catch.Panic(func() error {
			return tensors.ConstFlatData(results, func(flat []float32) {
				for _, v := range flat {
					values = append(values, float64(v))
				}
			})
		})
		return values, err
	})
}

// NewLoop makes a loop over the source, of so many batches an epoch, 0 for all.
func (m *Session) NewLoop(ctx context.Context, source data.Source, steps int) *Loop {
	together := 1
	if m.training != nil {
		together = cmp.Or(m.training.options.StepsPerExecution, 1)
	}
	return newLoop(&m.machine, ctx, source, steps, together)
}

func newLoop(m *machine, ctx context.Context, source data.Source, steps, together int) *Loop {
	if steps == 0 {
		steps = source.Steps()
	}
	return &Loop{m: m, ctx: ctx, Steps: steps, together: together, data: source}
}

// ChooseBatches lets a loop predict in batches of a size that fills the machine.
func (m *Session) ChooseBatches(l *Loop, a *data.Arrays) error {
	engine, err := backend.DefaultContext(l.ctx)
	if err != nil {
		return err
	}
	a.BatchSize = m.PredictBatch(engine, a.Rows)
	a.Overlap = m.SamplesAlone()
	l.Steps, l.together = a.Steps(), 1
	return nil
}

// Predict returns the outputs for all batches of the loop.
func (l *Loop) Predict(list *callbacks.List) ([]*tensors.Tensor, error) {
	out := &data.Predictions{}
	if a, ok := l.data.(*data.Arrays); ok {
		out.Rows = min(a.Rows, l.Steps*a.BatchSize)
	}
	batches := 0
	err := l.each(hooks{begin: list.OnPredictBatchBegin, end: list.OnPredictBatchEnd, run: func(part []*data.Batch) error {
		for _, b := range part {
			p, err := l.m.program(l.ctx, Predict, b)
			if err != nil {
				return err
			}
			results, err := p.run(&l.tally, b)
			if err == nil {
				err = out.Add(p.engine, results, b.Start, b.Rows)
			}
			if err != nil {
				return fmt.Errorf("batch %d: %w", batches, err)
			}
			batches++
		}
		return nil
	}})
	if err != nil {
		return nil, err
	}
	return out.Outputs()
}

// PredictBatchOf returns the outputs for one batch, which it consumes.
func (m *Session) PredictBatchOf(ctx context.Context, b *data.Batch) ([]*tensors.Tensor, error) {
	p, err := m.program(ctx, Predict, b)
	if err != nil {
		return nil, err
	}
	outputs, err := p.run(nil, b)
	if err != nil {
		return nil, err
	}
	for i, t := range outputs {
		if outputs[i], err = data.ToHost(p.engine, t); err != nil {
			return nil, err
		}
	}
	return outputs, nil
}
