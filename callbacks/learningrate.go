package callbacks

import (
	"errors"
	"fmt"
	"math"
)

var errNoModel = errors.New("there is no model, so no learning rate")

// LearningRateScheduler sets the learning rate at the beginning of every epoch (Keras: LearningRateScheduler), and adds
// "learning_rate" to the logs at its end. With a MultiOptimizer it does so for each optimizer inside, whose rates are in the logs as "learning_rate_adam".
type LearningRateSchedulerCallback struct {
	Base
	schedule func(epoch int, lr float64) float64
	verbose  Verbosity
}

var _ Callback = (*LearningRateSchedulerCallback)(nil)

// LearningRateScheduler returns a callback that sets the learning rate that schedule returns. It gets the epoch,
// counted from 0, and the learning rate of now, which is a float32 number.
func LearningRateScheduler(schedule func(epoch int, lr float64) float64) *LearningRateSchedulerCallback {
	return &LearningRateSchedulerCallback{schedule: schedule}
}

// Verbose prints, with [Bar] or [Lines], each epoch's learning rate. The default is [Silent].
func (s *LearningRateSchedulerCallback) Verbose(verbose Verbosity) *LearningRateSchedulerCallback {
	s.verbose = verbose
	return s
}

// ObservesBatches implements [BatchObserver].
func (s *LearningRateSchedulerCallback) ObservesBatches() bool { return false }

// OnTrainBegin implements [Callback].
func (s *LearningRateSchedulerCallback) OnTrainBegin() error {
	if s.schedule == nil {
		return errors.New("the schedule is nil; want a func(epoch int, lr float64) float64")
	}
	return nil
}

// OnEpochBegin implements [Callback].
func (s *LearningRateSchedulerCallback) OnEpochBegin(epoch int) error {
	if s.schedule == nil {
		return s.OnTrainBegin()
	}
	rates, err := ratesOf(s.Model())
	if err != nil {
		return err
	}
	for _, r := range rates {
		lr := s.schedule(epoch, r.Rate)
		if math.IsNaN(lr) || math.IsInf(lr, 0) {
			return fmt.Errorf("the schedule returned %v for epoch %d, counted from 0; want a finite learning rate", lr, epoch)
		}
		if err := r.set(lr); err != nil {
			return err
		}
		if !s.verbose.messages() {
			continue
		}
		if err := printf(s.Params(), "\nEpoch %d: LearningRateScheduler setting %slearning rate to %s.", epoch+1, r.whose(), reprFloat(lr)); err != nil {
			return err
		}
	}
	return nil
}

// OnEpochEnd implements [Callback].
func (s *LearningRateSchedulerCallback) OnEpochEnd(_ int, logs *Logs) error {
	_, err := logLearningRates(s.Model(), logs)
	return err
}

// rate is a learning rate of the model's, and how to change it.
type rate struct {
	LearningRate
	model Model
	at    int // among those of the optimizers inside
}

// ratesOf returns the learning rate of the model's optimizer, or those of the optimizers inside.
func ratesOf(model Model) ([]rate, error) {
	if model == nil {
		return nil, errNoModel
	}
	if m, ok := model.(ManyRates); ok {
		if list, err := m.LearningRates(); err == nil && len(list) > 0 && list[0].Optimizer != "" {
			rates := make([]rate, len(list))
			for i, r := range list {
				rates[i] = rate{r, model, i}
			}
			return rates, nil
		}
	}
	lr, err := model.LearningRate()
	if err != nil {
		return nil, fmt.Errorf("getting the learning rate: %w", err)
	}
	return []rate{{LearningRate{Name: "learning_rate", Rate: lr}, model, 0}}, nil
}

func (r *rate) set(lr float64) error {
	var err error
	if r.Optimizer == "" {
		err = r.model.SetLearningRate(lr)
	} else {
		err = r.model.(ManyRates).SetLearningRateOf(r.at, lr)
	}
	if err != nil {
		return fmt.Errorf("setting the learning rate: %w", err)
	}
	return nil
}

// whose is the optimizer's name, in a message about one of several.
func (r *rate) whose() string {
	if r.Optimizer == "" {
		return ""
	}
	return r.Optimizer + " "
}

// logLearningRates adds the learning rates to the logs, and returns them.
func logLearningRates(model Model, logs *Logs) ([]rate, error) {
	rates, err := ratesOf(model)
	for _, r := range rates {
		logs.Set(r.Name, r.Rate)
	}
	return rates, err
}

// ReduceLROnPlateau makes the learning rate smaller when a monitored value has stopped getting better (Keras:
// ReduceLROnPlateau), and adds "learning_rate" to the logs of every epoch. It starts afresh at every Fit. NaN never counts
// as better. With a MultiOptimizer it reduces the rate of each optimizer inside, whose rates are in the logs as "learning_rate_adam".
type ReduceLROnPlateauCallback struct {
	patient[*ReduceLROnPlateauCallback]
	factor   float64
	cooldown int
	minLR    float64

	best    float64
	wait    int
	cooling int // epochs of cooldown left
}

var _ Callback = (*ReduceLROnPlateauCallback)(nil)

// ReduceLROnPlateau returns a callback that takes a tenth of the learning rate when "val_loss" has not become smaller
// by 0.0001 for 10 epochs. Verbose prints each reduction.
func ReduceLROnPlateau() *ReduceLROnPlateauCallback {
	r := &ReduceLROnPlateauCallback{factor: 0.1}
	r.init(r, "val_loss")
	r.patience, r.minDelta = 10, 1e-4
	return r
}

// Factor is what the learning rate is multiplied by; it is at least 0 and less than 1. The default is 0.1.
func (r *ReduceLROnPlateauCallback) Factor(factor float64) *ReduceLROnPlateauCallback {
	r.factor = factor
	if !(factor >= 0 && factor < 1) {
		r.reject("factor %v does not reduce; want 0 or more and less than 1", factor)
	}
	return r
}

// Cooldown is the number of epochs to wait after a reduction before counting again. The default is 0.
func (r *ReduceLROnPlateauCallback) Cooldown(epochs int) *ReduceLROnPlateauCallback {
	r.cooldown = r.setCount("cooldown", epochs)
	return r
}

// MinLR is the smallest learning rate to set. The default is 0.
func (r *ReduceLROnPlateauCallback) MinLR(lr float64) *ReduceLROnPlateauCallback {
	r.minLR = lr
	if !(lr >= 0) || math.IsInf(lr, 0) {
		r.reject("min_lr %v is no learning rate; want a finite number, 0 or more", lr)
	}
	return r
}

// ObservesBatches implements [BatchObserver].
func (r *ReduceLROnPlateauCallback) ObservesBatches() bool { return false }

// OnTrainBegin implements [Callback].
func (r *ReduceLROnPlateauCallback) OnTrainBegin() error {
	r.wait, r.cooling = 0, 0
	if err := r.begin(); err != nil {
		return err
	}
	if err := r.place(); err != nil {
		return err
	}
	r.best = r.worst()
	return nil
}

// OnEpochEnd implements [Callback].
func (r *ReduceLROnPlateauCallback) OnEpochEnd(epoch int, logs *Logs) error {
	rates, err := logLearningRates(r.Model(), logs)
	if err != nil {
		return err
	}
	value, ok, err := r.watch(logs, "Learning rate reduction is conditioned on metric `%s` which is not available. Available metrics are: %s.")
	if !ok {
		return err
	}
	if r.cooling > 0 {
		r.cooling--
		r.wait = 0
	}
	if r.improves(value, r.best) {
		r.best = value
		r.wait = 0
		return nil
	}
	if r.cooling > 0 {
		return nil
	}
	r.wait++
	if r.wait < r.patience {
		return nil
	}
	for _, rate := range rates {
		if float32(rate.Rate) <= float32(r.minLR) {
			continue
		}
		lr := max(rate.Rate*r.factor, r.minLR)
		if err := rate.set(lr); err != nil {
			return err
		}
		r.cooling, r.wait = r.cooldown, 0
		if err := r.say("\nEpoch %d: ReduceLROnPlateau reducing %slearning rate to %s.", epoch+1, rate.whose(), reprFloat(lr)); err != nil {
			return err
		}
	}
	return nil
}

// reduceLRState is what [ReduceLROnPlateau] knows between two epochs.
type reduceLRState struct {
	Best          float64
	Wait, Cooling int
}

// MarshalState implements [Resumable].
func (r *ReduceLROnPlateauCallback) MarshalState() ([]byte, error) {
	return marshalState(reduceLRState{r.best, r.wait, r.cooling})
}

// UnmarshalState implements [Resumable].
func (r *ReduceLROnPlateauCallback) UnmarshalState(data []byte) error {
	var s reduceLRState
	if err := unmarshalState(data, &s); err != nil {
		return err
	}
	r.best, r.wait, r.cooling = s.Best, s.Wait, s.Cooling
	return nil
}
