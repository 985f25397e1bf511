package layers

// What Keras writes into files about a layer beyond its configuration.

// readyMade is embedded by layers that Keras counts as built when they are
// made, so that files have no build_config for them.
type readyMade struct{}

// NeedsNoBuild says that files have no build_config for the layer.
func (readyMade) NeedsNoBuild() {}
