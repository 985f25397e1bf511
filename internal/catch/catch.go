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
