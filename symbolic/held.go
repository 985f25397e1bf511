package symbolic

import (
	"fmt"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gokeras/gokeras/internal/config"
	"github.com/gokeras/gokeras/internal/nest"
)

// What BaseLayer has of Held, beside what base.go and apply.go use themselves.

// LayerName is the layer's name, unique within a model (Keras: layer.name).
func (b *BaseLayer) LayerName() string { return b.Name() }

// String describes the layer as Python prints it: "<Dense name=dense, built=True>".
func (b *BaseLayer) String() string {
	if b == nil || b.layer == nil {
		return "<a layer that no constructor made>"
	}
	built := "False"
	if b.Built() {
		built = "True"
	}
	return fmt.Sprintf("<%s name=%s, built=%s>", b.layer.KerasClass().Name, b.layer.LayerName(), built)
}

// IsTrainable reports whether gradients may change the layer's own weights (Keras: layer.trainable).
func (b *BaseLayer) IsTrainable() bool { return b.Trainable() }

// DTypePolicy is the layer's dtype policy (Keras: layer.dtype_policy).
func (b *BaseLayer) DTypePolicy() DTypePolicy { return b.DType() }

// Input returns the first tensor that the layer's first application got (Keras: layer.input).
func (b *BaseLayer) Input() *Tensor {
	switch {
	case len(b.nodes) == 0:
		return failed(fmt.Errorf("layer %q was never applied and so has no input", b.Name()))
	case len(b.nodes[0].inputs) == 0: // an InputLayer is its own input, as in Keras
		return b.nodes[0].outputs[0]
	}
	return b.nodes[0].inputs[0]
}

// GetWeights returns copies of the weights' values in Keras's order (Keras: get_weights).
func (b *BaseLayer) GetWeights() ([]*tensors.Tensor, error) { return Values(b.Weights()) }

// SetWeights sets the weights from values in Keras's order (Keras: set_weights). Nothing changes unless every shape fits.
func (b *BaseLayer) SetWeights(values []*tensors.Tensor) error {
	weights := b.Weights()
	if len(values) != len(weights) {
		return fmt.Errorf("%q has %d weights, got %d values", b.Name(), len(weights), len(values))
	}
	if err := SetAll(weights, values); err != nil {
		return fmt.Errorf("%q: %w", b.Name(), err)
	}
	return nil
}

// GetConfig returns the configuration as Keras's get_config does, ready for encoding/json.
func (b *BaseLayer) GetConfig() (map[string]any, error) {
	if cfg, ok := Operation(b.layer); ok {
		return cfg, nil
	}
	cfg, err := config.Fields(b.layer.KerasConfig())
	if err != nil {
		return nil, fmt.Errorf("layer %q: %w", b.Name(), err)
	}
	nest.Walk(cfg, func(_ nest.Path, v any) bool { // layers inside are marked for a model's file
		if entry, ok := v.(map[string]any); ok {
			for key, e := range entry {
				if _, mark := e.(Layer); mark {
					delete(entry, key)
				}
			}
		}
		return true
	})
	return cfg, nil
}
