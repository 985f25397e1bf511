package callbacks

import "errors"

// SwapEMAWeights puts the moving averages of the weights in the place of the weights while the model is evaluated or predicts, and puts the
// weights back afterwards (Keras: SwapEMAWeights). The optimizer must keep averages: UseEMA(true).
//
// Keras leaves the averages in the model after predict; here the weights come back.
type SwapEMAWeightsCallback struct {
	Base
	onEpoch bool
	inModel bool // the averages are in the model
}

var _ Callback = (*SwapEMAWeightsCallback)(nil)

// SwapEMAWeights returns the callback. Put it before those that look at the weights.
func SwapEMAWeights() *SwapEMAWeightsCallback { return &SwapEMAWeightsCallback{} }

// SwapOnEpoch has the averages in the model at the end of each epoch, too, for callbacks that come later, such as [ModelCheckpoint]; they are taken out when the next
// one begins. The default is false.
func (s *SwapEMAWeightsCallback) SwapOnEpoch(swap bool) *SwapEMAWeightsCallback {
	s.onEpoch = swap
	return s
}

// ObservesBatches implements [BatchObserver].
func (s *SwapEMAWeightsCallback) ObservesBatches() bool { return false }

func (s *SwapEMAWeightsCallback) averaged() (Averaged, error) {
	model, ok := s.Model().(Averaged)
	if !ok {
		return nil, errors.New("the model has no optimizer whose averages could be swapped in")
	}
	return model, nil
}

// put brings the averages into the model, or out of it.
func (s *SwapEMAWeightsCallback) put(in bool) error {
	if s.inModel == in {
		return nil
	}
	model, err := s.averaged()
	if err == nil {
		err = model.SwapAverages()
	}
	if err == nil {
		s.inModel = in
	}
	return err
}

// settle keeps the averages that are in the model when training ends, which puts the optimizer's averages there.
func (s *SwapEMAWeightsCallback) settle() error {
	model, err := s.averaged()
	if err != nil {
		return err
	}
	return model.SetAverages()
}

// OnEpochBegin implements [Callback].
func (s *SwapEMAWeightsCallback) OnEpochBegin(int) error {
	if !s.onEpoch {
		return nil
	}
	return s.put(false)
}

// OnEpochEnd implements [Callback].
func (s *SwapEMAWeightsCallback) OnEpochEnd(epoch int, _ *Logs) error {
	if !s.onEpoch {
		return nil
	}
	if err := s.put(true); err != nil {
		return err
	}
	if epoch == s.Params().Epochs-1 {
		return s.settle()
	}
	return nil
}

// OnTrainEnd implements [Callback].
func (s *SwapEMAWeightsCallback) OnTrainEnd(*Logs) error {
	if !s.inModel {
		return nil
	}
	s.inModel = false
	return s.settle()
}

// OnTestBegin implements [Callback].
func (s *SwapEMAWeightsCallback) OnTestBegin() error { return s.put(true) }

// OnTestEnd implements [Callback].
func (s *SwapEMAWeightsCallback) OnTestEnd(*Logs) error { return s.put(false) }

// OnPredictBegin implements [Callback].
func (s *SwapEMAWeightsCallback) OnPredictBegin() error { return s.put(true) }

// OnPredictEnd implements [Callback].
func (s *SwapEMAWeightsCallback) OnPredictEnd() error { return s.put(false) }

// MarshalState implements [Resumable].
func (s *SwapEMAWeightsCallback) MarshalState() ([]byte, error) { return marshalState(s.inModel) }

// UnmarshalState implements [Resumable].
func (s *SwapEMAWeightsCallback) UnmarshalState(data []byte) error {
	return unmarshalState(data, &s.inModel)
}
