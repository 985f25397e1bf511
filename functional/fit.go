package functional

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gokeras/gokeras/backend"
	"github.com/gokeras/gokeras/callbacks"
	"github.com/gokeras/gokeras/internal/catch"
	"github.com/gokeras/gokeras/symbolic"
)

// History is what Fit returns: the logs of every epoch (Keras: History).
type History = callbacks.History

// Fit trains the model (Keras: Model.fit). x and y are GoMLX tensors, Go slices
// or arrays of numbers (of strings for an input of texts), lists ([]any, []*tensors.Tensor) or maps of these for several inputs and targets; or x
// is a GoMLX train.Dataset, or [Batches], and y nil. The last, smaller batch is computed as it is.
//
// When the context ends, Fit returns after the running step with the history so
// far and an error that wraps the context's; the model stays usable.
func (m *Model) Fit(x, y any, o Fit) (*History, error) {
	history, err := m.fit(x, y, o)
	if err != nil {
		err = fmt.Errorf("fitting model %q: %w", m.Name(), err)
	}
	return history, err
}

func (m *Model) fit(x, y any, o Fit) (*History, error) {
	if err := m.readyToTrain(); err != nil {
		return nil, err
	}
	if err := checkOptions(o.Verbose, "BatchSize", o.BatchSize, "Epochs", o.Epochs, "InitialEpoch", o.InitialEpoch, "StepsPerEpoch", o.StepsPerEpoch,
		"ValidationSteps", o.ValidationSteps, "ValidationBatchSize", o.ValidationBatchSize, "ValidationFrequency", o.ValidationFrequency); err != nil {
		return nil, err
	}
	ctx := contextOr(o.Context)
	batchSize := orDefault(o.BatchSize, defaultBatchSize)
	training, validation, err := m.fitData(x, y, o, batchSize)
	if err != nil {
		return nil, err
	}
	for _, s := range []source{training, validation} {
		if err := m.keepOnDevice(ctx, s, o.DataOnDevice); err != nil {
			return nil, err
		}
		defer release(s)
	}
	l := &loop{m: m, ctx: ctx, steps: o.StepsPerEpoch, together: m.together(), data: training, heed: true}
	defer l.stop()
	if o.StepsPerEpoch == 0 {
		l.steps = training.steps()
	}
	epochs := orDefault(o.Epochs, 1)

	list := callbacks.NewList(withProgress(o.Callbacks, o.Verbose)...)
	history := list.AddHistory()
	list.SetParams(callbacks.Params{Epochs: epochs, InitialEpoch: o.InitialEpoch, Steps: l.steps, Verbose: o.Verbose.keras(), Output: outputOr(o.Output)})
	list.SetModel(m)
	m.SetStopTraining(false)
	if err := list.OnTrainBegin(); err != nil {
		return history, err
	}
	var logs *callbacks.Logs
	run := func() error {
		for epoch := o.InitialEpoch; epoch < epochs && !m.StopTraining(); epoch++ {
			if err := list.OnEpochBegin(epoch); err != nil {
				return err
			}
			if logs, err = l.trainEpoch(list); err != nil {
				return err
			}
			if validation != nil && (epoch+1)%orDefault(o.ValidationFrequency, 1) == 0 {
				v := &loop{m: m, ctx: ctx, steps: orDefault(o.ValidationSteps, validation.steps()), together: m.together(), data: validation}
				valLogs, err := v.testEpoch(list)
				if err != nil {
					return fmt.Errorf("validation: %w", err)
				}
				for name, value := range valLogs.All() {
					logs.Set("val_"+name, value)
				}
			}
			if err := list.OnEpochEnd(epoch, logs); err != nil {
				return err
			}
			if err := logs.Err(); err != nil {
				return err
			}
		}
		return nil
	}
	err = run()
	if errEnd := list.OnTrainEnd(logs); err == nil {
		err = errEnd
	}
	if err == nil {
		err = m.finishTraining()
	}
	return history, err
}

// together is how many steps run between two calls of callbacks.
func (m *Model) together() int {
	if m.training == nil {
		return 1
	}
	return orDefault(m.training.options.StepsPerExecution, 1)
}

// fitData makes the sources of training and validation batches.
func (m *Model) fitData(x, y any, o Fit, batchSize int) (training, validation source, err error) {
	if name, batches, ok := batchesOf(x); ok {
		if y != nil || o.ValidationSplit != 0 || o.SampleWeight != nil || o.ClassWeight != nil || o.BatchSize != 0 {
			return nil, nil, fmt.Errorf("x is a dataset, which brings its own batches: y, BatchSize, ValidationSplit, SampleWeight and ClassWeight must not be given")
		}
		training = &batched{name: name, batches: batches, m: m, training: true}
	} else {
		a, err := m.newArrays("training data", x, y, o.SampleWeight, batchSize, true)
		if err == nil {
			err = a.hostAtOnce()
		}
		if err != nil {
			return nil, nil, err
		}
		if o.ValidationSplit != 0 && o.ValidationData == nil {
			var held *arrays
			if a, held, err = a.split(o.ValidationSplit); err != nil {
				return nil, nil, err
			}
			held.batchSize = orDefault(o.ValidationBatchSize, batchSize)
			validation = held
		}
		if err := m.weighClasses("training data", a, o.ClassWeight); err != nil {
			return nil, nil, err
		}
		switch o.Shuffle {
		case Default, On:
			seed := uint64(o.Seed)
			if seed == 0 {
				seed = symbolic.NextSeed()
			}
			a.shuffle = rand.New(rand.NewPCG(seed, 0x73687566666c65))
		case Off:
		default:
			return nil, nil, fmt.Errorf("option Shuffle is %d, want functional.On, Off or Default", o.Shuffle)
		}
		training = a
	}
	if v := o.ValidationData; v != nil {
		if validation, err = m.testData("validation data", v.X, v.Y, v.SampleWeight, orDefault(o.ValidationBatchSize, batchSize)); err != nil {
			return nil, nil, err
		}
	}
	return training, validation, nil
}

func (m *Model) testData(what string, x, y, sampleWeight any, batchSize int) (source, error) {
	if name, batches, ok := batchesOf(x); ok {
		if y != nil || sampleWeight != nil {
			return nil, fmt.Errorf("%s: x is a dataset, which brings its own targets: y and SampleWeight must not be given", what)
		}
		return &batched{name: name, batches: batches, m: m, training: true}, nil
	}
	a, err := m.newArrays(what, x, y, sampleWeight, batchSize, true)
	if err == nil {
		err = a.hostAtOnce()
	}
	if err != nil {
		return nil, err
	}
	return a, nil
}

// withProgress adds the progress bar behind the user's callbacks, where Keras
// has it: messages of callbacks come before the bar's last line.
func withProgress(user []callbacks.Callback, v Verbosity) []callbacks.Callback {
	list := slices.Clone(user)
	if v.keras() != keras0 {
		list = append(list, callbacks.NewProgbarLogger())
	}
	return list
}

// loop runs epochs over one source.
type loop struct {
	m        *Model
	ctx      context.Context
	data     source
	steps    int  // batches an epoch, 0: until the data ends
	together int  // batches between two calls of callbacks (Keras: steps_per_execution)
	heed     bool // whether StopTraining ends the loop

	next   func() (*batch, error, bool) // the running pass over the data
	end    func()
	passed int // batches of the running pass so far
}

// take returns the next batch, or nil at the end of the data.
func (l *loop) take() (*batch, error) {
	if l.next == nil {
		batches := l.data.epoch()
		if !l.data.quick() {
			engine, err := backend.DefaultContext(l.ctx)
			if err != nil {
				return nil, err
			}
			batches = prefetch(l.ctx, engine, batches)
		}
		l.next, l.end = iter.Pull2(batches)
	}
	b, err, ok := l.next()
	if !ok {
		l.stop()
		return nil, nil
	}
	l.passed++
	return b, err
}

func (l *loop) stop() {
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
	run        func(batches []*batch) error
}

// each runs the executions of one epoch: as many as it takes for the steps asked for, or
// fewer where a pass over the data ends first, as in Keras. The next epoch goes on where this one
// stopped, or with a new pass. It returns the context's error if the context ended.
func (l *loop) each(h hooks) error {
	count, fresh := 0, l.next == nil
	for l.steps == 0 || count < l.steps {
		if err := l.ctx.Err(); err != nil {
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
			return nil
		}
		if err := h.begin(count); err != nil {
			return err
		}
		if err := l.execution(b, h.run); err != nil {
			return err
		}
		count += l.together
		if err := h.end(count - 1); err != nil {
			return err
		}
		if l.heed && l.m.StopTraining() {
			break
		}
	}
	// A pass that is used up ends with its epoch, so that the next one is shuffled anew.
	if l.passed == l.data.steps() {
		l.stop()
	}
	return nil
}

// mostLooped is how many steps one program takes at most.
const mostLooped = 32

// part is how many steps of an execution are handed over at once.
func (l *loop) part() int { return min(l.together, mostLooped) }

// execution runs the steps between two calls of callbacks: on the batch b and those after it.
func (l *loop) execution(b *batch, run func([]*batch) error) error {
	if l.together == 1 {
		return run([]*batch{b})
	}
	var part []*batch
	for taken := 1; ; taken++ {
		part = append(part, b)
		if len(part) == l.part() {
			if err := run(part); err != nil {
				return err
			}
			part = nil
		}
		if taken == l.together || l.passed == l.data.steps() || l.ctx.Err() != nil {
			break
		}
		var err error
		if b, err = l.take(); err != nil {
			return err
		}
		if b == nil {
			break
		}
	}
	if part == nil {
		return nil
	}
	return run(part)
}

func (l *loop) trainEpoch(list *callbacks.List) (*callbacks.Logs, error) {
	return l.run(trainStep, list.ObservesBatches(), list.OnTrainBatchBegin, list.OnTrainBatchEnd)
}

func (l *loop) testEpoch(list *callbacks.List) (*callbacks.Logs, error) {
	if err := list.OnTestBegin(); err != nil {
		return nil, err
	}
	defer l.stop()
	logs, err := l.run(testStep, list.ObservesBatches(), list.OnTestBatchBegin, list.OnTestBatchEnd)
	if err != nil {
		return nil, err
	}
	return logs, list.OnTestEnd(logs)
}

// run trains or tests on one epoch's batches and returns the logs after the last. Logs of
// single executions are made where they are observed.
func (l *loop) run(kind stepKind, observed bool, begin func(int) error, end func(int, *callbacks.Logs) error) (*callbacks.Logs, error) {
	var results *tensors.Tensor
	var logs *callbacks.Logs
	step := 0
	err := l.each(hooks{
		begin: begin,
		run: func(batches []*batch) error {
			previous := results
			var err error
			if results, err = l.m.run(l.ctx, kind, batches, step == 0, len(batches) == l.part()); err != nil {
				return fmt.Errorf("batch %d: %w", step, err)
			}
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
			logs = l.m.logs(results)
			return end(i, logs)
		},
	})
	if results != nil && !observed {
		logs = l.m.logs(results)
	}
	if err == nil && logs.Err() != nil {
		err = logs.Err()
	}
	return logs, err
}

// toHost returns t in the host's memory, and gives the engine's back.
func toHost(engine compute.Backend, t *tensors.Tensor) (host *tensors.Tensor, err error) {
	err = catch.Panic(func() error {
		if !engine.HasSharedBuffers() {
			host = t
			return t.ToLocal()
		}
		// The host reads it where it is: XLA would wake a thread for the copy.
		host = tensors.FromShape(t.Shape())
		return errors.Join(t.ConstBytes(func(src []byte) { _ = host.MutableBytes(func(dst []byte) { copy(dst, src) }) }), t.FinalizeAll())
	})
	return host, err
}

// run takes a training or test step on each batch and returns the last one's vector of
// results, which may still be on the device. Steps are taken in one program where looped
// is set, the batches are alike, and the engine gains from it.
func (m *Model) run(ctx context.Context, kind stepKind, batches []*batch, reset, looped bool) (*tensors.Tensor, error) {
	t := m.training
	if t.resolved == nil {
		y := batches[0].y
		targets := make([]Shape, len(y))
		for i := range y {
			targets[i] = append(Shape{None}, y[i].Shape().Dimensions[1:]...)
		}
		if err := t.resolve(m, targets); err != nil {
			return nil, err
		}
	}
	if kind == trainStep {
		if err := m.buildOptimizer(); err != nil {
			return nil, err
		}
	}
	if reset {
		if err := t.resolved.reset(); err != nil {
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

// alike reports whether the batches have the same shapes.
func alike(batches []*batch) bool {
	first := batches[0].all()
	for _, b := range batches[1:] {
		if !slices.EqualFunc(first, b.all(), func(s, t *tensors.Tensor) bool { return s.Shape().Equal(t.Shape()) }) {
			return false
		}
	}
	return true
}

// logs are the results of a step, fetched from the device when something looks.
func (m *Model) logs(results *tensors.Tensor) *callbacks.Logs {
	names := m.training.resolved.names
	return callbacks.LazyLogs(names, func() ([]float64, error) {
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

// StopTraining reports whether training was asked to stop (Keras: model.stop_training).
func (m *Model) StopTraining() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.stop
}

// SetStopTraining asks Fit to stop after the running batch.
func (m *Model) SetStopTraining(stop bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.stop = stop
}
