package callbacks

import (
	"io"

	"github.com/gomlx/gomlx/core/tensors"
)

// Callback is told what happens during Fit, Evaluate and Predict (Keras:
// keras.callbacks.Callback). Embed [Base] and write only the methods of
// interest. An error ends the call, which returns it. Epochs and batches count from 0.
type Callback interface {
	SetParams(Params)
	SetModel(Model)

	OnTrainBegin() error
	OnTrainEnd(logs *Logs) error
	OnEpochBegin(epoch int) error
	OnEpochEnd(epoch int, logs *Logs) error
	OnTrainBatchBegin(batch int) error
	OnTrainBatchEnd(batch int, logs *Logs) error

	OnTestBegin() error
	OnTestEnd(logs *Logs) error
	OnTestBatchBegin(batch int) error
	OnTestBatchEnd(batch int, logs *Logs) error

	OnPredictBegin() error
	OnPredictEnd() error
	OnPredictBatchBegin(batch int) error
	OnPredictBatchEnd(batch int) error
}

// Params says what a Fit, Evaluate or Predict is about to do (Keras:
// Callback.params).
type Params struct {
	Epochs       int
	InitialEpoch int
	Steps        int       // batches an epoch; 0 if unknown
	Verbose      int       // 0 silent, 1 progress bar, 2 one line an epoch
	Output       io.Writer // where progress and messages go; never nil
}

// Model is what callbacks may ask of the model that is being trained;
// *functional.Model implements it.
type Model interface {
	Name() string
	// Save writes the whole model, SaveWeights its weights alone; the suffix
	// of path chooses the format. The file appears whole or not at all.
	Save(path string) error
	SaveWeights(path string) error
	// GetWeights returns copies of the weights in Keras's order, SetWeights sets them.
	GetWeights() ([]*tensors.Tensor, error)
	SetWeights([]*tensors.Tensor) error
	// LearningRate and SetLearningRate reach the optimizer's learning rate (Keras:
	// model.optimizer.learning_rate); they fail for a model without an
	// optimizer or with a schedule.
	LearningRate() (float64, error)
	SetLearningRate(float64) error
	// StopTraining makes Fit end after the running epoch, or after the running batch when
	// set within one (Keras: model.stop_training).
	StopTraining() bool
	SetStopTraining(bool)
}
