package layers

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/functional"
)

// ConcatenateLayer is Keras's Concatenate.
type ConcatenateLayer struct {
	layer[*ConcatenateLayer]
	weightless
	cfg concatenateConfig
}

type concatenateConfig struct {
	functional.LayerConfig
	Axis int `keras:"axis" default:"-1"`
}

func init() { functional.RegisterLayer(func() functional.Layer { return Concatenate() }) }

// Concatenate returns a layer that joins its inputs along an axis, the last by
// default (Keras: Concatenate(axis=-1)): Concatenate().Apply(a, b, c).
func Concatenate() *ConcatenateLayer {
	l := &ConcatenateLayer{}
	l.init(l, &l.cfg.LayerConfig)
	return l
}

// KerasClass names Keras's Concatenate.
func (l *ConcatenateLayer) KerasClass() functional.Class { return keras("Concatenate") }

// KerasConfig returns the layer's configuration.
func (l *ConcatenateLayer) KerasConfig() any { return &l.cfg }

// OutputShapes adds up the sizes along the axis; the other axes must agree.
func (l *ConcatenateLayer) OutputShapes(in []functional.Shape) ([]functional.Shape, error) {
	if len(in) == 0 {
		return nil, fmt.Errorf("a `Concatenate` layer should be called on at least 1 input")
	}
	mismatch := fmt.Errorf("a `Concatenate` layer requires inputs with matching shapes except for the concatenation axis (%d), received input shapes %s",
		l.cfg.Axis, shapeList(in))
	out := in[0].Clone()
	axis, ok := out.Axis(l.cfg.Axis)
	if !ok {
		return nil, mismatch
	}
	for _, x := range in[1:] {
		if len(x) != len(out) {
			return nil, mismatch
		}
		for i := range x {
			switch {
			case i == axis && (x[i] == functional.None || out[i] == functional.None):
				out[i] = functional.None
			case i == axis:
				out[i] += x[i]
			case out[i] == functional.None:
				out[i] = x[i]
			case x[i] != functional.None && x[i] != out[i]:
				return nil, mismatch
			}
		}
	}
	return []functional.Shape{out}, nil
}

func shapeList(in []functional.Shape) string {
	parts := make([]string, len(in))
	for i, s := range in {
		parts[i] = s.String()
	}
	return "[" + strings.Join(parts, ", ") + "]"
}

// Call computes the layer.
func (l *ConcatenateLayer) Call(c *functional.Call, in []*graph.Node) []*graph.Node {
	if len(in) == 1 {
		return in
	}
	return []*graph.Node{graph.Concatenate(sameType(c, in), l.cfg.Axis)}
}

// sameType converts integers to the layer's compute type unless all inputs have one type.
func sameType(c *functional.Call, in []*graph.Node) []*graph.Node {
	if !slices.ContainsFunc(in, func(x *graph.Node) bool { return x.DType() != in[0].DType() }) {
		return in
	}
	out := make([]*graph.Node, len(in))
	for i, x := range in {
		out[i] = floats(c, x)
	}
	return out
}
