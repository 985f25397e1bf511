// Package catch turns the panics by which GoMLX reports mistakes into errors.
package catch

import "fmt"

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

// Named runs f; a panic goes on as an error that says what it was in.
func Named(what string, f func()) {
	if err := Panic(func() error { f(); return nil }); err != nil {
		panic(fmt.Errorf("%s: %w", what, err))
	}
}
