package lowering

import (
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
	positions := positionsOf(k[:rank])
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

func positionsOf(size []int) int {
	n := 1
	for _, s := range size {
		n *= s
	}
	return n
}
