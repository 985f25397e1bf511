package lowering

import (
	"slices"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"
)

// fewPositions is up to how many elements of a kernel one channel's part a depthwise convolution is a sum of products.
const fewPositions = 128

// Depthwise convolves each channel of x by itself, with a kernel (…, channels, multiplier) whose results are that channel's outputs, one after
// the other. Groups aren't looked at.
func (c ConvolutionND) Depthwise(x, kernel *graph.Node) *graph.Node {
	if c.takesDepthwise(x, kernel) {
		return c.depthwiseByKernel(x, kernel)
	}
	return c.depthwiseByParts(x, kernel)
}

// depthwiseByParts computes it without a kernel of ours. There is too little to multiply for the engines' convolutions, which take the
// channels one by one, and their gradients do so in the program; for each of the few positions of a usual kernel the product of a
// strided slice with the kernel's numbers there is fused into one loop.
func (c ConvolutionND) depthwiseByParts(x, kernel *graph.Node) *graph.Node {
	k := kernel.Shape().Dimensions
	rank := len(c.Strides)
	channels, multiplier := k[rank], k[rank+1]
	positions := 1
	for _, size := range k[:rank] {
		positions *= size
	}
	if positions > fewPositions {
		c.Groups = channels
		dims := append(append([]int{}, k[:rank]...), 1, channels*multiplier)
		return c.Apply(x, graph.Reshape(kernel, dims...))
	}
	dtype := x.DType()
	if dtype == dtypes.Float16 || dtype == dtypes.BFloat16 { // in which sums of many terms lose digits
		x, kernel = graph.ConvertDType(x, dtypes.Float32), graph.ConvertDType(kernel, dtypes.Float32)
	}
	axis := x.Rank() - 1 // of the channels, after which comes that of a channel's outputs
	if c.ChannelsFirst {
		axis = 1
	}
	numbers := graph.Reshape(kernel, positions, channels, multiplier)
	weightDims := make([]int, x.Rank()+1)
	for i := range weightDims {
		weightDims[i] = 1
	}
	weightDims[axis], weightDims[axis+1] = channels, multiplier
	var sum *graph.Node
	for p, part := range c.parts(x, k[:rank]) {
		weights := graph.Reshape(graph.Slice(numbers, graph.AxisElem(p)), weightDims...)
		term := graph.Mul(graph.InsertAxes(part, axis+1), weights)
		if sum == nil {
			sum = term
		} else {
			sum = graph.Add(sum, term)
		}
	}
	dims := append([]int{}, sum.Shape().Dimensions[:axis]...)
	dims = append(append(dims, channels*multiplier), sum.Shape().Dimensions[axis+2:]...)
	return graph.ConvertDType(graph.Reshape(sum, dims...), dtype)
}

// parts are, for each position of a kernel of that size, what of x it meets, in the shape of the output but for its channels.
func (c ConvolutionND) parts(x *graph.Node, size []int) []*graph.Node {
	first := c.first()
	for i := range size {
		x = padAxis(x, first+i, c.Paddings[i][0], c.Paddings[i][1])
	}
	parts := []*graph.Node{x}
	for i, n := range size {
		count := (x.Shape().Dimensions[first+i]-(n-1)*c.Dilations[i]-1)/c.Strides[i] + 1
		var next []*graph.Node
		for _, part := range parts {
			for k := range n {
				next = append(next, strided(part, first+i, k*c.Dilations[i], count, c.Strides[i]))
			}
		}
		parts = next
	}
	return parts
}

// leastDepthwise is the number of channels from which a kernel's vectors are used well enough.
const leastDepthwise = 8

// takesDepthwise reports whether the engine has a kernel for that convolution of each channel by itself, and for its gradients.
func (c ConvolutionND) takesDepthwise(x, kernel *graph.Node) bool {
	rank := len(c.Strides)
	k := kernel.Shape().Dimensions
	if rank > 2 || c.ChannelsFirst || k[rank] < leastDepthwise || k[rank+1] != 1 || x.DType() != dtypes.Float32 || x.Shape().Size() == 0 || !HasKernels(x.Graph()) {
		return false
	}
	for i := range rank {
		before, after, span := c.Paddings[i][0], c.Paddings[i][1], (k[i]-1)*c.Dilations[i]+1
		if min(c.Strides[i], c.Dilations[i]) > 1 || max(before, after) >= span || x.Shape().Dimensions[1+i]+before+after < span {
			return false
		}
	}
	return true
}

// depthwiseByKernel computes it as StableHLO has it, in groups of one channel.
func (c ConvolutionND) depthwiseByKernel(x, kernel *graph.Node) *graph.Node {
	if len(c.Strides) == 1 { // an image of one row
		c.Strides, c.Dilations = slices.Insert(slices.Clone(c.Strides), 0, 1), slices.Insert(slices.Clone(c.Dilations), 0, 1)
		c.Paddings = slices.Insert(slices.Clone(c.Paddings), 0, [2]int{})
		return graph.Squeeze(c.depthwiseByKernel(graph.InsertAxes(x, 1), graph.InsertAxes(kernel, 0)), 1)
	}
	size := kernel.Shape().Dimensions
	groups := graph.Reshape(kernel, size[0], size[1], 1, size[2])
	return newConvolving(Convolution{}.axes(), x.Shape().Dimensions, size, c.Strides, c.Dilations, c.Paddings, size[2]).forward(x, groups)
}
