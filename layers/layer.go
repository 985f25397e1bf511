package layers

import (
	"github.com/gokeras/gokeras/symbolic"
)

// layer is what every layer of the catalogue embeds: the state that symbolic
// keeps of a layer. L is the layer's own type.
type layer[L symbolic.Layer] struct {
	symbolic.BaseLayer
	self L
}

// init prepares the layer; cfg is embedded in the layer's configuration.
func (l *layer[L]) init(self L, cfg *symbolic.LayerConfig) {
	l.self = self
	l.Init(self, cfg)
}

// sampleWise is embedded by layers that outside training compute each sample from that sample only.
type sampleWise struct{}

// SamplesAlone says so.
func (sampleWise) SamplesAlone() bool { return true }

// keras is the class of one of Keras's own layers.
func keras(name string) symbolic.Class {
	return symbolic.Class{Module: "keras.layers", Name: name}
}
