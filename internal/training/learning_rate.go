package training

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gokeras/gokeras/optimizers"
	"github.com/gokeras/gokeras/symbolic"
)

// LearningRate returns the optimizer's learning rate as it is now (Keras: model.optimizer.learning_rate).
func (m *Session) LearningRate() (float64, error) {
	v, err := m.learningRate()
	if err != nil {
		return 0, err
	}
	return readRate(v)
}

func readRate(v *symbolic.Weight) (float64, error) {
	t, err := v.Value()
	if err != nil {
		return 0, err
	}
	return float64(tensors.ToScalar[float32](t)), nil
}

func setRate(v *symbolic.Weight, rate float64) error {
	if math.IsNaN(rate) || math.IsInf(rate, 0) {
		return fmt.Errorf("learning rate %v: want a finite number", rate)
	}
	return v.Set(tensors.FromScalar(float32(rate)))
}

// SetLearningRate changes the optimizer's learning rate for the steps to come.
func (m *Session) SetLearningRate(rate float64) error {
	v, err := m.learningRate()
	if err != nil {
		return err
	}
	return setRate(v, rate)
}

func (m *Session) learningRate() (*symbolic.Weight, error) {
	if m.training == nil {
		return nil, errNotCompiled
	}
	if err := m.buildOptimizer(); err != nil {
		return nil, err
	}
	if at := optimizers.LearningRateIndex(m.training.optimizer, m.training.specs); at >= 0 {
		return m.training.variables[at], nil
	}
	return nil, fmt.Errorf("optimizer %q has no learning rate variable: a schedule sets it", m.training.optimizer.KerasName())
}

var errNotCompiled = errors.New("the model has no optimizer and loss: call Compile first")

// ReadyToTrain reports why the model can't be trained, if so.
func (m *Session) ReadyToTrain() error {
	if err := m.Ready(); err != nil {
		return err
	}
	if m.training == nil {
		return errNotCompiled
	}
	return nil
}

// FinishTraining does what the optimizer leaves for the end of training, such as
// putting the averaged weights in place (Keras: Optimizer.finalize_variable_values).
func (m *Session) FinishTraining() error {
	t := m.training
	return finish(t.optimizer, t.specs, t.trainable, t.variables)
}

func finish(optimizer optimizers.Optimizer, specs []optimizers.Variable, trained, variables []*symbolic.Weight) error {
	averager, ok := optimizer.(optimizers.Averager)
	if !ok || variables == nil {
		return nil
	}
	var sources []*symbolic.Weight
	for _, source := range averager.Averages(specs) {
		sources = append(sources, variables[source])
	}
	values, err := symbolic.Values(sources)
	if err != nil {
		return err
	}
	return symbolic.SetAll(trained[:len(values)], values)
}

// OptimizerVariables returns the optimizer's variables, which it makes if need be, and the weights that it trains.
func (m *Session) OptimizerVariables() (variables, trained []*symbolic.Weight, err error) {
	if err := m.buildOptimizer(); err != nil {
		return nil, nil, err
	}
	return slices.Clone(m.training.variables), slices.Clone(m.training.trainable), nil
}

// OptimizerStarted reports whether the optimizer has variables already.
func (m *Session) OptimizerStarted() bool {
	t := m.training
	if t == nil {
		return false
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.variables != nil
}
