package lowering

import (
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/backend"
)

// Kerneled is implemented by engines that make calls of kernels of some operations: of loops with a [Mark], of convolutions of each channel by itself.
type Kerneled interface {
	// HasKernels reports whether they do.
	HasKernels() bool
}

// HasKernels reports whether the graph's engine makes calls of kernels of such operations.
func HasKernels(g *graph.Graph) bool {
	t, ok := g.Backend().(Kerneled)
	return ok && backend.KindOf(g.Backend()) == backend.XLACPU && t.HasKernels()
}
