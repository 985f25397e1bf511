package layers

import (
	"fmt"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/internal/kerasops"
	"github.com/gokeras/gokeras/symbolic"
)

// DotLayer is Keras's Dot: the sum of products of two inputs along an axis of each.
type DotLayer struct {
	layer[*DotLayer]
	sampleWise
	cfg dotConfig
}

type dotConfig struct {
	symbolic.LayerConfig
	Axes      axes `keras:"axes"`
	Normalize bool `keras:"normalize"`
}

func init() { symbolic.RegisterLayer(func() symbolic.Layer { return Dot() }) }

// Dot returns a layer that multiplies two inputs and sums over one axis of each: the same in both, or one axis for each (Keras:
// Dot(axes)). Axes count from the end if negative; the batch axis, 0, can't be one. Inputs of shapes (batch, 3, 4) and (batch, 5, 4) become
// (batch, 3, 5) with Dot(2); two of shape (batch, n) become (batch, 1) with Dot(1).
func Dot(axes ...int) *DotLayer {
	l := &DotLayer{}
	l.init(l, &l.cfg.LayerConfig)
	if len(axes) > 0 {
		l.Axes(axes...)
	}
	return l
}

// Validate reports arguments that Keras rejects.
func (c *dotConfig) Validate() error {
	if n := len(c.Axes.list); n != 2 && (n != 1 || c.Axes.isList) {
		return fmt.Errorf("invalid format for argument `axes`: want one axis for both inputs or one for each, received: axes=%s", tuple(c.Axes.list))
	}
	return nil
}

// TakesList says that the layer takes a list.
func (l *DotLayer) TakesList() {}

// pair is the axis of each of two inputs, counted from the start.
func (l *DotLayer) pair(x, y symbolic.Shape) (a, b int, err error) {
	list := l.cfg.Axes.list
	a, okA := x.Axis(list[0])
	b, okB := y.Axis(list[len(list)-1])
	switch {
	case !okA || !okB:
		return 0, 0, fmt.Errorf("axes %s are out of bounds for inputs of shapes %s and %s", tuple(list), x, y)
	case a == 0 || b == 0:
		return 0, 0, fmt.Errorf("axes %s name axis 0, the batch's, over which products can't be summed", tuple(list))
	}
	return a, b, nil
}

// Infer returns the batch axis and what is left of the others.
func (l *DotLayer) Infer(in *symbolic.Inputs) ([]symbolic.Spec, error) {
	shapes := shapesOf(in)
	if len(shapes) != 2 {
		return nil, fmt.Errorf("a `Dot` layer should be called on a list of 2 inputs, received %d", len(shapes))
	}
	x, y := shapes[0], shapes[1]
	a, b, err := l.pair(x, y)
	if err != nil {
		return nil, err
	}
	if x[a] != y[b] {
		return nil, fmt.Errorf("incompatible input shapes: axis %d of %s and axis %d of %s must have the same size", a, x, b, y)
	}
	if x[0] != y[0] && x[0] != symbolic.None && y[0] != symbolic.None {
		return nil, fmt.Errorf("inputs have different batch sizes, received inputs with shapes %s and %s", x, y)
	}
	out := symbolic.Shape{x[0]}
	for i := 1; i < len(x); i++ {
		if i != a {
			out = append(out, x[i])
		}
	}
	for i := 1; i < len(y); i++ {
		if i != b {
			out = append(out, y[i])
		}
	}
	if len(out) == 1 {
		out = append(out, 1)
	}
	return l.floatOutput(out, nil)
}

// Call computes the layer.
func (l *DotLayer) Call(c *symbolic.Call, in []*graph.Node) []*graph.Node {
	x, y := in[0], in[1]
	a, b, err := l.pair(x.Shape().Dimensions, y.Shape().Dimensions)
	if err != nil {
		panic(err)
	}
	if l.cfg.Normalize {
		x, y = kerasops.OnlyFloats("Dot with normalize", x), kerasops.OnlyFloats("Dot with normalize", y)
		x = c.Op("Normalize", map[string]any{"axis": a}, x)
		y = c.Op("Normalize", map[string]any{"axis": b}, y)
	}
	// In Einstein's notation: a is the batch, b the axis to sum over, the others have letters of their own.
	letter := byte('b')
	name := func(rank, summed int) (all, left string) {
		all = "a"
		for i := 1; i < rank; i++ {
			if i == summed {
				all += "b"
				continue
			}
			letter++
			all += string(letter)
			left += string(letter)
		}
		return all, left
	}
	first, left := name(x.Rank(), a)
	second, right := name(y.Rank(), b)
	out := ofTruth(func(in ...*graph.Node) *graph.Node {
		return c.Op("Einsum", map[string]any{"subscripts": first + "," + second + "->a" + left + right}, in[0], in[1])
	}, x, y)
	if out.Rank() == 1 {
		out = graph.InsertAxes(out, -1)
	}
	return []*graph.Node{out}
}
