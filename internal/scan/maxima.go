package scan

import (
	"slices"

	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/internal/lowering"
)

// A kernel of maxima pays from so many values on, of which so many lie beside each other.
const (
	leastCompared = 1 << 13
	leastInner    = 8
)

// Largest is [lowering.Largest], by the engine's kernel if that takes the axes: some in the middle, as a global max-pooling has them.
func Largest(x *graph.Node, axes ...int) *graph.Node {
	outer, count, inner := around(x.Shape(), axes)
	if inner < leastInner || count < 2 || x.Shape().Size() < leastCompared || !takes(x) {
		return lowering.Largest(x, axes...)
	}
	o := once{
		layer: lowering.Maxima,
		plain: func(of, _ []*graph.Node) *graph.Node { return lowering.Largest(of[0], 1) },
		of:    []lowering.Role{lowering.X}, gradients: []lowering.Role{lowering.DX},
	}
	y := o.run(shapes.Make(x.DType(), outer, inner), graph.Reshape(x, outer, count, inner))
	kept := slices.Clone(x.Shape().Dimensions)
	first := slices.Min(axes)
	return graph.Reshape(y, slices.Delete(kept, first, first+len(axes))...)
}

// around are the sizes of what lies before, in and behind axes that follow each other; zeros if they don't.
func around(s shapes.Shape, axes []int) (outer, count, inner int) {
	if len(axes) == 0 || slices.Min(axes) < 0 {
		return 0, 0, 0
	}
	first, last := slices.Min(axes), slices.Max(axes)
	if last-first+1 != len(axes) || last >= s.Rank() {
		return 0, 0, 0
	}
	outer, count, inner = 1, 1, 1
	for axis, n := range s.Dimensions {
		switch {
		case axis < first:
			outer *= n
		case axis > last:
			inner *= n
		default:
			count *= n
		}
	}
	return outer, count, inner
}
