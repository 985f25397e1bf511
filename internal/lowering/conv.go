package lowering

import (
	"slices"

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

// Apply computes the convolution of x by kernel. It is GoMLX's with a right gradient: its own shifts the
// gradient of x by one where the kernel, with its gaps, covers an even number of elements.
func (c Convolution) Apply(x, kernel *graph.Node) *graph.Node {
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
