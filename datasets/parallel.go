package datasets

import (
	"iter"
	"runtime"
	"sync"
)

// Map makes another element of each one (tf.data: map). With a number of parallel calls, or [Autotune] for as many as there are cores, so many run at a time; the
// order stays. A panic of the function is an error.
func (p *Pipeline) Map(f func(Element) (Element, error), parallelCalls ...int) *Pipeline {
	calls := 1
	switch {
	case f == nil:
		return p.fail("Map", "the function is nil")
	case len(parallelCalls) > 1:
		return p.fail("Map", "got %d numbers of parallel calls, and one at most was expected", len(parallelCalls))
	case len(parallelCalls) == 1:
		calls = parallelCalls[0]
	}
	if calls == Autotune {
		calls = runtime.GOMAXPROCS(0)
	}
	if calls < 1 || calls > maxCalls {
		return p.fail("Map", "%d parallel calls, and 1 to %d were expected", calls, maxCalls)
	}
	call := func(e Element, i int) (Element, error) {
		e, err := safely(func() (Element, error) { return f(e) })
		if err == nil {
			e, err = given(e)
		}
		if err != nil {
			err = inStage("Map", i, err)
		}
		return e, err
	}
	return p.then("Map", p.size, func(run pass) iter.Seq2[Element, error] {
		if calls > 1 {
			return inParallel(p.open(run), calls, call)
		}
		return func(yield func(Element, error) bool) {
			i := 0
			for e, err := range p.open(run) {
				if err == nil {
					e, err = call(e, i)
				}
				if i++; !yield(e, err) || err != nil {
					return
				}
			}
		}
	})
}

// MapX makes another X of that of each element, and leaves the others (tf.data: map(lambda x, y: (f(x), y))). The arguments are those of [Pipeline.Map].
func (p *Pipeline) MapX(f func(x any) (any, error), parallelCalls ...int) *Pipeline {
	if f == nil {
		return p.fail("MapX", "the function is nil")
	}
	return p.Map(func(e Element) (Element, error) {
		var err error
		e.X, err = f(e.X)
		return e, err
	}, parallelCalls...)
}

// maxCalls bounds how many calls and elements wait.
const maxCalls = 1 << 16

// arrived is what a goroutine hands on.
type arrived struct {
	e   Element
	err error
}

// inParallel has the results of calls that run at the same time, in the order of the elements. Behind it, no goroutine is left.
func inParallel(elements iter.Seq2[Element, error], calls int, call func(Element, int) (Element, error)) iter.Seq2[Element, error] {
	return func(yield func(Element, error) bool) {
		done, queue := make(chan struct{}), make(chan chan arrived, calls-1)
		var running sync.WaitGroup
		running.Go(func() {
			defer close(queue)
			i := 0
			for e, err := range elements {
				at, to := i, make(chan arrived, 1)
				select {
				case queue <- to:
				case <-done:
					return
				}
				if err != nil {
					to <- arrived{e, err}
					return
				}
				running.Go(func() {
					e, err := call(e, at)
					to <- arrived{e, err}
				})
				i++
			}
		})
		defer running.Wait()
		defer close(done)
		for from := range queue {
			if r := <-from; !yield(r.e, r.err) || r.err != nil {
				return
			}
		}
	}
}

// Prefetch reads so many elements ahead, two for [Autotune], while others are used (tf.data: prefetch). Reading begins with a pass and ends with it.
func (p *Pipeline) Prefetch(bufferSize int) *Pipeline {
	if bufferSize == Autotune {
		bufferSize = 2
	}
	if bufferSize < 0 || bufferSize > maxCalls {
		return p.fail("Prefetch", "the buffer's size is %d, and 0 to %d were expected", bufferSize, maxCalls)
	}
	return p.then("Prefetch", p.size, func(run pass) iter.Seq2[Element, error] {
		if bufferSize == 0 {
			return p.open(run)
		}
		return func(yield func(Element, error) bool) {
			done, ahead := make(chan struct{}), make(chan arrived, bufferSize-1)
			var running sync.WaitGroup
			running.Go(func() {
				defer close(ahead)
				for e, err := range p.open(run) {
					select {
					case ahead <- arrived{e, err}:
					case <-done:
						return
					}
					if err != nil {
						return
					}
				}
			})
			defer running.Wait()
			defer close(done)
			for r := range ahead {
				if !yield(r.e, r.err) || r.err != nil {
					return
				}
			}
		}
	})
}
