package initializers

import (
	"math/rand/v2"

	"github.com/gokeras/gokeras/internal/config"
)

// Initializer fills a new weight (Keras: keras.initializers.Initializer).
type Initializer interface {
	config.Object
	// Values returns the product of shape values in row-major order, drawn from
	// rng where the initializer is random and has no seed of its own. The
	// error says what shape the initializer wants when it can't fill this one.
	Values(shape []int, rng *rand.Rand) ([]float32, error)
}

// Class names a Keras class as files do; a class of your own registers as
// Class{Module: "my_package", Name: "Mine", Registered: "my_package>Mine"}.
type Class = config.Class

var catalogue = config.NewCatalogue[Initializer]("initializer")

// Get resolves what Keras accepts as an initializer: nil (none), an
// [Initializer], a name such as "he_normal", or a decoded configuration.
func Get(v any) (Initializer, error) { return catalogue.Get(v) }

// Register makes a custom initializer known to [Get] and to files under the
// registered name of its class ("package>Name").
func Register(create func() Initializer) { catalogue.Add(create) }

// Names lists the names that [Get] accepts.
func Names() []string { return catalogue.Names() }
