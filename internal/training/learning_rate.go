package training

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gokeras/gokeras/backend"
	"github.com/gokeras/gokeras/callbacks"
	"github.com/gokeras/gokeras/internal/catch"
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
	return nil, noRate(m.training.optimizer)
}

// noRate is the error where no one variable is the learning rate.
func noRate(o optimizers.Optimizer) error {
	why := "a schedule sets it"
	if w, ok := o.(optimizers.Wrapper); ok {
		return noRate(w.Inner())
	}
	if _, several := o.(*optimizers.CombinedOptimizer); several {
		why = "each optimizer inside has one of its own, among OptimizerVariables"
	}
	return fmt.Errorf("optimizer %q has no learning rate variable: %s", o.KerasName(), why)
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
	trained, sources := averaged(averager, specs, trained, variables)
	values, err := symbolic.Values(sources)
	if err != nil {
		return err
	}
	return symbolic.SetAll(trained, values)
}

// averaged are the weights of which there are averages, and these.
func averaged(averager optimizers.Averager, specs []optimizers.Variable, trained, variables []*symbolic.Weight) (of, averages []*symbolic.Weight) {
	for i, source := range averager.Averages(specs) {
		if source >= 0 {
			of, averages = append(of, trained[i]), append(averages, variables[source])
		}
	}
	return of, averages
}

// averages are the weights of which the optimizer keeps averages, and these.
func (m *Session) averages() (of, averages []*symbolic.Weight, err error) {
	if m.training == nil {
		return nil, nil, errNotCompiled
	}
	if err := m.buildOptimizer(); err != nil {
		return nil, nil, err
	}
	t := m.training
	if averager, ok := t.optimizer.(optimizers.Averager); ok {
		of, averages = averaged(averager, t.specs, t.trainable, t.variables)
	}
	if len(of) == 0 && len(t.trainable) > 0 {
		return nil, nil, fmt.Errorf("optimizer %q keeps no averages of the weights: set UseEMA(true)", t.optimizer.KerasName())
	}
	return of, averages, nil
}

// SwapAverages exchanges the weights and the averages that the optimizer keeps of them.
func (m *Session) SwapAverages() error {
	of, averages, err := m.averages()
	if err != nil {
		return err
	}
	values, err := symbolic.Values(slices.Concat(of, averages))
	if err != nil {
		return err
	}
	return symbolic.SetAll(slices.Concat(averages, of), values)
}

// SetAverages makes the weights of now the averages.
func (m *Session) SetAverages() error {
	of, averages, err := m.averages()
	if err != nil {
		return err
	}
	values, err := symbolic.Values(of)
	if err != nil {
		return err
	}
	return symbolic.SetAll(averages, values)
}

// Iterations is the number of steps that the optimizer has taken.
func (m *Session) Iterations() (int64, error) {
	if m.training == nil {
		return 0, errNotCompiled
	}
	if err := m.buildOptimizer(); err != nil {
		return 0, err
	}
	o, variables := unwrapped(m.training.optimizer, m.training.variables)
	return iterations(o, variables)
}

func iterations(o optimizers.Optimizer, variables []*symbolic.Weight) (int64, error) {
	if len(variables) == 0 || variables[0].Name() != "iteration" {
		return 0, fmt.Errorf("optimizer %q doesn't count its steps", o.KerasName())
	}
	value, err := variables[0].Value()
	if err != nil {
		return 0, err
	}
	return int64(tensors.ToScalar[int32](value)), nil
}

// unwrapped is the optimizer inside all wrappers, with its variables.
func unwrapped(o optimizers.Optimizer, variables []*symbolic.Weight) (optimizers.Optimizer, []*symbolic.Weight) {
	for {
		w, ok := o.(optimizers.Wrapper)
		if !ok {
			return o, variables
		}
		o, variables = w.Inner(), variables[w.Own():]
	}
}

// LearningRates are those of now, by Keras's names in TensorBoard.
func (m *Session) LearningRates(ctx context.Context) ([]callbacks.LearningRate, error) {
	if m.training == nil {
		return nil, errNotCompiled
	}
	if err := m.buildOptimizer(); err != nil {
		return nil, err
	}
	o, variables := unwrapped(m.training.optimizer, m.training.variables)
	parts := m.inner()
	if parts == nil {
		r, err := rateNow(ctx, o, variables)
		return []callbacks.LearningRate{{Name: "learning_rate", Rate: r}}, err
	}
	var list []callbacks.LearningRate
	for _, p := range parts {
		r, err := rateNow(ctx, p.Optimizer, variables[p.From:p.To])
		if err != nil {
			return nil, err
		}
		name := p.Optimizer.KerasName()
		list = append(list, callbacks.LearningRate{Name: "learning_rate_" + name, Rate: r, Optimizer: name})
	}
	return list, nil
}

// inner are the optimizers inside a MultiOptimizer, nil for any other. Their variables are among those of [unwrapped].
func (m *Session) inner() []optimizers.Part {
	t := m.training
	o, _ := unwrapped(t.optimizer, t.variables)
	if several, ok := o.(*optimizers.CombinedOptimizer); ok {
		return several.Parts(t.specs, t.optimizer != optimizers.Optimizer(several))
	}
	return nil
}

// SetLearningRateOf changes the learning rate of one of several optimizers, by its place among [Session.LearningRates].
func (m *Session) SetLearningRateOf(at int, rate float64) error {
	if m.training == nil {
		return errNotCompiled
	}
	if err := m.buildOptimizer(); err != nil {
		return err
	}
	_, variables := unwrapped(m.training.optimizer, m.training.variables)
	parts := m.inner()
	if at < 0 || at >= len(parts) {
		return fmt.Errorf("there is no optimizer %d: optimizer %q has %d inside", at, m.training.optimizer.KerasName(), len(parts))
	}
	p := parts[at]
	if own := variables[p.From:p.To]; len(own) > 1 && own[1].Name() == "learning_rate" {
		return setRate(own[1], rate)
	}
	return noRate(p.Optimizer)
}

// rateNow is what the optimizer's next step takes as the learning rate.
func rateNow(ctx context.Context, o optimizers.Optimizer, variables []*symbolic.Weight) (float64, error) {
	scheduled, ok := o.(interface{ Schedule() optimizers.Schedule })
	if !ok || scheduled.Schedule() == nil {
		if len(variables) < 2 || variables[1].Name() != "learning_rate" {
			return 0, fmt.Errorf("optimizer %q has no learning rate", o.KerasName())
		}
		return readRate(variables[1])
	}
	step, err := iterations(o, variables)
	if err != nil {
		return 0, err
	}
	engine, err := backend.DefaultContext(ctx)
	if err != nil {
		return 0, err
	}
	var value *tensors.Tensor
	err = catch.Panic(func() error {
		var err error
		value, err = graph.CallOnce(engine, func(step *graph.Node) *graph.Node {
			return graph.ConvertDType(scheduled.Schedule().At(step), dtypes.Float32)
		}, int32(step))
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("the schedule of the learning rate: %w", err)
	}
	return float64(tensors.ToScalar[float32](value)), nil
}

// OptimizerVariables returns the optimizer's variables, which it makes if need be, and the weights that it trains.
func (m *Session) OptimizerVariables() (variables, trained []*symbolic.Weight, err error) {
	if err := m.buildOptimizer(); err != nil {
		return nil, nil, err
	}
	m.StartOptimizer()
	return slices.Clone(m.training.variables), slices.Clone(m.training.trainable), nil
}

// OptimizerStarted reports whether Keras's optimizer would have all its variables by now: since the first step, since
// [Session.OptimizerVariables], which is its build, or because the model is a file's.
func (m *Session) OptimizerStarted() bool {
	t := m.training
	if t == nil {
		return false
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.started
}

// StartOptimizer lets [Session.OptimizerStarted] be true.
func (m *Session) StartOptimizer() {
	if t := m.training; t != nil {
		t.mu.Lock()
		defer t.mu.Unlock()
		t.started = true
	}
}
