package training

import (
	"context"
	"fmt"
	"slices"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gokeras/gokeras/internal/catch"
	"github.com/gokeras/gokeras/internal/data"
	"github.com/gokeras/gokeras/symbolic"
)

// BareSteps is a model's training program with one batch that stays on the device: the
// least that its steps can cost. It serves benchmarks, which compare functional.Model.Fit with it.
type BareSteps struct {
	m       *Session
	program *program
	batch   *data.Batch
}

// NewBareSteps compiles the training step for the batch x, y, as functional.Model.Fit would, and takes one step.
func NewBareSteps(ctx context.Context, m *Session, x, y any) (*BareSteps, error) {
	fail := func(err error) (*BareSteps, error) {
		return nil, fmt.Errorf("bare steps of model %q: %w", m.Name(), err)
	}
	if err := m.ReadyToTrain(); err != nil {
		return fail(err)
	}
	first, err := m.OneBatch(x, y, nil, nil, true)
	if err != nil {
		return fail(err)
	}
	results, err := m.run(ctx, Train, &tally{}, []*data.Batch{first}, true, false) // consumes its batch
	if err != nil {
		return fail(err)
	}
	s := &BareSteps{m: m}
	if s.batch, err = m.OneBatch(x, y, nil, nil, true); err != nil {
		return fail(err)
	}
	if s.program, err = m.program(ctx, Train, s.batch); err != nil {
		return fail(err)
	}
	if _, err := data.ToHost(s.program.engine, results[0]); err != nil {
		return fail(err)
	}
	return s, nil
}

// Outputs are the nodes that the program computes.
func (s *BareSteps) Outputs() []*graph.Node { return s.program.outputs }

// LoopsSteps reports, of the programs of several steps that the session made, whether they loop over them: not if they are run apart.
func (m *Session) LoopsSteps() (looped, apart bool) {
	for _, p := range m.programs.byKey {
		looped = looped || p.steps > 1 && p.graph != nil
		apart = apart || p.steps > 1 && p.graph == nil
	}
	return looped, apart
}

// Run takes so many training steps on the batch and waits for the last. Nothing but the
// executable runs in between.
func (s *BareSteps) Run(steps int) error {
	p := s.program
	fail := func(err error) error { return fmt.Errorf("bare steps of model %q: %w", s.m.Name(), err) }
	if steps < 1 { // found before the weights' buffers are given away
		return fail(fmt.Errorf("got %d steps, want at least one", steps))
	}
	if k := p.newKeeper(append(slices.Clone(p.donated[:len(p.places)]), make([]bool, len(p.donated)-len(p.places))...)); k != nil {
		if err := catch.Panic(func() error { return s.runKept(k, steps) }); err != nil {
			return fail(err)
		}
		return nil
	}
	inputs := make([]compute.Buffer, 0, len(p.donated))
	donated := make([]bool, 0, len(p.donated))
	var results []*tensors.Tensor
	err := catch.Panic(func() error {
		var at []int // where each written variable is among the inputs
		for i := range p.places {
			buffer, err := p.buffer(i, p.vars)
			if err != nil {
				return err
			}
			inputs, donated = append(inputs, buffer), append(donated, p.donated[i])
			if slices.Contains(p.written, i) {
				at = append(at, i)
			}
		}
		for _, t := range s.batch.All() {
			buffer, err := t.Buffer(p.engine, 0)
			if err != nil {
				return err
			}
			inputs, donated = append(inputs, buffer), append(donated, false)
		}
		for range steps {
			previous := results
			for k := range previous[:min(len(at), len(previous))] {
				var err error
				if inputs[at[k]], err = previous[k].DonateBuffer(p.engine, 0); err != nil {
					return err
				}
			}
			results = p.graph.RunWithBuffers(inputs, donated, 0)
			if previous != nil {
				if err := previous[len(at)].FinalizeAll(); err != nil {
					return err
				}
			}
		}
		return results[len(at)].ToLocal()
	})
	if err != nil {
		return fail(err)
	}
	p.replace(p.vars, results)
	return nil
}

// runKept is Run where the variables have a keeper.
func (s *BareSteps) runKept(k *keeper, steps int) error {
	p := s.program
	if err := k.fetch(p, p.vars); err != nil {
		return err
	}
	for i, t := range s.batch.All() {
		buffer, err := t.Buffer(p.engine, 0)
		if err == nil {
			err = k.Put(len(p.places)+i, buffer)
		}
		if err != nil {
			return err
		}
	}
	for step := range steps {
		results, err := k.run()
		if err != nil {
			return err
		}
		if step < steps-1 {
			err = results[0].FinalizeAll()
		} else {
			err = results[0].ToLocal()
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// BenchTarget says what an output of a compiled model is trained on.
type BenchTarget struct {
	Output string         // the output's name
	Shape  symbolic.Shape // the output's shape
	Loss   string         // the class of its loss ("MeanSquaredError"), "" if it has only metrics
}

// BenchTargets lists the targets that functional.Model.Fit wants, in its order, so that a benchmark can make them up. It is nil for
// a model that isn't compiled.
func BenchTargets(m *Session) []BenchTarget {
	t := m.training
	if t == nil {
		return nil
	}
	var list []BenchTarget
	for _, i := range t.targetOutputs(m) {
		target := BenchTarget{Output: m.OutputNames()[i], Shape: m.Outputs()[i].Shape()}
		if l := t.losses[i]; l != nil {
			target.Loss = l.KerasClass().Name
		}
		list = append(list, target)
	}
	return list
}

// ProgramCounts are the numbers of the session's programs, and of those among them that several lengths of sequences share.
func (m *Session) ProgramCounts() (all, shared int) {
	m.programs.mu.Lock()
	defer m.programs.mu.Unlock()
	for _, p := range m.programs.byKey {
		if p.added != nil {
			shared++
		}
	}
	return len(m.programs.byKey), shared
}
