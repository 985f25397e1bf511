package backend

import (
	"context"
	"fmt"
	"io"
	"os"
	"sync"

	"github.com/gomlx/compute"
)

var (
	muDefault     sync.Mutex
	defaultChoice *Choice

	// noticeWriter receives the one line about a choice that isn't the best.
	noticeWriter io.Writer = os.Stderr
)

// Default returns the engine that runs graphs in this process, resolving it on the
// first call (see the package comment for the order) and printing one line on standard error
// if a faster one could be had on this machine.
//
// Errors are those of [Resolve]: an environment variable that names an unknown or
// unusable engine. They are not remembered, so a later call tries again.
func Default() (compute.Backend, error) {
	return DefaultContext(context.Background())
}

// DefaultContext is [Default] with a context, which stops a fetch of the plugin that
// the first call may start.
func DefaultContext(ctx context.Context) (compute.Backend, error) {
	muDefault.Lock()
	defer muDefault.Unlock()
	if defaultChoice != nil && !defaultChoice.Backend.IsFinalized() {
		return defaultChoice.Backend, nil
	}
	choice, err := Resolve(ctx, Options{})
	if err != nil {
		return nil, err
	}
	if choice.Notice != "" {
		fmt.Fprintln(noticeWriter, "gokeras:", choice.Notice)
	}
	defaultChoice = &choice
	return choice.Backend, nil
}

// SetDefault makes b the engine that [Default] returns from now on. Models that were
// already built on another engine keep it. A nil b makes the next [Default] resolve
// again.
func SetDefault(b compute.Backend) {
	muDefault.Lock()
	defer muDefault.Unlock()
	if b == nil {
		defaultChoice = nil
		return
	}
	defaultChoice = &Choice{Backend: b, Name: b.Name()}
}

// Use is [SetDefault] for a limited time: it returns a function that puts the previous
// engine back.
//
//	defer backend.Use(engine)()
func Use(b compute.Backend) (restore func()) {
	muDefault.Lock()
	previous := defaultChoice
	muDefault.Unlock()
	SetDefault(b)
	return func() {
		muDefault.Lock()
		defer muDefault.Unlock()
		defaultChoice = previous
	}
}
