package np

import (
	"fmt"
	"os"
)

// Error is what functions of this package panic with: NumPy's exception.
type Error struct {
	Kind string // Python's name of the class: "ValueError", "IndexError", "AxisError" …
	Text string // NumPy's message
}

// Error returns "ValueError: …".
func (e *Error) Error() string { return e.Kind + ": " + e.Text }

// Fail panics with an [*Error]; packages that stand on this one raise their errors with it.
func Fail(kind, format string, args ...any) { fail(kind, format, args...) }

func fail(kind, format string, args ...any) {
	panic(&Error{Kind: kind, Text: fmt.Sprintf(format, args...)})
}

// Try runs f and returns the [*Error] that it raised, or nil. Other panics go on.
func Try(f func()) (err error) {
	defer func() {
		switch r := recover().(type) {
		case nil:
		case *Error:
			err = r
		default:
			panic(r)
		}
	}()
	f()
	return nil
}

// Report is deferred by the main function of a ported program: it prints an [*Error] to standard error and exits with
// status 1. Other panics go on.
func Report() {
	switch r := recover().(type) {
	case nil:
	case *Error:
		fmt.Fprintln(os.Stderr, r)
		os.Exit(1)
	default:
		panic(r)
	}
}
