package scan

import (
	"math"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/internal/lowering"
)

// Attention weighs values by the softmax of the products of queries and keys: q (batch, steps, heads, size), k (batch, sources, heads, size), v (batch, sources,
// heads, value size) give (batch, steps, heads, value size), of v's type.
type Attention struct {
	Scale  float64     // of the products
	Mask   *graph.Node // bools that broadcast to (batch, heads, steps, sources), nil for all: which sources count. A step without any takes all alike
	Factor *graph.Node // (batch, heads, steps, sources), nil for ones: what the weights are multiplied with. It gets no gradient
}

// Run computes it, by the engine's kernel if that [Attention.Takes] it.
func (a Attention) Run(q, k, v *graph.Node) *graph.Node {
	if !a.Takes(q, k, v) {
		return a.plain(q, k, v)
	}
	o := once{
		layer: lowering.Attention,
		plain: func(of, others []*graph.Node) *graph.Node {
			return Attention{a.Scale, others[1], others[2]}.plain(of[0], of[1], of[2])
		},
		of: []lowering.Role{lowering.Query, lowering.Key, lowering.Value}, gradients: []lowering.Role{lowering.DQuery, lowering.DKey, lowering.DValue},
		others: []part{{lowering.Number, graph.Const(q.Graph(), float32(a.Scale))}, {lowering.StepMask, a.Mask}, {lowering.Factor, a.Factor}},
	}
	dims := q.Shape().Dimensions
	return o.run(shapes.Make(dtypes.Float32, dims[0], dims[1], dims[2], v.Shape().Dimensions[3]), q, k, v)
}

// Takes reports whether the engine has a kernel for it.
func (a Attention) Takes(q, k, v *graph.Node) bool {
	fits := q.Rank() == 4 && k.Rank() == 4 && v.Rank() == 4 && (a.Mask == nil || a.Mask.DType() == dtypes.Bool && a.Mask.Rank() == 4)
	return fits && takes(q, k, v)
}

func (a Attention) plain(q, k, v *graph.Node) *graph.Node {
	heads := []int{0, 2}
	scores := graph.MulScalar(graph.DotGeneral(q, []int{3}, heads, k, []int{3}, heads), a.Scale) // (batch, heads, steps, sources)
	if a.Mask != nil {
		dims := scores.Shape().Dimensions
		far := graph.BroadcastToDims(graph.Scalar(q.Graph(), scores.DType(), -0.7*math.MaxFloat32), dims...)
		scores = graph.Where(graph.BroadcastToDims(a.Mask, dims...), scores, far)
	}
	weights := graph.ConvertDType(graph.Softmax(scores, -1), v.DType())
	if a.Factor != nil {
		weights = graph.Mul(weights, a.Factor)
	}
	y := graph.DotGeneral(weights, []int{3}, []int{0, 1}, v, []int{1}, heads) // (batch, heads, steps, value size)
	return graph.TransposeAllAxes(y, 0, 2, 1, 3)
}
