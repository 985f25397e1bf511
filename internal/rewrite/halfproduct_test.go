package rewrite

import (
	"math"
	"testing"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/internal/golden"
)

// TestHalfProducts has an infinite number stay with its own sample, on every engine, in the program and in a loop inside it, and sums of many
// numbers keep their digits.
func TestHalfProducts(t *testing.T) {
	many := make([]float32, 1<<14)
	for i := range many {
		many[i] = 1.0 / (1 << 7)
	}
	for _, e := range golden.Engines(t) {
		for _, dtype := range []dtypes.DType{dtypes.Float16, dtypes.BFloat16} {
			t.Run(e.Name+" "+dtype.String(), func(t *testing.T) {
				out, err := graph.CallOnceN(Compiler(e.Backend), func(x, w, long *graph.Node) []*graph.Node {
					x, w, long = graph.ConvertDType(x, dtype), graph.ConvertDType(w, dtype), graph.ConvertDType(long, dtype)
					return []*graph.Node{graph.Dot(x, w).Product(), graph.Dot(long, long).Product(), inLoop(x, w)}
				}, [][]float32{{float32(math.Inf(1)), 1}, {1, 2}}, [][]float32{{1, -2}, {3, 4}}, many)
				require.NoError(t, err)
				require.Equal(t, []float64{math.Inf(1), math.Inf(-1), 7, 6}, golden.Floats(t, out[0]))
				require.Equal(t, []float64{math.Inf(1), math.Inf(-1), 7, 6}, golden.Floats(t, out[2]))
				require.InEpsilon(t, 1, golden.Floats(t, out[1])[0], 1e-2)
			})
		}
	}
}

// inLoop multiplies in the one turn of a loop.
func inLoop(x, w *graph.Node) *graph.Node {
	g := x.Graph()
	var n, a, b *graph.Node
	parameters := func(g *graph.Graph) {
		n, a, b = graph.Parameter(g, "n", shapes.Make(dtypes.Int32)), graph.Parameter(g, "a", x.Shape()), graph.Parameter(g, "b", w.Shape())
	}
	condition := graph.NewClosure(g, func(g *graph.Graph) []*graph.Node {
		parameters(g)
		return []*graph.Node{graph.LessThan(n, graph.Const(g, int32(1)))}
	})
	body := graph.NewClosure(g, func(g *graph.Graph) []*graph.Node {
		parameters(g)
		return []*graph.Node{graph.Add(n, graph.Const(g, int32(1))), graph.Dot(a, b).Product(), b}
	})
	return graph.While(condition, body, graph.Const(g, int32(0)), x, w)[1]
}
