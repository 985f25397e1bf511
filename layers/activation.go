package layers

import (
	"fmt"
	"slices"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/activations"
	"github.com/gokeras/gokeras/internal/config"
	"github.com/gokeras/gokeras/symbolic"
)

func init() {
	symbolic.RegisterLayer(func() symbolic.Layer { return Activation(activations.Linear) })
	symbolic.RegisterLayer(func() symbolic.Layer { return ReLU() })
	symbolic.RegisterLayer(func() symbolic.Layer { return Softmax() })
}

// elementwise is what layers share whose output has the shape of their input.
type elementwise[L symbolic.Layer] struct {
	layer[L]
	sampleWise
	symbolic.PassesMask
}

// ActivationLayer is Keras's Activation: a named function of its inputs.
type ActivationLayer struct {
	elementwise[*ActivationLayer]
	cfg activationLayerConfig
}

type activationLayerConfig struct {
	symbolic.LayerConfig
	activationConfig
}

// Activation returns a layer that applies an activation (Keras:
// Activation(activation)): a name such as "relu" or a constant of package activations.
func Activation(activation activations.Name) *ActivationLayer {
	l := &ActivationLayer{}
	l.init(l, &l.cfg.LayerConfig)
	l.Configure("activation", setActivation(&l.cfg.Activation, activation))
	return l
}

// KerasClass names Keras's Activation.
func (l *ActivationLayer) KerasClass() symbolic.Class { return keras("Activation") }

// KerasConfig returns the layer's configuration.
func (l *ActivationLayer) KerasConfig() any { return &l.cfg }

// Infer returns the input's shape, the last axis halved for "glu".
func (l *ActivationLayer) Infer(in *symbolic.Inputs) ([]symbolic.Spec, error) {
	x, err := one(in)
	if err != nil {
		return nil, err
	}
	if last := len(x) - 1; l.cfg.Activation == activations.GLU {
		if last < 0 || (x[last] != symbolic.None && x[last]%2 != 0) {
			return nil, fmt.Errorf("axis size must be divisible by 2 for the activation \"glu\", received input with shape %s", x)
		}
		if x[last] != symbolic.None {
			x[last] /= 2
		}
	}
	if l.computesFloats() {
		return l.floatOutput(x, nil)
	}
	return l.output(in, x, nil)
}

// Call computes the layer.
func (l *ActivationLayer) Call(c *symbolic.Call, in []*graph.Node) []*graph.Node {
	x := in[0]
	if l.computesFloats() {
		x = floats(c, x)
	}
	return []*graph.Node{l.cfg.activate(x)}
}

// computesFloats reports whether integers become floats, as in all activations but the piecewise constant and linear ones.
func (l *ActivationLayer) computesFloats() bool {
	switch l.cfg.Activation {
	case activations.Linear, activations.ReLU, activations.ReLU6:
		return false
	}
	return true
}

// ReLULayer is Keras's ReLU.
type ReLULayer struct {
	elementwise[*ReLULayer]
	cfg reluConfig
}

type reluConfig struct {
	symbolic.LayerConfig
	MaxValue      *float64 `keras:"max_value"`
	NegativeSlope float64  `keras:"negative_slope"`
	Threshold     float64  `keras:"threshold"`
}

// ReLU returns the rectifier as a layer (Keras: ReLU()): x where x > 0, else 0.
func ReLU() *ReLULayer {
	l := &ReLULayer{}
	l.init(l, &l.cfg.LayerConfig)
	return l
}

// KerasClass names Keras's ReLU.
func (l *ReLULayer) KerasClass() symbolic.Class { return keras("ReLU") }

// KerasConfig returns the layer's configuration.
func (l *ReLULayer) KerasConfig() any { return &l.cfg }

// Validate reports arguments that Keras rejects.
func (c *reluConfig) Validate() error {
	switch {
	case c.MaxValue != nil && !(*c.MaxValue >= 0):
		return fmt.Errorf("max_value of a ReLU layer cannot be a negative value, received max_value=%v", *c.MaxValue)
	case !(c.NegativeSlope >= 0):
		return fmt.Errorf("negative_slope of a ReLU layer cannot be a negative value, received negative_slope=%v", c.NegativeSlope)
	case !(c.Threshold >= 0):
		return fmt.Errorf("threshold of a ReLU layer cannot be a negative value, received threshold=%v", c.Threshold)
	}
	return nil
}

// Call computes the layer.
func (l *ReLULayer) Call(_ *symbolic.Call, in []*graph.Node) []*graph.Node {
	return []*graph.Node{activations.ReLUWith(in[0], l.cfg.NegativeSlope, l.cfg.MaxValue, l.cfg.Threshold)}
}

// SoftmaxLayer is Keras's Softmax.
type SoftmaxLayer struct {
	elementwise[*SoftmaxLayer]
	cfg softmaxConfig
}

type softmaxConfig struct {
	symbolic.LayerConfig
	Axis axes `keras:"axis" default:"-1"`
}

// axes is an argument that is one axis or a list of them.
type axes struct {
	list   []int
	isList bool
}

// EncodeKeras writes a number or a list, null where no axis was given.
func (a *axes) EncodeKeras() (any, error) {
	if !a.isList {
		if len(a.list) == 0 {
			return nil, nil
		}
		return a.list[0], nil
	}
	list := make([]any, len(a.list))
	for i, axis := range a.list {
		list[i] = axis
	}
	return list, nil
}

// DecodeKeras reads a number or a list.
func (a *axes) DecodeKeras(v any) error {
	list, isList := v.([]any)
	if !isList {
		list = []any{v}
	}
	values := make([]int, len(list))
	for i, v := range list {
		axis, ok := config.AsInt(v)
		if !ok {
			return fmt.Errorf("got %v, want a whole number or a list of them", v)
		}
		values[i] = axis
	}
	if len(values) == 0 {
		return fmt.Errorf("got an empty list, want at least 1 axis")
	}
	*a = axes{values, isList}
	return nil
}

func (a *axes) set(axis ...int) error {
	if len(axis) == 0 {
		return fmt.Errorf("got no axis, want at least 1")
	}
	*a = axes{slices.Clone(axis), len(axis) > 1}
	return nil
}

// Softmax returns the softmax over the last axis as a layer (Keras: Softmax()).
func Softmax() *SoftmaxLayer {
	l := &SoftmaxLayer{}
	l.init(l, &l.cfg.LayerConfig)
	return l
}

// KerasClass names Keras's Softmax.
func (l *SoftmaxLayer) KerasClass() symbolic.Class { return keras("Softmax") }

// KerasConfig returns the layer's configuration.
func (l *SoftmaxLayer) KerasConfig() any { return &l.cfg }

// Infer returns the input's shape.
func (l *SoftmaxLayer) Infer(in *symbolic.Inputs) ([]symbolic.Spec, error) {
	x, err := one(in)
	if err != nil {
		return nil, err
	}
	seen := map[int]bool{}
	for _, axis := range l.cfg.Axis.list {
		at, ok := x.Axis(axis)
		if !ok || seen[at] {
			return nil, fmt.Errorf("axis %d is out of bounds for, or given twice of, an input of shape %s", axis, x)
		}
		seen[at] = true
	}
	return l.floatOutput(x, nil)
}

// Call computes the layer.
func (l *SoftmaxLayer) Call(c *symbolic.Call, in []*graph.Node) []*graph.Node {
	return []*graph.Node{activations.SoftmaxAxis(floats(c, in[0]), l.cfg.Axis.list...)}
}
