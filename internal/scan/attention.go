package scan

import (
	"math"
	"slices"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/internal/lowering"
)

// Attention weighs values by the softmax of the products of queries and keys: q (batch, steps, heads, size), k (batch, sources, heads, size), v (batch, sources,
// heads, value size) give (batch, steps, heads, value size).
type Attention struct {
	Scale  float64     // of the products
	Mask   *graph.Node // bools that broadcast to (batch, heads, steps, sources), nil for all: which sources count. A step without any takes all alike
	Factor *graph.Node // (batch, heads, steps, sources), nil for ones: what the weights are multiplied with. It gets no gradient
}

// Run computes it, by the engine's kernel if that [Attention.Takes] it.
func (a Attention) Run(q, k, v *graph.Node) *graph.Node {
	if !a.Takes(q, k, v) {
		return a.Plain(q, k, v)
	}
	loop := a.once(false, q, k, v)
	if loop == nil {
		return a.Plain(q, k, v)
	}
	return lowering.WithGradient(loop[0], func(dy *graph.Node) []*graph.Node { return a.gradient(q, k, v, dy) }, q, k, v)
}

// Takes reports whether the engine has a kernel for it.
func (a Attention) Takes(q, k, v *graph.Node) bool {
	for _, x := range []*graph.Node{q, k, v} {
		if x.DType() != dtypes.Float32 || x.Rank() != 4 || x.Shape().Size() == 0 {
			return false
		}
	}
	g := q.Graph()
	return (a.Mask == nil || a.Mask.DType() == dtypes.Bool && a.Mask.Rank() == 4) && lowering.HasKernels(g) && loops(g)
}

// gradient returns the gradients for q, k and v. They have gradients, too: those of the plain form.
func (a Attention) gradient(q, k, v, dy *graph.Node) []*graph.Node {
	of := []*graph.Node{q, k, v, dy}
	results := a.once(true, of...)
	if results == nil {
		return a.plainGradient(of)
	}
	for i, d := range results {
		results[i] = lowering.WithGradient(d, func(dd *graph.Node) []*graph.Node {
			own := copies(of)
			return graph.Gradient(graph.ReduceAllSum(graph.Mul(a.plainGradient(own)[i], dd)), own...)
		}, of...)
	}
	return results
}

// Plain computes the same without a kernel.
func (a Attention) Plain(q, k, v *graph.Node) *graph.Node {
	heads := []int{0, 2}
	scores := graph.MulScalar(graph.DotGeneral(q, []int{3}, heads, k, []int{3}, heads), a.Scale) // (batch, heads, steps, sources)
	if a.Mask != nil {
		dims := scores.Shape().Dimensions
		far := graph.BroadcastToDims(graph.Scalar(q.Graph(), scores.DType(), -0.7*math.MaxFloat32), dims...)
		scores = graph.Where(graph.BroadcastToDims(a.Mask, dims...), scores, far)
	}
	weights := graph.Softmax(scores, -1)
	if a.Factor != nil {
		weights = graph.Mul(weights, a.Factor)
	}
	y := graph.DotGeneral(weights, []int{3}, []int{0, 1}, v, []int{1}, heads) // (batch, heads, steps, value size)
	return graph.TransposeAllAxes(y, 0, 2, 1, 3)
}

func (a Attention) plainGradient(of []*graph.Node) []*graph.Node {
	own := copies(of)
	return graph.Gradient(graph.ReduceAllSum(graph.Mul(a.Plain(own[0], own[1], own[2]), own[3])), own[:3]...)
}

// copies are nodes on which nothing else depends: those they are of may depend on each other, which is none of their gradients' concern.
func copies(of []*graph.Node) []*graph.Node {
	own := make([]*graph.Node, len(of))
	for i, x := range of {
		own[i] = graph.IdentityWithCustomGradient(x, func(_, dy *graph.Node) *graph.Node { return dy })
	}
	return own
}

// once computes the attention of q, k and v, or its gradient from these and dy, in a loop of one turn, which a mark lets the engine replace by its kernel;
// nil if there can be no such loop.
func (a Attention) once(gradient bool, of ...*graph.Node) []*graph.Node {
	g := of[0].Graph()
	mark := lowering.Mark{Layer: lowering.Attention, Gradient: gradient, Roles: []lowering.Role{lowering.NoRole, lowering.Query, lowering.Key, lowering.Value}}
	made := []shapes.Shape{shapes.Make(dtypes.Float32, append(slices.Clone(of[0].Shape().Dimensions[:3]), of[2].Shape().Dimensions[3])...)}
	results := []lowering.Role{lowering.Outputs}
	if gradient {
		mark.Roles = append(mark.Roles, lowering.DOutputs)
		made = []shapes.Shape{of[0].Shape(), of[1].Shape(), of[2].Shape()}
		results = []lowering.Role{lowering.DQuery, lowering.DKey, lowering.DValue}
	}
	state := append([]*graph.Node{graph.Const(g, int32(0))}, of...)
	state, mark.Roles = append(state, graph.Const(g, float32(a.Scale))), append(mark.Roles, lowering.Scale)
	for _, part := range []struct {
		x    *graph.Node
		role lowering.Role
	}{{a.Mask, lowering.StepMask}, {a.Factor, lowering.Factor}} {
		if part.x != nil {
			state, mark.Roles = append(state, part.x), append(mark.Roles, part.role)
		}
	}
	first := len(state)
	mark.Roles = append(mark.Roles, results...)
	for _, shape := range made {
		state = append(state, graph.Zeros(g, shape))
	}
	state = append(state, graph.Const(g, mark.Numbers()))

	parameters := func(g *graph.Graph) (list []*graph.Node) {
		for i, x := range state {
			list = append(list, parameter(g, i, x.Shape()))
		}
		return list
	}
	body, err := apart(g, func(g *graph.Graph) []*graph.Node {
		next := parameters(g)
		inside := Attention{Scale: a.Scale}
		if i := slices.Index(mark.Roles, lowering.StepMask); i >= 0 {
			inside.Mask = next[i]
		}
		if i := slices.Index(mark.Roles, lowering.Factor); i >= 0 {
			inside.Factor = next[i]
		}
		next[0] = graph.AddScalar(next[0], 1)
		if gradient {
			copy(next[first:], inside.plainGradient(next[1:5]))
		} else {
			next[first] = inside.Plain(next[1], next[2], next[3])
		}
		return next
	})
	if err != nil {
		return nil
	}
	more, err := apart(g, func(g *graph.Graph) []*graph.Node {
		return []*graph.Node{graph.LessThan(parameters(g)[0], graph.Const(g, int32(1)))}
	})
	if err != nil {
		return nil
	}
	return graph.While(more, body, state...)[first : first+len(made)]
}
