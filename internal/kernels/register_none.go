//go:build !(cgo && linux)

package kernels

import "errors"

// Register makes the kernels known to the XLA plugin of that path. In this build there are none.
func Register(string) error { return errors.New("kernels for XLA need a build for Linux with cgo") }

// Best is the widest level that this processor has.
func Best() Level { return Generic }

// KeepMemory has no effect in this build.
func KeepMemory() {}
