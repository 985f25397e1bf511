package layers

import "github.com/gokeras/gokeras/functional"

// layer is what every layer of the catalogue embeds: the state that functional keeps of a layer. L is the layer's own type.
type layer[L functional.Layer] struct {
	functional.BaseLayer
	self L
}

// init prepares the layer; cfg is embedded in the layer's configuration.
func (l *layer[L]) init(self L, cfg *functional.LayerConfig) {
	l.self = self
	l.Init(self, cfg)
}

// weightless is embedded by layers without weights.
type weightless struct{}

// WeightSpecs returns none.
func (weightless) WeightSpecs([]functional.Shape) ([]functional.WeightSpec, error) { return nil, nil }

// keras is the class of one of Keras's own layers.
func keras(name string) functional.Class {
	return functional.Class{Module: "keras.layers", Name: name}
}
