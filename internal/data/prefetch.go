package data

import (
	"context"
	"fmt"
	"iter"

	"github.com/gomlx/compute"

	"github.com/gokeras/gokeras/internal/catch"
)

// Prefetch makes the source's next batch while its reader uses the one before, so that gathering and the way
// to the engine's device overlap with the device's work; so many more wait, where a batch may take longer than others. It ends when ctx does.
func Prefetch(ctx context.Context, engine compute.Backend, waiting int, batches iter.Seq2[*Batch, error]) iter.Seq2[*Batch, error] {
	type item struct {
		b   *Batch
		err error
	}
	return func(yield func(*Batch, error) bool) {
		running, cancel := context.WithCancel(ctx)
		ahead := make(chan item, waiting)
		done := make(chan struct{})
		go func() {
			defer close(done)
			defer close(ahead)
			send := func(b *Batch, err error) bool {
				if running.Err() != nil {
					return false
				}
				select {
				case ahead <- item{b, err}:
					return true
				case <-running.Done():
					return false
				}
			}
			if err := catch.Panic(func() error { // a user's data set may panic
				for b, err := range batches {
					if err == nil {
						err = b.Transfer(engine)
					}
					if !send(b, err) {
						break
					}
				}
				return nil
			}); err != nil {
				send(nil, fmt.Errorf("making a batch: %w", err))
			}
		}()
		defer func() {
			cancel()
			if ctx.Err() == nil { // a cancelled caller doesn't wait for a slow source
				<-done
			}
		}()
		for {
			select {
			case it, ok := <-ahead:
				if !ok || !yield(it.b, it.err) {
					return
				}
			case <-ctx.Done():
				return
			}
		}
	}
}
