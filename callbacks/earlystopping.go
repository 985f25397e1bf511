package callbacks

import (
	"errors"
	"fmt"

	"github.com/gomlx/gomlx/core/tensors"
)

// EarlyStopping ends the training when a monitored value has stopped getting better (Keras: EarlyStopping). It starts
// afresh at every Fit. NaN never counts as better, and where the first value is NaN, none that follows does, as in Keras.
type EarlyStoppingCallback struct {
	patient[*EarlyStoppingCallback]
	baseline  *float64
	restore   bool
	fromEpoch int

	wait         int
	best         float64
	seen         bool // whether there was a value
	bestEpoch    int
	bestWeights  []*tensors.Tensor
	kept         bool // bestWeights is set
	stoppedEpoch int
}

var _ Callback = (*EarlyStoppingCallback)(nil)

// EarlyStopping returns a callback that ends the training at the first epoch, after the first of all, in which
// "val_loss" did not get smaller: the patience is 0, and so is what a value must be better by. Verbose prints when it stops and what it restores.
func EarlyStopping() *EarlyStoppingCallback {
	e := &EarlyStoppingCallback{}
	e.init(e, "val_loss")
	return e
}

// Baseline is a value to improve on as well: epochs that don't beat it count against the patience. By default there
// is none.
func (e *EarlyStoppingCallback) Baseline(value float64) *EarlyStoppingCallback {
	e.baseline = &value
	return e
}

// RestoreBestWeights gives the model, at the end of Fit, the weights of its best epoch, whether or not the training was
// stopped. The default is false: the model keeps the last ones.
func (e *EarlyStoppingCallback) RestoreBestWeights(restore bool) *EarlyStoppingCallback {
	e.restore = restore
	return e
}

// StartFromEpoch leaves out the epochs before this one, counted from 0. The default is 0.
func (e *EarlyStoppingCallback) StartFromEpoch(epoch int) *EarlyStoppingCallback {
	e.fromEpoch = e.setCount("start_from_epoch", epoch)
	return e
}

// StoppedEpoch returns the epoch, counted from 0, at which it ended the last training; ok is false if it did not.
func (e *EarlyStoppingCallback) StoppedEpoch() (epoch int, ok bool) {
	return e.stoppedEpoch, e.stoppedEpoch > 0
}

// BestEpoch returns the epoch, counted from 0, with the best value of the last training.
func (e *EarlyStoppingCallback) BestEpoch() int { return e.bestEpoch }

// Best returns the best value of the last training that the callback saw; ok is false before its first epoch.
func (e *EarlyStoppingCallback) Best() (value float64, ok bool) { return e.best, e.seen }

// ObservesBatches implements [BatchObserver].
func (e *EarlyStoppingCallback) ObservesBatches() bool { return false }

// OnTrainBegin implements [Callback].
func (e *EarlyStoppingCallback) OnTrainBegin() error {
	e.wait, e.stoppedEpoch, e.bestEpoch = 0, 0, 0
	e.bestWeights, e.kept = nil, false
	if err := e.begin(); err != nil {
		return err
	}
	if err := e.place(); err != nil {
		return err
	}
	e.best, e.seen = e.worst(), false
	return nil
}

// OnEpochEnd implements [Callback].
func (e *EarlyStoppingCallback) OnEpochEnd(epoch int, logs *Logs) error {
	value, ok, err := e.watch(logs, "Early stopping conditioned on metric `%s` which is not available. Available metrics are: %s")
	if !ok {
		return err
	}
	if epoch < e.fromEpoch {
		return nil
	}
	if e.Model() == nil {
		return errors.New("there is no model to stop")
	}
	improved := !e.seen || e.improves(value, e.best) // as in Keras, the first value is the best so far, even NaN
	e.seen = true
	if improved || e.restore && !e.kept {
		// The first epoch is kept even if it does not improve, so that there is something to go back to.
		e.bestEpoch = epoch
		if err := e.keepWeights(); err != nil {
			return err
		}
	}
	e.wait++
	if improved {
		e.best = value
		if e.baseline == nil || e.improves(value, *e.baseline) {
			e.wait = 0
		}
		return nil
	}
	if e.wait >= e.patience && epoch > 0 {
		e.stoppedEpoch = epoch
		e.Model().SetStopTraining(true)
	}
	return nil
}

// earlyStoppingState is what [EarlyStopping] knows between two epochs.
type earlyStoppingState struct {
	Wait, BestEpoch, StoppedEpoch int
	Best                          float64
	Seen, Kept                    bool
	Weights                       []heldTensor
}

// MarshalState implements [Resumable].
func (e *EarlyStoppingCallback) MarshalState() ([]byte, error) {
	weights, err := holdTensors(e.bestWeights)
	if err != nil {
		return nil, err
	}
	return marshalState(earlyStoppingState{e.wait, e.bestEpoch, e.stoppedEpoch, e.best, e.seen, e.kept, weights})
}

// UnmarshalState implements [Resumable].
func (e *EarlyStoppingCallback) UnmarshalState(data []byte) error {
	var s earlyStoppingState
	if err := unmarshalState(data, &s); err != nil {
		return err
	}
	weights, err := releaseTensors(s.Weights)
	if err != nil {
		return err
	}
	e.wait, e.bestEpoch, e.stoppedEpoch, e.best, e.seen, e.kept, e.bestWeights = s.Wait, s.BestEpoch, s.StoppedEpoch, s.Best, s.Seen, s.Kept, weights
	return nil
}

func (e *EarlyStoppingCallback) keepWeights() error {
	if !e.restore {
		return nil
	}
	weights, err := e.Model().GetWeights()
	if err != nil {
		return fmt.Errorf("keeping the best weights: %w", err)
	}
	// The copies that are no longer wanted can be large and on the device; they are let go of at once.
	for _, old := range e.bestWeights {
		if err := old.FinalizeAll(); err != nil {
			return fmt.Errorf("letting go of older weights: %w", err)
		}
	}
	e.bestWeights, e.kept = weights, true
	return nil
}

// OnTrainEnd implements [Callback].
func (e *EarlyStoppingCallback) OnTrainEnd(*Logs) error {
	if e.stoppedEpoch > 0 {
		if err := e.say("Epoch %d: early stopping", e.stoppedEpoch+1); err != nil {
			return err
		}
	}
	if !e.kept {
		return nil
	}
	if err := e.say("Restoring model weights from the end of the best epoch: %d.", e.bestEpoch+1); err != nil {
		return err
	}
	weights := e.bestWeights
	e.bestWeights, e.kept = nil, false
	if err := e.Model().SetWeights(weights); err != nil {
		return fmt.Errorf("restoring the best weights: %w", err)
	}
	return nil
}
