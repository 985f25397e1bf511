package lowering

import (
	"math"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
)

// The hash of [Bernoulli], by which kernels find it in a program: what is multiplied by, and by how many bits shifted between.
var (
	BernoulliFactors = [3]uint32{0xe3ce869d, 0xcae411c3, 0xe2181371}
	BernoulliShifts  = [2]int{16, 15}
)

// Bernoulli returns booleans of the given dimensions, each of them true with
// probability p, 0 < p < 1, to within 2^-32. They are a function of the GoMLX random state
// alone, the same on every engine.
//
// A generator of random bits costs XLA's CPU engine ten rounds of a cipher in
// loops of their own, and the bits are stored for the backward pass. Here a boolean is a hash of its position and of two keys: a
// few integer operations, which XLA computes inside the loops that use the booleans.
func Bernoulli(state *graph.Node, p float64, dims ...int) *graph.Node {
	g := state.Graph()
	key1, key2 := keys(state)
	size := 1
	for _, d := range dims {
		size *= d
	}
	// Multiplication carries a bit to those above it and the shift brings them down again.
	// The second key makes two draws two functions, not two stretches of one sequence.
	x := graph.Iota(g, shapes.Make(dtypes.Uint32, size), 0)
	x = graph.Add(graph.Mul(x, graph.Const(g, BernoulliFactors[0])), key1)
	x = graph.BitwiseXor(x, shiftRight(x, BernoulliShifts[0]))
	x = graph.Add(graph.Mul(x, graph.Const(g, BernoulliFactors[1])), key2)
	x = graph.BitwiseXor(x, shiftRight(x, BernoulliShifts[1]))
	// Only the uppermost bits decide, which the last multiplication has mixed.
	x = graph.Mul(x, graph.Const(g, BernoulliFactors[2]))
	bound := uint32(min(math.Round(p*(1<<32)), math.MaxUint32))
	return graph.Reshape(graph.LessThan(x, graph.Const(g, bound)), dims...)
}

// keys mixes a random state into two words, so that each of its bits changes half of theirs.
func keys(state *graph.Node) (*graph.Node, *graph.Node) {
	g := state.Graph()
	x := graph.Const(g, uint64(0))
	for i := range state.Shape().Dimensions[0] {
		x = graph.Add(x, graph.Reshape(graph.Slice(state, graph.AxisElem(i))))
		x = graph.Mul(x, graph.Const(g, uint64(0xbf58476d1ce4e5b9)))
		x = graph.BitwiseXor(x, shiftRight(x, 31))
		x = graph.Mul(x, graph.Const(g, uint64(0x94d049bb133111eb)))
		x = graph.BitwiseXor(x, shiftRight(x, 32))
	}
	low := graph.BitwiseAnd(x, graph.Const(g, uint64(math.MaxUint32)))
	return graph.ConvertDType(low, dtypes.Uint32), graph.ConvertDType(shiftRight(x, 32), dtypes.Uint32)
}

func shiftRight(x *graph.Node, bits int) *graph.Node {
	return graph.BitwiseShiftRightLogical(x, graph.Scalar(x.Graph(), x.DType(), bits))
}
