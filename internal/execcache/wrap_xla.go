//go:build cgo && ((linux && (amd64 || arm64)) || (darwin && arm64))

package execcache

import (
	"github.com/gomlx/compute"
	"github.com/gomlx/go-xla/compute/xla"
)

// Wrap returns an engine whose graphs are compiled by [Compile]. It is for building graphs only: what they run on, and all buffers, are the inner
// engine's. Engines other than XLA's, which compile fast, are returned as they are.
func Wrap(engine compute.Backend) compute.Backend {
	if inner, ok := engine.(*xla.Backend); ok {
		return cachedEngine{inner}
	}
	return engine
}

type cachedEngine struct{ *xla.Backend }

func (e cachedEngine) Builder(name string) compute.Builder {
	inner := e.Backend.Builder(name)
	if inner == nil {
		return nil
	}
	return cachedBuilder{inner}
}

type cachedBuilder struct{ compute.Builder }

func (b cachedBuilder) Compile() (compute.Executable, error) { return Compile(b.Builder, "") }
