package layers

import (
	"fmt"
	"math"
	"slices"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/activations"
	"github.com/gokeras/gokeras/internal/config"
	"github.com/gokeras/gokeras/internal/kerasops"
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
	stepWise
	symbolic.PassesMask
}

// ActivationLayer is Keras's Activation: a named function of its inputs.
type ActivationLayer struct {
	elementwise[*ActivationLayer]
	sampleWiseUnless // a softmax of numbers goes over the samples
	cfg              activationLayerConfig
}

type activationLayerConfig struct {
	symbolic.LayerConfig
	activationConfig
}

// Activation returns a layer that applies an activation (Keras:
// Activation(activation)): a name such as "relu" or a constant of package activations.
func Activation(activation string) *ActivationLayer {
	l := &ActivationLayer{}
	l.init(l, &l.cfg.LayerConfig)
	l.Configure("activation", setActivation(&l.cfg.Activation, activation))
	return l
}

// Infer returns the input's shape, the last axis halved for "glu".
func (l *ActivationLayer) Infer(in *symbolic.Inputs) ([]symbolic.Spec, error) {
	x, err := one(in)
	if err != nil {
		return nil, err
	}
	l.along(x, -1)
	if last := len(x) - 1; l.cfg.Activation == activations.GLU {
		if last < 0 || (x[last] != symbolic.None && x[last]%2 != 0) {
			return nil, fmt.Errorf("axis size must be divisible by 2 for the activation \"glu\", received input with shape %s", x)
		}
		if x[last] != symbolic.None {
			x[last] /= 2
		}
	}
	return l.floatOutput(x, nil)
}

// Call computes the layer.
func (l *ActivationLayer) Call(_ *symbolic.Call, in []*graph.Node) []*graph.Node {
	return []*graph.Node{l.cfg.activate(kerasops.ActivationInput(l.cfg.Activation, in[0]))}
}

// OutputSteps says that each step is computed alone unless a softmax goes along them.
func (l *ActivationLayer) OutputSteps(c *symbolic.Call) ([]*graph.Node, bool) {
	return stepsAlone(c, l.cfg.stepsAlone(c.First()[0].Rank()))
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

// Infer returns floats of the input's shape.
func (l *ReLULayer) Infer(in *symbolic.Inputs) ([]symbolic.Spec, error) {
	return l.floatOutput(one(in))
}

// Call computes the layer.
func (l *ReLULayer) Call(_ *symbolic.Call, in []*graph.Node) []*graph.Node {
	x := truthAsNumbers(in[0])
	highest := l.cfg.MaxValue
	switch {
	case x.DType().IsFloat():
	case l.cfg.NegativeSlope != 0 && (l.cfg.Threshold != 0 || highest != nil): // the part below is made of the input's negative
		x = kerasops.Unwrapped("a ReLU with a slope and bounds", in[0])
	case l.cfg.NegativeSlope != 0, l.cfg.Threshold == 0 && highest != nil && *highest == 6:
		x = kerasops.Inexact(x)
	}
	if !in[0].DType().IsFloat() && highest != nil { // the bound becomes a number of the input's type
		whole := math.Trunc(*highest)
		highest = &whole
	}
	return []*graph.Node{activations.ReLUWith(x, l.cfg.NegativeSlope, highest, l.cfg.Threshold)}
}

// SoftmaxLayer is Keras's Softmax.
type SoftmaxLayer struct {
	elementwise[*SoftmaxLayer]
	sampleWiseUnless
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
	list, isList, err := oneOrMore(v, config.AsInt, "a whole number or a list of them", "axis")
	if err == nil {
		*a = axes{list, isList}
	}
	return err
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

// Infer returns the input's shape.
func (l *SoftmaxLayer) Infer(in *symbolic.Inputs) ([]symbolic.Spec, error) {
	x, err := l.oneAlong(in, l.cfg.Axis.list)
	if err != nil {
		return nil, err
	}
	mask, ok := in.Tensor("mask")
	l.crossesIf(ok && len(mask.Shape) < len(x)) // it broadcasts from the last axis on
	return l.floatOutput(x, nil)
}

// Call computes the layer. With a mask, elements that don't count become 0, and the others add up to 1.
func (l *SoftmaxLayer) Call(c *symbolic.Call, in []*graph.Node) []*graph.Node {
	x := kerasops.ActivationInput(activations.Softmax, in[0])
	mask := c.Mask()
	if mask == nil {
		return []*graph.Node{activations.SoftmaxAxis(x, l.cfg.Axis.list...)}
	}
	counts, err := spreadMask(mask, x.Shape().Dimensions)
	if err != nil {
		panic(err)
	}
	never := -1e9
	if x.DType() == dtypes.Float16 {
		never = -3e4
	}
	y := activations.SoftmaxAxis(graph.Where(counts, x, filled(x, never)), l.cfg.Axis.list...)
	return []*graph.Node{graph.Where(counts, y, graph.ZerosLike(y))}
}

// OutputSteps says that each step is computed alone unless the layer goes along them.
func (l *SoftmaxLayer) OutputSteps(c *symbolic.Call) ([]*graph.Node, bool) {
	return stepsAlone(c, c.Mask() == nil && behindSteps(c.First()[0], l.cfg.Axis.list...))
}

// spreadMask broadcasts a mask, of which what isn't bool counts above a half, to the shape of what it masks.
func spreadMask(mask *graph.Node, dims []int) (*graph.Node, error) {
	counts, err := asCounts(mask, dims)
	if err != nil {
		return nil, err
	}
	return graph.BroadcastToDims(counts, dims...), nil
}

// asCounts makes bools of a mask, of the rank of dims, to which they broadcast.
func asCounts(mask *graph.Node, dims []int) (*graph.Node, error) {
	if mask.DType() != dtypes.Bool {
		mask = graph.StopGradient(mask)
		if !mask.DType().IsFloat() {
			mask = graph.ConvertDType(mask, dtypes.Float32)
		}
		mask = graph.GreaterThan(mask, filled(mask, 0.5))
	}
	shape := mask.Shape().Dimensions
	fits := len(shape) <= len(dims)
	for i := 0; fits && i < len(shape); i++ {
		d := shape[len(shape)-1-i]
		fits = d == 1 || d == dims[len(dims)-1-i]
	}
	if !fits {
		return nil, fmt.Errorf("the mask must be broadcastable to the inputs: each of its axes must be 1 or match the input's, received inputs of shape %s and a mask of shape %s",
			symbolic.Shape(dims), symbolic.Shape(shape))
	}
	return graph.StopGradient(graph.ExpandLeftToRank(mask, len(dims))), nil
}

// filled is a node like x with one value throughout.
func filled(x *graph.Node, value float64) *graph.Node {
	return graph.BroadcastToDims(graph.Scalar(x.Graph(), x.DType(), value), x.Shape().Dimensions...)
}
