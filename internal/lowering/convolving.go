package lowering

import "github.com/gomlx/gomlx/core/graph"

// convolving is what joins images x, a kernel and images y: y is the convolution of x by the kernel. Of any two of them there is a function that is
// linear in both, which gives the third or the gradient for it; the gradients of these functions are the others, so that there are gradients of
// gradients, and each is one convolution for the engine.
type convolving struct {
	axes               graph.ConvolveAxesConfig // of x, the kernel and y
	image, size, out   [2]int                   // of x, the kernel and y
	strides, dilations []int
	before             [2]int // zeros before the first row and column of x
	channels           int    // groups, of one channel each; 1: none
}

// newConvolving is that of shapes of x and the kernel.
func newConvolving(axes graph.ConvolveAxesConfig, x, kernel []int, strides, dilations []int, paddings [][2]int, channels int) convolving {
	c := convolving{axes: axes, strides: strides, dilations: dilations, channels: channels}
	for i := range 2 {
		c.image[i], c.size[i], c.before[i] = x[axes.InputSpatial[i]], kernel[i], paddings[i][0]
		c.out[i] = (c.image[i]+paddings[i][0]+paddings[i][1]-c.span(i))/strides[i] + 1
	}
	return c
}

// span is the kernel's size along an axis of the image, with its gaps.
func (c convolving) span(axis int) int { return (c.size[axis]-1)*c.dilations[axis] + 1 }

// rest is how far the last window reaches beyond the image; negative: so many of its last rows or columns are in none.
func (c convolving) rest(axis int) int {
	return (c.out[axis]-1)*c.strides[axis] + c.span(axis) - c.before[axis] - c.image[axis]
}

// forward computes y.
func (c convolving) forward(x, kernel *graph.Node) *graph.Node {
	var paddings [][2]int
	for i := range 2 {
		paddings = append(paddings, [2]int{c.before[i], max(0, c.rest(i))})
	}
	y := graph.ConvGeneral(x, kernel, c.axes, c.strides, paddings, nil, c.dilations, c.channels, 1)
	return WithGradient(y, func(dy *graph.Node) []*graph.Node {
		return []*graph.Node{c.inputGradient(dy, kernel), c.kernelGradient(x, dy)}
	}, x, kernel)
}

// inputGradient computes the gradient for x: a convolution of that for y, with gaps between its pixels, by the kernel turned around.
func (c convolving) inputGradient(dy, kernel *graph.Node) *graph.Node {
	axes := c.axes
	if c.channels == 1 {
		axes.KernelInputChannels, axes.KernelOutputChannels = axes.KernelOutputChannels, axes.KernelInputChannels
	}
	var paddings [][2]int
	for i := range 2 {
		around := c.span(i) - 1
		paddings = append(paddings, [2]int{around - c.before[i], around - c.rest(i)})
	}
	dx := graph.ConvGeneral(dy, graph.Reverse(kernel, c.axes.KernelSpatial...), axes, nil, paddings, c.strides, c.dilations, c.channels, 1)
	return WithGradient(dx, func(d *graph.Node) []*graph.Node {
		return []*graph.Node{c.forward(d, kernel), c.kernelGradient(d, dy)}
	}, dy, kernel)
}

// kernelGradient computes the gradient for the kernel: a convolution of x, its batch for its channels, by that for y with gaps between its pixels.
func (c convolving) kernelGradient(x, dy *graph.Node) *graph.Node {
	axes := graph.ConvolveAxesConfig{
		InputBatch: c.axes.InputChannels, InputChannels: c.axes.InputBatch, InputSpatial: c.axes.InputSpatial,
		KernelInputChannels: c.axes.OutputBatch, KernelOutputChannels: c.axes.OutputChannels, KernelSpatial: c.axes.OutputSpatial,
		OutputBatch: c.axes.KernelInputChannels, OutputChannels: c.axes.KernelOutputChannels, OutputSpatial: c.axes.KernelSpatial,
	}
	var paddings [][2]int
	for i := range 2 {
		paddings = append(paddings, [2]int{c.before[i], c.rest(i)})
	}
	dkernel := graph.ConvGeneral(x, dy, axes, c.dilations, paddings, nil, c.strides, 1, c.channels)
	return WithGradient(dkernel, func(d *graph.Node) []*graph.Node {
		return []*graph.Node{c.inputGradient(dy, d), c.forward(x, d)}
	}, x, dy)
}
