package layers

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/symbolic"
)

// ConcatenateLayer is Keras's Concatenate.
type ConcatenateLayer struct {
	layer[*ConcatenateLayer]
	sampleWiseUnless
	cfg concatenateConfig
	old bool // masks are those of Keras 2
}

type concatenateConfig struct {
	symbolic.LayerConfig
	Axis int `keras:"axis" default:"-1"`
}

func init() { symbolic.RegisterLayer(func() symbolic.Layer { return Concatenate() }) }

// Concatenate returns a layer that joins its inputs along an axis, the last by
// default (Keras: Concatenate(axis=-1)): Concatenate().Apply(a, b, c).
func Concatenate() *ConcatenateLayer {
	l := &ConcatenateLayer{}
	l.init(l, &l.cfg.LayerConfig)
	return l
}

// Infer adds up the sizes along the axis; the other axes must agree.
func (l *ConcatenateLayer) Infer(inputs *symbolic.Inputs) ([]symbolic.Spec, error) {
	in := shapesOf(inputs)
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
	l.along(out, axis)
	for _, x := range in[1:] {
		if len(x) != len(out) {
			return nil, mismatch
		}
		for i := range x {
			switch {
			case i == axis && (x[i] == symbolic.None || out[i] == symbolic.None):
				out[i] = symbolic.None
			case i == axis:
				out[i] += x[i]
			case out[i] == symbolic.None:
				out[i] = x[i]
			case x[i] != symbolic.None && x[i] != out[i]:
				return nil, mismatch
			}
		}
	}
	return l.floatOutput(out, nil)
}

// shapesOf lists the shapes of the first argument's tensors.
func shapesOf(in *symbolic.Inputs) []symbolic.Shape {
	first := in.First()
	list := make([]symbolic.Shape, len(first))
	for i, s := range first {
		list[i] = s.Shape.Clone()
	}
	return list
}

func shapeList(in []symbolic.Shape) string {
	parts := make([]string, len(in))
	for i, s := range in {
		parts[i] = s.String()
	}
	return "[" + strings.Join(parts, ", ") + "]"
}

// TakesList says that the layer takes a list, even of one.
func (l *ConcatenateLayer) TakesList() {}

// MaskAsKeras2 makes the layer count a step that all of the joined masks count.
func (l *ConcatenateLayer) MaskAsKeras2() { l.old = true }

// ComputeMask joins the masks; inputs without one count whole.
func (l *ConcatenateLayer) ComputeMask(m *symbolic.MaskCall) []symbolic.Mask {
	inputs, masks := m.Inputs(), m.PreviousAll()
	if !slices.ContainsFunc(masks, func(mask symbolic.Mask) bool { return mask != nil }) {
		return nil
	}
	list := make([]any, len(masks))
	for i, mask := range masks {
		switch {
		case mask == nil:
			list[i] = m.Op("OnesLike", map[string]any{"dtype": "bool"}, inputs[i])
		case m.Rank(mask) < m.Rank(inputs[i]) && l.old:
			list[i] = m.Op("ExpandDims", map[string]any{"axis": -1}, mask)
		case m.Rank(mask) < m.Rank(inputs[i]):
			list[i] = m.Op("LogicalOr", nil, m.Op("ExpandDims", map[string]any{"axis": -1}, mask), m.Op("ZerosLike", map[string]any{"dtype": "bool"}, inputs[i]))
		default:
			list[i] = mask
		}
	}
	over := "Any"
	if l.old {
		over = "All"
	}
	return []symbolic.Mask{m.Op(over, map[string]any{"axis": -1, "keepdims": false}, m.Op("Concatenate", map[string]any{"axis": l.cfg.Axis}, list))}
}

// Call computes the layer.
func (l *ConcatenateLayer) Call(c *symbolic.Call, in []*graph.Node) []*graph.Node {
	if len(in) == 1 {
		return in
	}
	return []*graph.Node{graph.Concatenate(sameType(c, in), l.cfg.Axis)}
}

// OutputSteps says that each step is computed alone unless it is the steps that are joined.
func (l *ConcatenateLayer) OutputSteps(c *symbolic.Call) ([]*graph.Node, bool) {
	all := !slices.ContainsFunc(c.First(), func(x *graph.Node) bool { return !behindSteps(x, l.cfg.Axis) })
	return stepsAlone(c, all)
}

// sameType converts integers to the layer's compute type unless all inputs have one type.
func sameType(c *symbolic.Call, in []*graph.Node) []*graph.Node {
	if !slices.ContainsFunc(in, func(x *graph.Node) bool { return x.DType() != in[0].DType() }) {
		return in
	}
	out := make([]*graph.Node, len(in))
	for i, x := range in {
		out[i] = floats(c, x)
	}
	return out
}
