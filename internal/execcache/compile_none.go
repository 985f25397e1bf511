//go:build !(cgo && ((linux && (amd64 || arm64)) || (darwin && arm64)))

package execcache

import (
	"errors"

	"github.com/gomlx/compute"
)

// supported says why this program can't cache, or nil.
func supported() error { return errors.New("this program has no XLA") }

// Compile compiles what b holds.
func Compile(b compute.Builder, _ string) (compute.Executable, error) { return b.Compile() }
