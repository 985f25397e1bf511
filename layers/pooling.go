package layers

import (
	"fmt"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/internal/config"
	"github.com/gokeras/gokeras/internal/lowering"
	"github.com/gokeras/gokeras/symbolic"
)

// MaxPooling2DLayer is Keras's MaxPooling2D: the largest value of each window.
type MaxPooling2DLayer struct{ pooling[*MaxPooling2DLayer] }

// AveragePooling2DLayer is Keras's AveragePooling2D: the mean of each window.
type AveragePooling2DLayer struct {
	pooling[*AveragePooling2DLayer]
}

func init() {
	symbolic.RegisterLayer(func() symbolic.Layer { return MaxPooling2D() })
	symbolic.RegisterLayer(func() symbolic.Layer { return AveragePooling2D() })
}

// MaxPooling2D returns a layer that takes the largest value of each window of
// poolSize by poolSize (Keras: MaxPooling2D(pool_size)), 2 by default; see
// PoolSize for windows that are not square. Inputs have the shape (batch, height, width, channels).
func MaxPooling2D(poolSize ...int) *MaxPooling2DLayer {
	l := &MaxPooling2DLayer{}
	l.pooling.start(l, poolSize)
	return l
}

// AveragePooling2D returns a layer that takes the mean of each window of
// poolSize by poolSize (Keras: AveragePooling2D(pool_size)), 2 by default;
// see PoolSize for windows that are not square. Padding doesn't count. Inputs
// have the shape (batch, height, width, channels).
func AveragePooling2D(poolSize ...int) *AveragePooling2DLayer {
	l := &AveragePooling2DLayer{}
	l.pooling.start(l, poolSize)
	l.floats = true
	return l
}

// KerasClass names Keras's MaxPooling2D.
func (l *MaxPooling2DLayer) KerasClass() symbolic.Class { return keras("MaxPooling2D") }

// KerasClass names Keras's AveragePooling2D.
func (l *AveragePooling2DLayer) KerasClass() symbolic.Class { return keras("AveragePooling2D") }

// Call computes the layer.
func (l *MaxPooling2DLayer) Call(_ *symbolic.Call, in []*graph.Node) []*graph.Node {
	return []*graph.Node{l.maxima(in[0])}
}

// Call computes the layer.
func (l *AveragePooling2DLayer) Call(c *symbolic.Call, in []*graph.Node) []*graph.Node {
	x := floats(c, in[0])
	_, height := l.cfg.DataFormat.axes()
	for i := range 2 {
		x = l.mean(x, height+i, i)
	}
	return []*graph.Node{x}
}

// mean takes the means of the windows along one axis, the i-th of the image. The windows' k-th
// elements are a strided slice, for every k: unlike a window reduction, that has a gradient on every engine.
func (l *AveragePooling2DLayer) mean(x *graph.Node, axis, i int) *graph.Node {
	n, window, stride := x.Shape().Dimensions[axis], l.cfg.PoolSize[i], l.cfg.Strides.value()[i]
	windows, _ := l.cfg.Padding.outputSize(n, window, stride)
	before := l.cfg.Padding.amount(n, window, stride)[0]
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
		part = l.zeros(part, axis, first, windows-1-last)
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

// zeros adds zeros before and after x along an axis.
func (l *AveragePooling2DLayer) zeros(x *graph.Node, axis, before, after int) *graph.Node {
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
type pooling[L symbolic.Layer] struct {
	layer[L]
	sampleWise
	floats bool // means of integers are floats
	cfg    poolingConfig
}

type poolingConfig struct {
	symbolic.LayerConfig
	PoolSize [2]int      `keras:"pool_size" default:"2"`
	Strides  poolStrides `keras:"strides" default:"null"`
	windowConfig
}

// poolStrides is an argument whose default is the pool size.
type poolStrides struct{ given, poolSize *[2]int }

func (s *poolStrides) value() [2]int {
	if s.given != nil {
		return *s.given
	}
	return *s.poolSize
}

// EncodeKeras writes the default as the numbers that it stands for, as Keras does.
func (s *poolStrides) EncodeKeras() (any, error) {
	v := s.value()
	return []any{v[0], v[1]}, nil
}

// DecodeKeras reads null, a number or a pair.
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
			return fmt.Errorf("got %v, want a whole number or a list of 2", v)
		}
		values[i] = n
	}
	return s.set(values...)
}

func (s *poolStrides) set(strides ...int) error {
	s.given = &[2]int{}
	return fill(s.given[:], strides)
}

func (l *pooling[L]) start(self L, poolSize []int) {
	l.init(self, &l.cfg.LayerConfig)
	l.cfg.Strides.poolSize = &l.cfg.PoolSize
	switch len(poolSize) {
	case 0:
	case 1:
		l.cfg.PoolSize = [2]int{poolSize[0], poolSize[0]}
	default:
		l.Fail(fmt.Errorf("%s got %d values, of which Keras would read the second as strides: write .PoolSize(height, width) for a window that is not square, .Strides(…) for strides",
			self.KerasClass().Name, len(poolSize)))
	}
}

// KerasConfig returns the layer's configuration.
func (l *pooling[L]) KerasConfig() any { return &l.cfg }

// Validate reports arguments that Keras rejects.
func (c *poolingConfig) Validate() error {
	if err := positivePair("pool_size", c.PoolSize); err != nil {
		return err
	}
	if err := positivePair("strides", c.Strides.value()); err != nil {
		return err
	}
	return c.windowConfig.check()
}

// Infer replaces the height and the width by the number of windows.
func (l *pooling[L]) Infer(in *symbolic.Inputs) ([]symbolic.Spec, error) {
	x, err := oneOfRank(in, 4)
	if err != nil {
		return nil, err
	}
	out, err := l.cfg.outputShape(x, l.cfg.PoolSize, l.cfg.Strides.value())
	if l.floats {
		return l.floatOutput(out, err)
	}
	return l.output(in, out, err)
}

// maxima takes the maxima of the windows of x.
func (l *pooling[L]) maxima(x *graph.Node) *graph.Node {
	_, height := l.cfg.DataFormat.axes()
	size, strides := l.cfg.PoolSize, l.cfg.Strides.value()
	amounts := l.cfg.amounts(x.Shape().Dimensions, size, strides)
	windows, steps, pads := []int{1, 1, 1, 1}, []int{1, 1, 1, 1}, make([][2]int, 4)
	for i := range 2 {
		windows[height+i], steps[height+i], pads[height+i] = size[i], strides[i], amounts[i]
	}
	return lowering.MaxPool(x, windows, steps, pads)
}
