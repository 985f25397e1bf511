package optimizers

import (
	"fmt"
	"math"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/internal/config"
)

// decayArguments are those that ExponentialDecay and InverseTimeDecay share.
type decayArguments struct {
	InitialLearningRate float64 `keras:"initial_learning_rate"`
	DecaySteps          count   `keras:"decay_steps"`
	DecayRate           float64 `keras:"decay_rate"`
	Staircase           bool    `keras:"staircase"`
}

// passed returns the decays until a step, whole ones where a staircase is wanted.
func (a *decayArguments) passed(step *graph.Node) *graph.Node {
	d := Number(step, float64(a.DecaySteps))
	if a.Staircase {
		return floorQuotient(step, d)
	}
	return graph.Div(step, d)
}

type exponentialDecayConfig struct {
	decayArguments
	Name label `keras:"name" default:"ExponentialDecay"`
}

// ExponentialDecaySchedule is initial·rateˢ, s being step/decay_steps (Keras: schedules.ExponentialDecay). Make it with [ExponentialDecay].
type ExponentialDecaySchedule struct{ cfg exponentialDecayConfig }

// ExponentialDecay multiplies the learning rate by decayRate every decaySteps steps (Keras: schedules.ExponentialDecay).
func ExponentialDecay(initialLearningRate float64, decaySteps int, decayRate float64) *ExponentialDecaySchedule {
	s := &ExponentialDecaySchedule{}
	config.SetDefaults(&s.cfg)
	s.cfg.InitialLearningRate, s.cfg.DecaySteps, s.cfg.DecayRate = initialLearningRate, count(decaySteps), decayRate
	return s
}

// Staircase lets the rate fall only every decay_steps steps instead of at each (Keras: staircase=, default false).
func (s *ExponentialDecaySchedule) Staircase(on bool) *ExponentialDecaySchedule {
	s.cfg.Staircase = on
	return s
}

// Name sets the schedule's name (Keras: name=, default "ExponentialDecay").
func (s *ExponentialDecaySchedule) Name(name string) *ExponentialDecaySchedule {
	s.cfg.Name = label(name)
	return s
}

// KerasClass implements [Schedule].
func (*ExponentialDecaySchedule) KerasClass() config.Class { return scheduleClass("ExponentialDecay") }

// KerasConfig implements [Schedule].
func (s *ExponentialDecaySchedule) KerasConfig() any { return &s.cfg }

// Validate returns an error unless decay_steps is above 0.
func (s *ExponentialDecaySchedule) Validate() error { return s.cfg.DecaySteps.positive("decay_steps") }

// At implements [Schedule].
func (s *ExponentialDecaySchedule) At(step *graph.Node) *graph.Node {
	x := begin(s, step)
	return graph.MulScalar(graph.Pow(Number(x, s.cfg.DecayRate), s.cfg.passed(x)), s.cfg.InitialLearningRate)
}

type inverseTimeDecayConfig struct {
	decayArguments
	Name label `keras:"name" default:"InverseTimeDecay"`
}

// InverseTimeDecaySchedule is initial/(1+rate·s), s being step/decay_steps (Keras: schedules.InverseTimeDecay). Make it with [InverseTimeDecay].
type InverseTimeDecaySchedule struct{ cfg inverseTimeDecayConfig }

// InverseTimeDecay divides the learning rate by 1+decayRate·step/decaySteps (Keras: schedules.InverseTimeDecay).
func InverseTimeDecay(initialLearningRate float64, decaySteps int, decayRate float64) *InverseTimeDecaySchedule {
	s := &InverseTimeDecaySchedule{}
	config.SetDefaults(&s.cfg)
	s.cfg.InitialLearningRate, s.cfg.DecaySteps, s.cfg.DecayRate = initialLearningRate, count(decaySteps), decayRate
	return s
}

// Staircase lets the rate fall only every decay_steps steps instead of at each (Keras: staircase=, default false).
func (s *InverseTimeDecaySchedule) Staircase(on bool) *InverseTimeDecaySchedule {
	s.cfg.Staircase = on
	return s
}

// Name sets the schedule's name (Keras: name=, default "InverseTimeDecay").
func (s *InverseTimeDecaySchedule) Name(name string) *InverseTimeDecaySchedule {
	s.cfg.Name = label(name)
	return s
}

// KerasClass implements [Schedule].
func (*InverseTimeDecaySchedule) KerasClass() config.Class { return scheduleClass("InverseTimeDecay") }

// KerasConfig implements [Schedule].
func (s *InverseTimeDecaySchedule) KerasConfig() any { return &s.cfg }

// Validate returns an error unless decay_steps is above 0.
func (s *InverseTimeDecaySchedule) Validate() error { return s.cfg.DecaySteps.positive("decay_steps") }

// At implements [Schedule].
func (s *InverseTimeDecaySchedule) At(step *graph.Node) *graph.Node {
	x := begin(s, step)
	return graph.Div(Number(x, s.cfg.InitialLearningRate), graph.OnePlus(graph.MulScalar(s.cfg.passed(x), s.cfg.DecayRate)))
}

type polynomialDecayConfig struct {
	InitialLearningRate float64 `keras:"initial_learning_rate"`
	DecaySteps          count   `keras:"decay_steps"`
	EndLearningRate     float64 `keras:"end_learning_rate" default:"0.0001"`
	Power               float64 `keras:"power" default:"1.0"`
	Cycle               bool    `keras:"cycle"`
	Name                label   `keras:"name" default:"PolynomialDecay"`
}

// PolynomialDecaySchedule goes from one rate to another along a polynomial (Keras: schedules.PolynomialDecay). Make it with [PolynomialDecay].
type PolynomialDecaySchedule struct{ cfg polynomialDecayConfig }

// PolynomialDecay goes from initialLearningRate to the end rate in decaySteps steps, and stays there (Keras: schedules.PolynomialDecay).
func PolynomialDecay(initialLearningRate float64, decaySteps int) *PolynomialDecaySchedule {
	s := &PolynomialDecaySchedule{}
	config.SetDefaults(&s.cfg)
	s.cfg.InitialLearningRate, s.cfg.DecaySteps = initialLearningRate, count(decaySteps)
	return s
}

// EndLearningRate sets the rate at the end (Keras: end_learning_rate=, default 0.0001).
func (s *PolynomialDecaySchedule) EndLearningRate(rate float64) *PolynomialDecaySchedule {
	s.cfg.EndLearningRate = rate
	return s
}

// Power sets the power of the polynomial (Keras: power=, default 1, a straight line).
func (s *PolynomialDecaySchedule) Power(power float64) *PolynomialDecaySchedule {
	s.cfg.Power = power
	return s
}

// Cycle starts anew after decay_steps, each time from a lower rate (Keras: cycle=, default false).
func (s *PolynomialDecaySchedule) Cycle(on bool) *PolynomialDecaySchedule {
	s.cfg.Cycle = on
	return s
}

// Name sets the schedule's name (Keras: name=, default "PolynomialDecay").
func (s *PolynomialDecaySchedule) Name(name string) *PolynomialDecaySchedule {
	s.cfg.Name = label(name)
	return s
}

// KerasClass implements [Schedule].
func (*PolynomialDecaySchedule) KerasClass() config.Class { return scheduleClass("PolynomialDecay") }

// KerasConfig implements [Schedule].
func (s *PolynomialDecaySchedule) KerasConfig() any { return &s.cfg }

// Validate returns an error unless decay_steps is above 0.
func (s *PolynomialDecaySchedule) Validate() error { return s.cfg.DecaySteps.positive("decay_steps") }

// At implements [Schedule].
func (s *PolynomialDecaySchedule) At(step *graph.Node) *graph.Node {
	x := begin(s, step)
	steps := Number(x, float64(s.cfg.DecaySteps))
	if s.cfg.Cycle {
		cycles := graph.Where(graph.Equal(x, Number(x, 0)), Number(x, 1), ceilQuotient(x, steps))
		steps = graph.Mul(steps, cycles)
	} else {
		x = graph.Min(x, steps)
	}
	end := Number(x, s.cfg.EndLearningRate)
	// Nothing is left at the end, even if an engine's quotient is just below 1: a root would show it.
	left := graph.Where(graph.GreaterOrEqual(x, steps), Number(x, 0), graph.OneMinus(graph.Div(x, steps)))
	left = graph.Pow(left, Number(x, s.cfg.Power))
	return graph.Add(graph.Mul(graph.Sub(Number(x, s.cfg.InitialLearningRate), end), left), end)
}

type piecewiseConstantDecayConfig struct {
	Boundaries []count   `keras:"boundaries"`
	Values     []float64 `keras:"values"`
	Name       label     `keras:"name" default:"PiecewiseConstant"`
}

// PiecewiseConstantDecaySchedule has one rate between every two boundaries (Keras: schedules.PiecewiseConstantDecay). Make it with [PiecewiseConstantDecay].
type PiecewiseConstantDecaySchedule struct{ cfg piecewiseConstantDecayConfig }

// PiecewiseConstantDecay takes values[0] up to and including step boundaries[0], values[1] up to boundaries[1], and so
// on, and the last value, one more than there are boundaries, beyond them (Keras: schedules.PiecewiseConstantDecay).
func PiecewiseConstantDecay(boundaries []int, values []float64) *PiecewiseConstantDecaySchedule {
	s := &PiecewiseConstantDecaySchedule{}
	config.SetDefaults(&s.cfg)
	s.cfg.Boundaries, s.cfg.Values = make([]count, len(boundaries)), append([]float64{}, values...)
	for i, b := range boundaries {
		s.cfg.Boundaries[i] = count(b)
	}
	return s
}

// Name sets the schedule's name (Keras: name=, default "PiecewiseConstant").
func (s *PiecewiseConstantDecaySchedule) Name(name string) *PiecewiseConstantDecaySchedule {
	s.cfg.Name = label(name)
	return s
}

// KerasClass implements [Schedule].
func (*PiecewiseConstantDecaySchedule) KerasClass() config.Class {
	return scheduleClass("PiecewiseConstantDecay")
}

// KerasConfig implements [Schedule].
func (s *PiecewiseConstantDecaySchedule) KerasConfig() any { return &s.cfg }

// Validate returns an error unless there are boundaries, within int32, and one value more.
func (s *PiecewiseConstantDecaySchedule) Validate() error {
	c := s.cfg
	if len(c.Boundaries) == 0 || len(c.Boundaries) != len(c.Values)-1 {
		return fmt.Errorf("there must be at least one of boundaries, and one more of values; received %d boundaries and %d values",
			len(c.Boundaries), len(c.Values))
	}
	for i, b := range c.Boundaries {
		if !(math.Abs(float64(b)) <= math.MaxInt32) {
			return fmt.Errorf("boundaries[%d] is %v, want a step of at most %d", i, float64(b), math.MaxInt32)
		}
	}
	return nil
}

// At implements [Schedule].
func (s *PiecewiseConstantDecaySchedule) At(step *graph.Node) *graph.Node {
	zero := graph.MulScalar(begin(s, step), 0)
	// Keras compares in the data type of the step, in which a boundary loses its fraction.
	boundary := func(i int) *graph.Node { return Number(step, math.Trunc(float64(s.cfg.Boundaries[i]))) }
	last := len(s.cfg.Boundaries) - 1
	value := func(where *graph.Node, i int) *graph.Node {
		return graph.MulScalar(as(where, zero), s.cfg.Values[i])
	}
	rate := value(graph.LessOrEqual(step, boundary(0)), 0)
	rate = graph.Add(rate, value(graph.GreaterThan(step, boundary(last)), last+1))
	for i := range last {
		between := graph.LogicalAnd(graph.GreaterThan(step, boundary(i)), graph.LessOrEqual(step, boundary(i+1)))
		rate = graph.Add(rate, value(between, i+1))
	}
	return rate
}

func init() {
	schedules.Add(func() Schedule { return ExponentialDecay(0, 0, 0) })
	schedules.Add(func() Schedule { return InverseTimeDecay(0, 0, 0) })
	schedules.Add(func() Schedule { return PolynomialDecay(0, 0) })
	schedules.Add(func() Schedule { return PiecewiseConstantDecay(nil, nil) })
}
