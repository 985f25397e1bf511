// Package serial turns models into what Keras's files hold, and back: the configuration (config.json of an archive, to_json, and the
// older forms of legacy HDF5 files), the tree of weights, and assets. It knows models as networks of layers; what a compiled model
// adds it asks of the model, by the interface [Compiled].
package serial

import "github.com/gokeras/gokeras/symbolic"

// Compiled is what a model that can be trained adds to its files.
type Compiled interface {
	// CompileConfig returns the arguments of Compile as files have them, {} before Compile.
	CompileConfig() (map[string]any, error)
	// OptimizerConfig returns the configuration of the optimizer in use, which may be around the one that Compile got; it's for models that were compiled.
	OptimizerConfig() (map[string]any, error)
	// OptimizerState returns the optimizer, then those inside it, whose variables are among its own, and the weights that it trains;
	// nothing before Compile. It makes the variables where training has not begun.
	OptimizerState() (parts []symbolic.OptimizerPart, trained []*symbolic.Weight, err error)
	// OptimizerStarted reports whether Keras's optimizer would have all its variables.
	OptimizerStarted() bool
}
