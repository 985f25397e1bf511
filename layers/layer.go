package layers

import (
	"sync/atomic"

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

// sampleWiseUnless is embedded by layers that outside training compute each sample from that sample only, unless what they are
// applied to makes the samples' axis one of those that they go along. Infer notes that.
type sampleWiseUnless struct{ crosses atomic.Bool }

// SamplesAlone reports whether no application looked at other samples.
func (s *sampleWiseUnless) SamplesAlone() bool { return !s.crosses.Load() }

// crossesIf notes an application that looks at other samples.
func (s *sampleWiseUnless) crossesIf(looks bool) {
	if looks {
		s.crosses.Store(true)
	}
}

// along notes the axes of x that an application goes along.
func (s *sampleWiseUnless) along(x symbolic.Shape, axes ...int) {
	for _, axis := range axes {
		at, ok := x.Axis(axis)
		s.crossesIf(ok && at == 0)
	}
}

// oneAlong is the shape of the one input, of which an application goes along these axes, each named once.
func (s *sampleWiseUnless) oneAlong(in *symbolic.Inputs, axes []int) (symbolic.Shape, error) {
	x, err := one(in)
	if err == nil {
		err = apart(x, axes)
	}
	if err != nil {
		return nil, err
	}
	s.along(x, axes...)
	return x, nil
}

// keras is the class of one of Keras's own layers.
func keras(name string) symbolic.Class {
	return symbolic.Class{Module: "keras.layers", Name: name}
}
