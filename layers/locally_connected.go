package layers

import (
	"fmt"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/symbolic"
)

// locallyConnected is Keras 2's LocallyConnected1D or LocallyConnected2D: a convolution that has a kernel and a bias of its own at every place. Keras 3 has
// no such layers: they are here for old files, and for what is saved of their models.
type locallyConnected[A extents] struct {
	layer[symbolic.Layer]
	sampleWise
	cfg locallyConnectedConfig[A]
}

type locallyConnectedConfig[A extents] struct {
	symbolic.LayerConfig
	Filters    int `keras:"filters"`
	KernelSize A   `keras:"kernel_size"`
	Strides    A   `keras:"strides" default:"1"`
	windowConfig
	activationConfig
	kernelConfig
	Implementation localKernel `keras:"implementation" default:"1"`
	_              any         `keras:"activity_regularizer"`
}

// localKernel is how the kernel lies in memory, and in files.
type localKernel int

const (
	byPlace  localKernel = 1 // (places, elements of a window, filters)
	byInput  localKernel = 2 // (an input's shape, an output's shape), of which what lies outside of the windows isn't used
	inOneRow localKernel = 3 // what is used of that, ordered by the output's element, then by the input's
)

func init() {
	registerLocal[[1]int]()
	registerLocal[[2]int]()
}

func registerLocal[A extents]() {
	symbolic.RegisterLayer(func() symbolic.Layer {
		l := &locallyConnected[A]{}
		l.init(l, &l.cfg.LayerConfig)
		return l
	})
}

// KerasClass names Keras 2's class.
func (l *locallyConnected[A]) KerasClass() symbolic.Class {
	name := fmt.Sprintf("LocallyConnected%dD", len(l.cfg.KernelSize))
	return symbolic.Class{Module: "gokeras", Name: name, Registered: "gokeras>" + name}
}

// KerasConfig returns the layer's configuration.
func (l *locallyConnected[A]) KerasConfig() any { return &l.cfg }

// Validate reports arguments that Keras 2 rejects.
func (c *locallyConnectedConfig[A]) Validate() error {
	err := firstError(positiveFilters(c.Filters), positive("kernel_size", list(c.KernelSize)), positive("strides", list(c.Strides)), c.windowConfig.check())
	switch {
	case err != nil:
		return err
	case c.Implementation < byPlace || c.Implementation > inOneRow:
		return fmt.Errorf("unrecognized implementation mode: %d", c.Implementation)
	case c.Implementation == byPlace && c.Padding != Valid:
		return fmt.Errorf("only padding=\"valid\" is supported if implementation is 1, received padding=%q", c.Padding)
	}
	return nil
}

// localAxis is what the windows do along one axis.
type localAxis struct {
	inputs, outputs, window, stride int
	before                          int // how far the first window begins before the first element
}

// at is the element where the part of a window that lies inside begins, and that after its last one.
func (a localAxis) at(output int) (from, to int) {
	start := output*a.stride - a.before
	return max(0, start), min(a.inputs, start+a.window)
}

// used counts the elements in all windows that lie inside.
func (a localAxis) used() int {
	n := 0
	for i := range a.outputs {
		from, to := a.at(i)
		n += to - from
	}
	return n
}

// along describes the axes of an input of these dimensions. Padded windows have the odd element before their middle, as TensorFlow's convolutions don't.
func (c *locallyConnectedConfig[A]) along(dims []int) []localAxis {
	_, first := c.DataFormat.axesOf(len(c.KernelSize))
	axes := make([]localAxis, len(c.KernelSize))
	for i := range axes {
		a := localAxis{inputs: dims[first+i], window: c.KernelSize[i], stride: c.Strides[i]}
		a.outputs, _ = c.Padding.outputSize(a.inputs, a.window, a.stride)
		if c.Padding == Same {
			a.before = a.window / 2
		}
		axes[i] = a
	}
	return axes
}

// Infer replaces the axes that the windows move along, which must be known, and the channels.
func (l *locallyConnected[A]) Infer(in *symbolic.Inputs) ([]symbolic.Spec, error) {
	x, _, err := l.windowInput(in, len(l.cfg.KernelSize), l.cfg.DataFormat)
	if err != nil {
		return nil, err
	}
	channels, first := l.cfg.DataFormat.axesOf(len(l.cfg.KernelSize))
	for i := range len(l.cfg.KernelSize) {
		if err := l.knownAxis(x, first+i); err != nil {
			return nil, err
		}
	}
	out, err := l.cfg.outputShape(x, list(l.cfg.KernelSize), list(l.cfg.Strides))
	if err == nil {
		out[channels] = l.cfg.Filters
	}
	return l.floatOutput(out, err)
}

// Declare declares the kernel and the bias, of shape (…, filters) in both data formats.
func (l *locallyConnected[A]) Declare(b *symbolic.Builder, in *symbolic.Inputs) error {
	x := firstShape(in)
	channels, _ := l.cfg.DataFormat.axesOf(len(l.cfg.KernelSize))
	axes, places := l.cfg.along(x), []int{}
	for _, a := range axes {
		places = append(places, a.outputs)
	}
	if err := symbolic.CheckShape(append([]int{x[channels], l.cfg.Filters}, append(list(l.cfg.KernelSize), places...)...)); err != nil {
		return err
	}
	window, used := x[channels], x[channels]*l.cfg.Filters
	for _, a := range axes {
		window, used = window*a.window, used*a.used()
	}
	kernel := []int{symbolic.Shape(places).Size(), window, l.cfg.Filters}
	switch l.cfg.Implementation {
	case byInput:
		kernel = append(x[1:].Clone(), l.cfg.shaped(places, l.cfg.Filters)...)
	case inOneRow:
		kernel = []int{used}
	}
	l.cfg.declareKernel(b, kernel, l.cfg.KernelInitializer)
	if l.cfg.UseBias {
		l.cfg.kernelAndBias.declareBias(b, append(places, l.cfg.Filters)...)
	}
	return nil
}

// shaped is the shape of one sample of so many channels.
func (c *locallyConnectedConfig[A]) shaped(places []int, channels int) []int {
	if c.DataFormat == ChannelsFirst {
		return append([]int{channels}, places...)
	}
	return append(append([]int{}, places...), channels)
}

// Call computes the layer.
func (l *locallyConnected[A]) Call(c *symbolic.Call, in []*graph.Node) []*graph.Node {
	x := floats(c, in[0])
	axes := l.cfg.along(x.Shape().Dimensions)
	places := make([]int, len(axes))
	for i, a := range axes {
		places[i] = a.outputs
	}
	var y *graph.Node
	if kernel := c.Weight("kernel"); l.cfg.Implementation == byInput {
		y = l.cfg.connect(x, kernel, axes)
	} else {
		y = l.cfg.multiply(c, x, kernel, axes)
	}
	y = graph.Reshape(y, append([]int{-1}, l.cfg.shaped(places, l.cfg.Filters)...)...)
	if l.cfg.UseBias {
		// In both formats with its elements in the order of memory, as Keras 2 adds it.
		y = graph.Add(y, graph.Reshape(c.Weight("bias"), append([]int{1}, l.cfg.shaped(places, l.cfg.Filters)...)...))
	}
	return []*graph.Node{l.cfg.activate(y)}
}

// connect multiplies with a matrix of all elements of an input by all of an output, of which it uses those in windows.
func (c *locallyConnectedConfig[A]) connect(x, kernel *graph.Node, axes []localAxis) *graph.Node {
	_, first := c.DataFormat.axesOf(len(axes))
	n := len(axes) + 1
	for i, a := range axes {
		dims := make([]int, 2*n)
		for j := range dims {
			dims[j] = 1
		}
		dims[first-1+i], dims[n+first-1+i] = a.inputs, a.outputs
		inside := make([]bool, a.inputs*a.outputs)
		for o := range a.outputs {
			for from, to := a.at(o); from < to; from++ {
				inside[from*a.outputs+o] = true
			}
		}
		mask := graph.Reshape(graph.Const(x.Graph(), inside), dims...)
		kernel = graph.Where(graph.BroadcastToShape(mask, kernel.Shape()), kernel, graph.ZerosLike(kernel))
	}
	rows := symbolic.Shape(kernel.Shape().Dimensions[:n]).Size()
	return graph.Dot(graph.Reshape(x, -1, rows), graph.Reshape(kernel, rows, -1)).Product()
}

// multiply multiplies each window with the kernel of its place.
func (c *locallyConnectedConfig[A]) multiply(call *symbolic.Call, x, kernel *graph.Node, axes []localAxis) *graph.Node {
	if c.DataFormat == ChannelsFirst {
		order := []int{0}
		for i := range axes {
			order = append(order, 2+i)
		}
		x = graph.TransposeAllAxes(x, append(order, 1)...)
	}
	channels := x.Shape().Dimensions[len(axes)+1]
	places, window := 1, 1
	pads := make([]graph.PadAxis, x.Rank())
	for i, a := range axes {
		last := (a.outputs-1)*a.stride - a.before + a.window
		pads[i+1] = graph.PadAxis{Start: a.before, End: max(0, last-a.inputs)}
		places, window = places*a.outputs, window*a.window
	}
	x = graph.Pad(x, graph.ScalarZero(x.Graph(), x.DType()), pads...)
	var size, strides []any
	if len(axes) == 1 { // patches are those of images
		x, size, strides = graph.InsertAxes(x, 1), []any{1}, []any{1}
	}
	for _, a := range axes {
		size, strides = append(size, a.window), append(strides, a.stride)
	}
	x = call.Op("ExtractPatches", map[string]any{"size": size, "strides": strides, "padding": "valid", "data_format": "channels_last"}, x)
	x = graph.Reshape(x, -1, places, window, channels)
	switch {
	case c.Implementation == inOneRow:
		kernel = c.spread(kernel, axes, channels)
	case c.DataFormat == ChannelsFirst:
		kernel = graph.TransposeAllAxes(graph.Reshape(kernel, places, channels, window, c.Filters), 0, 2, 1, 3)
	default:
		kernel = graph.Reshape(kernel, places, window, channels, c.Filters)
	}
	if c.DataFormat == ChannelsFirst {
		return graph.Einsum("bpwc,pwcf->bfp", x, kernel)
	}
	return graph.Einsum("bpwc,pwcf->bpf", x, kernel)
}

// spread puts the kernel's row into the shape (places, elements of a window, channels, filters), with zeros outside of the input.
func (c *locallyConnectedConfig[A]) spread(kernel *graph.Node, axes []localAxis, channels int) *graph.Node {
	g := kernel.Graph()
	places, window := 1, 1
	for _, a := range axes {
		places, window = places*a.outputs, window*a.window
	}
	before, count := make([]int32, places), make([]int32, places) // elements inside in the windows before it, and in it
	rank := make([]int32, places*window)                          // of an element among those inside
	inside := make([]bool, places*window)
	total := int32(0)
	for p := range places {
		before[p] = total
		for w := range window {
			in, place, element := true, p, w
			for i := len(axes) - 1; i >= 0; i-- {
				a := axes[i]
				at := place%a.outputs*a.stride - a.before + element%a.window
				in = in && at >= 0 && at < a.inputs
				place, element = place/a.outputs, element/a.window
			}
			if rank[p*window+w] = count[p]; in {
				inside[p*window+w] = true
				count[p]++
			}
		}
		total += count[p]
	}
	perPlace := func(values []int32) *graph.Node { return graph.Reshape(graph.Const(g, values), places, 1, 1, 1) }
	dims := []int{places, window, channels, c.Filters}
	number := func(axis int) *graph.Node {
		return graph.Iota(g, shapes.Make(dtypes.Int32, dims...), axis)
	}
	perElement := graph.Reshape(graph.Const(g, rank), places, window, 1, 1)
	var at *graph.Node
	if c.DataFormat == ChannelsFirst { // filter, place; channel, element
		at = graph.Add(graph.MulScalar(number(3), float64(total)*float64(channels)), graph.MulScalar(perPlace(before), channels))
		at = graph.Add(graph.Add(at, graph.Mul(number(2), perPlace(count))), perElement)
	} else { // place, filter; element, channel
		at = graph.Add(graph.MulScalar(perPlace(before), float64(channels)*float64(c.Filters)), graph.Mul(number(3), graph.MulScalar(perPlace(count), channels)))
		at = graph.Add(graph.Add(at, graph.MulScalar(perElement, channels)), number(2))
	}
	outside := graph.Scalar(g, dtypes.Int32, kernel.Shape().Dimensions[0])
	isInside := graph.BroadcastToDims(graph.Reshape(graph.Const(g, inside), places, window, 1, 1), dims...)
	at = graph.Where(isInside, at, graph.BroadcastToDims(outside, dims...))
	row := graph.Concatenate([]*graph.Node{kernel, graph.Zeros(g, shapes.Make(kernel.DType(), 1))}, 0)
	return graph.Reshape(graph.Gather(row, graph.Reshape(at, -1, 1)), dims...)
}
