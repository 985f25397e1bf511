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

// Apply computes the convolution of x by kernel.
func (c Convolution) Apply(x, kernel *graph.Node) *graph.Node {
	if c.Groups > 1 {
		return c.inGroups(x, kernel)
	}
	axes := c.axes()
	for i, p := range c.Paddings {
		// Windows that don't meet the image aren't foreseen in gradients.
		if max(p[0], p[1]) >= c.span(kernel, i) {
			x = padAxis(x, axes.InputSpatial[i], p[0], p[1])
			c.Paddings[i] = [2]int{}
		}
	}
	return newConvolving(axes, x.Shape().Dimensions, kernel.Shape().Dimensions, c.Strides[:], c.Dilations[:], c.Paddings[:], 1).forward(x, kernel)
}

// inGroups computes it with GoMLX's gradient, mended: its own shifts the gradient of x by one where the kernel, with its gaps, covers
// an even number of elements.
func (c Convolution) inGroups(x, kernel *graph.Node) *graph.Node {
	conv := func(kernel *graph.Node, paddings [][2]int) *graph.Node {
		return graph.ConvGeneral(x, kernel, c.axes(), c.Strides[:], paddings, nil, c.Dilations[:], c.Groups, 1)
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

func (c Convolution) axes() graph.ConvolveAxesConfig {
	channels, height := 3, 1
	if c.ChannelsFirst {
		channels, height = 1, 2
	}
	image := []int{height, height + 1}
	return graph.ConvolveAxesConfig{
		InputBatch: 0, InputChannels: channels, InputSpatial: image,
		KernelInputChannels: 2, KernelOutputChannels: 3, KernelSpatial: []int{0, 1},
		OutputBatch: 0, OutputChannels: channels, OutputSpatial: image,
	}
}
