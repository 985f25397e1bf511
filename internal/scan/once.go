package scan

import (
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/internal/lowering"
)

// once is a layer that an engine's kernel computes. In the graph it is a loop of one turn, and its gradient another one, whose marks let the engine
// replace them.
type once struct {
	layer lowering.Layer
	// plain computes the layer from what has gradients and from the others.
	plain func(of []*graph.Node, others []*graph.Node) *graph.Node
	// roles of what has gradients, and of these.
	of, gradients []lowering.Role
	others        []part
}

// part is something that a layer is computed from.
type part struct {
	role lowering.Role
	x    *graph.Node // nil if it isn't there
}

// takes reports whether the engine has kernels, and x is what they take. Inside a loop's body programs call none.
func takes(x ...*graph.Node) bool {
	if !x[0].Graph().IsMainFunc() {
		return false
	}
	for _, x := range x {
		if x.DType() != dtypes.Float32 || x.Shape().Size() == 0 {
			return false
		}
	}
	return lowering.HasKernels(x[0].Graph()) && loops(x[0].Graph())
}

// run computes the layer, whose result has that shape.
func (o once) run(shape shapes.Shape, of ...*graph.Node) *graph.Node {
	plain := func(of, others []*graph.Node) []*graph.Node { return []*graph.Node{o.plain(of, others)} }
	y := o.loop(false, o.of, of, []lowering.Role{lowering.Outputs}, []shapes.Shape{shape}, plain)[0]
	return lowering.WithGradient(y, func(dy *graph.Node) []*graph.Node { return o.gradient(append(of[:len(of):len(of)], dy)) }, of...)
}

// gradient computes the gradients from what has them and that for the result. They have gradients, too: those of the plain form.
func (o once) gradient(of []*graph.Node) []*graph.Node {
	made := make([]shapes.Shape, len(o.of))
	for i := range made {
		made[i] = of[i].Shape()
	}
	results := o.loop(true, append(o.of[:len(o.of):len(o.of)], lowering.DOutputs), of, o.gradients, made, o.plainGradient)
	for i, d := range results {
		results[i] = lowering.WithGradient(d, func(dd *graph.Node) []*graph.Node {
			own := copies(of)
			return graph.Gradient(graph.ReduceAllSum(graph.Mul(o.plainGradient(own, o.there())[i], dd)), own...)
		}, of...)
	}
	return results
}

func (o once) plainGradient(of, others []*graph.Node) []*graph.Node {
	own := copies(of)
	return graph.Gradient(graph.ReduceAllSum(graph.Mul(o.plain(own[:len(o.of)], others), own[len(o.of)])), own[:len(o.of)]...)
}

// copies are nodes on which nothing else depends: those they are of may depend on each other, which is none of their gradients' concern.
func copies(of []*graph.Node) []*graph.Node {
	own := make([]*graph.Node, len(of))
	for i, x := range of {
		own[i] = graph.IdentityWithCustomGradient(x, func(_, dy *graph.Node) *graph.Node { return dy })
	}
	return own
}

// there are the others, nil for those that aren't there.
func (o once) there() (list []*graph.Node) {
	for _, p := range o.others {
		list = append(list, p.x)
	}
	return list
}

// loop is a loop of one turn that computes results of those roles and shapes; what stands for it if there can be no such loop.
func (o once) loop(gradient bool, roles []lowering.Role, of []*graph.Node, made []lowering.Role, shape []shapes.Shape, compute func(of, others []*graph.Node) []*graph.Node) []*graph.Node {
	g := of[0].Graph()
	mark := lowering.Mark{Layer: o.layer, Gradient: gradient, Roles: append([]lowering.Role{lowering.NoRole}, roles...)}
	state := append([]*graph.Node{graph.Const(g, int32(0))}, of...)
	for _, p := range o.others {
		if p.x != nil {
			state, mark.Roles = append(state, p.x), append(mark.Roles, p.role)
		}
	}
	first := len(state)
	mark.Roles = append(mark.Roles, made...)
	for _, s := range shape {
		state = append(state, graph.Zeros(g, s))
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
		next[0] = graph.AddScalar(next[0], 1)
		var others []*graph.Node
		at := 1 + len(of)
		for _, p := range o.others {
			others = append(others, nil)
			if p.x != nil {
				others[len(others)-1] = next[at]
				at++
			}
		}
		copy(next[first:], compute(next[1:1+len(of)], others))
		return next
	})
	if err != nil {
		return compute(of, o.there())
	}
	more, err := apart(g, func(g *graph.Graph) []*graph.Node {
		return []*graph.Node{graph.LessThan(parameters(g)[0], graph.Const(g, int32(1)))}
	})
	if err != nil {
		return compute(of, o.there())
	}
	return graph.While(more, body, state...)[first : first+len(made)]
}
