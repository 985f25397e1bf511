package layers

import (
	"fmt"
	"slices"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/internal/config"
	"github.com/gokeras/gokeras/symbolic"
)

// RescalingLayer is Keras's Rescaling: inputs · scale + offset.
type RescalingLayer struct {
	elementwise[*RescalingLayer]
	cfg rescalingConfig
}

type rescalingConfig struct {
	symbolic.LayerConfig
	Scale  numbers `keras:"scale" default:"1"`
	Offset numbers `keras:"offset" default:"0"`
}

func init() { symbolic.RegisterLayer(func() symbolic.Layer { return Rescaling(1) }) }

// Rescaling returns a layer that multiplies its inputs by scale, a number or a
// slice with one for each position of the last axis (Keras: Rescaling(scale)):
// Rescaling(1. / 255). Integers become the layer's floats first.
func Rescaling[S int | float64 | []float64](scale S) *RescalingLayer {
	l := &RescalingLayer{}
	l.init(l, &l.cfg.LayerConfig)
	switch s := any(scale).(type) {
	case int:
		l.cfg.Scale = numbers{values: []float64{float64(s)}}
	case float64:
		l.cfg.Scale = numbers{values: []float64{s}}
	case []float64:
		l.cfg.Scale = numbers{values: append([]float64{}, s...), isList: true}
	}
	return l
}

// Infer returns the input's shape.
func (l *RescalingLayer) Infer(in *symbolic.Inputs) ([]symbolic.Spec, error) {
	x, err := one(in)
	if err != nil {
		return nil, err
	}
	for _, p := range []struct {
		name string
		n    numbers
	}{{"scale", l.cfg.Scale}, {"offset", l.cfg.Offset}} {
		if !p.n.isList {
			continue
		}
		if err := minRank(x, 1); err != nil {
			return nil, err
		}
		if last := x[len(x)-1]; len(p.n.values) != last && last != symbolic.None && len(p.n.values) != 1 {
			return nil, fmt.Errorf("%s has %d values, want 1 or as many as the last axis of the input, received input with shape %s", p.name, len(p.n.values), x)
		}
	}
	return l.floatOutput(x, nil)
}

// OutputSteps says that each step is computed alone unless the numbers belong to steps.
func (l *RescalingLayer) OutputSteps(c *symbolic.Call) ([]*graph.Node, bool) {
	return stepsAlone(c, behindSteps(c.First()[0], -1))
}

// Call computes the layer.
func (l *RescalingLayer) Call(c *symbolic.Call, in []*graph.Node) []*graph.Node {
	x := floats(c, in[0])
	return []*graph.Node{graph.Add(graph.Mul(x, l.cfg.Scale.node(x)), l.cfg.Offset.node(x))}
}

// numbers is an argument that is a number or a list of them.
type numbers struct {
	values []float64
	isList bool
	class  string // of an array, as Keras's files name it: "__numpy__", "__tensor__"
	dtype  string // of an array
}

// node returns the numbers such that they broadcast along the last axis of x.
func (n numbers) node(x *graph.Node) *graph.Node {
	if !n.isList {
		return graph.Scalar(x.Graph(), x.DType(), n.values[0])
	}
	dims := make([]int, x.Rank())
	for i := range dims {
		dims[i] = 1
	}
	dims[len(dims)-1] = len(n.values)
	return graph.Reshape(graph.ConvertDType(graph.Const(x.Graph(), n.values), x.DType()), dims...)
}

func (n *numbers) set(values ...float64) error {
	if len(values) == 0 {
		return fmt.Errorf("got no number, want at least 1")
	}
	*n = numbers{values: slices.Clone(values), isList: len(values) > 1}
	return nil
}

// EncodeKeras writes a number, a list, or an array as Keras serialises it.
func (n *numbers) EncodeKeras() (any, error) {
	list := make([]any, len(n.values))
	for i, v := range n.values {
		list[i] = v
	}
	var value any = list
	if !n.isList {
		value = n.values[0]
	}
	if n.class != "" {
		value = map[string]any{"class_name": n.class, "config": map[string]any{"value": value, "dtype": n.dtype}}
	}
	return value, nil
}

// DecodeKeras reads what EncodeKeras writes.
func (n *numbers) DecodeKeras(v any) error {
	class, dtype := "", ""
	if m, ok := v.(map[string]any); ok && (m["class_name"] == "__numpy__" || m["class_name"] == "__tensor__") {
		cfg, _ := m["config"].(map[string]any)
		class, _ = m["class_name"].(string)
		dtype, _ = cfg["dtype"].(string)
		v = cfg["value"]
	}
	values, isList, err := oneOrMore(v, config.AsFloat, "a number or a list of numbers", "number")
	if err == nil {
		*n = numbers{values, isList, class, dtype}
	}
	return err
}

// oneOrMore reads one value or a list of them from a file. want and one are words for errors.
func oneOrMore[T any](v any, as func(any) (T, bool), want, one string) (values []T, isList bool, err error) {
	list, isList := v.([]any)
	if !isList {
		list = []any{v}
	}
	for _, v := range list {
		value, ok := as(v)
		if !ok {
			return nil, false, fmt.Errorf("got %v, want %s", v, want)
		}
		values = append(values, value)
	}
	if len(values) == 0 {
		return nil, false, fmt.Errorf("got an empty list, want at least 1 %s", one)
	}
	return values, isList, nil
}
