package callbacks

// LambdaCallback makes a callback of functions (Keras: LambdaCallback). Those that are nil do nothing.
//
//	&callbacks.LambdaCallback{EpochEnd: func(epoch int, logs *callbacks.Logs) error {
//		loss, _ := logs.Get("loss")
//		log.Printf("epoch %d: loss %g", epoch, loss)
//		return nil
//	}}
type LambdaCallback struct {
	Base

	TrainBegin      func() error
	TrainEnd        func(logs *Logs) error
	EpochBegin      func(epoch int) error
	EpochEnd        func(epoch int, logs *Logs) error
	TrainBatchBegin func(batch int) error
	TrainBatchEnd   func(batch int, logs *Logs) error

	TestBegin      func() error
	TestEnd        func(logs *Logs) error
	TestBatchBegin func(batch int) error
	TestBatchEnd   func(batch int, logs *Logs) error

	PredictBegin      func() error
	PredictEnd        func() error
	PredictBatchBegin func(batch int) error
	PredictBatchEnd   func(batch int) error
}

var _ Callback = (*LambdaCallback)(nil)

// ObservesBatches implements [BatchObserver].
func (c *LambdaCallback) ObservesBatches() bool {
	return c.TrainBatchBegin != nil || c.TrainBatchEnd != nil || c.TestBatchBegin != nil || c.TestBatchEnd != nil ||
		c.PredictBatchBegin != nil || c.PredictBatchEnd != nil
}

func call0(f func() error) error {
	if f == nil {
		return nil
	}
	return f()
}

func call1[A any](f func(A) error, a A) error {
	if f == nil {
		return nil
	}
	return f(a)
}

func call2[A, B any](f func(A, B) error, a A, b B) error {
	if f == nil {
		return nil
	}
	return f(a, b)
}

// OnTrainBegin implements [Callback].
func (c *LambdaCallback) OnTrainBegin() error { return call0(c.TrainBegin) }

// OnTrainEnd implements [Callback].
func (c *LambdaCallback) OnTrainEnd(logs *Logs) error { return call1(c.TrainEnd, logs) }

// OnEpochBegin implements [Callback].
func (c *LambdaCallback) OnEpochBegin(epoch int) error { return call1(c.EpochBegin, epoch) }

// OnEpochEnd implements [Callback].
func (c *LambdaCallback) OnEpochEnd(epoch int, logs *Logs) error {
	return call2(c.EpochEnd, epoch, logs)
}

// OnTrainBatchBegin implements [Callback].
func (c *LambdaCallback) OnTrainBatchBegin(batch int) error { return call1(c.TrainBatchBegin, batch) }

// OnTrainBatchEnd implements [Callback].
func (c *LambdaCallback) OnTrainBatchEnd(batch int, logs *Logs) error {
	return call2(c.TrainBatchEnd, batch, logs)
}

// OnTestBegin implements [Callback].
func (c *LambdaCallback) OnTestBegin() error { return call0(c.TestBegin) }

// OnTestEnd implements [Callback].
func (c *LambdaCallback) OnTestEnd(logs *Logs) error { return call1(c.TestEnd, logs) }

// OnTestBatchBegin implements [Callback].
func (c *LambdaCallback) OnTestBatchBegin(batch int) error { return call1(c.TestBatchBegin, batch) }

// OnTestBatchEnd implements [Callback].
func (c *LambdaCallback) OnTestBatchEnd(batch int, logs *Logs) error {
	return call2(c.TestBatchEnd, batch, logs)
}

// OnPredictBegin implements [Callback].
func (c *LambdaCallback) OnPredictBegin() error { return call0(c.PredictBegin) }

// OnPredictEnd implements [Callback].
func (c *LambdaCallback) OnPredictEnd() error { return call0(c.PredictEnd) }

// OnPredictBatchBegin implements [Callback].
func (c *LambdaCallback) OnPredictBatchBegin(batch int) error {
	return call1(c.PredictBatchBegin, batch)
}

// OnPredictBatchEnd implements [Callback].
func (c *LambdaCallback) OnPredictBatchEnd(batch int) error { return call1(c.PredictBatchEnd, batch) }
