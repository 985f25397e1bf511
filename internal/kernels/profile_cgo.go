//go:build cgo && linux && amd64

package kernels

// #include "profile.h"
import "C"

import "time"

// Profile counts what the kernels' calls take while f runs, in all of the process, and returns those that were called. One profile is taken at a time.
func Profile(f func() error) ([]Spent, error) {
	C.gk_profile(1)
	err := f()
	C.gk_profile(0)
	var list []Spent
	var s C.gk_spent
	for i := 0; C.gk_spent_by(C.int(i), &s) != 0; i++ {
		if s.calls > 0 {
			list = append(list, Spent{C.GoString(s.name), int(s.calls), time.Duration(s.nanoseconds), int(s.bytes), int(s.operations)})
		}
	}
	return list, err
}
