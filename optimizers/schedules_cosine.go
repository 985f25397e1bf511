package optimizers

import (
	"math"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/internal/config"
)

type cosineDecayConfig struct {
	InitialLearningRate float64  `keras:"initial_learning_rate"`
	DecaySteps          count    `keras:"decay_steps"`
	Alpha               float64  `keras:"alpha" default:"0.0"`
	Name                label    `keras:"name" default:"CosineDecay"`
	WarmupTarget        *float64 `keras:"warmup_target"`
	WarmupSteps         count    `keras:"warmup_steps" default:"0"`
}

// CosineDecaySchedule falls along half a wave of the cosine, after an optional linear rise (Keras: schedules.CosineDecay). Make it with [CosineDecay].
type CosineDecaySchedule struct{ cfg cosineDecayConfig }

// CosineDecay falls from initialLearningRate, or the target of the warmup, to 0 or the share Alpha of it in
// decaySteps steps, and stays there (Keras: schedules.CosineDecay).
func CosineDecay(initialLearningRate float64, decaySteps int) *CosineDecaySchedule {
	s := &CosineDecaySchedule{}
	config.SetDefaults(&s.cfg)
	s.cfg.InitialLearningRate, s.cfg.DecaySteps = initialLearningRate, count(decaySteps)
	return s
}

// Alpha sets which share of the rate remains in the end (Keras: alpha=, default 0).
func (s *CosineDecaySchedule) Alpha(alpha float64) *CosineDecaySchedule {
	s.cfg.Alpha = alpha
	return s
}

// WarmupTarget lets the rate first rise in a line to the target, from which it then falls (Keras: warmup_target=,
// default none). WarmupSteps says how long the rise takes.
func (s *CosineDecaySchedule) WarmupTarget(rate float64) *CosineDecaySchedule {
	s.cfg.WarmupTarget = &rate
	return s
}

// WarmupSteps sets the number of steps of the rise to WarmupTarget, which come before decay_steps (Keras: warmup_steps=, default 0).
func (s *CosineDecaySchedule) WarmupSteps(steps int) *CosineDecaySchedule {
	s.cfg.WarmupSteps = count(steps)
	return s
}

// Name sets the schedule's name (Keras: name=, default "CosineDecay").
func (s *CosineDecaySchedule) Name(name string) *CosineDecaySchedule {
	s.cfg.Name = label(name)
	return s
}

// KerasClass implements [Schedule].
func (*CosineDecaySchedule) KerasClass() config.Class { return scheduleClass("CosineDecay") }

// KerasConfig implements [Schedule].
func (s *CosineDecaySchedule) KerasConfig() any { return &s.cfg }

// Validate returns an error unless decay_steps is above 0.
func (s *CosineDecaySchedule) Validate() error { return s.cfg.DecaySteps.positive("decay_steps") }

// At implements [Schedule].
func (s *CosineDecaySchedule) At(step *graph.Node) *graph.Node {
	x, c := begin(s, step), s.cfg
	steps := Number(x, float64(c.DecaySteps))
	fall := func(x *graph.Node, from float64) *graph.Node {
		wave := halfWave(graph.Div(x, steps))
		return graph.MulScalar(graph.AddScalar(graph.MulScalar(wave, 1-c.Alpha), c.Alpha), from)
	}
	if c.WarmupTarget == nil {
		return fall(graph.Min(x, steps), c.InitialLearningRate)
	}
	warmup, start, target := Number(x, float64(c.WarmupSteps)), Number(x, c.InitialLearningRate), Number(x, *c.WarmupTarget)
	x = graph.Min(x, graph.Add(steps, warmup))
	rise := graph.Add(graph.Mul(graph.Sub(target, start), graph.Div(x, warmup)), start)
	return graph.Where(graph.LessThan(x, warmup), rise, fall(graph.Sub(x, warmup), *c.WarmupTarget))
}

// halfWave goes from 1 at 0 to 0 at 1.
func halfWave(x *graph.Node) *graph.Node {
	return graph.MulScalar(graph.OnePlus(graph.Cos(graph.MulScalar(x, math.Pi))), 0.5)
}

type cosineDecayRestartsConfig struct {
	InitialLearningRate float64 `keras:"initial_learning_rate"`
	FirstDecaySteps     count   `keras:"first_decay_steps"`
	TMul                float64 `keras:"t_mul" default:"2.0"`
	MMul                float64 `keras:"m_mul" default:"1.0"`
	Alpha               float64 `keras:"alpha" default:"0.0"`
	Name                label   `keras:"name" default:"SGDRDecay"`
}

// CosineDecayRestartsSchedule falls along the cosine again and again (Keras: schedules.CosineDecayRestarts). Make it with [CosineDecayRestarts].
type CosineDecayRestartsSchedule struct{ cfg cosineDecayRestartsConfig }

// CosineDecayRestarts falls from initialLearningRate to 0 or the share Alpha of it in firstDecaySteps steps, and then
// starts anew, each time for TMul times as many steps (Keras: schedules.CosineDecayRestarts).
func CosineDecayRestarts(initialLearningRate float64, firstDecaySteps int) *CosineDecayRestartsSchedule {
	s := &CosineDecayRestartsSchedule{}
	config.SetDefaults(&s.cfg)
	s.cfg.InitialLearningRate, s.cfg.FirstDecaySteps = initialLearningRate, count(firstDecaySteps)
	return s
}

// TMul sets how many times longer than the one before each period is (Keras: t_mul=, default 2).
func (s *CosineDecayRestartsSchedule) TMul(factor float64) *CosineDecayRestartsSchedule {
	s.cfg.TMul = factor
	return s
}

// MMul sets which share of the last period's first rate each period starts from (Keras: m_mul=, default 1).
func (s *CosineDecayRestartsSchedule) MMul(factor float64) *CosineDecayRestartsSchedule {
	s.cfg.MMul = factor
	return s
}

// Alpha sets which share of the initial rate remains at the end of each period (Keras: alpha=, default 0).
func (s *CosineDecayRestartsSchedule) Alpha(alpha float64) *CosineDecayRestartsSchedule {
	s.cfg.Alpha = alpha
	return s
}

// Name sets the schedule's name (Keras: name=, default "SGDRDecay").
func (s *CosineDecayRestartsSchedule) Name(name string) *CosineDecayRestartsSchedule {
	s.cfg.Name = label(name)
	return s
}

// KerasClass implements [Schedule].
func (*CosineDecayRestartsSchedule) KerasClass() config.Class {
	return scheduleClass("CosineDecayRestarts")
}

// KerasConfig implements [Schedule].
func (s *CosineDecayRestartsSchedule) KerasConfig() any { return &s.cfg }

// Validate returns an error unless first_decay_steps is above 0.
func (s *CosineDecayRestartsSchedule) Validate() error {
	return s.cfg.FirstDecaySteps.positive("first_decay_steps")
}

// At implements [Schedule].
func (s *CosineDecayRestartsSchedule) At(step *graph.Node) *graph.Node {
	x, c := begin(s, step), s.cfg
	first := Number(x, float64(c.FirstDecaySteps))
	done := graph.Div(x, first) // in first periods
	var restarts, fraction *graph.Node
	if float32(c.TMul) == 1 {
		restarts = floorQuotient(x, first)
		fraction = graph.Sub(done, restarts)
	} else {
		// The periods before restart i make up (1-tⁱ)/(1-t) first periods.
		t, one := Number(x, c.TMul), Number(x, 1)
		growth := graph.Sub(one, t)
		restarts = graph.Floor(graph.Div(graph.Log(graph.Sub(one, graph.Mul(done, growth))), graph.Log(t)))
		length := graph.Pow(t, restarts)
		before := graph.Div(graph.Sub(one, length), growth)
		fraction = graph.Div(graph.Sub(done, before), length)
	}
	wave := graph.Mul(graph.Pow(Number(x, c.MMul), restarts), halfWave(fraction))
	alpha := Number(x, c.Alpha)
	return graph.MulScalar(graph.Add(graph.Mul(graph.OneMinus(alpha), wave), alpha), c.InitialLearningRate)
}

func init() {
	schedules.Add(func() Schedule { return CosineDecay(0, 0) })
	schedules.Add(func() Schedule { return CosineDecayRestarts(0, 0) })
}
