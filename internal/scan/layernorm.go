package scan

import (
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/internal/lowering"
)

// LayerNormalization gives each row of x (rows, columns) the mean beta and the standard deviation gamma, both (columns).
type LayerNormalization struct {
	Epsilon float64 // that is added to the variance
}

// Takes reports whether the engine has a kernel for it.
func (n LayerNormalization) Takes(x *graph.Node) bool { return takes(x) }

// Run computes it, by the engine's kernel if that takes it.
func (n LayerNormalization) Run(x, gamma, beta *graph.Node) *graph.Node {
	if !n.Takes(x) {
		return n.plain(x, gamma, beta)
	}
	o := once{
		layer: lowering.LayerNormalization,
		plain: func(of, _ []*graph.Node) *graph.Node { return n.plain(of[0], of[1], of[2]) },
		of:    []lowering.Role{lowering.X, lowering.Gamma, lowering.Beta}, gradients: []lowering.Role{lowering.DX, lowering.DGamma, lowering.DBeta},
		others: []part{{lowering.Number, graph.Const(x.Graph(), float32(n.Epsilon))}},
	}
	return o.run(x.Shape(), x, gamma, beta)
}

func (n LayerNormalization) plain(x, gamma, beta *graph.Node) *graph.Node {
	mean := graph.ReduceAndKeep(x, graph.ReduceMean, -1)
	variance := graph.ReduceAndKeep(graph.Square(graph.Sub(x, mean)), graph.ReduceMean, -1)
	factor := graph.Mul(graph.Reciprocal(graph.Sqrt(graph.AddScalar(variance, n.Epsilon))), graph.ExpandLeftToRank(gamma, 2)) // graph.Rsqrt has no gradient
	return graph.Add(graph.Mul(x, factor), graph.Sub(graph.ExpandLeftToRank(beta, 2), graph.Mul(mean, factor)))
}
