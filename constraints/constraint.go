package constraints

import (
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/internal/config"
)

// Constraint projects a weight after every optimizer step (Keras:
// keras.constraints.Constraint).
type Constraint interface {
	config.Object
	// Project returns the weight that satisfies the constraint, of w's shape.
	// It builds part of a GoMLX graph and, like GoMLX's own functions, panics
	// with an error where it can't.
	Project(w *graph.Node) *graph.Node
}

// Class names a Keras class as files do; a class of your own registers as
// Class{Module: "my_package", Name: "Mine", Registered: "my_package>Mine"}.
type Class = config.Class

var catalogue = config.NewCatalogue[Constraint]("constraint")

// Get resolves what Keras accepts as a constraint: nil (none), a [Constraint],
// a name such as "non_neg", or a decoded configuration.
func Get(v any) (Constraint, error) { return catalogue.Get(v) }

// Register makes a custom constraint known to [Get] and to files under the
// registered name of its class ("package>Name").
func Register(create func() Constraint) { catalogue.Add(create) }
