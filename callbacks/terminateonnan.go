package callbacks

import (
	"errors"
	"fmt"
	"math"
)

// TerminateOnNaN ends the training when the loss of a batch is NaN or infinite (Keras: TerminateOnNaN). It looks at
// the loss after every batch, so that the device cannot run ahead.
type TerminateOnNaNCallback struct {
	Base
	raise bool
}

var _ Callback = (*TerminateOnNaNCallback)(nil)

// TerminateOnNaN returns a callback that ends the training after the batch, as if it had come to its end.
func TerminateOnNaN() *TerminateOnNaNCallback { return &TerminateOnNaNCallback{} }

// RaiseError makes Fit return an error instead (Keras: raise_error). The default is false.
func (t *TerminateOnNaNCallback) RaiseError(raise bool) *TerminateOnNaNCallback {
	t.raise = raise
	return t
}

// OnTrainBatchEnd implements [Callback].
func (t *TerminateOnNaNCallback) OnTrainBatchEnd(batch int, logs *Logs) error {
	loss, ok := logs.Get("loss")
	if !ok || !math.IsNaN(loss) && !math.IsInf(loss, 0) {
		return logs.Err()
	}
	if t.raise {
		return fmt.Errorf("NaN or Inf loss encountered at batch %d. Loss value: %s. Terminating training immediately",
			batch, reprFloat(loss))
	}
	if t.Model() == nil {
		return errors.New("there is no model to stop")
	}
	t.Model().SetStopTraining(true)
	return printf(t.Params(), "Batch %d: Invalid loss, terminating training", batch)
}
