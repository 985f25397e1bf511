package lowering

import (
	"strings"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
)

type engine int

const (
	otherEngine engine = iota // the pure-Go engine too: internal/goengine has kernels for what is slow
	xlaCPU
)

// engineOf tells which engine the graph of x will run on.
func engineOf(x *graph.Node) engine { return kindOf(x.Graph().Backend()) }

func kindOf(b compute.Backend) engine {
	if c, ok := b.(compiler); ok {
		b = c.Backend
	}
	if p, ok := b.(interface{ PluginName() string }); ok && strings.Contains(strings.ToLower(p.PluginName()), "cpu") {
		return xlaCPU
	}
	return otherEngine
}
