package lowering

import (
	"slices"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
)

// Sampling says how [Sample] reads between the elements of an array and beyond its borders.
type Sampling struct {
	Linear bool    // a weighted mean of the neighbours, not the nearest one
	Mode   string  // beyond the borders: "constant", "nearest", "wrap", "reflect" (the border counts twice) or "mirror" (once)
	Fill   float64 // what "constant" reads there
}

// Modes lists what [Sampling] knows.
var Modes = []string{"constant", "mirror", "nearest", "reflect", "wrap"}

// Sample reads x of shape (batch, d1, …, dk, rest…) at coordinates: for each of the k axes a float array of shape (batch, out…). The
// result has the shape (batch, out…, rest…) and x's type.
func Sample(x *graph.Node, at []*graph.Node, how Sampling) *graph.Node {
	g, dims, out := x.Graph(), x.Shape().Dimensions, at[0].Shape().Dimensions
	k := len(at)
	rest, size, count := 1, 1, dims[0]
	for _, d := range dims[k+1:] {
		rest *= d
	}
	for _, d := range dims[1 : k+1] {
		size *= d
	}
	flat := graph.Reshape(x, count*size, rest)
	work := dtypes.Float32
	if x.DType() == dtypes.Float64 {
		work = dtypes.Float64
	}
	neighbours := make([][]neighbour, k)
	for i, c := range at {
		neighbours[i] = around(graph.ConvertDType(c, work), dims[1+i], how)
	}
	wide := append(slices.Clone(out), 1)
	spread := func(n *graph.Node) *graph.Node {
		return graph.BroadcastToDims(graph.Reshape(n, wide...), append(slices.Clone(out), rest)...)
	}
	var sum *graph.Node
	for _, corner := range corners(neighbours) {
		var index, valid, weight *graph.Node
		if count > 1 {
			index = graph.Iota(g, shapes.Make(dtypes.Int32, out...), 0)
		}
		for i, n := range corner {
			if index == nil {
				index = n.index
			} else {
				index = graph.Add(graph.MulScalar(index, dims[1+i]), n.index)
			}
			if n.valid != nil {
				valid = combine(graph.LogicalAnd, valid, n.valid)
			}
			if n.weight != nil {
				weight = combine(graph.Mul, weight, n.weight)
			}
		}
		part := graph.ConvertDType(graph.Gather(flat, graph.InsertAxes(index, -1)), work)
		if valid != nil {
			fill := graph.ConvertDType(graph.Scalar(g, x.DType(), how.Fill), work)
			part = graph.Where(spread(valid), part, graph.BroadcastToDims(fill, part.Shape().Dimensions...))
		}
		if weight != nil {
			part = graph.Mul(spread(weight), part)
		}
		sum = combine(graph.Add, sum, part)
	}
	if !x.DType().IsFloat() {
		sum = halfAway(graph.StopGradient(sum))
	}
	return graph.Reshape(graph.ConvertDType(sum, x.DType()), append(slices.Clone(out), dims[k+1:]...)...)
}

// neighbour is an element beside a coordinate: where it is, whether that is inside (nil: always), and how much it counts (nil: wholly).
type neighbour struct{ index, valid, weight *graph.Node }

func around(at *graph.Node, size int, how Sampling) []neighbour {
	if !how.Linear {
		return []neighbour{inside(graph.ConvertDType(halfAway(graph.StopGradient(at)), dtypes.Int32), size, how.Mode)}
	}
	floor := graph.Floor(graph.StopGradient(at))
	lower := graph.ConvertDType(floor, dtypes.Int32)
	upper := graph.Sub(at, floor)
	first, second := inside(lower, size, how.Mode), inside(graph.AddScalar(lower, 1), size, how.Mode)
	first.weight, second.weight = graph.OneMinus(upper), upper
	return []neighbour{first, second}
}

// inside brings an index into an axis.
func inside(index *graph.Node, size int, mode string) neighbour {
	var n neighbour
	switch {
	case mode == "constant":
		n.valid = graph.LogicalAnd(graph.GreaterOrEqual(index, graph.ScalarZero(index.Graph(), index.DType())),
			graph.LessThan(index, graph.Scalar(index.Graph(), index.DType(), size)))
	case mode == "wrap":
		index = modulo(index, size)
	case mode == "mirror" && size > 1:
		index = mirrored(index, size-1)
	case mode == "reflect":
		index = graph.DivScalar(graph.AddScalar(mirrored(graph.AddScalar(graph.MulScalar(index, 2), 1), 2*size), -1), 2)
	}
	n.index = graph.ClipScalar(index, 0, float64(size-1)) // what overflowed must not leave the array
	return n
}

// mirrored folds whole numbers at 0 and at last.
func mirrored(x *graph.Node, last int) *graph.Node {
	return graph.Abs(graph.AddScalar(modulo(graph.AddScalar(x, last), 2*last), -last))
}

// modulo is the remainder of the sign of n, as in Python.
func modulo(x *graph.Node, n int) *graph.Node {
	by := graph.Scalar(x.Graph(), x.DType(), n)
	return graph.Rem(graph.Add(graph.Rem(x, by), by), by)
}

// halfAway rounds to the nearest whole number, halves away from 0.
func halfAway(x *graph.Node) *graph.Node {
	size := graph.Abs(x)
	whole := graph.Floor(size)
	up := graph.GreaterOrEqual(graph.Sub(size, whole), graph.Scalar(x.Graph(), x.DType(), 0.5))
	whole = graph.Add(whole, graph.ConvertDType(up, x.DType()))
	return graph.Mul(graph.Sign(x), whole)
}

// corners are all ways to take one neighbour on each axis, the last axis changing first.
func corners(axes [][]neighbour) [][]neighbour {
	all := [][]neighbour{nil}
	for _, axis := range axes {
		var longer [][]neighbour
		for _, c := range all {
			for _, n := range axis {
				longer = append(longer, append(slices.Clone(c), n))
			}
		}
		all = longer
	}
	return all
}

func combine(op func(a, b *graph.Node) *graph.Node, a, b *graph.Node) *graph.Node {
	if a == nil {
		return b
	}
	return op(a, b)
}

// Affine moves the pixels of images (batch, height, width, channels): the one at (x, y) of the result is read at
// (a0·x + a1·y + a2, b0·x + b1·y + b2), for transforms (batch, 8) or (1, 8) of float32 [a0 a1 a2 b0 b1 b2 c0 c1]. As in Keras, c0 and c1 move
// the channels against each other; without byChannel they are taken for 0.
func Affine(images, transform *graph.Node, byChannel bool, how Sampling) *graph.Node {
	g, d := images.Graph(), images.Shape().Dimensions
	if transform.Shape().Dimensions[0] != d[0] {
		transform = graph.BroadcastToDims(transform, d[0], 8)
	}
	x := images
	grid := []int{d[0], d[1], d[2]}
	rows, columns := 1, 2
	if byChannel { // each channel is an image by itself
		x = graph.TransposeAllAxes(images, 0, 3, 1, 2)
		grid, rows, columns = []int{d[0], d[3], d[1], d[2]}, 2, 3
	}
	position := func(axis int) *graph.Node { return graph.Iota(g, shapes.Make(dtypes.Float32, grid...), axis) }
	factor := func(i int) *graph.Node {
		f := graph.Slice(transform, graph.AxisRange(), graph.AxisElem(i))
		f = graph.Reshape(f, append([]int{d[0]}, slices.Repeat([]int{1}, len(grid)-1)...)...)
		return graph.BroadcastToDims(f, grid...)
	}
	at := func(byX, byY, plus, byC int) *graph.Node {
		sum := graph.Add(graph.Mul(position(rows), factor(byY)), graph.Mul(position(columns), factor(byX)))
		if byChannel {
			sum = graph.Add(sum, graph.Mul(position(1), factor(byC)))
		}
		return graph.Add(sum, factor(plus))
	}
	atX, atY := at(0, 1, 2, 7), at(3, 4, 5, 6)
	if !byChannel {
		return Sample(x, []*graph.Node{atY, atX}, how)
	}
	flat := func(n *graph.Node) *graph.Node { return graph.Reshape(n, d[0]*d[3], d[1], d[2]) }
	y := Sample(flat(x), []*graph.Node{flat(atY), flat(atX)}, how)
	return graph.TransposeAllAxes(graph.Reshape(y, grid...), 0, 2, 3, 1)
}

// Perspective moves the pixels of images (batch, height, width, channels) so that those at start come to end, both float32 of shape
// (batch, 4, 2) or (1, 4, 2) with x and y of four points.
func Perspective(images, start, end *graph.Node, how Sampling) *graph.Node {
	g, d := images.Graph(), images.Shape().Dimensions
	h := homography(start, end)
	grid := []int{d[0], d[1], d[2]}
	position := func(axis int) *graph.Node { return graph.Iota(g, shapes.Make(dtypes.Float32, grid...), axis) }
	part := func(i int) *graph.Node {
		return graph.BroadcastToDims(graph.Reshape(h[i], h[i].Shape().Dimensions[0], 1, 1), grid...)
	}
	line := func(i int) *graph.Node {
		return graph.Add(graph.Add(graph.Mul(part(i), position(2)), graph.Mul(part(i+1), position(1))), part(i+2))
	}
	depth := line(6)
	return Sample(images, []*graph.Node{graph.Div(line(3), depth), graph.Div(line(0), depth)}, how)
}

// Project takes the points (x, y), arrays (batch, …), to where the pixels of images go that [Perspective] moves.
func Project(x, y, start, end *graph.Node) (*graph.Node, *graph.Node) {
	h := homography(end, start)
	dims := x.Shape().Dimensions
	part := func(i int) *graph.Node {
		shape := append([]int{dims[0]}, slices.Repeat([]int{1}, len(dims)-1)...)
		return graph.BroadcastToDims(graph.Reshape(h[i], shape...), dims...)
	}
	line := func(i int) *graph.Node {
		return graph.Add(graph.Add(graph.Mul(part(i), x), graph.Mul(part(i+1), y)), part(i+2))
	}
	depth := line(6)
	return graph.Div(line(0), depth), graph.Div(line(3), depth)
}

// homography is the matrix, row by row, that takes the points of end to those of start; its last number is 1. Four points are the
// images of a fixed frame under one matrix each, of which one is inverted.
func homography(start, end *graph.Node) [9]*graph.Node {
	a, b := frame(start), frame(end)
	back := adjugate(b)
	var h [9]*graph.Node
	for i := range 3 {
		for j := range 3 {
			for k := range 3 {
				h[3*i+j] = combine(graph.Add, h[3*i+j], graph.Mul(a[3*i+k], back[3*k+j]))
			}
		}
	}
	last := h[8]
	for i := range h {
		h[i] = graph.Div(h[i], last)
	}
	return h
}

// frame is the matrix that takes the three unit vectors and their sum to four points.
func frame(points *graph.Node) [9]*graph.Node {
	n := points.Shape().Dimensions[0]
	coordinate := func(point, i int) *graph.Node {
		return graph.Reshape(graph.Slice(points, graph.AxisRange(), graph.AxisElem(point), graph.AxisElem(i)), n)
	}
	var m [9]*graph.Node
	for p := range 3 {
		m[p], m[3+p] = coordinate(p, 0), coordinate(p, 1)
		m[6+p] = graph.OnesLike(m[p])
	}
	inverse := adjugate(m)
	for p := range 3 {
		weight := graph.Add(graph.Add(graph.Mul(inverse[3*p], coordinate(3, 0)), graph.Mul(inverse[3*p+1], coordinate(3, 1))), inverse[3*p+2])
		for i := range 3 {
			m[3*i+p] = graph.Mul(m[3*i+p], weight)
		}
	}
	return m
}

// adjugate is the inverse of a 3×3 matrix times its determinant.
func adjugate(m [9]*graph.Node) [9]*graph.Node {
	minor := func(a, b, c, d int) *graph.Node { return graph.Sub(graph.Mul(m[a], m[d]), graph.Mul(m[b], m[c])) }
	return [9]*graph.Node{
		minor(4, 5, 7, 8), minor(2, 1, 8, 7), minor(1, 2, 4, 5),
		minor(5, 3, 8, 6), minor(0, 2, 6, 8), minor(2, 0, 5, 3),
		minor(3, 4, 6, 7), minor(1, 0, 7, 6), minor(0, 1, 3, 4),
	}
}
