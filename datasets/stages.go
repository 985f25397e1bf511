package datasets

import (
	"fmt"
	"iter"
	"math/rand/v2"

	"github.com/gomlx/gomlx/core/tensors"
)

// Take has the first count elements; all of them where count is negative (tf.data: take).
func (p *Pipeline) Take(count int) *Pipeline {
	size := p.size
	if count >= 0 && (size == Infinite || size > count || count == 0) {
		size = count
	}
	return p.then("Take", size, func(run pass) iter.Seq2[Element, error] {
		if count < 0 {
			return p.open(run)
		}
		return func(yield func(Element, error) bool) {
			if count == 0 {
				return
			}
			i := 0
			for e, err := range p.open(run) {
				if i++; !yield(e, err) || err != nil || i == count {
					return
				}
			}
		}
	})
}

// Skip leaves out the first count elements; all of them where count is negative (tf.data: skip).
func (p *Pipeline) Skip(count int) *Pipeline {
	size := p.size
	switch {
	case count < 0:
		size = 0
	case size >= 0:
		size = max(0, size-count)
	}
	return p.then("Skip", size, func(run pass) iter.Seq2[Element, error] {
		return func(yield func(Element, error) bool) {
			if count < 0 {
				return
			}
			i := 0
			for e, err := range p.open(run) {
				if i++; i <= count && err == nil {
					continue
				}
				if !yield(e, err) || err != nil {
					return
				}
			}
		}
	})
}

// Repeat goes through the elements count times, without an end where count is negative or isn't given (tf.data: repeat). Shuffle mixes them anew each time.
func (p *Pipeline) Repeat(count ...int) *Pipeline {
	n := -1
	switch {
	case len(count) > 1:
		return p.fail("Repeat", "got %d counts, and one at most was expected", len(count))
	case len(count) == 1:
		n = count[0]
	}
	size := p.size
	switch {
	case n == 0 || size == 0:
		size = 0
	case n < 0:
		size = Infinite
	case size > 0 && size > maxElements/n:
		return p.fail("Repeat", "%d times %d elements are too many", n, size)
	case size > 0:
		size *= n
	}
	return p.then("Repeat", size, func(run pass) iter.Seq2[Element, error] {
		return func(yield func(Element, error) bool) {
			for i := 0; i != n; i++ {
				some := false
				for e, err := range p.open(run.inner(i)) {
					if some = true; !yield(e, err) || err != nil {
						return
					}
				}
				if n < 0 && !some || run.ctx.Err() != nil {
					return
				}
			}
		}
	})
}

// maxElements bounds what is counted.
const maxElements = 1 << 53

// Batch puts size elements into one, whose arrays have a first axis more: (size, …). The last one may be smaller, or is dropped (tf.data: batch, drop_remainder).
func (p *Pipeline) Batch(size int, dropRemainder ...bool) *Pipeline {
	return p.batch("Batch", size, dropRemainder, false)
}

// PaddedBatch is Batch for arrays of different sizes, which zeros fill up to the largest of the batch (tf.data: padded_batch).
func (p *Pipeline) PaddedBatch(size int, dropRemainder ...bool) *Pipeline {
	return p.batch("PaddedBatch", size, dropRemainder, true)
}

func (p *Pipeline) batch(stage string, size int, dropRemainder []bool, pad bool) *Pipeline {
	drop := len(dropRemainder) == 1 && dropRemainder[0]
	switch {
	case size < 1:
		return p.fail(stage, "the size is %d, and 1 or more was expected", size)
	case len(dropRemainder) > 1:
		return p.fail(stage, "dropRemainder is given %d times", len(dropRemainder))
	}
	n := p.size
	if n >= 0 {
		n = n / size
		if !drop && p.size%size > 0 {
			n++
		}
	}
	return p.then(stage, n, func(run pass) iter.Seq2[Element, error] {
		return func(yield func(Element, error) bool) {
			var waiting []Element
			made := 0
			flush := func() bool {
				e, err := stacked(waiting, pad)
				if err != nil {
					err = inStage(stage, made, err)
				}
				clear(waiting)
				waiting = waiting[:0]
				made++
				return yield(e, err) && err == nil
			}
			for e, err := range p.open(run) {
				if err != nil {
					yield(e, err)
					return
				}
				if waiting = append(waiting, e); len(waiting) == size && !flush() {
					return
				}
			}
			if len(waiting) > 0 && !drop {
				flush()
			}
		}
	})
}

// Unbatch makes an element of each row of the arrays (tf.data: unbatch).
func (p *Pipeline) Unbatch() *Pipeline {
	size := Unknown
	if p.size == Infinite || p.size == 0 {
		size = p.size
	}
	return p.then("Unbatch", size, func(run pass) iter.Seq2[Element, error] {
		return func(yield func(Element, error) bool) {
			i := 0
			for e, err := range p.open(run) {
				n := 0
				if err == nil {
					if n, err = allRows(e); err != nil {
						err = inStage("Unbatch", i, err)
					}
				}
				if err != nil {
					yield(e, err)
					return
				}
				for j := range n {
					row, err := rowOf(e, j)
					if !yield(row, err) || err != nil {
						return
					}
				}
				i++
			}
		}
	})
}

// ShuffleOptions are the arguments of [Pipeline.Shuffle]. The zero value is tf.data's default.
type ShuffleOptions struct {
	// Seed decides about the order; nil: one that is drawn. The numbers are others than TensorFlow's.
	Seed *int
	// SameEachPass gives each pass the same order (tf.data: reshuffle_each_iteration=False).
	SameEachPass bool
}

// Shuffle takes each next element at random out of a buffer of so many of those that come next (tf.data: shuffle). All are mixed evenly only where the buffer
// has room for all.
func (p *Pipeline) Shuffle(bufferSize int, opts ...ShuffleOptions) *Pipeline {
	switch {
	case bufferSize < 1:
		return p.fail("Shuffle", "the buffer's size is %d, and 1 or more was expected", bufferSize)
	case len(opts) > 1:
		return p.fail("Shuffle", "got %d ShuffleOptions, and one at most was expected", len(opts))
	}
	var o ShuffleOptions
	if len(opts) == 1 {
		o = opts[0]
	}
	seed := rand.Uint64()
	if o.Seed != nil {
		seed = uint64(*o.Seed)
	}
	return p.then("Shuffle", p.size, func(run pass) iter.Seq2[Element, error] {
		return func(yield func(Element, error) bool) {
			key := run.key
			if o.SameEachPass {
				key = 0
			}
			rng := rand.New(rand.NewPCG(seed, key))
			var waiting []Element
			for e, err := range p.open(run) {
				if err != nil {
					yield(e, err)
					return
				}
				if len(waiting) < bufferSize {
					waiting = append(waiting, e)
					continue
				}
				at := rng.IntN(len(waiting))
				next := waiting[at]
				if waiting[at] = e; !yield(next, nil) {
					return
				}
			}
			for len(waiting) > 0 {
				at, last := rng.IntN(len(waiting)), len(waiting)-1
				next := waiting[at]
				waiting[at], waiting[last] = waiting[last], Element{}
				if waiting = waiting[:last]; !yield(next, nil) {
					return
				}
			}
		}
	})
}

// safely calls a function of the user's, whose panic is an error.
func safely[T any](f func() (T, error)) (v T, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("the function panicked: %v", r)
		}
	}()
	return f()
}

// Filter has the elements for which the function returns true (tf.data: filter).
func (p *Pipeline) Filter(keep func(Element) (bool, error)) *Pipeline {
	if keep == nil {
		return p.fail("Filter", "the function is nil")
	}
	size := Unknown
	if p.size == 0 {
		size = 0
	}
	return p.then("Filter", size, func(run pass) iter.Seq2[Element, error] {
		return func(yield func(Element, error) bool) {
			i := 0
			for e, err := range p.open(run) {
				ok := true
				if err == nil {
					if ok, err = safely(func() (bool, error) { return keep(e) }); err != nil {
						err = inStage("Filter", i, err)
					}
				}
				if i++; (ok || err != nil) && !yield(e, err) || err != nil {
					return
				}
			}
		}
	})
}

// Concatenate has the elements of other behind those of p (tf.data: concatenate).
func (p *Pipeline) Concatenate(other *Pipeline) *Pipeline {
	if other == nil || other.err != nil {
		return p.fail("Concatenate", "the other pipeline: %w", errOf(other))
	}
	size := p.size + other.size
	switch {
	case p.size == Infinite || other.size == Infinite:
		size = Infinite
	case p.size == Unknown || other.size == Unknown:
		size = Unknown
	}
	out := p.then("Concatenate", size, func(run pass) iter.Seq2[Element, error] {
		return func(yield func(Element, error) bool) {
			for _, part := range []*Pipeline{p, other} {
				for e, err := range part.open(run) {
					if !yield(e, err) || err != nil {
						return
					}
				}
			}
		}
	})
	out.stateful = p.stateful || other.stateful
	return out
}

// errOf is the error of a pipeline that is an argument.
func errOf(p *Pipeline) error {
	if p == nil {
		return fmt.Errorf("it is nil")
	}
	return p.err
}

// Zip puts the elements of pipelines beside each other, until the first of them ends (tf.data: zip): those of the first as X, of the second as Y, of the third
// as SampleWeight. What has a Y itself is the list of its parts.
func Zip(pipelines ...*Pipeline) *Pipeline {
	if len(pipelines) < 1 || len(pipelines) > 3 {
		return &Pipeline{err: fmt.Errorf("datasets.Zip: got %d pipelines, and 1 to 3 were expected", len(pipelines))}
	}
	size, stateful := Infinite, false
	for i, p := range pipelines {
		if p == nil || p.err != nil || p.open == nil {
			return &Pipeline{err: fmt.Errorf("datasets.Zip: pipeline %d: %w", i, fmt.Errorf("it can't be read: %w", errOf(p)))}
		}
		switch {
		case size == Unknown || p.size == Unknown:
			size = Unknown
		case p.size != Infinite && (size == Infinite || p.size < size):
			size = p.size
		}
		stateful = stateful || p.stateful
	}
	out := pipelines[0].then("Zip", size, func(run pass) iter.Seq2[Element, error] {
		return func(yield func(Element, error) bool) {
			next := make([]func() (Element, error, bool), len(pipelines))
			for i, p := range pipelines {
				pull, stop := iter.Pull2(p.open(run))
				defer stop()
				next[i] = pull
			}
			for {
				var out Element
				to := out.parts()
				for i := range next {
					e, err, ok := next[i]()
					if !ok {
						return
					}
					if err != nil {
						yield(e, err)
						return
					}
					*to[i].value = whole(e)
				}
				if !yield(out, nil) {
					return
				}
			}
		}
	})
	out.stateful = stateful
	return out
}

// whole is an element as one value.
func whole(e Element) any {
	switch {
	case e.Y == nil && e.SampleWeight == nil:
		return e.X
	case e.SampleWeight == nil:
		return []any{e.X, e.Y}
	}
	return []any{e.X, e.Y, e.SampleWeight}
}

// WindowOptions are the arguments of [Pipeline.Window]. Shift is the distance between the beginnings of windows, Size by default; Stride that between the
// elements of one, 1 by default; DropRemainder leaves out the last ones, which are smaller.
type WindowOptions struct {
	Size, Shift, Stride int
	DropRemainder       bool
}

// Window puts elements that follow each other into one, (size, …): tf.data's window(…).flat_map(lambda w: w.batch(size)).
func (p *Pipeline) Window(o WindowOptions) *Pipeline {
	if o.Shift == 0 {
		o.Shift = o.Size
	}
	if o.Stride == 0 {
		o.Stride = 1
	}
	if o.Size < 1 || o.Shift < 1 || o.Stride < 1 || o.Size > maxElements || o.Stride > maxElements/o.Size {
		return p.fail("Window", "size, shift and stride are %d, %d and %d, and positive numbers were expected", o.Size, o.Shift, o.Stride)
	}
	reach := (o.Size-1)*o.Stride + 1
	size := p.size
	switch {
	case size < 0:
	case !o.DropRemainder:
		size = (size + o.Shift - 1) / o.Shift
	case size < reach:
		size = 0
	default:
		size = (size-reach)/o.Shift + 1
	}
	return p.then("Window", size, func(run pass) iter.Seq2[Element, error] {
		return func(yield func(Element, error) bool) {
			var waiting []Element // the elements from number begin on
			begin, read, made := 0, 0, 0
			flush := func() bool {
				var window []Element
				for i := 0; i < reach && i < len(waiting); i += o.Stride {
					window = append(window, waiting[i])
				}
				e, err := stacked(window, false)
				if err != nil {
					err = inStage("Window", made, err)
				}
				made++
				begin += o.Shift
				cut := min(o.Shift, len(waiting))
				clear(waiting[:cut])
				waiting = waiting[cut:]
				return yield(e, err) && err == nil
			}
			for e, err := range p.open(run) {
				if err != nil {
					yield(e, err)
					return
				}
				if read++; read-1 < begin { // between two windows
					continue
				}
				if waiting = append(waiting, e); len(waiting) == reach && !flush() {
					return
				}
			}
			for !o.DropRemainder && len(waiting) > 0 {
				if !flush() {
					return
				}
			}
		}
	})
}

// FlatMap has the elements of the pipelines that a function makes of the elements, one pipeline after the other (tf.data: flat_map).
func (p *Pipeline) FlatMap(f func(Element) (*Pipeline, error)) *Pipeline {
	if f == nil {
		return p.fail("FlatMap", "the function is nil")
	}
	return p.then("FlatMap", Unknown, func(run pass) iter.Seq2[Element, error] {
		return func(yield func(Element, error) bool) {
			i := 0
			for e, err := range p.open(run) {
				var inner *Pipeline
				if err == nil {
					inner, err = safely(func() (*Pipeline, error) { return f(e) })
					if err == nil && (inner == nil || inner.err != nil || inner.open == nil) {
						err = fmt.Errorf("the pipeline can't be read: %w", errOf(inner))
					}
					if err != nil {
						err = inStage("FlatMap", i, err)
					}
				}
				if err != nil {
					yield(e, err)
					return
				}
				for e, err := range inner.open(run.inner(i)) {
					if !yield(e, err) || err != nil {
						return
					}
				}
				i++
			}
		}
	})
}

// Shard has each numShards-th element, from number index on (tf.data: shard).
func (p *Pipeline) Shard(numShards, index int) *Pipeline {
	if numShards < 1 || index < 0 || index >= numShards {
		return p.fail("Shard", "shard %d of %d isn't there", index, numShards)
	}
	size := p.size
	if size >= 0 {
		size = size / numShards
		if index < p.size%numShards {
			size++
		}
	}
	return p.then("Shard", size, func(run pass) iter.Seq2[Element, error] {
		return func(yield func(Element, error) bool) {
			i := 0
			for e, err := range p.open(run) {
				if i++; err == nil && (i-1)%numShards != index {
					continue
				}
				if !yield(e, err) || err != nil {
					return
				}
			}
		}
	})
}

// Enumerate has lists of the element's number, an int64 from start on, and the element as X (tf.data: enumerate).
func (p *Pipeline) Enumerate(start int) *Pipeline {
	return p.then("Enumerate", p.size, func(run pass) iter.Seq2[Element, error] {
		return func(yield func(Element, error) bool) {
			i := start
			for e, err := range p.open(run) {
				if err == nil {
					e = Element{X: []any{tensors.FromScalar(int64(i)), whole(e)}}
				}
				if i++; !yield(e, err) || err != nil {
					return
				}
			}
		}
	})
}

// AssertCardinality says how many elements there are, where the pipeline doesn't know, as behind Filter (tf.data: assert_cardinality). A pass that has another
// number ends with an error.
func (p *Pipeline) AssertCardinality(n int) *Pipeline {
	if n < Infinite {
		return p.fail("AssertCardinality", "the number is %d", n)
	}
	return p.then("AssertCardinality", n, func(run pass) iter.Seq2[Element, error] {
		return func(yield func(Element, error) bool) {
			i := 0
			for e, err := range p.open(run) {
				if i++; err == nil && n >= 0 && i > n {
					err = fmt.Errorf("AssertCardinality: there are more than %d elements", n)
				}
				if !yield(e, err) || err != nil {
					return
				}
			}
			if (n == Infinite || i < n) && run.ctx.Err() == nil {
				yield(Element{}, fmt.Errorf("AssertCardinality: the elements end after %d", i))
			}
		}
	})
}
