package training

import (
	"sync"

	"github.com/gokeras/gokeras/symbolic"
)

// Session is what a model is trained, tested and used with: compile arguments, the optimizer's and metrics' variables, compiled programs.
type Session struct {
	*symbolic.Network
	mu       sync.Mutex // guards what follows
	training *trainer   // nil until Compile
	programs *programs
	stop     bool
}

// New makes the session of a model.
func New(n *symbolic.Network) *Session { return &Session{Network: n, programs: newPrograms()} }

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
