package functional

import (
	"context"
	"fmt"

	"github.com/gokeras/gokeras/callbacks"
	"github.com/gokeras/gokeras/symbolic"
)

var (
	_ callbacks.Inspected = (*Model)(nil)
	_ callbacks.Averaged  = (*Model)(nil)
	_ callbacks.ManyRates = (*Model)(nil)
)

// LayerWeights returns copies of the weights layer by layer, for callbacks.
func (m *Model) LayerWeights() ([]callbacks.LayerWeight, error) {
	var list []callbacks.LayerWeight
	for _, l := range m.Layers() {
		weights := l.Base().Weights()
		values, err := symbolic.Values(weights)
		if err != nil {
			return nil, err
		}
		for i, w := range weights {
			list = append(list, callbacks.LayerWeight{Layer: l.Base().Name(), Class: l.KerasClass().Name, Path: w.Path(), Value: values[i]})
		}
	}
	return list, nil
}

// Iterations is the number of steps that the optimizer has taken (Keras: optimizer.iterations).
func (m *Model) Iterations() (int64, error) {
	if err := m.readyWith("Optimizer"); err != nil {
		return 0, err
	}
	return m.session().Iterations()
}

// LearningRates returns the learning rate of the next step, also where a schedule gives it (Keras: float(optimizer.learning_rate)), and
// one for each optimizer inside a MultiOptimizer.
func (m *Model) LearningRates() ([]callbacks.LearningRate, error) {
	if err := m.readyWith("Optimizer"); err != nil {
		return nil, err
	}
	return m.session().LearningRates(context.Background())
}

// SetLearningRateOf changes the learning rate of one of the optimizers inside a MultiOptimizer, by its place in [Model.LearningRates].
func (m *Model) SetLearningRateOf(at int, rate float64) error {
	if err := m.readyWith("Optimizer"); err != nil {
		return err
	}
	return m.session().SetLearningRateOf(at, rate)
}

// SwapAverages exchanges the weights and the moving averages that the optimizer keeps of them (Keras: use_ema), as callbacks.SwapEMAWeights does.
func (m *Model) SwapAverages() error {
	return m.averages("exchanging the weights of model %q and their averages", (*Model).swap)
}

// SetAverages makes the weights of now the averages.
func (m *Model) SetAverages() error {
	return m.averages("setting the averages of model %q", (*Model).keep)
}

func (m *Model) swap() error { return m.session().SwapAverages() }
func (m *Model) keep() error { return m.session().SetAverages() }

func (m *Model) averages(what string, do func(*Model) error) error {
	err := m.readyWith("Optimizer")
	if err == nil {
		err = do(m)
	}
	if err != nil {
		return fmt.Errorf(what+": %w", m.Name(), err)
	}
	return nil
}
