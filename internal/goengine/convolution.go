package goengine

import (
	"slices"
	"sync"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
)

// ConvGeneral computes GoMLX's operation of that name: by a kernel for float32 images, in any
// order of axes, which is also how the gradients of a convolution come.
func (f *function) ConvGeneral(x, weights compute.Value, axes compute.ConvolveAxesConfig, strides []int, paddings [][2]int,
	xDilations, weightDilations []int, channelGroups, batchGroups int) (compute.Value, error) {
	if widened(x, weights) {
		return f.inFloat32([]compute.Value{x, weights}, func(in []compute.Value) (compute.Value, error) {
			return f.ConvGeneral(in[0], in[1], axes, strides, paddings, xDilations, weightDilations, channelGroups, batchGroups)
		})
	}
	var k kernel
	if v, err := one(x); err == nil {
		if w, err := one(weights); err == nil && batchGroups <= 1 {
			if channelGroups > 1 && divides(channelGroups, v, w, axes) {
				return f.grouped(v, w, axes, strides, paddings, xDilations, weightDilations, channelGroups)
			}
			if channelGroups <= 1 {
				k = newConvolution(v.shape, w.shape, axes, strides, paddings, xDilations, weightDilations)
			}
		}
	}
	return f.single(func(e compute.Function, in []compute.Value) (compute.Value, error) {
		return e.ConvGeneral(in[0], in[1], axes, strides, paddings, xDilations, weightDilations, channelGroups, batchGroups)
	}, k, false, x, weights)
}

// divides reports whether a kernel may compute the groups one by one.
func divides(groups int, x, weights *value, axes compute.ConvolveAxesConfig) bool {
	return x.shape.Rank() == 4 && weights.shape.Rank() == 4 && x.shape.DType == dtypes.Float32 &&
		x.shape.Dimensions[axes.InputChannels]%groups == 0 && weights.shape.Dimensions[axes.KernelOutputChannels]%groups == 0
}

// grouped computes a convolution group by group.
func (f *function) grouped(x, weights *value, axes compute.ConvolveAxesConfig, strides []int, paddings [][2]int,
	xDilations, weightDilations []int, groups int) (compute.Value, error) {
	part := func(v *value, axis, group int) (compute.Value, error) {
		starts, limits := make([]int, v.shape.Rank()), slices.Clone(v.shape.Dimensions)
		size := limits[axis] / groups
		starts[axis], limits[axis] = group*size, (group+1)*size
		return f.Slice(v, starts, limits, nil)
	}
	results := make([]compute.Value, groups)
	for group := range groups {
		xs, err := part(x, axes.InputChannels, group)
		if err != nil {
			return nil, err
		}
		ws, err := part(weights, axes.KernelOutputChannels, group)
		if err != nil {
			return nil, err
		}
		if results[group], err = f.ConvGeneral(xs, ws, axes, strides, paddings, xDilations, weightDilations, 1, 1); err != nil {
			return nil, err
		}
	}
	return f.Concatenate(axes.OutputChannels, results...)
}

// convolution is one as matrix products, one a unit. A unit is an image, and the rows of the product are the output's pixels. Where
// there are more weights than output pixels, as in the gradient by the weights, a unit is a
// channel of x (an image, there) and the rows are all the output's elements, to which every unit adds.
type convolution struct {
	product
	units int
	adds  bool
	// x, its unit and its other axes: the size and the stride of the rows, the columns and the innermost axis.
	unitStride int
	size       [3]int
	stride     [3]int
	// frame is x with the zeros around and between its elements, (rows, columns, innermost).
	frame    [3]int
	before   [2]int
	dilation [2]int
	// weights: the offset of each k and the strides.
	bk         []int
	bn, bUnit  int
	outUnit    int
	outSize    int
	frames     sync.Pool
	packs      sync.Pool
	sums       sync.Pool
	frameAlone bool // the frame is x itself
}

// oneIfUnset is the i-th of a list that may be empty, which means ones.
func oneIfUnset(list []int, i int) int {
	if i < len(list) {
		return max(list[i], 1)
	}
	return 1
}

// newConvolution makes the kernel, nil for what it doesn't know.
func newConvolution(x, w shapes.Shape, axes compute.ConvolveAxesConfig, strides []int, paddings [][2]int, xDilations, wDilations []int) kernel {
	if x.Rank() != 4 || w.Rank() != 4 || x.DType != dtypes.Float32 || w.DType != dtypes.Float32 || x.Size() == 0 || w.Size() == 0 {
		return nil
	}
	c := &convolution{}
	xStrides, wStrides := x.Strides(), w.Strides()
	images, channels := x.Dimensions[axes.InputBatch], x.Dimensions[axes.InputChannels]
	if channels != w.Dimensions[axes.KernelInputChannels] {
		return nil
	}
	filters := w.Dimensions[axes.KernelOutputChannels]
	var kernelSize, kernelStride, outSize, step, gap [2]int
	for i := range 2 {
		c.size[i], c.stride[i] = x.Dimensions[axes.InputSpatial[i]], xStrides[axes.InputSpatial[i]]
		c.dilation[i] = oneIfUnset(xDilations, i)
		var padding [2]int
		if i < len(paddings) {
			padding = paddings[i]
		}
		c.before[i] = padding[0]
		c.frame[i] = (c.size[i]-1)*c.dilation[i] + 1 + padding[0] + padding[1]
		kernelSize[i], kernelStride[i] = w.Dimensions[axes.KernelSpatial[i]], wStrides[axes.KernelSpatial[i]]
		step[i], gap[i] = oneIfUnset(strides, i), oneIfUnset(wDilations, i)
		span := (kernelSize[i]-1)*gap[i] + 1
		if c.frame[i] < span {
			return nil
		}
		outSize[i] = (c.frame[i]-span)/step[i] + 1
	}
	outDims := make([]int, 4)
	outDims[axes.OutputBatch], outDims[axes.OutputChannels] = images, filters
	outDims[axes.OutputSpatial[0]], outDims[axes.OutputSpatial[1]] = outSize[0], outSize[1]
	out := shapes.Make(dtypes.Float32, outDims...)
	outStrides := out.Strides()

	c.n, c.cn, c.bn = filters, outStrides[axes.OutputChannels], wStrides[axes.KernelOutputChannels]
	c.outSize = out.Size()
	c.adds = kernelSize[0]*kernelSize[1] > outSize[0]*outSize[1]
	inner := axes.InputChannels
	innerRows, innerWeights := 1, channels
	if c.adds {
		inner = axes.InputBatch
		innerRows, innerWeights = images, 1
		c.units, c.unitStride = channels, xStrides[axes.InputChannels]
		c.bUnit = wStrides[axes.KernelInputChannels]
	} else {
		c.units, c.unitStride = images, xStrides[axes.InputBatch]
		c.outUnit = outStrides[axes.OutputBatch]
	}
	c.size[2], c.stride[2] = x.Dimensions[inner], xStrides[inner]
	c.frame[2] = c.size[2]

	// at is the offset of an element in the frame, in bytes.
	at := func(row, column, i int) uintptr { return uintptr(4 * ((row*c.frame[1]+column)*c.frame[2] + i)) }
	for row := range outSize[0] {
		for column := range outSize[1] {
			for i := range innerRows {
				c.am = append(c.am, at(row*step[0], column*step[1], i))
				c.cm = append(c.cm, row*outStrides[axes.OutputSpatial[0]]+column*outStrides[axes.OutputSpatial[1]]+i*outStrides[axes.OutputBatch])
			}
		}
	}
	for row := range kernelSize[0] {
		for column := range kernelSize[1] {
			for i := range innerWeights {
				c.ak = append(c.ak, at(row*gap[0], column*gap[1], i))
				c.bk = append(c.bk, row*kernelStride[0]+column*kernelStride[1]+i*wStrides[axes.KernelInputChannels])
			}
		}
	}
	c.frameAlone = c.size == c.frame && c.dilation == [2]int{1, 1} && c.stride == [3]int{c.size[1] * c.size[2], c.size[2], 1}
	return c.run
}

// scratch takes values from a pool, or makes them, zeros.
func scratch(pool *sync.Pool, size int) []float32 {
	if s, ok := pool.Get().(*[]float32); ok {
		return *s
	}
	return make([]float32, size)
}

func (c *convolution) run(workers int, in [][]float32, out []float32) {
	x, w := in[0], in[1]
	if c.adds {
		c.sum(workers, x, w, out)
		return
	}
	packed := scratch(&c.packs, packedSize(len(c.bk), c.n))
	defer c.packs.Put(&packed)
	pack(w, c.bk, c.bn, c.n, packed)
	// Few images are cut into parts.
	parts := 1
	if c.units < 2*workers {
		parts = min((2*workers+c.units-1)/c.units, (len(c.am)+63)/64)
	}
	rows := (len(c.am) + parts - 1) / parts
	frames := make([][]float32, workers)
	parallel(workers, c.units*parts, func(worker, i int) {
		unit, part := i/parts, i%parts
		frame := c.fill(&frames[worker], x, unit)
		c.multiply(frame, packed, out[unit*c.outUnit:], part*rows, min((part+1)*rows, len(c.am)), false)
	})
	c.release(frames)
}

// sum adds up the units. Which worker adds up which is fixed, and so are the digits.
func (c *convolution) sum(workers int, x, w, out []float32) {
	workers = min(workers, c.units)
	frames := make([][]float32, workers)
	sums := make([][]float32, workers)
	parallel(workers, workers, func(_, part int) {
		sums[part] = out
		if part > 0 {
			sums[part] = scratch(&c.sums, c.outSize)
		}
		first, last := part*c.units/workers, (part+1)*c.units/workers
		packed := scratch(&c.packs, packedSize(len(c.bk), c.n))
		for unit := first; unit < last; unit++ {
			frame := c.fill(&frames[part], x, unit)
			pack(w[unit*c.bUnit:], c.bk, c.bn, c.n, packed)
			c.multiply(frame, packed, sums[part], 0, len(c.am), unit > first)
		}
		c.packs.Put(&packed)
	})
	for part := 1; part < workers; part++ {
		addTo(out, sums[part])
		c.sums.Put(&sums[part])
	}
	c.release(frames)
}

func (c *convolution) release(frames [][]float32) {
	for i := range frames {
		if frames[i] != nil {
			c.frames.Put(&frames[i])
		}
	}
}

// fill writes a unit of x into a worker's frame, whose zeros stay from unit to unit, and returns it.
func (c *convolution) fill(own *[]float32, x []float32, unit int) []float32 {
	x = x[unit*c.unitStride:]
	if c.frameAlone {
		return x
	}
	if *own == nil {
		*own = scratch(&c.frames, c.frame[0]*c.frame[1]*c.frame[2])
	}
	frame := *own
	for row := range c.size[0] {
		to := row*c.dilation[0] + c.before[0]
		if to < 0 || to >= c.frame[0] {
			continue
		}
		for column := range c.size[1] {
			at := column*c.dilation[1] + c.before[1]
			if at < 0 || at >= c.frame[1] {
				continue
			}
			from := row*c.stride[0] + column*c.stride[1]
			pixel := frame[(to*c.frame[1]+at)*c.frame[2]:][:c.frame[2]]
			if c.stride[2] == 1 {
				copy(pixel, x[from:])
				continue
			}
			for i := range pixel {
				pixel[i] = x[from+i*c.stride[2]]
			}
		}
	}
	return frame
}
