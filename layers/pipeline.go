package layers

import (
	"fmt"
	"slices"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/internal/config"
	"github.com/gokeras/gokeras/internal/nest"
	"github.com/gokeras/gokeras/symbolic"
)

// PipelineLayer is Keras's Pipeline: layers one after the other.
type PipelineLayer struct {
	layer[*PipelineLayer]
	cfg pipelineConfig
}

type pipelineConfig struct {
	symbolic.LayerConfig
	Layers []symbolic.Layer `keras:"layers"`
	_      any              `keras:"trainable,unsaved"`
	_      any              `keras:"dtype,unsaved"`
	_      any              `keras:"activity_regularizer,unsaved"`
}

func init() { symbolic.RegisterLayer(func() symbolic.Layer { return Pipeline() }) }

// Pipeline returns layers one after the other as one layer, as in the augmentation of images, alone or in dictionaries (Keras: Pipeline(layers)). As in Keras, files hold
// its name and the layers alone.
func Pipeline(layers ...symbolic.Layer) *PipelineLayer {
	l := &PipelineLayer{}
	l.init(l, &l.cfg.LayerConfig)
	l.cfg.Layers = slices.Clone(layers)
	return l
}

// KeepsInputTypes says that the layers inside convert.
func (l *PipelineLayer) KeepsInputTypes() {}

// Validate reports arguments that Keras rejects.
func (c *pipelineConfig) Validate() error {
	if len(c.Layers) == 0 {
		return fmt.Errorf("got no layers, want 1 or more")
	}
	for i, inner := range c.Layers {
		if err := symbolic.Made(inner); err != nil {
			return fmt.Errorf("layer %d: %w", i, err)
		}
		if err := config.Validate(inner.KerasConfig()); err != nil {
			return fmt.Errorf("layer %d, %q: %w", i, inner.Base().Name(), err)
		}
	}
	return nil
}

// SamplesAlone reports whether all layers compute each sample alone.
func (l *PipelineLayer) SamplesAlone() bool {
	return !slices.ContainsFunc(l.cfg.Layers, func(inner symbolic.Layer) bool { return !symbolic.SamplesAlone(inner) })
}

// Infer returns the outputs of the last layer.
func (l *PipelineLayer) Infer(in *symbolic.Inputs) ([]symbolic.Spec, error) {
	x := in.Get("inputs")
	if _, ok := x.(map[string]any); !ok {
		one, err := in.One()
		if err != nil {
			return nil, err
		}
		x = one
	}
	for _, inner := range l.cfg.Layers {
		var err error
		if x, err = l.through(inner, x, func() ([]symbolic.Spec, error) { return l.InferInner(inner, x) }); err != nil {
			return nil, err
		}
	}
	if data, ok := x.(map[string]any); ok {
		return flatSpecs(data), nil
	}
	return []symbolic.Spec{x.(symbolic.Spec)}, nil
}

// through is what x, a spec or a dictionary of them, becomes by a layer.
func (l *PipelineLayer) through(inner symbolic.Layer, x any, infer func() ([]symbolic.Spec, error)) (any, error) {
	out, err := infer()
	if err != nil {
		return nil, err
	}
	if data, ok := x.(map[string]any); ok {
		if a, ok := inner.(augmenter); ok {
			return dataSpecs(a, data, &sampleWiseUnless{})
		}
		leaves := make([]any, len(out))
		for i, s := range out {
			leaves[i] = s
		}
		return nest.Pack(data, leaves)
	}
	if len(out) != 1 {
		return nil, fmt.Errorf("layer %q has %d outputs, want one", inner.Base().Name(), len(out))
	}
	return out[0], nil
}

// Declare declares the layers.
func (l *PipelineLayer) Declare(b *symbolic.Builder, in *symbolic.Inputs) error {
	x := in.Get("inputs")
	if _, ok := x.(map[string]any); !ok {
		x = in.First()[0]
	}
	used := map[string]int{}
	for _, inner := range l.cfg.Layers {
		name := config.SnakeCase(inner.KerasClass().Name)
		attribute := "layers/" + name
		if used[name] > 0 {
			attribute = fmt.Sprintf("layers/%s_%d", name, used[name])
		}
		used[name]++
		out := b.Track(attribute, inner, x)
		if out == nil {
			return nil // the builder has the error
		}
		var err error
		if x, err = l.through(inner, x, func() ([]symbolic.Spec, error) { return out, nil }); err != nil {
			return err
		}
	}
	return nil
}

// Call computes the layers.
func (l *PipelineLayer) Call(c *symbolic.Call, in []*graph.Node) []*graph.Node {
	form := c.Get("inputs")
	for _, inner := range l.cfg.Layers {
		leaves := make([]any, len(in))
		for i, n := range in {
			leaves[i] = n
		}
		x, err := nest.Pack(form, leaves)
		if err != nil {
			panic(err)
		}
		in = c.ApplyCall(inner, []any{x}, nil)
	}
	return in
}
