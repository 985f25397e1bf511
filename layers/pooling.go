package layers

import (
	"fmt"
	"slices"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/internal/config"
	"github.com/gokeras/gokeras/internal/kerasops"
	"github.com/gokeras/gokeras/internal/lowering"
	"github.com/gokeras/gokeras/symbolic"
)

// MaxPooling1DLayer is Keras's MaxPooling1D: the largest value of each window of a sequence.
type MaxPooling1DLayer struct {
	pooling[*MaxPooling1DLayer, [1]int]
}

// MaxPooling2DLayer is Keras's MaxPooling2D: the largest value of each window.
type MaxPooling2DLayer struct {
	pooling[*MaxPooling2DLayer, [2]int]
}

// MaxPooling3DLayer is Keras's MaxPooling3D: the largest value of each window of a volume.
type MaxPooling3DLayer struct {
	pooling[*MaxPooling3DLayer, [3]int]
}

// AveragePooling1DLayer is Keras's AveragePooling1D: the mean of each window of a sequence.
type AveragePooling1DLayer struct {
	pooling[*AveragePooling1DLayer, [1]int]
}

// AveragePooling2DLayer is Keras's AveragePooling2D: the mean of each window.
type AveragePooling2DLayer struct {
	pooling[*AveragePooling2DLayer, [2]int]
}

// AveragePooling3DLayer is Keras's AveragePooling3D: the mean of each window of a volume.
type AveragePooling3DLayer struct {
	pooling[*AveragePooling3DLayer, [3]int]
}

func init() {
	symbolic.RegisterLayer(func() symbolic.Layer { return MaxPooling1D() })
	symbolic.RegisterLayer(func() symbolic.Layer { return MaxPooling2D() })
	symbolic.RegisterLayer(func() symbolic.Layer { return MaxPooling3D() })
	symbolic.RegisterLayer(func() symbolic.Layer { return AveragePooling1D() })
	symbolic.RegisterLayer(func() symbolic.Layer { return AveragePooling2D() })
	symbolic.RegisterLayer(func() symbolic.Layer { return AveragePooling3D() })
}

// MaxPooling1D returns a layer that takes the largest value of each window of
// poolSize steps (Keras: MaxPooling1D(pool_size)), 2 by default. Inputs have the shape (batch, steps, channels).
func MaxPooling1D(poolSize ...int) *MaxPooling1DLayer {
	l := &MaxPooling1DLayer{}
	l.pooling.start(l, poolSize)
	return l
}

// MaxPooling2D returns a layer that takes the largest value of each window of
// poolSize by poolSize (Keras: MaxPooling2D(pool_size)), 2 by default; see
// PoolSize for windows that are not square. Inputs have the shape (batch, height, width, channels).
func MaxPooling2D(poolSize ...int) *MaxPooling2DLayer {
	l := &MaxPooling2DLayer{}
	l.pooling.start(l, poolSize)
	return l
}

// MaxPooling3D returns a layer that takes the largest value of each window of
// poolSize by poolSize by poolSize (Keras: MaxPooling3D(pool_size)), 2 by default; see
// PoolSize for windows that are not cubes. Inputs have the shape (batch, depth, height, width, channels).
func MaxPooling3D(poolSize ...int) *MaxPooling3DLayer {
	l := &MaxPooling3DLayer{}
	l.pooling.start(l, poolSize)
	return l
}

// AveragePooling1D returns a layer that takes the mean of each window of
// poolSize steps (Keras: AveragePooling1D(pool_size)), 2 by default. Padding doesn't count. Inputs have the shape (batch, steps, channels).
func AveragePooling1D(poolSize ...int) *AveragePooling1DLayer {
	l := &AveragePooling1DLayer{}
	l.pooling.start(l, poolSize)
	return l
}

// AveragePooling2D returns a layer that takes the mean of each window of
// poolSize by poolSize (Keras: AveragePooling2D(pool_size)), 2 by default; see
// PoolSize for windows that are not square. Padding doesn't count. Inputs have the shape (batch, height, width, channels).
func AveragePooling2D(poolSize ...int) *AveragePooling2DLayer {
	l := &AveragePooling2DLayer{}
	l.pooling.start(l, poolSize)
	return l
}

// AveragePooling3D returns a layer that takes the mean of each window of
// poolSize by poolSize by poolSize (Keras: AveragePooling3D(pool_size)), 2 by default; see
// PoolSize for windows that are not cubes. Padding doesn't count. Inputs have the shape (batch, depth, height, width, channels).
func AveragePooling3D(poolSize ...int) *AveragePooling3DLayer {
	l := &AveragePooling3DLayer{}
	l.pooling.start(l, poolSize)
	return l
}

// Call computes the layer.
func (l *MaxPooling1DLayer) Call(_ *symbolic.Call, in []*graph.Node) []*graph.Node {
	return []*graph.Node{l.maxima(in[0])}
}

// Call computes the layer.
func (l *MaxPooling2DLayer) Call(_ *symbolic.Call, in []*graph.Node) []*graph.Node {
	return []*graph.Node{l.maxima(in[0])}
}

// Call computes the layer.
func (l *MaxPooling3DLayer) Call(_ *symbolic.Call, in []*graph.Node) []*graph.Node {
	return []*graph.Node{l.maxima(in[0])}
}

// Call computes the layer.
func (l *AveragePooling1DLayer) Call(_ *symbolic.Call, in []*graph.Node) []*graph.Node {
	return []*graph.Node{l.means(kerasops.Unwrapped("average pooling", in[0]))}
}

// Call computes the layer.
func (l *AveragePooling2DLayer) Call(_ *symbolic.Call, in []*graph.Node) []*graph.Node {
	return []*graph.Node{l.means(kerasops.Unwrapped("average pooling", in[0]))}
}

// Call computes the layer.
func (l *AveragePooling3DLayer) Call(_ *symbolic.Call, in []*graph.Node) []*graph.Node {
	return []*graph.Node{l.means(kerasops.Unwrapped("average pooling", in[0]))}
}

// means takes the means of the windows of x, one axis after the other.
func (l *pooling[L, A]) means(x *graph.Node) *graph.Node {
	size, strides := list(l.cfg.PoolSize), l.cfg.Strides.value()
	_, first := l.cfg.DataFormat.axesOf(len(size))
	for i := range size {
		x = windowMeans(x, first+i, size[i], strides[i], l.cfg.Padding)
	}
	return x
}

// windowMeans takes the means of the windows along one axis. The windows' k-th
// elements are a strided slice, for every k: unlike a window reduction, that has a gradient on every engine.
func windowMeans(x *graph.Node, axis, window, stride int, padding Padding) *graph.Node {
	n := x.Shape().Dimensions[axis]
	windows, _ := padding.outputSize(n, window, stride)
	before := padding.amount(n, window, stride)[0]
	counts := make([]float64, windows)
	for w := range counts {
		start := w*stride - before
		counts[w] = float64(min(start+window, n) - max(start, 0))
	}
	var sum *graph.Node
	for k := range window {
		// The first and the last window whose k-th element is in the image.
		first := max((before-k+stride-1)/stride, 0)
		last := min((n-1+before-k)/stride, windows-1)
		if k > n-1+before || first > last {
			continue
		}
		start := first*stride + k - before
		part := graph.SliceAxis(x, axis, graph.AxisRange(start, start+(last-first)*stride+1).Stride(stride))
		part = withZeros(part, axis, first, windows-1-last)
		if sum == nil {
			sum = part
		} else {
			sum = graph.Add(sum, part)
		}
	}
	dims := make([]int, x.Rank())
	for a := range dims {
		dims[a] = 1
	}
	dims[axis] = windows
	return graph.Div(sum, graph.Reshape(graph.ConvertDType(graph.Const(x.Graph(), counts), x.DType()), dims...))
}

// withZeros adds zeros before and after x along an axis.
func withZeros(x *graph.Node, axis, before, after int) *graph.Node {
	parts := []*graph.Node{x}
	some := func(size int) *graph.Node {
		shape := x.Shape().Clone()
		shape.Dimensions[axis] = size
		return graph.Zeros(x.Graph(), shape)
	}
	if before > 0 {
		parts = append([]*graph.Node{some(before)}, parts...)
	}
	if after > 0 {
		parts = append(parts, some(after))
	}
	if len(parts) == 1 {
		return x
	}
	return graph.Concatenate(parts, axis)
}

// pooling is what the layers that pool windows share.
type pooling[L symbolic.Layer, A extents] struct {
	layer[L]
	sampleWise
	cfg poolingConfig[A]
}

type poolingConfig[A extents] struct {
	symbolic.LayerConfig
	PoolSize A           `keras:"pool_size" default:"2"`
	Strides  poolStrides `keras:"strides" default:"null"`
	windowConfig
}

// poolStrides is an argument whose default is the pool size.
type poolStrides struct {
	given    []int
	poolSize func() []int
}

func (s *poolStrides) value() []int {
	if s.given != nil {
		return s.given
	}
	return s.poolSize()
}

// EncodeKeras writes the default as the numbers that it stands for, as Keras does.
func (s *poolStrides) EncodeKeras() (any, error) {
	var values []any
	for _, v := range s.value() {
		values = append(values, v)
	}
	return values, nil
}

// DecodeKeras reads null, a number or one for each axis.
func (s *poolStrides) DecodeKeras(v any) error {
	list, isList := v.([]any)
	switch {
	case v == nil:
		s.given = nil
		return nil
	case !isList:
		list = []any{v}
	}
	values := make([]int, len(list))
	for i, v := range list {
		n, ok := config.AsInt(v)
		if !ok {
			return fmt.Errorf("got %v, want a whole number or a list of %d", v, len(s.poolSize()))
		}
		values[i] = n
	}
	if n := len(s.poolSize()); isList && len(values) != n {
		return fmt.Errorf("got a list of %d, want a whole number or a list of %d", len(values), n)
	}
	return s.set(values...)
}

func (s *poolStrides) set(strides ...int) error {
	given := make([]int, len(s.poolSize()))
	if err := fill(given, strides); err != nil {
		return err
	}
	s.given = given
	return nil
}

func (l *pooling[L, A]) start(self L, poolSize []int) {
	l.cfg.Strides.poolSize = func() []int { return list(l.cfg.PoolSize) }
	l.init(self, &l.cfg.LayerConfig)
	switch len(poolSize) {
	case 0:
	case 1:
		l.cfg.PoolSize = allOf[A](poolSize[0])
	default:
		window := []string{"", ".PoolSize(height, width) for a window that is not square, ", ".PoolSize(depth, height, width) for a window that is not a cube, "}[len(l.cfg.PoolSize)-1]
		l.Fail(fmt.Errorf("%s got %d values, of which Keras would read the second as strides: write %s.Strides(…) for strides",
			self.KerasClass().Name, len(poolSize), window))
	}
}

// KerasConfig returns the layer's configuration.
func (l *pooling[L, A]) KerasConfig() any { return &l.cfg }

// Validate reports arguments that Keras rejects.
func (c *poolingConfig[A]) Validate() error {
	if err := positive("pool_size", list(c.PoolSize)); err != nil {
		return err
	}
	if err := positive("strides", c.Strides.value()); err != nil {
		return err
	}
	return c.windowConfig.check()
}

// Infer replaces the sizes of the spatial axes by the number of windows.
func (l *pooling[L, A]) Infer(in *symbolic.Inputs) ([]symbolic.Spec, error) {
	size := list(l.cfg.PoolSize)
	x, err := oneOfRank(in, len(size)+2)
	if err != nil {
		return nil, err
	}
	out, err := l.cfg.outputShape(x, size, l.cfg.Strides.value())
	return l.floatOutput(out, err)
}

// OutputSteps says that windows lie wholly within the steps that count, if none reaches over the end.
func (l *pooling[L, A]) OutputSteps(c *symbolic.Call) ([]*graph.Node, bool) {
	size, strides := list(l.cfg.PoolSize), l.cfg.Strides.value()
	steps := c.Steps()
	if len(size) != 1 || l.cfg.DataFormat == ChannelsFirst || l.cfg.Padding != Valid || steps == nil {
		return nil, false
	}
	return []*graph.Node{windowSteps(steps, size[0], strides[0])}, true
}

// maxima takes the maxima of the windows of x.
func (l *pooling[L, A]) maxima(x *graph.Node) *graph.Node {
	size, strides := list(l.cfg.PoolSize), l.cfg.Strides.value()
	_, first := l.cfg.DataFormat.axesOf(len(size))
	amounts := l.cfg.amounts(x.Shape().Dimensions, size, strides)
	windows, steps, pads := slices.Repeat([]int{1}, x.Rank()), slices.Repeat([]int{1}, x.Rank()), make([][2]int, x.Rank())
	for i := range size {
		windows[first+i], steps[first+i], pads[first+i] = size[i], strides[i], amounts[i]
	}
	return ofTruth(func(in ...*graph.Node) *graph.Node { return lowering.MaxPool(in[0], windows, steps, pads) }, x)
}
