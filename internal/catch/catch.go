// Package catch turns the panics by which GoMLX reports mistakes into errors.
package catch

import (
	"fmt"
	"runtime"
	"strings"
)

// Panic runs f and returns its error; a panic becomes one.
func Panic(f func() error) (err error) {
	defer func() {
		switch p := recover().(type) {
		case nil:
		case error:
			err = p
		default:
			err = fmt.Errorf("%v", p)
		}
	}()
	return f()
}

// Placed is [Panic] for a user's code: the error says in which file and line the panic arose.
func Placed(f func() error) (err error) {
	defer func() {
		switch p := recover().(type) {
		case nil:
		case error:
			err = fmt.Errorf("panic at %s: %w", place(), p)
		default:
			err = fmt.Errorf("panic at %s: %v", place(), p)
		}
	}()
	return f()
}

// place is where the running panic arose: the innermost line that is neither Go's own nor GoMLX's.
func place() string {
	callers := make([]uintptr, 64)
	frames := runtime.CallersFrames(callers[:runtime.Callers(0, callers)])
	panicked := false
	for {
		f, more := frames.Next()
		switch {
		case f.Function == "runtime.gopanic":
			panicked = true
		case panicked && !strings.HasPrefix(f.Function, "runtime.") && !strings.HasPrefix(f.Function, "github.com/gomlx/"):
			return fmt.Sprintf("%s:%d", f.File, f.Line)
		}
		if !more {
			return "an unknown place"
		}
	}
}

// Named runs f; a panic goes on as an error that says what it was in, if it doesn't say so already.
func Named(what string, f func()) {
	err := Panic(func() error { f(); return nil })
	if err != nil && !strings.HasPrefix(err.Error(), what) {
		err = fmt.Errorf("%s: %w", what, err)
	}
	if err != nil {
		panic(err)
	}
}
