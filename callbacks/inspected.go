package callbacks

import "github.com/gomlx/gomlx/core/tensors"

// Inspected is what a [Model] may implement, besides, for callbacks that record what it is like; *functional.Model does.
type Inspected interface {
	// ToJSON is the model's configuration (Keras: to_json).
	ToJSON() ([]byte, error)
	// LayerWeights are the weights layer by layer.
	LayerWeights() ([]LayerWeight, error)
	// Iterations is the number of steps that the optimizer has taken (Keras: optimizer.iterations).
	Iterations() (int64, error)
	// LearningRates are the rates of now, of a schedule too, under the names that Keras's TensorBoard gives them: "learning_rate".
	LearningRates() ([]LearningRate, error)
}

// LayerWeight is a weight of a layer.
type LayerWeight struct {
	Layer string // the layer's name
	Class string // and Keras's class of it
	Path  string // the weight's path: "conv2d_1/kernel"
	Value *tensors.Tensor
}

// LearningRate is a rate with its name.
type LearningRate struct {
	Name      string
	Rate      float64
	Optimizer string // the name of the optimizer inside a MultiOptimizer that has it; else empty
}

// ManyRates is what a [Model] may implement, besides, whose optimizer may hold several with a rate each (Keras: MultiOptimizer);
// *functional.Model does.
type ManyRates interface {
	// LearningRates are as under [Inspected].
	LearningRates() ([]LearningRate, error)
	// SetLearningRateOf changes the rate of one of the optimizers inside, by its place in LearningRates.
	SetLearningRateOf(at int, rate float64) error
}

// Averaged is what a [Model] may implement, besides, whose optimizer keeps moving averages of the weights (Keras: use_ema);
// *functional.Model does.
type Averaged interface {
	// SwapAverages exchanges the weights and their averages.
	SwapAverages() error
	// SetAverages makes the weights of now the averages.
	SetAverages() error
}
