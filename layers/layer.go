package layers

import (
	"github.com/gokeras/gokeras/regularizers"
	"github.com/gokeras/gokeras/symbolic"
)

// layer is what every layer of the catalogue embeds: the state that functional
// keeps of a layer, and the setters of the arguments that all layers have. L
// is the layer's own type, so that setters chain.
type layer[L symbolic.Layer] struct {
	symbolic.BaseLayer
	self L
}

// init prepares the layer; cfg is embedded in the layer's configuration.
func (l *layer[L]) init(self L, cfg *symbolic.LayerConfig) {
	l.self = self
	l.Init(self, cfg)
}

// set runs change unless the layer was applied already.
func (l *layer[L]) set(argument string, change func()) L {
	l.Configure(argument, func() error { change(); return nil })
	return l.self
}

// setErr is set for arguments that may be wrong.
func (l *layer[L]) setErr(argument string, change func() error) L {
	l.Configure(argument, change)
	return l.self
}

// Name names the layer (Keras: name=). The default is the class in snake case with a number: "conv2d_1".
func (l *layer[L]) Name(name string) L {
	l.SetName(name)
	return l.self
}

// DType sets the layer's dtype policy (Keras: dtype=): "float32" (default), "float16", "mixed_bfloat16", …
func (l *layer[L]) DType(policy symbolic.DTypePolicy) L {
	return l.setErr("dtype", func() error {
		l.SetDType(policy)
		return policy.Validate()
	})
}

// Trainable freezes (false) or thaws the layer (Keras: trainable=). It may be
// called at any time; compile the model afterwards.
func (l *layer[L]) Trainable(trainable bool) L {
	l.SetTrainable(trainable)
	return l.self
}

// ActivityRegularizer penalises the layer's output: a name ("l2") or a value
// of package regularizers (Keras: activity_regularizer=). Default none.
func (l *layer[L]) ActivityRegularizer(regularizer any) L {
	return l.setErr("activity_regularizer", func() error {
		r, err := regularizers.Get(regularizer)
		l.SetActivityRegularizer(r)
		return err
	})
}

// Signature is Keras's.
func (l *layer[L]) Signature() string {
	if s, ok := signatures[l.self.KerasClass().Name]; ok {
		return s
	}
	return "inputs"
}

// sampleWise is embedded by layers that outside training compute each sample from that sample only.
type sampleWise struct{}

// SamplesAlone says so.
func (sampleWise) SamplesAlone() bool { return true }

// keras is the class of one of Keras's own layers.
func keras(name string) symbolic.Class {
	return symbolic.Class{Module: "keras.layers", Name: name}
}
