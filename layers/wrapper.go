package layers

import (
	"fmt"

	"github.com/gokeras/gokeras/internal/config"
	"github.com/gokeras/gokeras/symbolic"
)

// WrapperConfig is the part of the configuration that every wrapper has: name, trainable, dtype, and the layer inside.
type WrapperConfig struct {
	symbolic.LayerConfig
	Layer symbolic.Layer `keras:"layer"`
}

// Validate reports arguments that Keras rejects.
func (c *WrapperConfig) Validate() error {
	if err := symbolic.Made(c.Layer); err != nil {
		return fmt.Errorf("the layer supplied to a wrapper isn't a supported layer type: %w", err)
	}
	return config.Validate(c.Layer.KerasConfig())
}

// WrapperBase is what a wrapper of your own embeds in the place of functional.BaseLayer (Keras: Wrapper): a layer that has another one, or a
// model, as its attribute "layer". Its configuration embeds [WrapperConfig]. It writes Call, which applies [WrapperBase.Inner]
// by [symbolic.Call.Apply], and Infer where its outputs aren't those of the layer inside. A Declare of its own calls WrapperBase's.
type WrapperBase struct {
	symbolic.BaseLayer
	wrapped *WrapperConfig
}

// Init prepares the base of wrapper, whose configuration embeds cfg, as BaseLayer.Init does.
func (b *WrapperBase) Init(wrapper symbolic.Layer, cfg *WrapperConfig) {
	b.wrapped = cfg
	b.BaseLayer.Init(wrapper, &cfg.LayerConfig)
}

// Inner is the layer inside.
func (b *WrapperBase) Inner() symbolic.Layer { return b.wrapped.Layer }

// Infer returns the outputs of the layer inside for the same first argument.
func (b *WrapperBase) Infer(in *symbolic.Inputs) ([]symbolic.Spec, error) {
	return b.InferInner(b.wrapped.Layer, specArguments(in)...)
}

// Declare declares the layer inside, for the same first argument.
func (b *WrapperBase) Declare(d *symbolic.Builder, in *symbolic.Inputs) error {
	d.Track("layer", b.wrapped.Layer, specArguments(in)...)
	return nil
}

// specArguments are the tensors of the first argument as a call's arguments.
func specArguments(in *symbolic.Inputs) []any {
	first := in.First()
	if len(first) == 1 {
		return []any{first[0]}
	}
	list := make([]any, len(first))
	for i, s := range first {
		list[i] = s
	}
	return []any{list}
}
