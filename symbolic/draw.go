package symbolic

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// DrawnAtOnce is how many elements a weight has at least that [Draw] fills.
const DrawnAtOnce = 1 << 12

// Draw gives large new weights the values of Keras's initializers, on all cores. Others get theirs when they are first needed: initializers of a
// user's aren't called side by side. What fails here fails again there, where somebody sees it.
func Draw(weights []*Weight) {
	var fresh []*Weight
	for _, w := range weights {
		if i := w.spec.Initializer; i != nil && i.KerasClass().Module == "keras.initializers" && w.Size() >= DrawnAtOnce && w.isNew() {
			fresh = append(fresh, w)
		}
	}
	var group sync.WaitGroup
	var next atomic.Int64
	for range min(len(fresh), runtime.GOMAXPROCS(0)) {
		group.Go(func() {
			for i := next.Add(1) - 1; i < int64(len(fresh)); i = next.Add(1) - 1 {
				w := fresh[i]
				w.mu.Lock()
				_ = w.materialize()
				w.mu.Unlock()
			}
		})
	}
	group.Wait()
}

// isNew reports whether the weight has no value yet.
func (w *Weight) isNew() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.value == nil && w.keeper == nil
}
