package lowering

import (
	"strings"

	"github.com/gomlx/compute/gobackend"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/internal/goengine"
)

type engine int

const (
	otherEngine engine = iota
	goEngine           // GoMLX's, without internal/goengine
	ownEngine          // internal/goengine
	xlaCPU
)

// engineOf tells which engine the graph of x will run on.
func engineOf(x *graph.Node) engine {
	b := x.Graph().Backend()
	if _, ok := b.(*goengine.Backend); ok {
		return ownEngine
	}
	if b.String() == gobackend.BackendName {
		return goEngine
	}
	if p, ok := b.(interface{ PluginName() string }); ok && strings.Contains(strings.ToLower(p.PluginName()), "cpu") {
		return xlaCPU
	}
	return otherEngine
}
