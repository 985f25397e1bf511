// Package catch turns the panics by which GoMLX reports mistakes into errors.
package catch

import (
	"fmt"
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
