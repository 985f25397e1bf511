package layers

import (
	"slices"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/internal/kerasops"
	"github.com/gokeras/gokeras/internal/lowering"
	"github.com/gokeras/gokeras/symbolic"
)

// AdaptiveAveragePooling1DLayer is Keras's AdaptiveAveragePooling1D: the mean of each of a given number of windows.
type AdaptiveAveragePooling1DLayer struct {
	adaptivePooling[*AdaptiveAveragePooling1DLayer, [1]int]
}

// AdaptiveAveragePooling2DLayer is Keras's AdaptiveAveragePooling2D: the mean of each of a given number of windows.
type AdaptiveAveragePooling2DLayer struct {
	adaptivePooling[*AdaptiveAveragePooling2DLayer, [2]int]
}

// AdaptiveAveragePooling3DLayer is Keras's AdaptiveAveragePooling3D: the mean of each of a given number of windows.
type AdaptiveAveragePooling3DLayer struct {
	adaptivePooling[*AdaptiveAveragePooling3DLayer, [3]int]
}

// AdaptiveMaxPooling1DLayer is Keras's AdaptiveMaxPooling1D: the largest value of each of a given number of windows.
type AdaptiveMaxPooling1DLayer struct {
	adaptivePooling[*AdaptiveMaxPooling1DLayer, [1]int]
}

// AdaptiveMaxPooling2DLayer is Keras's AdaptiveMaxPooling2D: the largest value of each of a given number of windows.
type AdaptiveMaxPooling2DLayer struct {
	adaptivePooling[*AdaptiveMaxPooling2DLayer, [2]int]
}

// AdaptiveMaxPooling3DLayer is Keras's AdaptiveMaxPooling3D: the largest value of each of a given number of windows.
type AdaptiveMaxPooling3DLayer struct {
	adaptivePooling[*AdaptiveMaxPooling3DLayer, [3]int]
}

func init() {
	symbolic.RegisterLayer(func() symbolic.Layer { return AdaptiveAveragePooling1D(1) })
	symbolic.RegisterLayer(func() symbolic.Layer { return AdaptiveAveragePooling2D(1) })
	symbolic.RegisterLayer(func() symbolic.Layer { return AdaptiveAveragePooling3D(1) })
	symbolic.RegisterLayer(func() symbolic.Layer { return AdaptiveMaxPooling1D(1) })
	symbolic.RegisterLayer(func() symbolic.Layer { return AdaptiveMaxPooling2D(1) })
	symbolic.RegisterLayer(func() symbolic.Layer { return AdaptiveMaxPooling3D(1) })
}

// AdaptiveAveragePooling1D returns a layer that takes the means of windows which follow from the size that the output shall have (Keras:
// AdaptiveAveragePooling1D(output_size)). Inputs of shape (batch, steps, channels) become (batch, outputSize, channels).
func AdaptiveAveragePooling1D(outputSize int) *AdaptiveAveragePooling1DLayer {
	l := &AdaptiveAveragePooling1DLayer{}
	l.init(l, &l.cfg.LayerConfig)
	l.cfg.OutputSize = [1]int{outputSize}
	return l
}

// AdaptiveAveragePooling2D returns a layer that takes the means of windows which follow from the size that the output shall have (Keras:
// AdaptiveAveragePooling2D(output_size)); outputSize is a number or [2]int{height, width}. Inputs of shape (batch, height, width, channels) become (batch, new height, new width, channels).
func AdaptiveAveragePooling2D[S int | [2]int](outputSize S) *AdaptiveAveragePooling2DLayer {
	l := &AdaptiveAveragePooling2DLayer{}
	l.init(l, &l.cfg.LayerConfig)
	l.cfg.OutputSize = eachAxis[[2]int](outputSize)
	return l
}

// AdaptiveAveragePooling3D returns a layer that takes the means of windows which follow from the size that the output shall have (Keras:
// AdaptiveAveragePooling3D(output_size)); outputSize is a number or [3]int{depth, height, width}. Inputs of shape (batch, depth, height, width, channels) become (batch, new depth, new height, new width, channels).
func AdaptiveAveragePooling3D[S int | [3]int](outputSize S) *AdaptiveAveragePooling3DLayer {
	l := &AdaptiveAveragePooling3DLayer{}
	l.init(l, &l.cfg.LayerConfig)
	l.cfg.OutputSize = eachAxis[[3]int](outputSize)
	return l
}

// AdaptiveMaxPooling1D returns a layer that takes the largest values of windows which follow from the size that the output shall have (Keras:
// AdaptiveMaxPooling1D(output_size)). Inputs of shape (batch, steps, channels) become (batch, outputSize, channels).
func AdaptiveMaxPooling1D(outputSize int) *AdaptiveMaxPooling1DLayer {
	l := &AdaptiveMaxPooling1DLayer{}
	l.init(l, &l.cfg.LayerConfig)
	l.cfg.OutputSize = [1]int{outputSize}
	return l
}

// AdaptiveMaxPooling2D returns a layer that takes the largest values of windows which follow from the size that the output shall have (Keras:
// AdaptiveMaxPooling2D(output_size)); outputSize is a number or [2]int{height, width}. Inputs of shape (batch, height, width, channels) become (batch, new height, new width, channels).
func AdaptiveMaxPooling2D[S int | [2]int](outputSize S) *AdaptiveMaxPooling2DLayer {
	l := &AdaptiveMaxPooling2DLayer{}
	l.init(l, &l.cfg.LayerConfig)
	l.cfg.OutputSize = eachAxis[[2]int](outputSize)
	return l
}

// AdaptiveMaxPooling3D returns a layer that takes the largest values of windows which follow from the size that the output shall have (Keras:
// AdaptiveMaxPooling3D(output_size)); outputSize is a number or [3]int{depth, height, width}. Inputs of shape (batch, depth, height, width, channels) become (batch, new depth, new height, new width, channels).
func AdaptiveMaxPooling3D[S int | [3]int](outputSize S) *AdaptiveMaxPooling3DLayer {
	l := &AdaptiveMaxPooling3DLayer{}
	l.init(l, &l.cfg.LayerConfig)
	l.cfg.OutputSize = eachAxis[[3]int](outputSize)
	return l
}

// eachAxis reads an argument that is one number for all axes or one for each.
func eachAxis[A extents](v any) A {
	if n, ok := v.(int); ok {
		return allOf[A](n)
	}
	return v.(A)
}

// Call computes the layer.
func (l *AdaptiveAveragePooling1DLayer) Call(_ *symbolic.Call, in []*graph.Node) []*graph.Node {
	return []*graph.Node{l.pool(kerasops.Unwrapped("average pooling", in[0]), adaptiveMeans)}
}

// Call computes the layer.
func (l *AdaptiveAveragePooling2DLayer) Call(_ *symbolic.Call, in []*graph.Node) []*graph.Node {
	return []*graph.Node{l.pool(kerasops.Unwrapped("average pooling", in[0]), adaptiveMeans)}
}

// Call computes the layer.
func (l *AdaptiveAveragePooling3DLayer) Call(_ *symbolic.Call, in []*graph.Node) []*graph.Node {
	return []*graph.Node{l.pool(kerasops.Unwrapped("average pooling", in[0]), adaptiveMeans)}
}

// Call computes the layer.
func (l *AdaptiveMaxPooling1DLayer) Call(_ *symbolic.Call, in []*graph.Node) []*graph.Node {
	return []*graph.Node{ofTruth(func(in ...*graph.Node) *graph.Node { return l.pool(in[0], adaptiveMaxima) }, in[0])}
}

// Call computes the layer.
func (l *AdaptiveMaxPooling2DLayer) Call(_ *symbolic.Call, in []*graph.Node) []*graph.Node {
	return []*graph.Node{ofTruth(func(in ...*graph.Node) *graph.Node { return l.pool(in[0], adaptiveMaxima) }, in[0])}
}

// Call computes the layer.
func (l *AdaptiveMaxPooling3DLayer) Call(_ *symbolic.Call, in []*graph.Node) []*graph.Node {
	return []*graph.Node{ofTruth(func(in ...*graph.Node) *graph.Node { return l.pool(in[0], adaptiveMaxima) }, in[0])}
}

// adaptivePooling is what the layers share that pool to a given size.
type adaptivePooling[L symbolic.Layer, A extents] struct {
	layer[L]
	sampleWise
	cfg adaptivePoolingConfig[A]
}

type adaptivePoolingConfig[A extents] struct {
	symbolic.LayerConfig
	OutputSize A `keras:"output_size"`
	formatConfig
}

// KerasConfig returns the layer's configuration.
func (l *adaptivePooling[L, A]) KerasConfig() any { return &l.cfg }

// Validate reports arguments that Keras rejects.
func (c *adaptivePoolingConfig[A]) Validate() error {
	if err := positive("output_size", list(c.OutputSize)); err != nil {
		return err
	}
	return c.DataFormat.check()
}

// Infer replaces the sizes of the spatial axes.
func (l *adaptivePooling[L, A]) Infer(in *symbolic.Inputs) ([]symbolic.Spec, error) {
	size := list(l.cfg.OutputSize)
	x, err := oneOfRank(in, len(size)+2)
	if err != nil {
		return nil, err
	}
	_, first := l.cfg.DataFormat.axesOf(len(size))
	copy(x[first:], size)
	return l.floatOutput(x, nil)
}

// pool reduces the windows of one axis after the other.
func (l *adaptivePooling[L, A]) pool(x *graph.Node, reduce func(x *graph.Node, axis int, sizes []int) *graph.Node) *graph.Node {
	size := list(l.cfg.OutputSize)
	_, first := l.cfg.DataFormat.axesOf(len(size))
	for i, windows := range size {
		x = reduce(adaptiveWindows(x, first+i, windows))
	}
	return x
}

// adaptiveWindows puts so many windows over an axis beside each other, each as wide as the widest: smaller ones repeat their last
// element. sizes are the windows' own.
func adaptiveWindows(x *graph.Node, axis, windows int) (beside *graph.Node, at int, sizes []int) {
	n := x.Shape().Dimensions[axis]
	starts, widest := make([]int, windows), 0
	sizes = make([]int, windows)
	for w := range windows {
		starts[w] = w * n / windows
		sizes[w] = ((w+1)*n+windows-1)/windows - starts[w]
		widest = max(widest, sizes[w])
	}
	if windows*widest == n {
		return x, axis, sizes // they lie beside each other as they are
	}
	indices := make([][]int32, 0, windows*widest)
	for w, start := range starts {
		for k := range widest {
			indices = append(indices, []int32{int32(start + min(k, sizes[w]-1))})
		}
	}
	order := swapped(x.Rank(), axis)
	taken := graph.Gather(graph.TransposeAllAxes(x, order...), graph.Const(x.Graph(), indices))
	return graph.TransposeAllAxes(taken, order...), axis, sizes
}

// swapped are so many axes with one of them in the place of the first.
func swapped(rank, axis int) []int {
	order := make([]int, rank)
	for i := range order {
		order[i] = i
	}
	order[0], order[axis] = axis, 0
	return order
}

// adaptiveMaxima takes the maxima of windows that lie beside each other.
func adaptiveMaxima(x *graph.Node, axis int, sizes []int) *graph.Node {
	windows := slices.Repeat([]int{1}, x.Rank())
	windows[axis] = x.Shape().Dimensions[axis] / len(sizes)
	return lowering.MaxPool(x, windows, windows, make([][2]int, x.Rank()))
}

// adaptiveMeans takes the means of windows that lie beside each other, without the elements that only fill them up.
func adaptiveMeans(x *graph.Node, axis int, sizes []int) *graph.Node {
	dims := x.Shape().Dimensions
	widest := dims[axis] / len(sizes)
	split := slices.Concat(dims[:axis], []int{len(sizes), widest}, dims[axis+1:])
	x = graph.Reshape(x, split...)
	counts, divisors, uneven := make([]bool, 0, len(sizes)*widest), make([]float64, len(sizes)), false
	for w, size := range sizes {
		divisors[w] = float64(size)
		uneven = uneven || size < widest
		for k := range widest {
			counts = append(counts, k < size)
		}
	}
	// along gives a constant the axes of x that it goes along.
	along := func(constant *graph.Node, rank, axes int) *graph.Node {
		shape := slices.Repeat([]int{1}, rank)
		copy(shape[axis:], split[axis:axis+axes])
		return graph.Reshape(constant, shape...)
	}
	if uneven {
		mask := graph.BroadcastToDims(along(graph.Const(x.Graph(), counts), x.Rank(), 2), split...)
		x = graph.Where(mask, x, graph.ZerosLike(x))
	}
	sums := graph.ReduceSum(x, axis+1)
	return graph.Div(sums, along(graph.ConvertDType(graph.Const(x.Graph(), divisors), x.DType()), sums.Rank(), 1))
}
