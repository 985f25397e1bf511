package lowering

import (
	"slices"

	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
)

// Convolution is a two-dimensional convolution of images (batch, height,
// width, channels), or (batch, channels, height, width) with ChannelsFirst, by a kernel
// (height, width, channels / groups, filters).
type Convolution struct {
	ChannelsFirst bool
	Strides       [2]int
	Dilations     [2]int
	Paddings      [2][2]int
	Groups        int
}

// Apply computes the convolution of x by kernel.
func (c Convolution) Apply(x, kernel *graph.Node) *graph.Node {
	if engineOf(x) == goEngine && !c.ChannelsFirst && c.Groups == 1 {
		return c.asDot(x, kernel)
	}
	return c.plain(x, kernel)
}

// plain is GoMLX's convolution with a right gradient: its own shifts the
// gradient of x by one where the kernel, with its gaps, covers an even number of elements.
func (c Convolution) plain(x, kernel *graph.Node) *graph.Node {
	channels, height := 3, 1
	if c.ChannelsFirst {
		channels, height = 1, 2
	}
	image := []int{height, height + 1}
	axes := graph.ConvolveAxesConfig{
		InputBatch: 0, InputChannels: channels, InputSpatial: image,
		KernelInputChannels: 2, KernelOutputChannels: 3, KernelSpatial: []int{0, 1},
		OutputBatch: 0, OutputChannels: channels, OutputSpatial: image,
	}
	conv := func(kernel *graph.Node, paddings [][2]int) *graph.Node {
		return graph.ConvGeneral(x, kernel, axes, c.Strides[:], paddings, nil, c.Dilations[:], c.Groups, 1)
	}
	zeros := make([]graph.PadAxis, kernel.Rank())
	wider := slices.Clone(c.Paddings[:])
	even := false
	for i := range 2 {
		if c.span(kernel, i)%2 == 0 {
			even = true
			zeros[i].End = 1
			wider[i][1] += c.Dilations[i]
		}
	}
	if !even {
		return conv(kernel, c.Paddings[:])
	}
	y, _ := graph.InternalFusedOpCaller(
		func() *graph.Node { return conv(kernel, c.Paddings[:]) },
		// The gradient is taken of the same convolution by a kernel that ends in zeros.
		func() *graph.Node {
			return conv(graph.Pad(kernel, graph.ScalarZero(kernel.Graph(), kernel.DType()), zeros...), wider)
		}, true)
	return y
}

// span is the kernel's size along an axis of the image, with its gaps.
func (c Convolution) span(kernel *graph.Node, axis int) int {
	return (kernel.Shape().Dimensions[axis]-1)*c.Dilations[axis] + 1
}

// asDot multiplies the matrix of all patches of x by the kernel: the pure-Go
// engine's loops over windows take many times as long.
func (c Convolution) asDot(x, kernel *graph.Node) *graph.Node {
	k := kernel.Shape().Dimensions
	padded, out := c.pad(x, kernel)
	var patches []*graph.Node
	for row := range k[0] {
		for column := range k[1] {
			patches = append(patches, c.shifted(padded, row, column, out))
		}
	}
	all := patches[0]
	if len(patches) > 1 {
		all = graph.Concatenate(patches, 3)
	}
	size := k[0] * k[1] * k[2]
	rows := x.Shape().Dimensions[0] * out[0] * out[1]
	y := graph.Dot(graph.Reshape(all, rows, size), graph.Reshape(kernel, size, k[3])).Product()
	return graph.Reshape(y, x.Shape().Dimensions[0], out[0], out[1], k[3])
}

// pad adds the zeros around the images, by concatenation: the pure-Go engine has no gradient of Pad. It also returns the
// output's height and width.
func (c Convolution) pad(x, kernel *graph.Node) (padded *graph.Node, out [2]int) {
	for i := range 2 {
		axis := i + 1
		parts := []*graph.Node{x}
		zeros := func(n int) *graph.Node {
			dims := slices.Clone(x.Shape().Dimensions)
			dims[axis] = n
			return graph.Zeros(x.Graph(), shapes.Make(x.DType(), dims...))
		}
		if n := c.Paddings[i][0]; n > 0 {
			parts = append([]*graph.Node{zeros(n)}, parts...)
		}
		if n := c.Paddings[i][1]; n > 0 {
			parts = append(parts, zeros(n))
		}
		if len(parts) > 1 {
			x = graph.Concatenate(parts, axis)
		}
		out[i] = (x.Shape().Dimensions[axis]-c.span(kernel, i))/c.Strides[i] + 1
	}
	return x, out
}

// shifted are the elements of the padded images that meet the kernel's element at (row, column).
func (c Convolution) shifted(x *graph.Node, row, column int, out [2]int) *graph.Node {
	specs := []graph.SliceAxisSpec{graph.AxisRange()}
	for i, at := range []int{row, column} {
		start := at * c.Dilations[i]
		spec := graph.AxisRange(start, start+(out[i]-1)*c.Strides[i]+1)
		if c.Strides[i] > 1 {
			spec = spec.Stride(c.Strides[i])
		}
		specs = append(specs, spec)
	}
	return graph.Slice(x, specs...)
}
