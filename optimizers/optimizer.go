package optimizers

import (
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/internal/config"
)

// Optimizer turns gradients into new weights (Keras:
// keras.optimizers.Optimizer). It holds arguments only: its variables live on
// the device beside the model's weights and pass through the compiled step.
type Optimizer interface {
	config.Object
	// Name is Keras's name of the optimizer: "adam".
	Name() string
	// Variables lists the optimizer's variables for the trainable weights, in
	// the order in which Keras saves them: "iteration" (int32 here, int in
	// files), "learning_rate" (unless a schedule gives it), then the slots.
	Variables(trainable []Variable) []Variable
	// Apply returns the optimizer's variables and the weights after one step;
	// state, weights and grads are in the orders of Variables and trainable.
	// Clipping, weight decay, gradient accumulation and moving averages
	// happen here. Weight constraints don't: the caller applies them. It builds part of a
	// GoMLX graph and panics with an error where it can't, as GoMLX's own functions do.
	Apply(state, weights, grads []*graph.Node) (newState, newWeights []*graph.Node)
}

// Variable describes a weight to be trained or a variable of an optimizer.
type Variable struct {
	Name  string // "iteration"; for a slot Keras's "<weight path>_momentum" with / as _; for a weight its name, "kernel"
	Path  string // weights only: Keras's path, "conv2d_1/kernel"
	Shape []int
	DType dtypes.DType
	// Initial is the value that every element starts with.
	Initial float64
	// CopyOf is the index of the trainable weight whose value the variable
	// starts with (Keras's use_ema), or -1.
	CopyOf int
}

var catalogue = config.NewCatalogue[Optimizer]("optimizer")

// Get resolves what Keras accepts as an optimizer: an [Optimizer], a name such
// as "adam", or a decoded configuration.
func Get(v any) (Optimizer, error) { return catalogue.Get(v) }

// Register makes a custom optimizer known to [Get] and to files under the
// registered name of its class ("package>Name").
func Register(create func() Optimizer) { catalogue.Add(create) }
