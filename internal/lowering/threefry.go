package lowering

import (
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
)

// Threefry returns random words of 32 bits of the given dimensions, fewer than 2^32, which are those that JAX draws for a key.
func Threefry(g *graph.Graph, key [2]uint32, dims ...int) *graph.Node {
	shape := shapes.Make(dtypes.Uint32, dims...)
	word := func(n uint32) *graph.Node { return graph.Const(g, n) }
	keys := [3]uint32{key[0], key[1], key[0] ^ key[1] ^ 0x1bd11bda}
	flat := graph.Iota(g, shapes.Make(dtypes.Uint32, shape.Size()), 0)
	a, b := graph.Add(graph.ZerosLike(flat), word(keys[0])), graph.Add(flat, word(keys[1]))
	rotations := [2][4]int{{13, 15, 26, 6}, {17, 29, 16, 24}}
	for i := range 5 {
		for _, by := range rotations[i%2] {
			a = graph.Add(a, b)
			left := graph.BitwiseShiftLeft(b, graph.Scalar(g, dtypes.Uint32, by))
			b = graph.BitwiseXor(a, graph.BitwiseOr(left, shiftRight(b, 32-by)))
		}
		a, b = graph.Add(a, word(keys[(i+1)%3])), graph.Add(b, word(keys[(i+2)%3]+uint32(i+1)))
	}
	return graph.Reshape(graph.BitwiseXor(a, b), dims...)
}
