package functional

import (
	"errors"
	"fmt"
)

// catch runs f and turns a panic, which is how GoMLX reports errors while a graph is built, into an error.
func catch(f func() error) (err error) {
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

// validate asks a configuration, and what it holds, for arguments that Keras rejects.
func validate(v any) error {
	if checked, ok := v.(interface{ Validate() error }); ok {
		return checked.Validate()
	}
	return nil
}

var errNotCompiled = errors.New("the model has no optimizer and loss: call Compile first")
