package data

import "errors"

// ErrBad is what errors are that lie in the data that a caller gave: [Bad] marks them.
var ErrBad = errors.New("the data doesn't fit the model")

// Bad marks an error as one of the caller's data, and leaves its text as it is.
func Bad(err error) error {
	if err == nil {
		return nil
	}
	return &badError{err}
}

type badError struct{ error }

func (e *badError) Unwrap() error { return e.error }

func (e *badError) Is(target error) bool { return target == ErrBad }
