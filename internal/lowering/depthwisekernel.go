package lowering

import (
	"slices"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"
)

// leastDepthwise is the number of channels from which a kernel's vectors are used well enough.
const leastDepthwise = 8

// takesDepthwise reports whether the engine has a kernel for that convolution of each channel by itself, and for its gradients.
func (c ConvolutionND) takesDepthwise(x, kernel *graph.Node) bool {
	rank := len(c.Strides)
	k := kernel.Shape().Dimensions
	if rank > 2 || c.ChannelsFirst || k[rank] < leastDepthwise || k[rank+1] != 1 || positionsOf(k[:rank]) > fewPositions || x.DType() != dtypes.Float32 || x.Shape().Size() == 0 || !HasKernels(x.Graph()) {
		return false
	}
	for i := range rank {
		before, after := c.Paddings[i][0], c.Paddings[i][1]
		if c.Dilations[i] != 1 || max(before, after) >= k[i] || x.Shape().Dimensions[1+i]+before+after < k[i] {
			return false
		}
	}
	return true
}

// depthwiseByKernel computes it as StableHLO names it, in groups of one channel.
func (c ConvolutionND) depthwiseByKernel(x, kernel *graph.Node) *graph.Node {
	if len(c.Strides) == 1 { // an image of one row
		c.Strides, c.Dilations = slices.Insert(slices.Clone(c.Strides), 0, 1), []int{1, 1}
		c.Paddings = slices.Insert(slices.Clone(c.Paddings), 0, [2]int{})
		return graph.Squeeze(c.depthwiseByKernel(graph.InsertAxes(x, 1), graph.InsertAxes(kernel, 0)), 1)
	}
	size := kernel.Shape().Dimensions
	channels := size[2]
	groups := graph.Reshape(kernel, size[0], size[1], 1, channels)
	y := graph.ConvGeneral(x, groups, imageAxes, c.Strides, c.Paddings, nil, nil, channels, 1)
	return WithGradient(y, func(dy *graph.Node) []*graph.Node {
		image, out := x.Shape().Dimensions[1:3], y.Shape().Dimensions[1:3]
		turned := ConvolutionND{Strides: []int{1, 1}, Dilations: []int{1, 1}, Paddings: make([][2]int, 2), Groups: 1} // from dy with gaps to dx
		ends := make([][2]int, 2)                                                                                     // of the image, beside the kernel's places in it
		for i := range 2 {
			before, reach := c.Paddings[i][0], (out[i]-1)*c.Strides[i]
			turned.Paddings[i] = [2]int{size[i] - 1 - before, image[i] - reach - 1 + before}
			ends[i] = [2]int{before, size[i] + reach - image[i] - before}
		}
		dx, _ := graph.InternalFusedOpCaller(
			func() *graph.Node {
				return graph.ConvGeneral(dy, graph.Reverse(groups, 0, 1), imageAxes, nil, turned.Paddings, c.Strides, nil, channels, 1)
			},
			func() *graph.Node {
				gaps := graph.Pad(dy, graph.ScalarZero(dy.Graph(), dy.DType()), graph.PadAxis{}, graph.PadAxis{Interior: c.Strides[0] - 1}, graph.PadAxis{Interior: c.Strides[1] - 1}, graph.PadAxis{})
				return turned.depthwiseByParts(gaps, graph.Reverse(kernel, 0, 1))
			}, true)
		dkernel, _ := graph.InternalFusedOpCaller(
			func() *graph.Node {
				return graph.Reshape(graph.ConvGeneral(x, dy, channelAxes, nil, ends, nil, c.Strides, 1, channels), size...)
			},
			func() *graph.Node {
				var sums []*graph.Node
				for _, part := range c.parts(x, size[:2]) {
					sums = append(sums, graph.ReduceSum(graph.Mul(part, dy), 0, 1, 2))
				}
				return graph.Reshape(graph.Stack(sums, 0), size...)
			}, true)
		return []*graph.Node{dx, dkernel}
	}, x, kernel)
}

// imageAxes are those of images (batch, height, width, channels) and kernels (height, width, channels, filters).
var imageAxes = graph.ConvolveAxesConfig{
	InputBatch: 0, InputChannels: 3, InputSpatial: []int{1, 2},
	KernelInputChannels: 2, KernelOutputChannels: 3, KernelSpatial: []int{0, 1},
	OutputBatch: 0, OutputChannels: 3, OutputSpatial: []int{1, 2},
}

// channelAxes exchange the batch and the channels: images are the filters that make a kernel of images.
var channelAxes = graph.ConvolveAxesConfig{
	InputBatch: 3, InputChannels: 0, InputSpatial: []int{1, 2},
	KernelInputChannels: 0, KernelOutputChannels: 3, KernelSpatial: []int{1, 2},
	OutputBatch: 2, OutputChannels: 3, OutputSpatial: []int{0, 1},
}
