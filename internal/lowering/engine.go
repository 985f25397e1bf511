package lowering

import (
	"strings"

	"github.com/gomlx/gomlx/core/graph"
)

type engine int

const (
	otherEngine engine = iota // the pure-Go engine too: internal/goengine has kernels for what is slow
	xlaCPU
)

// engineOf tells which engine the graph of x will run on.
func engineOf(x *graph.Node) engine {
	if p, ok := x.Graph().Backend().(interface{ PluginName() string }); ok && strings.Contains(strings.ToLower(p.PluginName()), "cpu") {
		return xlaCPU
	}
	return otherEngine
}
