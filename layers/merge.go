package layers

import (
	"fmt"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/functional"
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
	functional.RegisterLayer(func() functional.Layer { return Add() })
	functional.RegisterLayer(func() functional.Layer { return Subtract() })
	functional.RegisterLayer(func() functional.Layer { return Multiply() })
	functional.RegisterLayer(func() functional.Layer { return Average() })
	functional.RegisterLayer(func() functional.Layer { return Maximum() })
	functional.RegisterLayer(func() functional.Layer { return Minimum() })
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
	return l
}

// Minimum returns a layer that takes the smallest of its inputs (Keras: Minimum()).
func Minimum() *MinimumLayer {
	l := &MinimumLayer{}
	l.start(l, func(a, b *graph.Node) *graph.Node { return choose(a, b, graph.LessThan) })
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

// KerasClass names Keras's Add.
func (l *AddLayer) KerasClass() functional.Class { return keras("Add") }

// KerasClass names Keras's Subtract.
func (l *SubtractLayer) KerasClass() functional.Class { return keras("Subtract") }

// KerasClass names Keras's Multiply.
func (l *MultiplyLayer) KerasClass() functional.Class { return keras("Multiply") }

// KerasClass names Keras's Average.
func (l *AverageLayer) KerasClass() functional.Class { return keras("Average") }

// KerasClass names Keras's Maximum.
func (l *MaximumLayer) KerasClass() functional.Class { return keras("Maximum") }

// KerasClass names Keras's Minimum.
func (l *MinimumLayer) KerasClass() functional.Class { return keras("Minimum") }

// ComputesFloats reports that means of integers are floats.
func (l *AverageLayer) ComputesFloats() bool { return true }

// Call computes the layer.
func (l *AverageLayer) Call(c *functional.Call, in []*graph.Node) []*graph.Node {
	in = append([]*graph.Node{floats(c, in[0])}, in[1:]...)
	sum := l.merge.Call(c, in)[0]
	return []*graph.Node{graph.DivScalar(sum, float64(len(in)))}
}

// merge is what the layers of this file share.
type merge[L functional.Layer] struct {
	layer[L]
	weightless
	cfg     functional.LayerConfig
	combine func(a, b *graph.Node) *graph.Node
	two     bool // exactly two inputs
}

func (l *merge[L]) start(self L, combine func(a, b *graph.Node) *graph.Node) {
	l.init(self, &l.cfg)
	l.combine = combine
}

// KerasConfig returns the layer's configuration.
func (l *merge[L]) KerasConfig() any { return &l.cfg }

// OutputShapes broadcasts the inputs.
func (l *merge[L]) OutputShapes(in []functional.Shape) ([]functional.Shape, error) {
	class := l.self.KerasClass().Name
	if l.two && len(in) != 2 {
		return nil, fmt.Errorf("a `%s` layer should be called on exactly 2 inputs, received %d", class, len(in))
	}
	if len(in) == 0 {
		return nil, fmt.Errorf("a merge layer should be called on at least 1 input")
	}
	batch := functional.None
	var out functional.Shape
	for i, x := range in {
		if err := minRank(x, 1); err != nil {
			return nil, err
		}
		if x[0] != functional.None {
			if batch != functional.None && batch != x[0] {
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
	return []functional.Shape{append(functional.Shape{batch}, out...)}, nil
}

// broadcast returns the shape of an operation on elements of a and b.
func broadcast(a, b functional.Shape) (functional.Shape, error) {
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
		case out[at] == functional.None || b[i] == functional.None:
			out[at] = functional.None
		default:
			return nil, fmt.Errorf("inputs have incompatible shapes, received shapes %s and %s", a, b)
		}
	}
	return out, nil
}

// Call computes the layer.
func (l *merge[L]) Call(c *functional.Call, in []*graph.Node) []*graph.Node {
	rank := 0
	for _, x := range in {
		rank = max(rank, x.Rank())
	}
	var y *graph.Node
	for i, x := range sameType(c, in) {
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
			y = l.combine(y, x)
		}
	}
	return []*graph.Node{y}
}
