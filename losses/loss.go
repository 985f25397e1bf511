package losses

import (
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/internal/config"
)

// Loss compares predictions with targets (Keras: keras.losses.Loss).
type Loss interface {
	config.Object
	// Name is the loss's name as a metric of that loss would be called.
	Name() string
	// Values returns the loss of each sample before reduction, usually of
	// shape (batch,) or (batch, d0, … dN-1). It builds part of a GoMLX graph and panics
	// with an error where shapes don't fit, as GoMLX's own functions do.
	Values(yTrue, yPred *graph.Node) *graph.Node
	// Reduction says how the values become one number.
	Reduction() Reduction
}

// Reduction is how per-sample values become a loss (Keras: reduction=).
type Reduction string

// Keras 3's reductions.
const (
	SumOverBatchSize     Reduction = "sum_over_batch_size"
	Sum                  Reduction = "sum"
	Mean                 Reduction = "mean"
	MeanWithSampleWeight Reduction = "mean_with_sample_weight"
	None                 Reduction = "none"
)

var catalogue = config.NewCatalogue[Loss]("loss")

// Get resolves what Keras accepts as a loss: nil (none), a [Loss], a name such as "mse" or
// "categorical_crossentropy", or a decoded configuration.
func Get(v any) (Loss, error) { return catalogue.Get(v) }

// Register makes a custom loss known to [Get] and to files under the
// registered name of its class ("package>Name").
func Register(create func() Loss) { catalogue.Add(create) }
