package kerasops

import (
	"slices"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/internal/config"
	"github.com/gokeras/gokeras/internal/lowering"
)

func init() {
	const params = "strides=1 padding=\"valid\" data_format=null dilation_rate=1"
	define("nn", "Conv", "inputs kernel", params, func(c *call) []Spec {
		x, k := c.spec("inputs"), c.spec("kernel")
		w := c.window(x.Shape, kernelSizes(x.Shape, k.Shape), "strides", "dilation_rate")
		if in := k.Shape[len(k.Shape)-2]; in != x.Shape[w.channels] {
			fail("got a kernel of shape %s for inputs of shape %s, want as many channels in one as in the other", ShapeText(k.Shape), ShapeText(x.Shape))
		}
		return []Spec{{w.output(x.Shape, k.Shape[len(k.Shape)-1]), promote(x.DType, k.DType, "float")}}
	}, func(c *call) []*graph.Node {
		x, k := c.floats("inputs"), c.floats("kernel")
		w := c.window(x.Shape().Dimensions, kernelSizes(x.Shape().Dimensions, k.Shape().Dimensions), "strides", "dilation_rate")
		return []*graph.Node{w.lowered(x, k.Shape().Dim(-2)).Apply(x, k)}
	})
	define("nn", "DepthwiseConv", "inputs kernel", params, func(c *call) []Spec {
		x, k := c.spec("inputs"), c.spec("kernel")
		w := c.window(x.Shape, kernelSizes(x.Shape, k.Shape), "strides", "dilation_rate")
		return []Spec{{w.output(x.Shape, depthwiseFilters(x.Shape, k.Shape, w.channels)), promote(x.DType, k.DType, "float")}}
	}, func(c *call) []*graph.Node {
		x, k := c.floats("inputs"), c.floats("kernel")
		w := c.window(x.Shape().Dimensions, kernelSizes(x.Shape().Dimensions, k.Shape().Dimensions), "strides", "dilation_rate")
		return []*graph.Node{w.lowered(x, 1).Depthwise(x, k)}
	})
	define("nn", "SeparableConv", "inputs depthwise_kernel pointwise_kernel", params, func(c *call) []Spec {
		x, k, p := c.spec("inputs"), c.spec("depthwise_kernel"), c.spec("pointwise_kernel")
		w := c.window(x.Shape, kernelSizes(x.Shape, k.Shape), "strides", "dilation_rate")
		filters := depthwiseFilters(x.Shape, k.Shape, w.channels)
		sizes := kernelSizes(x.Shape, p.Shape)
		if slices.Max(sizes) != 1 || p.Shape[len(p.Shape)-2] != filters {
			fail("pointwise_kernel: got shape %s, want sizes of 1 and %d channels", ShapeText(p.Shape), filters)
		}
		return []Spec{{w.output(x.Shape, p.Shape[len(p.Shape)-1]), promote(x.DType, k.DType, p.DType, "float")}}
	}, func(c *call) []*graph.Node {
		x, k, p := c.floats("inputs"), c.floats("depthwise_kernel"), c.floats("pointwise_kernel")
		w := c.window(x.Shape().Dimensions, kernelSizes(x.Shape().Dimensions, k.Shape().Dimensions), "strides", "dilation_rate")
		y := w.lowered(x, 1).Depthwise(x, k)
		flat := graph.Reshape(p, p.Shape().Dimensions[p.Rank()-2:]...)
		order := slices.Delete(identity(y.Rank()), w.channels, w.channels+1)
		y = graph.DotGeneral(reorder(y, append(order, w.channels)), []int{y.Rank() - 1}, nil, flat, []int{0}, nil)
		return []*graph.Node{reorder(y, slices.Insert(identity(y.Rank()-1), w.channels, y.Rank()-1))}
	})
	define("nn", "MaxPool", "inputs", "pool_size strides=null padding=\"valid\" data_format=null", poolSpec(resolved), func(c *call) []*graph.Node {
		x := c.node("inputs")
		w := c.poolWindow(x.Shape().Dimensions)
		fill := neutral(c.g, x.DType(), "max")
		return []*graph.Node{w.over(x, fill, firstMax)}
	})
	define("nn", "AveragePool", "inputs", "pool_size strides=null padding=\"valid\" data_format=null", func(c *call) []Spec { return poolSpec(c.promised)(c) }, func(c *call) []*graph.Node {
		x := c.floats("inputs")
		w := c.poolWindow(x.Shape().Dimensions)
		sum := func(x *graph.Node) *graph.Node {
			return w.over(x, graph.ScalarZero(c.g, x.DType()), graph.Add)
		}
		shape := slices.Repeat([]int{1}, x.Rank())
		for i := range w.sizes {
			shape[w.first+i] = x.Shape().Dimensions[w.first+i]
		}
		counts := sum(graph.Ones(c.g, shapeOf(x.DType(), shape)))
		y := sum(x)
		return []*graph.Node{graph.Div(y, broadcastTo(counts, y.Shape().Dimensions))}
	})
}

// window is how a window moves over the spatial axes of images.
type window struct {
	channels, first           int // axes
	sizes, strides, dilations []int
	pads                      [][2]int
}

// imageAxes are the axis of the channels and the first spatial one.
func (c *call) imageAxes(rank int) (channels, first int) {
	if c.channelsFirst() {
		return 1, 2
	}
	return rank - 1, 1
}

// channelsFirst reads data_format, for which Keras's default is "channels_last".
func (c *call) channelsFirst() bool {
	format, isText := c.config["data_format"].(string)
	if c.config["data_format"] == nil {
		return false
	}
	if formats := []string{"channels_first", "channels_last"}; !isText || !slices.Contains(formats, format) {
		fail("data_format: %w", config.UnknownName("data format", format, formats))
	}
	return format == "channels_first"
}

// perAxis reads a number, or one for each of n axes, each at least 1.
func (c *call) perAxis(name string, n int, byNone []int) []int {
	list, given := ints(name, c.config[name])
	if !given {
		list = byNone
	}
	if len(list) == 1 {
		list = slices.Repeat(list, max(n, 0))
	}
	if len(list) != n || n < 1 {
		fail("%s: got %v for %d spatial axes, want a number or one for each", name, c.config[name], n)
	}
	for _, v := range list {
		if v < 1 || v > 1<<20 {
			fail("%s: got %d, want from 1 to %d", name, v, 1<<20)
		}
	}
	return list
}

func kernelSizes(x, kernel []int) []int {
	if len(x) < 3 || len(x) > 5 || len(kernel) != len(x) || slices.Contains(kernel, None) {
		fail("got inputs of shape %s and a kernel of shape %s, want (batch, …, channels) and (…, channels, filters) of one to three spatial axes", ShapeText(x), ShapeText(kernel))
	}
	return kernel[:len(kernel)-2]
}

func depthwiseFilters(x, kernel []int, channels int) int {
	if kernel[len(kernel)-2] != x[channels] {
		fail("got a kernel of shape %s for inputs of shape %s, want a kernel for each channel", ShapeText(kernel), ShapeText(x))
	}
	return x[channels] * kernel[len(kernel)-1]
}

// window reads the arguments of an operation that moves windows of the sizes.
func (c *call) window(x, sizes []int, strides, dilations string) *window {
	w := &window{sizes: sizes}
	w.channels, w.first = c.imageAxes(len(x))
	n := len(x) - 2
	w.strides = c.perAxis(strides, n, sizes)
	w.dilations = slices.Repeat([]int{1}, n)
	if dilations != "" {
		w.dilations = c.perAxis(dilations, n, nil)
	}
	padding, _ := c.config["padding"].(string)
	if all := []string{"same", "valid"}; !slices.Contains(all, padding) {
		fail("padding: %w", config.UnknownName("padding", padding, all))
	}
	w.pads = make([][2]int, n)
	for i := range n {
		d := x[w.first+i]
		if padding == "same" && d != None {
			total := max(0, ((d+w.strides[i]-1)/w.strides[i]-1)*w.strides[i]+w.span(i)-d)
			w.pads[i] = [2]int{total / 2, total - total/2}
		}
		if padding == "valid" && d != None && d < w.span(i) {
			fail("a window of %d is larger than axis %d of size %d", w.span(i), w.first+i, d)
		}
	}
	return w
}

func (w *window) span(i int) int { return (w.sizes[i]-1)*w.dilations[i] + 1 }

// output is the shape of what windows over x give.
func (w *window) output(x []int, channels int) []int {
	shape := slices.Clone(x)
	shape[w.channels] = channels
	for i := range w.sizes {
		if d := x[w.first+i]; d != None {
			shape[w.first+i] = (d+w.pads[i][0]+w.pads[i][1]-w.span(i))/w.strides[i] + 1
		}
	}
	return shape
}

// lowered is the convolution of x by kernels of so many channels.
func (w *window) lowered(x *graph.Node, channels int) lowering.ConvolutionND {
	return lowering.ConvolutionND{ChannelsFirst: w.channels == 1, Strides: w.strides, Dilations: w.dilations, Paddings: w.pads, Groups: x.Shape().Dimensions[w.channels] / channels}
}

// over combines the elements of each window one after the other: the windows' k-th elements are a strided slice, for every k.
func (w *window) over(x, fill *graph.Node, f func(x, y *graph.Node) *graph.Node) *graph.Node {
	n := 1
	for _, d := range w.sizes {
		n = bounded("a window's size", n*d, 1<<10)
	}
	pads := make([]compute.PadAxis, x.Rank())
	for i, p := range w.pads {
		pads[w.first+i] = compute.PadAxis{Start: p[0], End: p[1]}
	}
	x = graph.Pad(x, fill, pads...)
	var y *graph.Node
	for k := range n {
		part := x
		for i, rest := len(w.sizes)-1, k; i >= 0; i-- {
			at := rest % w.sizes[i] * w.dilations[i]
			rest /= w.sizes[i]
			axis := w.first + i
			windows := (x.Shape().Dimensions[axis]-w.span(i))/w.strides[i] + 1
			steps := graph.AxisRange(at, at+(windows-1)*w.strides[i]+1)
			if windows > 1 {
				steps = steps.Stride(w.strides[i])
			}
			part = graph.SliceAxis(part, axis, steps)
		}
		if y == nil {
			y = part
		} else {
			y = f(y, part)
		}
	}
	return y
}

// firstMax is the larger of two, the first at a tie, which has the whole gradient.
func firstMax(x, y *graph.Node) *graph.Node {
	second := graph.GreaterThan(y, x)
	if x.DType().IsFloat() {
		second = graph.LogicalOr(second, graph.IsNaN(y))
	}
	return graph.Where(second, y, x)
}

func (c *call) poolWindow(x []int) *window {
	if len(x) < 3 || len(x) > 5 {
		fail("got inputs of shape %s, want (batch, …, channels) of one to three spatial axes", ShapeText(x))
	}
	return c.window(x, c.perAxis("pool_size", len(x)-2, nil), "strides", "")
}

func poolSpec(of func(string) string) func(c *call) []Spec {
	return func(c *call) []Spec {
		x := c.typed("inputs", of)
		w := c.poolWindow(x.Shape)
		return []Spec{{w.output(x.Shape, x.Shape[w.channels]), x.DType}}
	}
}

// floats is an argument in the output's type.
func (c *call) floats(name string) *graph.Node { return c.nodeOf(c.need(name), c.out[0].DType) }
