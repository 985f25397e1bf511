package layers

import (
	"fmt"
	"slices"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/internal/kerasops"
	"github.com/gokeras/gokeras/symbolic"
)

// The layers that combine inputs element by element. Inputs may differ in axes of size 1
// and in their number of axes: missing ones are put after the batch axis.
type (
	// AddLayer is Keras's Add.
	AddLayer struct{ merge[*AddLayer] }
	// SubtractLayer is Keras's Subtract.
	SubtractLayer struct{ merge[*SubtractLayer] }
	// MultiplyLayer is Keras's Multiply.
	MultiplyLayer struct{ merge[*MultiplyLayer] }
	// AverageLayer is Keras's Average.
	AverageLayer struct{ merge[*AverageLayer] }
	// MaximumLayer is Keras's Maximum.
	MaximumLayer struct{ merge[*MaximumLayer] }
	// MinimumLayer is Keras's Minimum.
	MinimumLayer struct{ merge[*MinimumLayer] }
)

func init() {
	symbolic.RegisterLayer(func() symbolic.Layer { return Add() })
	symbolic.RegisterLayer(func() symbolic.Layer { return Subtract() })
	symbolic.RegisterLayer(func() symbolic.Layer { return Multiply() })
	symbolic.RegisterLayer(func() symbolic.Layer { return Average() })
	symbolic.RegisterLayer(func() symbolic.Layer { return Maximum() })
	symbolic.RegisterLayer(func() symbolic.Layer { return Minimum() })
}

// Add returns a layer that adds its inputs up (Keras: Add()): Add().Apply(a, b).
func Add() *AddLayer {
	l := &AddLayer{}
	l.start(l, graph.Add)
	return l
}

// Subtract returns a layer that subtracts the second of its two inputs from
// the first (Keras: Subtract()).
func Subtract() *SubtractLayer {
	l := &SubtractLayer{}
	l.start(l, graph.Sub)
	l.two = true
	return l
}

// Multiply returns a layer that multiplies its inputs (Keras: Multiply()).
func Multiply() *MultiplyLayer {
	l := &MultiplyLayer{}
	l.start(l, graph.Mul)
	l.masked = multiplyMasked
	return l
}

// Average returns a layer that takes the mean of its inputs (Keras: Average()).
func Average() *AverageLayer {
	l := &AverageLayer{}
	l.start(l, graph.Add)
	return l
}

// Maximum returns a layer that takes the largest of its inputs (Keras: Maximum()).
func Maximum() *MaximumLayer {
	l := &MaximumLayer{}
	l.start(l, func(a, b *graph.Node) *graph.Node { return choose(a, b, graph.GreaterThan) })
	l.masked = l.chooseMasked
	return l
}

// Minimum returns a layer that takes the smallest of its inputs (Keras: Minimum()).
func Minimum() *MinimumLayer {
	l := &MinimumLayer{}
	l.start(l, func(a, b *graph.Node) *graph.Node { return choose(a, b, graph.LessThan) })
	l.masked = l.chooseMasked
	return l
}

// choose returns the one that is before the other. At a tie each has half of the gradient, as in JAX; a NaN stays.
func choose(a, b *graph.Node, before func(a, b *graph.Node) *graph.Node) *graph.Node {
	shape := graph.Add(a, b).Shape().Dimensions
	a, b = graph.BroadcastToDims(a, shape...), graph.BroadcastToDims(b, shape...)
	tie := a
	if a.DType().IsFloat() {
		tie = graph.Add(graph.MulScalar(a, 0.5), graph.MulScalar(b, 0.5))
	}
	return graph.Where(before(a, b), a, graph.Where(before(b, a), b, tie))
}

// Call computes the layer.
func (l *AverageLayer) Call(c *symbolic.Call, in []*graph.Node) []*graph.Node {
	sum := kerasops.Inexact(l.merge.Call(c, in)[0]) // of truth values one, of whole numbers one of their type
	return []*graph.Node{graph.DivScalar(sum, float64(len(in)))}
}

// merge is what the layers of this file share.
type merge[L symbolic.Layer] struct {
	layer[L]
	sampleWise
	cfg     symbolic.LayerConfig
	combine func(a, b *graph.Node) *graph.Node
	masked  func(in, masks []*graph.Node) *graph.Node // combines inputs of one rank of which some have masks; nil where masks change nothing
	two     bool                                      // exactly two inputs
	old     bool                                      // masks are those of Keras 2
}

func (l *merge[L]) start(self L, combine func(a, b *graph.Node) *graph.Node) {
	l.init(self, &l.cfg)
	l.combine = combine
}

// KerasConfig returns the layer's configuration.
func (l *merge[L]) KerasConfig() any { return &l.cfg }

// Infer broadcasts the inputs.
func (l *merge[L]) Infer(inputs *symbolic.Inputs) ([]symbolic.Spec, error) {
	in := shapesOf(inputs)
	class := l.self.KerasClass().Name
	if l.two && len(in) != 2 {
		return nil, fmt.Errorf("a `%s` layer should be called on exactly 2 inputs, received %d", class, len(in))
	}
	if len(in) == 0 {
		return nil, fmt.Errorf("a merge layer should be called on at least 1 input")
	}
	batch := symbolic.None
	var out symbolic.Shape
	for i, x := range in {
		if err := minRank(x, 1); err != nil {
			return nil, err
		}
		if x[0] != symbolic.None {
			if batch != symbolic.None && batch != x[0] {
				return nil, fmt.Errorf("cannot merge tensors with different batch sizes, received tensors with shapes %s", shapeList(in))
			}
			batch = x[0]
		}
		if i == 0 {
			out = x[1:].Clone()
			continue
		}
		var err error
		if out, err = broadcast(out, x[1:]); err != nil {
			return nil, err
		}
	}
	out = append(symbolic.Shape{batch}, out...)
	return l.floatOutput(out, nil)
}

// TakesList says that the layer takes a list, even of one.
func (l *merge[L]) TakesList() {}

// MaskAsKeras2 makes the layer count a step that all inputs with a mask count, and leave its values alone.
func (l *merge[L]) MaskAsKeras2() { l.old = true }

// ComputeMask counts a step that any of the inputs counts; there is no mask unless all inputs have one.
func (l *merge[L]) ComputeMask(m *symbolic.MaskCall) []symbolic.Mask {
	class := "LogicalOr"
	if l.old {
		class = "LogicalAnd"
	}
	var out symbolic.Mask
	for _, mask := range m.PreviousAll() {
		switch {
		case mask == nil && l.old:
		case mask == nil:
			return nil
		case out == nil:
			out = mask
		default:
			out = m.Op(class, nil, out, mask)
		}
	}
	return []symbolic.Mask{out}
}

// broadcast returns the shape of an operation on elements of a and b.
func broadcast(a, b symbolic.Shape) (symbolic.Shape, error) {
	if len(a) < len(b) {
		a, b = b, a
	}
	out := a.Clone()
	for i := range b {
		at := len(a) - len(b) + i
		switch {
		case b[i] == out[at] || b[i] == 1:
		case out[at] == 1:
			out[at] = b[i]
		case out[at] == symbolic.None || b[i] == symbolic.None:
			out[at] = symbolic.None
		default:
			return nil, fmt.Errorf("inputs have incompatible shapes, received shapes %s and %s", a, b)
		}
	}
	return out, nil
}

// Call computes the layer.
func (l *merge[L]) Call(c *symbolic.Call, in []*graph.Node) []*graph.Node {
	rank := 0
	for _, x := range in {
		rank = max(rank, x.Rank())
	}
	in = sameType(c, in)
	sameRank := !slices.ContainsFunc(in, func(x *graph.Node) bool { return x.Rank() != rank })
	if masks := c.InputMasks(); l.masked != nil && !l.old && sameRank && slices.ContainsFunc(masks, func(m *graph.Node) bool { return m != nil }) {
		for i, m := range masks {
			if m != nil { // as wide as the input
				masks[i] = graph.StopGradient(graph.BroadcastToDims(graph.InsertAxes(m, -1), in[i].Shape().Dimensions...))
			}
		}
		return []*graph.Node{l.masked(in, masks)}
	}
	var y *graph.Node
	for i, x := range in {
		if dims := x.Shape().Dimensions; len(dims) < rank {
			full := []int{dims[0]}
			for range rank - len(dims) {
				full = append(full, 1)
			}
			x = graph.Reshape(x, append(full, dims[1:]...)...)
		}
		if i == 0 {
			y = x
		} else {
			y = ofTruth(func(in ...*graph.Node) *graph.Node { return l.combine(in[0], in[1]) }, y, x)
		}
	}
	return []*graph.Node{y}
}

// OutputSteps says that each step is computed alone.
func (l *merge[L]) OutputSteps(c *symbolic.Call) ([]*graph.Node, bool) { return stepsAlone(c, true) }

// multiplyMasked leaves out factors that are masked; where all are, the product is 0.
func multiplyMasked(in, masks []*graph.Node) *graph.Node {
	var y, any *graph.Node
	all := true
	for i, x := range in {
		if m := masks[i]; m == nil {
			all = false
		} else {
			x = graph.Where(m, x, graph.OnesLike(x))
			if any == nil {
				any = m
			} else {
				any = graph.LogicalOr(any, m)
			}
		}
		if y == nil {
			y = x
		} else {
			y = graph.Mul(y, x)
		}
	}
	if !all {
		return y
	}
	return graph.Where(any, y, graph.ZerosLike(y))
}

// chooseMasked chooses among what isn't masked.
func (l *merge[L]) chooseMasked(in, masks []*graph.Node) *graph.Node {
	y, mask := in[0], masks[0]
	where := func(mask, x, other *graph.Node) *graph.Node {
		if mask == nil {
			return x
		}
		shape := graph.Add(x, other).Shape().Dimensions
		to := func(n *graph.Node) *graph.Node { return graph.BroadcastToDims(n, shape...) }
		return graph.Where(to(mask), to(x), to(other))
	}
	for i, x := range in[1:] {
		m := masks[i+1]
		x = where(m, x, y)
		y = where(mask, y, x)
		if m != nil && mask != nil {
			mask = graph.LogicalOr(mask, m)
		} else {
			mask = nil
		}
		y = l.combine(y, x)
	}
	return y
}
