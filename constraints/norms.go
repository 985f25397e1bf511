package constraints

import (
	"fmt"
	"math"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/internal/config"
)

func init() {
	catalogue.Add(func() Constraint { return MaxNorm(2) })
	catalogue.Add(func() Constraint { return MinMaxNorm(0, 1) })
	catalogue.Add(func() Constraint { return NonNeg() })
	catalogue.Add(func() Constraint { return UnitNorm() })
}

func class(name string) config.Class { return config.Class{Module: "keras.constraints", Name: name} }

// epsilon is Keras's keras.config.epsilon().
const epsilon = 1e-7

// axes is Keras's axis argument: one number, a list, or None for all axes.
type axes struct{ config.OneOrMore[int] }

func newAxes(list []int) axes {
	if list == nil {
		return axes{}
	}
	return axes{config.Given(list)}
}

// norms returns the lengths of w's vectors along the axes, which stay with the length 1.
func (a axes) norms(w *graph.Node) *graph.Node {
	squares := graph.Square(w)
	switch {
	case a.Values == nil && w.Rank() == 0:
		return graph.Sqrt(squares)
	case a.Values == nil:
		all := make([]int, w.Rank())
		for i := range all {
			all[i] = i
		}
		return graph.Sqrt(graph.ReduceAndKeep(squares, graph.ReduceSum, all...))
	case len(a.Values) == 0: // NumPy sums over no axis
		return graph.Sqrt(squares)
	}
	return graph.Sqrt(graph.ReduceAndKeep(squares, graph.ReduceSum, a.Values...))
}

// rescale gives the vectors of w, whose lengths are norms, the lengths desired.
func rescale(w, norms, desired *graph.Node) *graph.Node {
	return graph.Mul(w, graph.Div(desired, graph.AddScalar(norms, epsilon)))
}

type maxNormConfig struct {
	MaxValue float64 `keras:"max_value" default:"2"`
	Axis     axes    `keras:"axis" default:"0"`
}

// MaxNormConstraint bounds norms from above. Make it with [MaxNorm].
type MaxNormConstraint struct{ cfg maxNormConfig }

// MaxNorm shortens the vectors that are longer than maxValue (Keras: MaxNorm, max_value=2).
func MaxNorm(maxValue float64) *MaxNormConstraint {
	c := &MaxNormConstraint{}
	config.SetDefaults(&c.cfg)
	c.cfg.MaxValue = maxValue
	return c
}

// Axis sets the axes along which norms are taken; none means all (Keras: axis=0).
func (c *MaxNormConstraint) Axis(axis ...int) *MaxNormConstraint {
	c.cfg.Axis = newAxes(axis)
	return c
}

// Project implements [Constraint].
func (c *MaxNormConstraint) Project(w *graph.Node) *graph.Node {
	norms := c.cfg.Axis.norms(w)
	return rescale(w, norms, graph.ClipScalar(norms, 0, c.cfg.MaxValue))
}

// Validate returns an error unless the bound is a number ≥ 0.
func (c *MaxNormConstraint) Validate() error {
	return checkBounds("MaxNorm", 0, c.cfg.MaxValue)
}

// KerasClass implements config.Object.
func (*MaxNormConstraint) KerasClass() config.Class { return class("MaxNorm") }

// KerasConfig implements config.Object.
func (c *MaxNormConstraint) KerasConfig() any { return &c.cfg }

type minMaxNormConfig struct {
	MinValue float64 `keras:"min_value" default:"0.0"`
	MaxValue float64 `keras:"max_value" default:"1.0"`
	Rate     float64 `keras:"rate" default:"1.0"`
	Axis     axes    `keras:"axis" default:"0"`
}

// MinMaxNormConstraint bounds norms from both sides. Make it with [MinMaxNorm].
type MinMaxNormConstraint struct{ cfg minMaxNormConfig }

// MinMaxNorm brings the lengths of the vectors between minValue and maxValue
// (Keras: MinMaxNorm, min_value=0.0, max_value=1.0).
func MinMaxNorm(minValue, maxValue float64) *MinMaxNormConstraint {
	c := &MinMaxNormConstraint{}
	config.SetDefaults(&c.cfg)
	c.cfg.MinValue, c.cfg.MaxValue = minValue, maxValue
	return c
}

// Rate sets how far a vector goes towards its bound at a step: 1 is all the
// way (Keras: rate=1.0).
func (c *MinMaxNormConstraint) Rate(rate float64) *MinMaxNormConstraint {
	c.cfg.Rate = rate
	return c
}

// Axis sets the axes along which norms are taken; none means all (Keras: axis=0).
func (c *MinMaxNormConstraint) Axis(axis ...int) *MinMaxNormConstraint {
	c.cfg.Axis = newAxes(axis)
	return c
}

// Project implements [Constraint].
func (c *MinMaxNormConstraint) Project(w *graph.Node) *graph.Node {
	norms := c.cfg.Axis.norms(w)
	desired := graph.Add(
		graph.MulScalar(graph.ClipScalar(norms, c.cfg.MinValue, c.cfg.MaxValue), c.cfg.Rate),
		graph.MulScalar(norms, 1-c.cfg.Rate))
	return rescale(w, norms, desired)
}

// Validate returns an error unless 0 ≤ minValue ≤ maxValue and the rate is a number.
func (c *MinMaxNormConstraint) Validate() error {
	if math.IsNaN(c.cfg.Rate) || math.IsInf(c.cfg.Rate, 0) {
		return fmt.Errorf("MinMaxNorm: rate %v, want a finite number", c.cfg.Rate)
	}
	return checkBounds("MinMaxNorm", c.cfg.MinValue, c.cfg.MaxValue)
}

// KerasClass implements config.Object.
func (*MinMaxNormConstraint) KerasClass() config.Class { return class("MinMaxNorm") }

// KerasConfig implements config.Object.
func (c *MinMaxNormConstraint) KerasConfig() any { return &c.cfg }

func checkBounds(class string, low, high float64) error {
	if !(low >= 0 && high >= low) || math.IsInf(high, 0) {
		return fmt.Errorf("%s: norms from %v to %v, want finite numbers ≥ 0, the smaller first", class, low, high)
	}
	return nil
}

// NonNegConstraint forbids negative weights. Make it with [NonNeg].
type NonNegConstraint struct{ cfg struct{} }

// NonNeg sets negative weights to 0 (Keras: NonNeg).
func NonNeg() *NonNegConstraint { return &NonNegConstraint{} }

// Project implements [Constraint].
func (*NonNegConstraint) Project(w *graph.Node) *graph.Node {
	return graph.Max(w, graph.ScalarZero(w.Graph(), w.DType()))
}

// KerasClass implements config.Object.
func (*NonNegConstraint) KerasClass() config.Class { return class("NonNeg") }

// KerasConfig implements config.Object.
func (c *NonNegConstraint) KerasConfig() any { return &c.cfg }

type unitNormConfig struct {
	Axis axes `keras:"axis" default:"0"`
}

// UnitNormConstraint makes norms 1. Make it with [UnitNorm].
type UnitNormConstraint struct{ cfg unitNormConfig }

// UnitNorm gives every vector the length 1 (Keras: UnitNorm).
func UnitNorm() *UnitNormConstraint {
	c := &UnitNormConstraint{}
	config.SetDefaults(&c.cfg)
	return c
}

// Axis sets the axes along which norms are taken; none means all (Keras: axis=0).
func (c *UnitNormConstraint) Axis(axis ...int) *UnitNormConstraint {
	c.cfg.Axis = newAxes(axis)
	return c
}

// Project implements [Constraint].
func (c *UnitNormConstraint) Project(w *graph.Node) *graph.Node {
	return graph.Div(w, graph.AddScalar(c.cfg.Axis.norms(w), epsilon))
}

// KerasClass implements config.Object.
func (*UnitNormConstraint) KerasClass() config.Class { return class("UnitNorm") }

// KerasConfig implements config.Object.
func (c *UnitNormConstraint) KerasConfig() any { return &c.cfg }
