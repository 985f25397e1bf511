package datasets

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"reflect"
	"sync/atomic"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/train"
)

// Numbers of elements that aren't numbers (tf.data: INFINITE_CARDINALITY, UNKNOWN_CARDINALITY).
const (
	Infinite = -1
	Unknown  = -2
)

// Autotune stands for a number of calls or elements that the pipeline chooses (tf.data: AUTOTUNE).
const Autotune = -1

// Pipeline is data that is read, changed and put into batches while a model takes it, as tf.data.Dataset is. Each method returns a new pipeline, and leaves
// the one before as it was:
//
//	data := datasets.FromSlices(x, y).Shuffle(1000, datasets.ShuffleOptions{Seed: &seed}).Batch(32).Prefetch(datasets.Autotune)
//
// Fit, Evaluate, Predict and the layers' Adapt take it once it has batches. At any time it holds no more than its buffers ask for: those of Shuffle, Batch,
// Window and Prefetch, the calls of Map that run, and what Cache keeps. The first error of a stage ends a pass and names the stage and the element.
//
// A pass over a pipeline is an epoch. The order of the nth pass follows from the seeds and n alone; so a Fit that callbacks.BackupAndRestore goes on with
// gets the elements that it would have had, where each Shuffle has a Seed.
type Pipeline struct {
	name     string
	err      error
	size     int
	stateful bool // its data may remember what was read
	ctx      context.Context
	open     func(p pass) iter.Seq2[Element, error]
	passes   atomic.Uint64
}

// pass is one way through a pipeline.
type pass struct {
	ctx context.Context
	key uint64 // what order the pass has
}

// inner is the pass number i of what is gone through several times in this one.
func (p pass) inner(i int) pass {
	p.key = rand.NewPCG(p.key, uint64(i)).Uint64()
	return p
}

func source(name string, size int, open func(p pass) iter.Seq2[Element, error]) *Pipeline {
	return &Pipeline{name: name, size: size, ctx: context.Background(), open: open}
}

// then is the pipeline with a stage more.
func (p *Pipeline) then(stage string, size int, open func(p pass) iter.Seq2[Element, error]) *Pipeline {
	out := &Pipeline{name: p.name + "." + stage, size: size, open: open, err: p.err, stateful: p.stateful, ctx: p.ctx}
	if p.open == nil && out.err == nil {
		out.err = errNoData
	}
	return out
}

// named has another name.
func (p *Pipeline) named(name string) *Pipeline {
	p.name = name
	return p
}

// fail is the pipeline of a stage whose arguments are wrong.
func (p *Pipeline) fail(stage, format string, args ...any) *Pipeline {
	out := p.then(stage, Unknown, nil)
	if out.err == nil {
		out.err = fmt.Errorf("datasets.Pipeline: %s: %w", stage, fmt.Errorf(format, args...))
	}
	return out
}

// inStage names the stage and the element of an error.
func inStage(stage string, element int, err error) error {
	return fmt.Errorf("%s: element %d: %w", stage, element, err)
}

// FromSlices returns a pipeline of the rows of arrays (tf.data: from_tensor_slices): x, then y and sample weights where there are any. Each is a tensor, a Go
// slice or array, texts, or a list ([]any, []*tensors.Tensor) or a map by names of such; all have equally many rows.
func FromSlices(x any, yAndWeights ...any) *Pipeline {
	return slicesOf("FromSlices", x, yAndWeights, func(all Element, p pass, yield func(Element, error) bool) {
		n, _ := allRows(all)
		for i := range n {
			e, err := rowOf(all, i)
			if err != nil {
				yield(e, inStage("FromSlices", i, err))
				return
			}
			if p.ctx.Err() != nil || !yield(e, nil) {
				return
			}
		}
	})
}

// FromTensors returns a pipeline of one element, which has the arrays whole (tf.data: from_tensors).
func FromTensors(x any, yAndWeights ...any) *Pipeline {
	return slicesOf("FromTensors", x, yAndWeights, func(all Element, _ pass, yield func(Element, error) bool) {
		e, err := copied(all)
		yield(e, err)
	})
}

func slicesOf(name string, x any, yAndWeights []any, run func(all Element, p pass, yield func(Element, error) bool)) *Pipeline {
	all, n, err := Element{X: x}, 1, error(nil)
	switch len(yAndWeights) {
	case 0:
	case 1, 2:
		all.Y = yAndWeights[0]
		if len(yAndWeights) == 2 {
			all.SampleWeight = yAndWeights[1]
		}
	default:
		err = fmt.Errorf("got %d arrays, and x, y and sample weights at most were expected", 1+len(yAndWeights))
	}
	if err == nil {
		all, err = given(all)
	}
	if err == nil && name == "FromSlices" {
		n, err = allRows(all)
	}
	p := source(name, n, func(p pass) iter.Seq2[Element, error] {
		return func(yield func(Element, error) bool) { run(all, p, yield) }
	})
	if err != nil {
		p.err = fmt.Errorf("datasets.%s: %w", name, err)
	}
	return p
}

// Range returns a pipeline of the int64 numbers from 0 to stop-1 (tf.data: range).
func Range(stop int) *Pipeline {
	return source("Range", max(stop, 0), func(p pass) iter.Seq2[Element, error] {
		return func(yield func(Element, error) bool) {
			for i := range max(stop, 0) {
				if p.ctx.Err() != nil || !yield(Element{X: tensors.FromScalar(int64(i))}, nil) {
					return
				}
			}
		}
	})
}

// FromSeq returns a pipeline of what an iterator has (tf.data: from_generator). Each pass runs it anew.
func FromSeq(seq iter.Seq2[Element, error]) *Pipeline {
	p := source("FromSeq", Unknown, func(p pass) iter.Seq2[Element, error] {
		return func(yield func(Element, error) bool) {
			i := 0
			for e, err := range seq {
				if err == nil {
					e, err = given(e)
				}
				if err != nil {
					yield(e, inStage("FromSeq", i, err))
					return
				}
				if i++; p.ctx.Err() != nil || !yield(e, nil) {
					return
				}
			}
		}
	})
	if p.stateful = true; seq == nil {
		p.err = errors.New("datasets.FromSeq: the iterator is nil")
	}
	return p
}

// FromDataset returns a pipeline of the batches of a GoMLX data set.
func FromDataset(d train.Dataset) *Pipeline {
	if p, ok := d.(*Pipeline); ok && p != nil {
		return p
	}
	if v := reflect.ValueOf(d); !v.IsValid() || v.Kind() == reflect.Pointer && v.IsNil() {
		return &Pipeline{err: errors.New("datasets.FromDataset: the data set is nil")}
	}
	p := FromSeq(func(yield func(Element, error) bool) {
		one := func(list []*tensors.Tensor) any {
			switch len(list) {
			case 0:
				return nil
			case 1:
				return list[0]
			}
			return list
		}
		for b, err := range d.Iter() {
			if !yield(Element{X: one(b.Inputs), Y: one(b.Labels)}, err) {
				return
			}
		}
	})
	p.name = d.Name()
	return p
}

// Err is the first mistake in the arguments of the pipeline's stages; each pass has it, too.
func (p *Pipeline) Err() error { return p.err }

// Cardinality is the number of elements, [Infinite] or [Unknown].
func (p *Pipeline) Cardinality() int {
	if p.err != nil {
		return Unknown
	}
	return p.size
}

// WithContext returns the pipeline that ends with the context's error where that ends.
func (p *Pipeline) WithContext(ctx context.Context) *Pipeline {
	out := p.then("WithContext", p.size, p.open)
	if ctx != nil {
		out.ctx = ctx
	}
	out.name = p.name
	return out
}

// Name names the pipeline in messages (GoMLX: train.Dataset).
func (p *Pipeline) Name() string { return p.name }

// SkipPasses makes the next pass the one that comes n passes later. It returns false, and does nothing, where data has to be read to get there, as that of [FromSeq].
func (p *Pipeline) SkipPasses(n int) bool {
	if n < 0 || p.stateful {
		return false
	}
	p.passes.Add(uint64(n))
	return true
}

// Elements runs over the elements; each run is a pass.
func (p *Pipeline) Elements() iter.Seq2[Element, error] {
	return func(yield func(Element, error) bool) {
		if p.err != nil || p.open == nil {
			yield(Element{}, cmp.Or(p.err, errNoData))
			return
		}
		for e, err := range p.open(pass{ctx: p.ctx, key: p.passes.Add(1) - 1}) {
			if p.ctx.Err() != nil {
				break
			}
			if err != nil {
				yield(Element{}, fmt.Errorf("datasets.Pipeline: %w", err))
				return
			}
			if !yield(e, nil) {
				return
			}
		}
		if err := p.ctx.Err(); err != nil {
			yield(Element{}, fmt.Errorf("datasets.Pipeline: %w", err))
		}
	}
}

var errNoData = errors.New("datasets.Pipeline: it has no data: FromSlices and its like make one")

// Batches runs over the elements as package functional takes them: [functional.Data] of any kind, texts too.
func (p *Pipeline) Batches() iter.Seq2[struct{ X, Y, SampleWeight any }, error] {
	return func(yield func(struct{ X, Y, SampleWeight any }, error) bool) {
		for e, err := range p.Elements() {
			if !yield(e, err) {
				return
			}
		}
	}
}

// Iter runs over the elements as GoMLX takes them (train.Dataset): arrays of numbers in the order of lists, without sample weights.
func (p *Pipeline) Iter() iter.Seq2[train.Batch, error] {
	return func(yield func(train.Batch, error) bool) {
		i := 0
		for e, err := range p.Elements() {
			var b train.Batch
			if err == nil {
				b, err = trainBatch(e)
				if err != nil {
					err = inStage("datasets.Pipeline", i, err)
				}
			}
			if i++; !yield(b, err) || err != nil {
				return
			}
		}
	}
}

func trainBatch(e Element) (train.Batch, error) {
	var b train.Batch
	for _, p := range []struct {
		v  any
		to *[]*tensors.Tensor
	}{{e.X, &b.Inputs}, {e.Y, &b.Labels}} {
		list, ok := p.v.([]any)
		if !ok && p.v != nil {
			list = []any{p.v}
		}
		for _, leaf := range list {
			t, ok := leaf.(*tensors.Tensor)
			if !ok {
				return b, fmt.Errorf("got a %T, and GoMLX takes lists of tensors alone", leaf)
			}
			*p.to = append(*p.to, t)
		}
	}
	if e.SampleWeight != nil {
		return b, errors.New("GoMLX's batches have no sample weights")
	}
	return b, nil
}
