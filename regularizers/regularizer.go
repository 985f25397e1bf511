package regularizers

import (
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/internal/config"
)

// Regularizer adds a penalty on a weight or an output to the loss (Keras:
// keras.regularizers.Regularizer).
type Regularizer interface {
	config.Object
	// Penalty returns the scalar penalty of x. It builds part of a GoMLX graph
	// and, like GoMLX's own functions, panics with an error where it can't.
	Penalty(x *graph.Node) *graph.Node
}

// Class names a Keras class as files do; a class of your own registers as
// Class{Module: "my_package", Name: "Mine", Registered: "my_package>Mine"}.
type Class = config.Class

var catalogue = config.NewCatalogue[Regularizer]("regularizer")

// Get resolves what Keras accepts as a regularizer: nil (none), a
// [Regularizer], a name such as "l2", or a decoded configuration.
func Get(v any) (Regularizer, error) { return catalogue.Get(v) }

// Register makes a custom regularizer known to [Get] and to files under the
// registered name of its class ("package>Name").
func Register(create func() Regularizer) { catalogue.Add(create) }
