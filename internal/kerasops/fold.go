package kerasops

import (
	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
)

func init() {
	define("nn", "Fold", "x", "output_size kernel_size dilation=1 padding=0 stride=1", func(c *call) []Spec {
		s := c.typed("x", resolved)
		w, size, out := c.folding(s.Shape)
		channels := None
		if d := s.Shape[1]; d != None {
			if n := w.sizes[0] * w.sizes[1]; d%n != 0 {
				fail("the second dimension of the input (%d) must be divisible by kernel_size product (%d)", d, n)
			}
			channels = d / (w.sizes[0] * w.sizes[1])
		}
		if d := s.Shape[2]; d != None && d != out[0]*out[1] {
			fail("got %d windows, want %d·%d", d, out[0], out[1])
		}
		return []Spec{{[]int{s.Shape[0], channels, size[0], size[1]}, s.DType}}
	}, func(c *call) []*graph.Node {
		x := c.node("x")
		w, size, out := c.folding(x.Shape().Dimensions)
		batch := x.Shape().Dimensions[0]
		x = graph.Reshape(x, batch, -1, w.sizes[0], w.sizes[1], out[0], out[1])
		var sum *graph.Node
		for i := range w.sizes[0] {
			for j := range w.sizes[1] {
				part := graph.Reshape(windowPart(x, i, j), batch, -1, out[0], out[1])
				pads := make([]compute.PadAxis, 4)
				for a, k := range []int{i, j} {
					used := (out[a]-1)*w.strides[a] + 1
					start := k * w.dilations[a]
					pads[2+a] = compute.PadAxis{Start: start, Interior: w.strides[a] - 1, End: size[a] + 2*w.pads[a][0] - used - start}
				}
				if part = graph.Pad(part, graph.ScalarZero(c.g, part.DType()), pads...); sum == nil {
					sum = part
				} else {
					sum = graph.Add(sum, part)
				}
			}
		}
		for a := range 2 {
			sum = cut(sum, 2+a, w.pads[a][0], w.pads[a][0]+size[a])
		}
		return []*graph.Node{sum}
	})
}

// windowPart is the part of windows laid out as (batch, channels, rows, columns, …) at a row and a column.
func windowPart(x *graph.Node, row, column int) *graph.Node {
	return cut(cut(x, 2, row, row+1), 3, column, column+1)
}

// folding reads the arguments of Fold: the window, the size of the images, and how many windows there are along each axis.
func (c *call) folding(shape []int) (w *window, size, out []int) {
	if len(shape) != 3 {
		fail("got a tensor of shape %s, want (batch, channels·height·width of a window, windows)", ShapeText(shape))
	}
	size = c.perAxis("output_size", 2, nil)
	w = c.unfolding([]int{1, 1, size[0], size[1]})
	return w, size, w.output([]int{1, 1, size[0], size[1]}, 1)[2:]
}
