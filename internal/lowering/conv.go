package lowering

import (
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
	axes := c.axes()
	for i, p := range c.Paddings {
		// Windows that don't meet the image aren't foreseen in gradients.
		if max(p[0], p[1]) >= c.span(kernel, i) {
			x = padAxis(x, axes.InputSpatial[i], p[0], p[1])
			c.Paddings[i] = [2]int{}
		}
	}
	if c.Groups > 1 {
		return c.inGroups(x, kernel)
	}
	return newConvolving(axes, x.Shape().Dimensions, kernel.Shape().Dimensions, c.Strides[:], c.Dilations[:], c.Paddings[:], 1).forward(x, kernel)
}

// inGroups computes it at once. Its gradients are those of a convolution for each group, which have gradients, too.
func (c Convolution) inGroups(x, kernel *graph.Node) *graph.Node {
	axes := c.axes()
	y := graph.ConvGeneral(x, kernel, axes, c.Strides[:], c.Paddings[:], nil, c.Dilations[:], c.Groups, 1)
	return WithGradient(y, func(dy *graph.Node) []*graph.Node {
		part := func(x *graph.Node, axis, k int) *graph.Node {
			n := x.Shape().Dim(axis) / c.Groups
			return graph.SliceAxis(x, axis, graph.AxisRange(k*n, (k+1)*n))
		}
		var dx, dkernel []*graph.Node
		for k := range c.Groups {
			x, kernel, dy := part(x, axes.InputChannels, k), part(kernel, axes.KernelOutputChannels, k), part(dy, axes.OutputChannels, k)
			one := newConvolving(axes, x.Shape().Dimensions, kernel.Shape().Dimensions, c.Strides[:], c.Dilations[:], c.Paddings[:], 1)
			dx, dkernel = append(dx, one.inputGradient(dy, kernel)), append(dkernel, one.kernelGradient(x, dy))
		}
		return []*graph.Node{graph.Concatenate(dx, axes.InputChannels), graph.Concatenate(dkernel, axes.KernelOutputChannels)}
	}, x, kernel)
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
