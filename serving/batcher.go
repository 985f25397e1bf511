package serving

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"sync"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gokeras/gokeras/functional"
)

// job is a request on its way through the model.
type job struct {
	ctx    context.Context
	inputs []any // *tensors.Tensor, or slices of texts
	rows   int
	form   string // requests of one form can be computed together
	done   chan result
}

type result struct {
	outputs []*tensors.Tensor
	err     error
}

// batcher computes what waits for the model, as many samples together as there are when the model is free: an only request never waits for others.
type batcher struct {
	model *functional.Model
	limit int // samples computed at once
	// predictors are for 1, 4, 16 … samples up to the limit; none where the model's inputs have open axes, or samples aren't computed alone.
	predictors []sized
	together   bool

	queue   chan *job
	stop    chan struct{}
	stopped sync.WaitGroup
	observe func(samples int)
}

type sized struct {
	rows int
	*functional.Predictor
}

const growth = 4 // from one size of predictors to the next

func newBatcher(m *functional.Model, o Options) (*batcher, error) {
	b := &batcher{model: m, limit: o.BatchSize, together: m.SamplesAlone(), queue: make(chan *job), stop: make(chan struct{})}
	if b.limit == 0 {
		b.limit = defaultBatchSize
	}
	open := o.InputShapes == nil && slices.ContainsFunc(m.Inputs(), func(t *functional.Tensor) bool {
		return slices.Contains(t.Shape()[1:], functional.None)
	})
	fixed := slices.ContainsFunc(m.Inputs(), func(t *functional.Tensor) bool { return t.Shape()[0] != functional.None })
	if !b.together || open || fixed {
		return b, nil
	}
	for rows := 1; ; rows *= growth {
		rows = min(rows, b.limit)
		p, err := m.NewPredictor(functional.PredictorOptions{BatchSize: rows, InputShapes: o.InputShapes})
		if err != nil {
			return nil, err
		}
		b.predictors = append(b.predictors, sized{rows, p})
		if rows == b.limit {
			return b, nil
		}
	}
}

// start begins to answer, by as many workers.
func (b *batcher) start(workers int) {
	for range workers {
		b.stopped.Add(1)
		go b.work()
	}
}

// close waits for what is being computed.
func (b *batcher) close() {
	close(b.stop)
	b.stopped.Wait()
}

// errClosed is the answer of a server that was closed.
var errClosed = errors.New("the server was closed")

// predict computes the outputs for a request's inputs.
func (b *batcher) predict(ctx context.Context, inputs []any) ([]*tensors.Tensor, error) {
	j := &job{ctx: ctx, inputs: inputs, done: make(chan result, 1)}
	for i, v := range inputs {
		dims := dimsOf(v)
		if len(dims) == 0 {
			return nil, badRequest("input %q is a single value: want an array, a row a sample", b.model.InputNames()[i])
		}
		if i == 0 {
			j.rows = dims[0]
		}
		if dims[0] != j.rows || j.rows == 0 {
			return nil, badRequest("input %q has %d samples: want 1 or more, and the same number for every input", b.model.InputNames()[i], dims[0])
		}
		j.form += fmt.Sprint(reflect.TypeOf(v), dims[1:])
	}
	select {
	case b.queue <- j:
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-b.stop:
		return nil, errClosed
	}
	select {
	case r := <-j.done:
		return r.outputs, r.err
	case <-ctx.Done(): // the worker's answer goes into the channel's buffer
		return nil, ctx.Err()
	}
}

func (b *batcher) work() {
	defer b.stopped.Done()
	var next *job
	for {
		first := next
		if next = nil; first == nil {
			select {
			case first = <-b.queue:
			case <-b.stop:
				return
			}
		}
		batch, rows := []*job{first}, first.rows
	gather:
		for b.together && rows < b.limit {
			select {
			case j := <-b.queue:
				if j.form != first.form || rows+j.rows > b.limit {
					next = j
					break gather
				}
				batch, rows = append(batch, j), rows+j.rows
			default:
				break gather
			}
		}
		b.answer(batch, rows)
	}
}

func (b *batcher) answer(batch []*job, rows int) {
	batch = slices.DeleteFunc(batch, func(j *job) bool { // who doesn't wait any more
		gone := j.ctx.Err() != nil
		if gone {
			rows -= j.rows
		}
		return gone
	})
	if len(batch) == 0 {
		return
	}
	if len(batch) > 1 {
		if parts, err := b.runTogether(batch, rows); err == nil {
			for i, j := range batch {
				j.done <- result{outputs: parts[i]}
			}
			return
		}
	}
	for _, j := range batch { // alone, so that nobody gets an error of another's
		outputs, err := b.run(j.inputs, j.rows)
		j.done <- result{outputs, err}
	}
}

func (b *batcher) run(inputs []any, rows int) ([]*tensors.Tensor, error) {
	if b.observe != nil {
		b.observe(rows)
	}
	if len(b.predictors) == 0 {
		if !b.together {
			return b.model.PredictOnBatch(inputs)
		}
		return b.model.PredictAll(inputs, functional.Predict{BatchSize: b.limit, Verbose: functional.Silent})
	}
	for _, p := range b.predictors {
		if rows <= p.rows {
			return p.Predict(inputs)
		}
	}
	var outputs []*tensors.Tensor // of a request of more samples than are computed at once
	for start := 0; start < rows; start += b.limit {
		end := min(start+b.limit, rows)
		part := make([]any, len(inputs))
		for i, v := range inputs {
			var err error
			if part[i], err = rowsOf(v, start, end); err != nil {
				return nil, err
			}
		}
		out, err := b.run(part, end-start)
		if err != nil {
			return nil, err
		}
		if outputs == nil {
			outputs = out
			continue
		}
		for i := range out {
			both, err := stacked([]any{outputs[i], out[i]})
			if err != nil {
				return nil, err
			}
			outputs[i] = both.(*tensors.Tensor)
		}
	}
	return outputs, nil
}

// runTogether computes several requests and gives each its rows.
func (b *batcher) runTogether(batch []*job, rows int) ([][]*tensors.Tensor, error) {
	inputs := make([]any, len(batch[0].inputs))
	for i := range inputs {
		var parts []any
		for _, j := range batch {
			parts = append(parts, j.inputs[i])
		}
		var err error
		if inputs[i], err = stacked(parts); err != nil {
			return nil, err
		}
	}
	outputs, err := b.run(inputs, rows)
	if err != nil {
		return nil, err
	}
	parts := make([][]*tensors.Tensor, len(batch))
	for _, t := range outputs {
		if dims := t.Shape().Dimensions; len(dims) == 0 || dims[0] != rows {
			return nil, errors.New("an output has no axis of the samples")
		}
		start := 0
		for i, j := range batch {
			part, err := rowsOf(t, start, start+j.rows)
			if err != nil {
				return nil, err
			}
			parts[i] = append(parts[i], part.(*tensors.Tensor))
			start += j.rows
		}
	}
	return parts, nil
}
