package functional

import (
	"fmt"
	"slices"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/internal/config"
	"github.com/gokeras/gokeras/regularizers"
)

// Class names a Keras class as files do; a layer of your own registers as
// Class{Module: "my_package", Name: "Swirl", Registered: "my_package>Swirl"}.
type Class = config.Class

// Layer is what a layer's type implements (Keras: keras.layers.Layer). Package
// layers has the catalogue; docs/adding-a-layer.md shows a layer on one page.
type Layer interface {
	// KerasClass names the Keras class that the layer mirrors.
	KerasClass() Class
	// KerasConfig returns a pointer to the layer's configuration, a struct that
	// embeds [LayerConfig] and whose tags give Keras's keys and defaults.
	KerasConfig() any
	// Base returns the state that every layer has.
	Base() *BaseLayer
	// OutputShapes infers the output shapes from the input shapes (Keras:
	// compute_output_shape); the error says what was expected.
	OutputShapes(inputs []Shape) ([]Shape, error)
	// WeightSpecs lists the layer's weights for those inputs, in Keras's order
	// (Keras: build). It is called once, by the first application.
	WeightSpecs(inputs []Shape) ([]WeightSpec, error)
	// Call builds the graph that computes the layer (Keras: call). Like GoMLX's
	// functions it may panic with an error.
	Call(c *Call, inputs []*graph.Node) []*graph.Node
}

// RandomLayer is implemented by layers that draw random numbers, such as
// Dropout; [Call.Random] serves them.
type RandomLayer interface {
	Layer
	// RandomSeed is the seed argument, nil for one drawn from the session.
	RandomSeed() *int
}

// OutputTyped is implemented by layers whose outputs aren't of the layer's compute
// type.
type OutputTyped interface {
	OutputDTypes(inputs []string) []string
}

// LayerConfig is the part of the configuration that every layer has.
type LayerConfig struct {
	Name      string      `keras:"name"`
	Trainable bool        `keras:"trainable" default:"true"`
	DType     DTypePolicy `keras:"dtype" default:"float32"`
	// ActivityRegularizer penalises the layer's output.
	ActivityRegularizer regularizers.Regularizer `keras:"activity_regularizer,omitempty"`
}

// BaseLayer is the state of a layer that doesn't depend on its type: name, weights
// and the nodes of its applications. Embed it by value and call [BaseLayer.Init] in
// the constructor.
type BaseLayer struct {
	layer    Layer
	cfg      *LayerConfig
	auto     autoName
	scope    string // where the layer was built: "sequential/" inside a Sequential, else ""
	weights  []*Weight
	seed     *Weight // state of a RandomLayer's generator
	built    []Shape // input shapes of the first application
	nodes    []*node
	err      error // the first error of a setter
	children []Layer
	tracked  []trackedLayer // those of the children that are attributes of a layer
}

// Init prepares the base of layer, whose configuration embeds cfg, and gives
// it the next automatic name. It sets every field of the configuration to its default.
func (b *BaseLayer) Init(layer Layer, cfg *LayerConfig) {
	b.layer, b.cfg = layer, cfg
	config.SetDefaults(layer.KerasConfig())
	b.auto = takeName(config.SnakeCase(layer.KerasClass().Name), 0)
	cfg.Name = b.auto.String()
}

// Base returns b; it is what a layer that embeds BaseLayer inherits.
func (b *BaseLayer) Base() *BaseLayer { return b }

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

// SetName gives the layer a name of the user's.
func (b *BaseLayer) SetName(name string) {
	b.Configure("name", func() error {
		if err := checkName(name); err != nil {
			return err
		}
		b.auto.giveBack()
		b.auto = autoName{}
		b.cfg.Name = name
		return nil
	})
}

func checkName(name string) error {
	switch {
	case name == "":
		return fmt.Errorf("got an empty name, want one with at least one character")
	case slices.Contains([]byte(name), '/'):
		return fmt.Errorf("got %q, want a name without \"/\", which Keras keeps for paths", name)
	}
	return checkNameText(name)
}

// SetTrainable freezes (false) or thaws the layer and the layers inside it;
// unlike other arguments it may change at any time. A model compiled before
// must be compiled again.
func (b *BaseLayer) SetTrainable(trainable bool) {
	b.cfg.Trainable = trainable
	revision.Add(1)
	for _, child := range b.children {
		child.Base().SetTrainable(trainable)
	}
}

// Trainable reports whether gradients may change the layer's weights.
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

// Built reports whether the layer was applied and so owns its weights.
func (b *BaseLayer) Built() bool { return b.built != nil }

// BuiltShapes returns the input shapes of the first application.
func (b *BaseLayer) BuiltShapes() []Shape { return slices.Clone(b.built) }

// Weights returns the layer's weights in Keras's order: its own, trainable
// ones first, then those of the layers inside it.
func (b *BaseLayer) Weights() []*Weight {
	var list []*Weight
	eachLayer(b.layer, func(l Layer) { list = append(list, l.Base().ownWeights()...) })
	return list
}

func (b *BaseLayer) ownWeights() []*Weight {
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

// CountParams is the number of elements in all the layer's weights.
func (b *BaseLayer) CountParams() int { return countParams(b.Weights()) }

// eachLayer visits the layer and those inside it, each once.
func eachLayer(l Layer, visit func(Layer)) {
	seen := map[*BaseLayer]bool{}
	var walk func(Layer)
	walk = func(l Layer) {
		if seen[l.Base()] {
			return
		}
		seen[l.Base()] = true
		visit(l)
		for _, child := range l.Base().children {
			walk(child)
		}
	}
	walk(l)
}

// Output returns the output tensor of the layer's first application (Keras: layer.output).
func (b *BaseLayer) Output() *Tensor {
	if len(b.nodes) == 0 {
		return failed(fmt.Errorf("layer %q was never applied and so has no output", b.Name()))
	}
	return b.nodes[0].outputs[0]
}

// build creates the weights on the first application.
func (b *BaseLayer) build(inputs []Shape) error {
	if b.Built() {
		return nil
	}
	specs, err := b.layer.WeightSpecs(inputs)
	if err != nil {
		return err
	}
	for _, spec := range specs {
		if err := checkShape(spec.Shape); err != nil {
			return fmt.Errorf("weight %q: %w", spec.Name, err)
		}
		b.weights = append(b.weights, newWeight(b, spec))
	}
	if r, ok := b.layer.(RandomLayer); ok {
		b.seed = newSeedState(b, r.RandomSeed())
	}
	b.built = make([]Shape, 0, len(inputs))
	for _, s := range inputs {
		b.built = append(b.built, s.Clone())
	}
	return nil
}
