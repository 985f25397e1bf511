package symbolic

import (
	"fmt"

	"github.com/gomlx/gomlx/core/graph"
)

// Unknown stands in a model that is only shown for a layer of a file that can't be made here.
type Unknown struct {
	BaseLayer
	cfg   LayerConfig
	class Class
	entry map[string]any
	why   error
}

// NewUnknown makes the layer that an entry of a file describes, which can't be made here because of why.
func NewUnknown(entry map[string]any, why error) *Unknown {
	u := &Unknown{entry: entry, why: why}
	text := func(m map[string]any, key string) string { s, _ := m[key].(string); return s }
	u.class = Class{Module: text(entry, "module"), Name: text(entry, "class_name"), Registered: text(entry, "registered_name")}
	u.Init(u, &u.cfg)
	u.GiveNameBack()
	cfg, _ := entry["config"].(map[string]any)
	for _, name := range []string{text(entry, "name"), text(cfg, "name")} {
		if name != "" {
			u.cfg.Name = name
		}
	}
	if trainable, ok := cfg["trainable"].(bool); ok {
		u.cfg.Trainable = trainable
	}
	return u
}

// Why says why the layer can't be made.
func (u *Unknown) Why() error { return u.why }

// Entry is the layer as the file has it.
func (u *Unknown) Entry() map[string]any { return u.entry }

// KerasClass is the class that the file names.
func (u *Unknown) KerasClass() Class { return u.class }

// KerasConfig is the part that every layer has.
func (u *Unknown) KerasConfig() any { return &u.cfg }

// TakesPlainValues lets it be called with anything.
func (u *Unknown) TakesPlainValues() {}

// Call fails.
func (u *Unknown) Call(*Call, []*graph.Node) []*graph.Node {
	panic(fmt.Errorf("the model can only be shown: %w", u.why))
}

// ShowOutputs says what the outputs of the layer's first application are in a model that is shown, where they can't be inferred.
func (b *BaseLayer) ShowOutputs(specs []Spec) { b.shown = specs }

// ShowWeights gives a layer that couldn't be built, in a model that is only shown, the weights that its file has.
func (b *BaseLayer) ShowWeights(specs []WeightSpec) []*Weight {
	for _, spec := range specs {
		b.weights = append(b.weights, newWeight(b, spec))
	}
	b.isBuilt = true
	return b.weights
}

// shownSpecs are the outputs of a call that can't be inferred.
func (b *BaseLayer) shownSpecs(inputs []*Tensor) (specs []Spec, shown bool) {
	_, shown = b.layer.(*Unknown)
	for _, t := range inputs {
		shown = shown || t.shape.IsUnknown()
	}
	if !shown {
		return nil, false
	}
	if len(b.shown) > 0 {
		return b.shown, true
	}
	return []Spec{{Shape: UnknownShape(), DType: dtypeName(b.cfg.DType.Compute())}}, true
}
