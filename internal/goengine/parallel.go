package goengine

import (
	"sync"
	"sync/atomic"
)

// parallel runs work(worker, i) for every i below n, on so many workers; each takes the next i when it is free.
func parallel(workers, n int, work func(worker, i int)) {
	workers = min(workers, n)
	if workers <= 1 {
		for i := range n {
			work(0, i)
		}
		return
	}
	var next atomic.Int64
	var group sync.WaitGroup
	loop := func(worker int) {
		for {
			i := int(next.Add(1)) - 1
			if i >= n {
				return
			}
			work(worker, i)
		}
	}
	for worker := 1; worker < workers; worker++ {
		group.Go(func() { loop(worker) })
	}
	loop(0)
	group.Wait()
}
