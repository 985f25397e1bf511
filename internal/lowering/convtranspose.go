package lowering

import (
	"slices"

	"github.com/gomlx/compute/dtypes"
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

// Apply computes it.
func (t Transposed) Apply(x, kernel *graph.Node) *graph.Node {
	if t.takesKernel(x, kernel) {
		return t.byKernel(x, kernel)
	}
	return t.asConvolution(x, kernel)
}

// asConvolution computes it as one plain convolution, which has a fast gradient on every engine. Along an axis with the stride s the results at q·s + r,
// for each remainder r, are a convolution by the kernel's every s-th element from r on. Here these convolutions are further filters of
// one, by kernels that are filled up with zeros to the same size, and its result has the remainders brought to the axes that they belong to.
func (t Transposed) asConvolution(x, kernel *graph.Node) *graph.Node {
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

// takesKernel reports whether the engine has kernels for it and its gradients.
func (t Transposed) takesKernel(x, kernel *graph.Node) bool {
	rank := len(t.Strides)
	k := kernel.Shape().Dimensions
	if rank > 2 || t.ChannelsFirst || x.DType() != dtypes.Float32 || x.Shape().Size() == 0 || !HasKernels(x.Graph()) {
		return false
	}
	for i := range rank {
		if t.Dilations[i] != 1 || t.Starts[i] >= k[i] || t.Sizes[i] == 0 || t.after(i, x.Shape().Dimensions[1+i], k[i]) < 0 {
			return false
		}
	}
	return true
}

// after is how many elements of the whole result stand behind those that are kept, along an axis of that size.
func (t Transposed) after(axis, size, kernel int) int {
	return (size-1)*t.Strides[axis] + kernel - t.Sizes[axis] - t.Starts[axis]
}

// byKernel computes it as the gradient of a convolution for its input, which it is: that of the result by the kernel.
func (t Transposed) byKernel(x, kernel *graph.Node) *graph.Node {
	if len(t.Strides) == 1 { // an image of one row
		t.Strides, t.Dilations = slices.Insert(slices.Clone(t.Strides), 0, 1), []int{1, 1}
		t.Starts, t.Sizes = slices.Insert(slices.Clone(t.Starts), 0, 0), slices.Insert(slices.Clone(t.Sizes), 0, 1)
		return graph.Squeeze(t.byKernel(graph.InsertAxes(x, 1), graph.InsertAxes(kernel, 0)), 1)
	}
	size := kernel.Shape().Dimensions
	c := convolving{axes: Convolution{}.axes(), size: [2]int(size), image: [2]int(t.Sizes), out: [2]int(x.Shape().Dimensions[1:3]), strides: t.Strides, dilations: t.Dilations, before: [2]int(t.Starts), channels: 1}
	return c.inputGradient(x, kernel)
}
