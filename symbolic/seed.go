package symbolic

import (
	"slices"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
)

// NewSeedState makes the state of a random generator that belongs to no layer; a nil seed is drawn from the session.
func NewSeedState(seed *int) *Weight { return newSeedState(nil, seed) }

// newSeedState makes the state of a random layer's generator, laid out as
// Keras's SeedGenerator keeps and saves it: two uint32, the seed and the
// number of draws so far.
func newSeedState(owner *BaseLayer, seed *int) *Weight {
	first := uint32(nextSeed())
	if seed != nil {
		first = uint32(*seed)
	}
	w := &Weight{order: order.Add(1), owner: owner, path: "seed_generator/seed_generator_state", spec: WeightSpec{
		Name: "seed_generator_state", Shape: []int{2}, DType: dtypes.Uint32, NonTrainable: true}}
	w.fill = func() (*tensors.Tensor, error) {
		return tensors.FromFlatDataAndDimensions([]uint32{first, 0}, 2), nil
	}
	return w
}

// isSeed reports whether the weight is the state of a random generator.
func (w *Weight) isSeed() bool {
	return w.owner != nil && slices.Contains(w.owner.seeds, w)
}

// drawSeed returns a GoMLX random state for one draw and the generator's next state.
func drawSeed(state *graph.Node) (rng, next *graph.Node) {
	g := state.Graph()
	next = graph.Add(state, graph.Const(g, []uint32{0, 1}))
	seed := graph.ConvertDType(graph.Slice(state, graph.AxisRange(0, 1)), dtypes.Uint64)
	draw := graph.ConvertDType(graph.Slice(state, graph.AxisRange(1, 2)), dtypes.Uint64)
	// Odd multipliers spread small seeds and counts over all the bits of the state.
	mix := func(x *graph.Node, factor uint64) *graph.Node {
		return graph.Mul(x, graph.Const(g, []uint64{factor}))
	}
	rng = graph.Concatenate([]*graph.Node{
		graph.Add(mix(seed, 0x9e3779b97f4a7c15), graph.Const(g, []uint64{0xbf58476d1ce4e5b9})),
		mix(graph.Add(draw, graph.Const(g, []uint64{1})), 0xd1342543de82ef95),
		graph.Add(mix(seed, 0x94d049bb133111eb), mix(draw, 0xda942042e4dd58b5)),
	}, 0)
	return rng, next
}
