package lowering

import (
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"
)

// fewPositions is up to how many elements of a kernel one channel's part a depthwise convolution is a sum of products.
const fewPositions = 128

// Depthwise convolves each channel of x by itself, with a kernel (…, channels, multiplier) whose results are that channel's outputs, one after
// the other. Groups aren't looked at. There is too little to multiply for the engines' convolutions, which take the
// channels one by one, and their gradients do so in the program; for each of the few positions of a usual kernel the product of a
// strided slice with the kernel's numbers there is fused into one loop.
func (c ConvolutionND) Depthwise(x, kernel *graph.Node) *graph.Node {
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
	first := c.first()
	counts := make([]int, rank)
	for i := range rank {
		x = padAxis(x, first+i, c.Paddings[i][0], c.Paddings[i][1])
		counts[i] = (x.Shape().Dimensions[first+i]-(k[i]-1)*c.Dilations[i]-1)/c.Strides[i] + 1
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
	for p := range positions {
		part := x
		rest := p
		for i := rank - 1; i >= 0; i-- {
			part = strided(part, first+i, rest%k[i]*c.Dilations[i], counts[i], c.Strides[i])
			rest /= k[i]
		}
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
