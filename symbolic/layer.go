package symbolic

import (
	"errors"
	"fmt"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gokeras/gokeras/internal/config"
	"github.com/gokeras/gokeras/regularizers"
)

// Class names a Keras class as files do; a layer of your own registers as
// Class{Module: "my_package", Name: "Swirl", Registered: "my_package>Swirl"}.
type Class = config.Class

// Layer is what a layer's type implements (Keras: keras.layers.Layer). A type that embeds [BaseLayer] has to write KerasClass,
// KerasConfig and Call; the other methods are inherited, and overridden where they say something else. Package layers has the
// catalogue; docs/adding-a-layer.md shows a layer on one page.
type Layer interface {
	// KerasClass names the Keras class that the layer mirrors.
	KerasClass() Class
	// KerasConfig returns a pointer to the layer's configuration, a struct that
	// embeds [LayerConfig] and whose tags give Keras's keys and defaults.
	KerasConfig() any
	// Base returns the state that every layer has.
	Base() *BaseLayer
	// Signature says what the layer's call takes (Keras: the signature of call): "inputs mask=None". BaseLayer's is "inputs".
	Signature() string
	// Infer returns the shapes and types of the outputs of a call (Keras: compute_output_spec); the error says what was
	// expected. BaseLayer's is one output like the first input, see [BaseLayer.SpecLike].
	Infer(in *Inputs) ([]Spec, error)
	// Declare declares the layer's weights, inner layers and seeds for those inputs, in Keras's order (Keras: build). The
	// first application calls it, once. BaseLayer's declares none.
	Declare(b *Builder, in *Inputs) error
	// Call builds the graph that computes the layer (Keras: call); inputs are the tensors of the first argument, c has the
	// others. Like GoMLX's functions it may panic with an error.
	Call(c *Call, inputs []*graph.Node) []*graph.Node

	Held
}

// Held is what every layer says of itself to whoever holds it, as [Network.GetLayer] and [Network.Layers] return it. [BaseLayer] has all of it,
// under names that no setter of a layer has.
type Held interface {
	// LayerName is the layer's name (Keras: layer.name).
	LayerName() string
	// Apply applies the layer to tensors, once more with the same weights.
	Apply(inputs ...*Tensor) *Tensor
	// Input and Output are the tensors of the first application (Keras: layer.input, layer.output).
	Input() *Tensor
	Output() *Tensor
	// Weights are the layer's weights in Keras's order, those of layers inside it too; CountParams is how many numbers they hold.
	Weights() []*Weight
	CountParams() int
	// GetWeights copies the weights' values; SetWeights gives them values in the same order.
	GetWeights() ([]*tensors.Tensor, error)
	SetWeights(values []*tensors.Tensor) error
	// IsTrainable reports whether training changes the layer's own weights; SetTrainable freezes or thaws it (Keras: layer.trainable).
	IsTrainable() bool
	SetTrainable(trainable bool)
	// DTypePolicy is the layer's policy (Keras: layer.dtype_policy).
	DTypePolicy() DTypePolicy
	// GetConfig returns the layer's configuration as Keras's get_config does, ready for encoding/json.
	GetConfig() (map[string]any, error)
}

// What a layer may say beyond that, each an interface of one method. They are few on purpose; all are listed here.
type (
	// Masker is a layer that passes masks on or makes them (Keras: supports_masking, compute_mask). Other layers' outputs have
	// no mask. Embed [PassesMask] for the usual answer.
	Masker interface {
		// ComputeMask returns the mask of each output, nil for none.
		ComputeMask(m *MaskCall) []Mask
	}
	// ListTaker is a layer whose call takes a list of tensors even where there is only one, such as Keras's merging layers.
	ListTaker interface{ TakesList() }
	// Positional is a layer whose positional arguments may be plain values (Keras: _allow_non_tensor_positional_args).
	Positional interface{ TakesPlainValues() }
	// ReadyMade is a layer that Keras counts as built when it is made, so that files have no build_config for it.
	ReadyMade interface{ NeedsNoBuild() }
	// ShapeBuilt is a layer whose weights depend on several arguments. BuildArguments names them as Keras's build does:
	// "query value key". Files keep their shapes.
	ShapeBuilt interface{ BuildArguments() string }
	// InputKeeper is a layer whose inputs stay in the floating-point types that they come in (Keras: autocast = False); those of other
	// layers are cast to the layer's compute type.
	InputKeeper interface{ KeepsInputTypes() }
	// SampleWise tells whether the outputs for a sample depend on that sample alone outside training, so that Predict may
	// choose its batches; in training, too, if it has no weights but trainable ones. A layer that doesn't say may look at the whole batch.
	SampleWise interface{ SamplesAlone() bool }
	// AnyLength is a layer that computes sequences to whose end steps were added, so that sequences of many lengths share one program. The outputs for
	// the steps that count, and the gradients, must be those of the sequences without the others, whose values are any numbers, but as finite
	// as those of the last step that counts. Models with other layers, and with those that say that they can't, are compiled for each length.
	AnyLength interface {
		// OutputSteps returns how many steps of each output count ([Call.Steps]), nil for an output without added ones, before Call is called.
		OutputSteps(c *Call) (steps []*graph.Node, ok bool)
	}
	// HostLayer is a layer that runs on Go values before the compiled program, where XLA can't go: texts and vocabularies. Its inputs are
	// the model's, or what other host layers made of them; a [Text] never goes further than to such layers. Embed [OnHost] for its Call.
	HostLayer interface {
		// HostCall returns what computes the layer, with all that it knows now: what it learns later doesn't change the function.
		HostCall() (HostFunc, error)
	}
	// TextTaker is a host layer whose inputs are texts, so that a Sequential that begins with it takes texts.
	TextTaker interface{ TakesTexts() }
	// Adapter is a layer that learns its state from data before training, and forgets what it learned before (Keras: adapt).
	Adapter interface {
		// Adapt learns from data as [HostBatches] reads it.
		Adapt(data any) error
	}
	// Merger is a layer of whose weights files hold one with others added, and those not by themselves, as LoRA's factors.
	Merger interface {
		// Merging returns that weight and the others, which are 0 once a file was read; nil where files hold all as they are.
		Merging() (into *Weight, factors []*Weight)
		// Merge returns what files hold of their values.
		Merge(into *tensors.Tensor, factors ...*tensors.Tensor) (*tensors.Tensor, error)
	}
	// Quantizer is a layer that may keep its weights as whole numbers of few bits and scales (Keras: quantize). Files have its weights in the order in
	// which they were declared.
	Quantizer interface {
		// Quantize makes whole numbers of the weights of a layer that was applied. The mode is "int8" or "int4".
		Quantize(mode string) error
	}
	// SymbolicChecker is a layer that refuses some symbolic tensors which it takes inside another layer.
	SymbolicChecker interface {
		// CheckSymbolic checks the positional arguments, as for ApplyCall.
		CheckSymbolic(args []any) error
	}
	// Aside is a layer that models call for what its call does, such as adding to the loss, though no output depends on it. Files alone have such calls.
	Aside interface{ Aside() bool }
	// OldMasker is a layer of which Keras 2 computed masks otherwise.
	OldMasker interface {
		// MaskAsKeras2 makes it compute them so, for a model of an old file. Files don't keep that.
		MaskAsKeras2()
	}
	// FileKeeper is a layer that keeps more in files than its weights.
	FileKeeper interface {
		// Keep returns what files shall hold.
		Keep() (*Kept, error)
		// Restore checks what a file holds and returns what makes it the layer's state.
		Restore(kept *Kept) (commit func(), err error)
	}
)

// Kept is what a [FileKeeper] has in files.
type Kept struct {
	// Arrays lie beside the layer's weights, under names that aren't numbers (Keras: save_own_variables).
	Arrays map[string]*tensors.Tensor
	// Files lie in the layer's folder among the assets of a .keras archive (Keras: save_assets); other formats have none, and Restore gets nil.
	Files map[string][]byte
}

// LayerConfig is the part of the configuration that every layer has.
type LayerConfig struct {
	Name      string      `keras:"name"`
	Trainable bool        `keras:"trainable" default:"true"`
	DType     DTypePolicy `keras:"dtype" default:"float32"`
	// ActivityRegularizer penalises the layer's output.
	ActivityRegularizer regularizers.Regularizer `keras:"activity_regularizer,omitempty"`
}

// Spec is the shape and the Keras type of a symbolic tensor, the batch axis first.
type Spec struct {
	Shape Shape
	DType string
}

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

// EachLayer visits the layer and those inside it, each once, the layer first.
func EachLayer(l Layer, visit func(Layer)) { eachLayer(l, visit) }

// Made reports a value that no constructor of a layer made: nil, also a nil pointer, or the zero value of a layer's type.
func Made(l Layer) error {
	if isNilLayer(l) {
		return errors.New("the layer is nil")
	}
	if l.Base() == nil || l.Base().layer == nil {
		return fmt.Errorf("the %T is no layer that its constructor made", l)
	}
	return nil
}

// SamplesAlone reports whether a layer is known to compute each sample alone, see [SampleWise].
func SamplesAlone(l Layer) bool {
	alone, ok := l.(SampleWise)
	return ok && alone.SamplesAlone()
}
