//go:build !(cgo && linux && amd64)

package kernels

import "errors"

// Register makes the kernels known to the XLA plugin of that name or path. In this build there are none.
func Register(string) error {
	return errors.New("kernels for XLA need a build for Linux on amd64 with cgo")
}

// Best is the widest level that there is: none in this build.
func Best() Level { return None }

// KeepMemory has no effect in this build.
func KeepMemory(string) {}

// WithoutSignals runs f.
func WithoutSignals(f func()) { f() }

// Profile runs f; there are no kernels to count.
func Profile(f func() error) ([]Spent, error) { return nil, f() }
