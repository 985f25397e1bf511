package lowering

import (
	"slices"

	"github.com/gomlx/gomlx/core/graph"
)

// ConvolutionND is a convolution along one, two or three axes: of x (batch, …, channels), or (batch, channels, …) with ChannelsFirst, by
// a kernel (…, channels / groups, filters). Engines are fast at images, so the other ranks become convolutions of images.
type ConvolutionND struct {
	ChannelsFirst      bool
	Strides, Dilations []int
	Paddings           [][2]int
	Groups             int
}

// first is the first of the axes that the kernel moves along.
func (c ConvolutionND) first() int {
	if c.ChannelsFirst {
		return 2
	}
	return 1
}

// Apply computes the convolution of x by kernel.
func (c ConvolutionND) Apply(x, kernel *graph.Node) *graph.Node {
	switch len(c.Strides) {
	case 1: // an image of one row
		y := c.last2(slices.Insert(slices.Clone(c.Strides), 0, 1), slices.Insert(slices.Clone(c.Dilations), 0, 1), slices.Insert(slices.Clone(c.Paddings), 0, [2]int{})).
			Apply(graph.InsertAxes(x, c.first()), graph.InsertAxes(kernel, 0))
		return graph.Squeeze(y, c.first())
	case 2:
		return c.last2(c.Strides, c.Dilations, c.Paddings).Apply(x, kernel)
	}
	return c.volumes(x, kernel)
}

// last2 is the convolution along the last two of these axes.
func (c ConvolutionND) last2(strides, dilations []int, paddings [][2]int) Convolution {
	n := len(strides)
	return Convolution{ChannelsFirst: c.ChannelsFirst, Groups: c.Groups,
		Strides: [2]int(strides[n-2:]), Dilations: [2]int(dilations[n-2:]), Paddings: [2][2]int(paddings[n-2:])}
}

// volumes computes a convolution along three axes: the slices along the first are images, and so are the kernel's; for each of the latter there is a
// convolution of the slices that it meets, and their sum is the result.
func (c ConvolutionND) volumes(x, kernel *graph.Node) *graph.Node {
	if c.ChannelsFirst {
		x = graph.TransposeAllAxes(x, 0, 2, 1, 3, 4)
	}
	const depth = 1
	x = padAxis(x, depth, c.Paddings[0][0], c.Paddings[0][1])
	images := c.last2(c.Strides, c.Dilations, c.Paddings)
	size := kernel.Shape().Dimensions[0]
	count := (x.Shape().Dimensions[depth]-(size-1)*c.Dilations[0]-1)/c.Strides[0] + 1
	var sum *graph.Node
	for k := range size {
		part := strided(x, depth, k*c.Dilations[0], count, c.Strides[0])
		dims := part.Shape().Dimensions
		y := images.Apply(graph.Reshape(part, append([]int{dims[0] * dims[1]}, dims[2:]...)...), graph.Squeeze(graph.Slice(kernel, graph.AxisElem(k)), 0))
		if sum == nil {
			sum = y
		} else {
			sum = graph.Add(sum, y)
		}
	}
	dims := sum.Shape().Dimensions
	y := graph.Reshape(sum, append([]int{dims[0] / count, count}, dims[1:]...)...)
	if c.ChannelsFirst {
		y = graph.TransposeAllAxes(y, 0, 2, 1, 3, 4)
	}
	return y
}

// strided takes count elements of an axis, the first at start.
func strided(x *graph.Node, axis, start, count, stride int) *graph.Node {
	spec := graph.AxisRange(start, start+(count-1)*stride+1)
	if stride > 1 {
		spec = spec.Stride(stride)
	}
	return graph.SliceAxis(x, axis, spec)
}

// padAxis adds zeros before and after the elements of an axis.
func padAxis(x *graph.Node, axis, before, after int) *graph.Node {
	if before == 0 && after == 0 {
		return x
	}
	pads := make([]graph.PadAxis, x.Rank())
	pads[axis] = graph.PadAxis{Start: before, End: after}
	return graph.Pad(x, graph.ScalarZero(x.Graph(), x.DType()), pads...)
}
