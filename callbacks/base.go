package callbacks

// Base is a callback that does nothing. Embed it in a struct and write only the hooks of interest; its Model and Params
// return what the hooks may look at (Keras: self.model, self.params).
type Base struct {
	model  Model
	params Params
}

var _ Callback = (*Base)(nil)

// SetParams implements [Callback].
func (b *Base) SetParams(params Params) { b.params = params }

// SetModel implements [Callback].
func (b *Base) SetModel(model Model) { b.model = model }

// Params returns what the running Fit, Evaluate or Predict is about to do.
func (b *Base) Params() Params { return b.params }

// Model returns the model that is running; nil before the first hook.
func (b *Base) Model() Model { return b.model }

// OnTrainBegin implements [Callback].
func (*Base) OnTrainBegin() error { return nil }

// OnTrainEnd implements [Callback].
func (*Base) OnTrainEnd(*Logs) error { return nil }

// OnEpochBegin implements [Callback].
func (*Base) OnEpochBegin(int) error { return nil }

// OnEpochEnd implements [Callback].
func (*Base) OnEpochEnd(int, *Logs) error { return nil }

// OnTrainBatchBegin implements [Callback].
func (*Base) OnTrainBatchBegin(int) error { return nil }

// OnTrainBatchEnd implements [Callback].
func (*Base) OnTrainBatchEnd(int, *Logs) error { return nil }

// OnTestBegin implements [Callback].
func (*Base) OnTestBegin() error { return nil }

// OnTestEnd implements [Callback].
func (*Base) OnTestEnd(*Logs) error { return nil }

// OnTestBatchBegin implements [Callback].
func (*Base) OnTestBatchBegin(int) error { return nil }

// OnTestBatchEnd implements [Callback].
func (*Base) OnTestBatchEnd(int, *Logs) error { return nil }

// OnPredictBegin implements [Callback].
func (*Base) OnPredictBegin() error { return nil }

// OnPredictEnd implements [Callback].
func (*Base) OnPredictEnd() error { return nil }

// OnPredictBatchBegin implements [Callback].
func (*Base) OnPredictBatchBegin(int) error { return nil }

// OnPredictBatchEnd implements [Callback].
func (*Base) OnPredictBatchEnd(int) error { return nil }
