package training

import (
	"context"
	"sync/atomic"

	"github.com/gomlx/compute"

	"github.com/gokeras/gokeras/internal/data"
	"github.com/gokeras/gokeras/symbolic"
)

// Session is what a model is trained, tested and used with: compile arguments, the optimizer's and metrics' variables, compiled programs. [Session.Compile]
// makes another one, so that whoever uses this one goes on undisturbed.
type Session struct {
	*symbolic.Network
	machine
	training *trainer // nil for a model that isn't compiled
}

// SessionOf is the session of a *functional.Model, for measurements and tests; package functional sets it.
var SessionOf func(model any) *Session

// New makes the session of a model that isn't compiled.
func New(n *symbolic.Network) *Session { return newSession(n, nil, new(atomic.Bool)) }

func newSession(n *symbolic.Network, t *trainer, stop *atomic.Bool) *Session {
	m := &Session{Network: n, training: t}
	m.machine = machine{stepper: m, programs: newPrograms(), stop: stop}
	return m
}

// prepare decides what depends on the shapes of the first targets, and makes the optimizer's variables.
func (m *Session) prepare(_ context.Context, kind Step, b *data.Batch) error {
	t := m.training
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.resolved == nil {
		targets := make([]symbolic.Shape, len(b.Y))
		for i, y := range b.Y {
			targets[i] = append(symbolic.Shape{symbolic.None}, y.Shape().Dimensions[1:]...)
		}
		if err := t.resolve(m, targets); err != nil {
			return err
		}
	}
	t.started = true // also by Evaluate
	if kind == Train {
		return m.buildOptimizerLocked()
	}
	return nil
}

func (m *Session) resultSize(engine compute.Backend) int { return m.training.resolved.size(engine) }

func (m *Session) weights() []*symbolic.Weight { return m.Weights() }

func (m *Session) networks() []*symbolic.Network { return []*symbolic.Network{m.Network} }

func (m *Session) accumulators() []*symbolic.Weight { return m.training.resolved.variables() }

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
