package training

import (
	"context"

	"github.com/gomlx/compute"

	"github.com/gokeras/gokeras/internal/data"
	"github.com/gokeras/gokeras/symbolic"
)

// Session is what a model is trained, tested and used with: compile arguments, the optimizer's and metrics' variables, compiled programs.
type Session struct {
	*symbolic.Network
	machine
	training *trainer // nil until Compile
}

// New makes the session of a model.
func New(n *symbolic.Network) *Session {
	m := &Session{Network: n}
	m.machine.stepper, m.machine.programs = m, newPrograms()
	return m
}

// prepare decides what depends on the shapes of the first targets, and makes the optimizer's variables.
func (m *Session) prepare(_ context.Context, kind Step, b *data.Batch) error {
	t := m.training
	if t.resolved == nil {
		targets := make([]symbolic.Shape, len(b.Y))
		for i, y := range b.Y {
			targets[i] = append(symbolic.Shape{symbolic.None}, y.Shape().Dimensions[1:]...)
		}
		if err := t.resolve(m, targets); err != nil {
			return err
		}
	}
	if kind == Train {
		return m.buildOptimizer()
	}
	return nil
}

func (m *Session) resultSize(engine compute.Backend) int { return m.training.resolved.size(engine) }

func (m *Session) weights() []*symbolic.Weight { return m.Weights() }

func (m *Session) resetMetrics() error { return m.training.resolved.reset() }

// Compiled reports whether Compile was called.
func (m *Session) Compiled() bool { return m.training != nil }

// Options returns the arguments of Compile, with the optimizer as a value; they are zero before.
func (m *Session) Options() Options {
	t := m.training
	if t == nil {
		return Options{}
	}
	o := t.options
	o.Optimizer = t.givenOptimizer()
	return o
}

// Options are the arguments of [Session.Compile], as functional.Compile documents them.
type Options struct {
	Optimizer, Loss, LossWeights, Metrics, WeightedMetrics any
	StepsPerExecution                                      int
	AutoScaleLoss                                          Choice
}

// Choice is a switch with a default.
type Choice int

// The choices.
const (
	Default Choice = iota
	On
	Off
)

// Step is a kind of program.
type Step string

// The kinds.
const (
	Train   Step = "train"
	Test    Step = "test"
	Predict Step = "predict"
)
