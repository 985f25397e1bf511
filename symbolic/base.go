package symbolic

import (
	"fmt"
	"slices"

	"github.com/gokeras/gokeras/internal/config"
	"github.com/gokeras/gokeras/regularizers"
)

// BaseLayer is the state of a layer that doesn't depend on its type: name, weights
// and the nodes of its applications. Embed it by value and call [BaseLayer.Init] in
// the constructor.
type BaseLayer struct {
	layer    Layer
	cfg      *LayerConfig
	auto     autoName
	scope    string // where the layer was built: "sequential/" inside a Sequential, else ""
	weights  []*Weight
	states   []*Weight // what the layer remembers from one batch to the next
	seeds    []*Weight // states of the layer's random generators
	isBuilt  bool
	built    []Shape        // shapes of the first argument of the first application
	byName   map[string]any // what files say of all shapes of that application
	inFile   map[string]any // what the file said that the layer was read from
	nodes    []*node
	err      error // the first error of a setter
	told     *bool // what SetTrainable was told last, for the layers inside that are known only later
	children []Layer
	shown    []Spec         // see ShowOutputs
	tracked  []trackedLayer // those of the children that are attributes of a layer
}

// Init prepares the base of layer, whose configuration embeds cfg, and gives
// it the next automatic name. It sets every field of the configuration to its default.
func (b *BaseLayer) Init(layer Layer, cfg *LayerConfig) {
	b.layer, b.cfg = layer, cfg
	config.SetDefaults(layer.KerasConfig())
	cfg.DType = defaultPolicy()
	b.auto = takeName(config.SnakeCase(layer.KerasClass().Own()), 0)
	cfg.Name = b.auto.String()
}

// Base returns b; it is what a layer that embeds BaseLayer inherits.
func (b *BaseLayer) Base() *BaseLayer { return b }

// Signature is the usual one: one argument, inputs.
func (b *BaseLayer) Signature() string { return "inputs" }

// Infer is the usual answer: one output of the shape of the first input.
func (b *BaseLayer) Infer(in *Inputs) ([]Spec, error) {
	x, err := in.One()
	if err != nil {
		return nil, err
	}
	return []Spec{b.SpecLike(x, x.Shape)}, nil
}

// Declare declares nothing.
func (b *BaseLayer) Declare(*Builder, *Inputs) error { return nil }

// Floats is the spec of an output in the layer's compute type.
func (b *BaseLayer) Floats(shape Shape) Spec { return Spec{shape, dtypeName(b.cfg.DType.Compute())} }

// SpecLike is the spec of an output that has the layer's compute type if the input is of floats and else the input's own type, as the
// outputs of layers without weights have.
func (b *BaseLayer) SpecLike(input Spec, shape Shape) Spec {
	if !isFloatName(input.DType) {
		return Spec{shape, input.DType}
	}
	return b.Floats(shape)
}

// One returns the only tensor of the first argument.
func (a *Arguments[T]) One() (T, error) {
	first := a.First()
	if len(first) != 1 {
		var none T
		return none, fmt.Errorf("the layer expects 1 input, but it received %d", len(first))
	}
	return first[0], nil
}

// Name is the layer's name, unique within a model.
func (b *BaseLayer) Name() string {
	if b.cfg == nil {
		return ""
	}
	return b.cfg.Name
}

// Configure changes the configuration: it runs change unless the layer was
// applied already, which is an error that the next application reports.
func (b *BaseLayer) Configure(argument string, change func() error) {
	if b.Built() {
		b.Fail(fmt.Errorf("%s was set after the layer was applied: set every argument before the first Apply", argument))
		return
	}
	if err := change(); err != nil {
		b.Fail(fmt.Errorf("%s: %w", argument, err))
	}
}

// Fail keeps the layer's first error; the next application reports it.
func (b *BaseLayer) Fail(err error) {
	if b.err == nil && err != nil {
		b.err = err
	}
}

// Err is the first error of a setter, nil if there was none.
func (b *BaseLayer) Err() error { return b.err }

// SetName gives the layer a name of the user's.
func (b *BaseLayer) SetName(name string) {
	b.Configure("name", func() error { return b.rename(name) })
}

func (b *BaseLayer) rename(name string) error {
	if err := CheckName(name); err != nil {
		return err
	}
	return b.TakeSavedName(name)
}

// TakeSavedName gives a layer the name that a file has for it.
func (b *BaseLayer) TakeSavedName(name string) error {
	if err := CheckSavedName(name); err != nil {
		return err
	}
	b.GiveNameBack()
	b.cfg.Name = name
	return nil
}

// GiveNameBack lets the next layer of the class have the automatic name that this one took, which must get another name.
func (b *BaseLayer) GiveNameBack() {
	b.auto.giveBack()
	b.auto = autoName{}
}

// TakeName gives the layer the next automatic name.
func (b *BaseLayer) TakeName() {
	b.auto = takeName(config.SnakeCase(b.layer.KerasClass().Own()), 0)
	b.cfg.Name = b.auto.String()
}

// Rename gives a layer a name of the user's at any time.
func (b *BaseLayer) Rename(name string) error { return b.rename(name) }

// SetTrainable freezes (false) or thaws the layer and the layers inside it;
// unlike other arguments it may change at any time. A model compiled before
// must be compiled again.
func (b *BaseLayer) SetTrainable(trainable bool) {
	b.cfg.Trainable, b.told = trainable, &trainable
	revision.Add(1)
	for _, child := range b.children {
		child.Base().SetTrainable(trainable)
	}
	for _, inner := range b.configured() {
		if !slices.Contains(b.children, inner) {
			inner.Base().SetTrainable(trainable)
		}
	}
}

// configured are the layers that the configuration holds.
func (b *BaseLayer) configured() []Layer {
	var list []Layer
	config.EachObject(b.layer.KerasConfig(), func(o config.Object) {
		if l, ok := o.(Layer); ok {
			list = append(list, l)
		}
	})
	return list
}

// Trainable reports whether gradients may change the layer's own weights. As in Keras a file may freeze a layer and not those inside it.
func (b *BaseLayer) Trainable() bool { return b.cfg.Trainable }

// DType is the layer's dtype policy.
func (b *BaseLayer) DType() DTypePolicy { return b.cfg.DType }

// SetDType sets the dtype policy.
func (b *BaseLayer) SetDType(policy DTypePolicy) {
	b.Configure("dtype", func() error {
		b.cfg.DType = policy
		return policy.Validate()
	})
}

// SetActivityRegularizer sets the penalty on the layer's output.
func (b *BaseLayer) SetActivityRegularizer(r regularizers.Regularizer) {
	b.Configure("activity_regularizer", func() error {
		b.cfg.ActivityRegularizer = r
		return nil
	})
}

// PenalizesOutputs reports whether the layer has an activity regularizer.
func (b *BaseLayer) PenalizesOutputs() bool { return b.cfg.ActivityRegularizer != nil }

// Built reports whether the layer was applied and so owns its weights.
func (b *BaseLayer) Built() bool { return b.isBuilt }

// BuiltShapes returns the input shapes of the first application.
func (b *BaseLayer) BuiltShapes() []Shape { return slices.Clone(b.built) }

// Weights returns the layer's weights in Keras's order: its own, trainable
// ones first, then those of the layers inside it.
func (b *BaseLayer) Weights() []*Weight {
	var list []*Weight
	seen := map[*Weight]bool{} // a wrapper may count weights of the layer inside among its own
	eachLayer(b.layer, func(l Layer) {
		for _, w := range l.Base().OwnWeights() {
			if !seen[w] {
				seen[w] = true
				list = append(list, w)
			}
		}
	})
	return list
}

// OwnWeights returns the weights of the layer itself, trainable ones first.
func (b *BaseLayer) OwnWeights() []*Weight {
	list := make([]*Weight, 0, len(b.weights))
	for _, nonTrainable := range []bool{false, true} {
		for _, w := range b.weights {
			if w.spec.NonTrainable == nonTrainable {
				list = append(list, w)
			}
		}
	}
	return list
}

// FileWeights returns the layer's own weights in the order that files have.
func (b *BaseLayer) FileWeights() []*Weight {
	if mode, _ := b.cfg.DType.Quantization(); mode != "" {
		return slices.Clone(b.weights)
	}
	return b.OwnWeights()
}

// States returns the weights that hold the states of the layer and of those inside it (Keras: the states of a stateful layer). They are neither
// among the Weights nor in files.
func (b *BaseLayer) States() []*Weight {
	var list []*Weight
	eachLayer(b.layer, func(l Layer) { list = append(list, l.Base().states...) })
	return list
}

// SeedStates returns the states of the random generators of the layer and of those inside it.
func (b *BaseLayer) SeedStates() []*Weight {
	var list []*Weight
	eachLayer(b.layer, func(l Layer) { list = append(list, l.Base().seeds...) })
	return list
}

// CountParams is the number of elements in all the layer's weights.
func (b *BaseLayer) CountParams() int { return CountParams(b.Weights()) }

// Output returns the output tensor of the layer's first application (Keras: layer.output).
func (b *BaseLayer) Output() *Tensor {
	if len(b.nodes) == 0 {
		return failed(fmt.Errorf("layer %q was never applied and so has no output", b.Name()))
	}
	return b.nodes[0].outputs[0]
}

// ResetStates gives the states of the layer, and of the layers inside it, their initial values (Keras: reset_states).
func (b *BaseLayer) ResetStates() error {
	for _, w := range b.States() {
		if err := w.Reset(); err != nil {
			return err
		}
	}
	return nil
}
