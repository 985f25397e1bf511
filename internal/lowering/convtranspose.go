package lowering

import (
	"github.com/gomlx/gomlx/core/graph"
)

// Transposed is the transpose of a convolution along one, two or three axes: each element of x (batch, …, channels), or (batch, channels,
// …) with ChannelsFirst, adds its multiple of a kernel (…, filters, channels) to the result, from Strides times its place on. Of that result Sizes
// elements along each axis are kept, from Starts on; beyond its end there are zeros.
type Transposed struct {
	ChannelsFirst      bool
	Strides, Dilations []int // only one of which may be more than 1 along an axis
	Starts, Sizes      []int
}

// Apply computes it as one plain convolution, which has a fast gradient on every engine. Along an axis with the stride s the results at q·s + r,
// for each remainder r, are a convolution by the kernel's every s-th element from r on. Here these convolutions are further filters of
// one, by kernels that are filled up with zeros to the same size, and its result has the remainders brought to the axes that they belong to.
func (t Transposed) Apply(x, kernel *graph.Node) *graph.Node {
	rank := len(t.Strides)
	k := kernel.Shape().Dimensions
	filters, channels := k[rank], k[rank+1]
	c := ConvolutionND{ChannelsFirst: t.ChannelsFirst, Strides: make([]int, rank), Dilations: t.Dilations, Paddings: make([][2]int, rank), Groups: 1}
	first := c.first()

	// The kernel as (size, stride) for each axis, filters, channels; then (sizes, channels, strides, filters).
	var split, sizes, strideAxes, last []int
	remainders := 1
	counts := make([]int, rank) // of each remainder's results along an axis
	for i, s := range t.Strides {
		size := (k[i] + s - 1) / s
		kernel = padAxis(kernel, i, 0, size*s-k[i])
		split = append(split, size, s)
		sizes = append(sizes, 2*i)
		strideAxes = append(strideAxes, 2*i+1)
		last = append(last, size)
		remainders *= s
		span := (size-1)*t.Dilations[i] + 1
		n := x.Shape().Dimensions[first+i]
		counts[i] = max(min((t.Starts[i]+t.Sizes[i]+s-1)/s, n+span-1), n)
		c.Strides[i], c.Paddings[i] = 1, [2]int{span - 1, counts[i] - n}
	}
	kernel = graph.Reshape(kernel, append(split, filters, channels)...)
	order := append(append([]int{}, sizes...), 2*rank+1)
	kernel = graph.TransposeAllAxes(kernel, append(append(order, strideAxes...), 2*rank)...)
	kernel = graph.Reshape(kernel, append(last, channels, remainders*filters)...)
	reversed := make([]int, rank)
	for i := range reversed {
		reversed[i] = i
	}
	y := c.Apply(x, graph.Reverse(kernel, reversed...))

	if remainders > 1 {
		y = t.spread(y, counts, filters)
	}
	for i := range rank {
		axis := first + i
		if have := y.Shape().Dimensions[axis] - t.Starts[i]; have < t.Sizes[i] {
			y = padAxis(y, axis, 0, t.Sizes[i]-have)
		}
		if y.Shape().Dimensions[axis] != t.Sizes[i] {
			y = graph.SliceAxis(y, axis, graph.AxisRange(t.Starts[i], t.Starts[i]+t.Sizes[i]))
		}
	}
	return y
}

// spread brings the remainders, which come first among the channels of y, to their axes.
func (t Transposed) spread(y *graph.Node, counts []int, filters int) *graph.Node {
	rank := len(counts)
	batch := y.Shape().Dimensions[0]
	var dims, order, whole []int
	add := func(list *[]int, values ...int) { *list = append(*list, values...) }
	if t.ChannelsFirst { // (batch, strides, filters, counts)
		add(&dims, batch)
		add(&dims, t.Strides...)
		add(&dims, filters)
		add(&dims, counts...)
		add(&order, 0, 1+rank)
		add(&whole, batch, filters)
		for i := range rank {
			add(&order, 2+rank+i, 1+i)
			add(&whole, counts[i]*t.Strides[i])
		}
	} else { // (batch, counts, strides, filters)
		add(&dims, batch)
		add(&dims, counts...)
		add(&dims, t.Strides...)
		add(&dims, filters)
		add(&order, 0)
		add(&whole, batch)
		for i := range rank {
			add(&order, 1+i, 1+rank+i)
			add(&whole, counts[i]*t.Strides[i])
		}
		add(&order, 1+2*rank)
		add(&whole, filters)
	}
	return graph.Reshape(graph.TransposeAllAxes(graph.Reshape(y, dims...), order...), whole...)
}
