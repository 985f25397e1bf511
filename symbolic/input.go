package symbolic

import (
	"fmt"
	"slices"

	"github.com/gomlx/gomlx/core/graph"
)

// Input returns a symbolic tensor for data of the given shape without the batch
// axis: Input(32, 32, 3) has shape (None, 32, 32, 3) (Keras: Input). Axes may be [None].
func Input(shape ...int) *Tensor {
	return InputWith(InputOptions{Shape: shape})
}

// InputOptions are the arguments of Keras's Input; the zero value of each is Keras's default.
type InputOptions struct {
	Shape     []int  // without the batch axis
	BatchSize int    // 0: None
	DType     string // "": "float32"
	Name      string // "": input_1, input_2, …
}

// InputWith is [Input] with all of Keras's arguments.
func InputWith(o InputOptions) *Tensor {
	caller := CallerOutside()
	l := newInputLayer()
	fail := func(err error) *Tensor { return failed(fmt.Errorf("%s: Input: %w", caller, err)) }
	if o.Name != "" {
		l.SetName(o.Name)
	}
	if o.DType != "" {
		l.cfg.DType = o.DType
	}
	if o.BatchSize < 0 {
		return fail(fmt.Errorf("batch size %d: want a positive number, or 0 for None", o.BatchSize))
	}
	l.cfg.BatchShape = Shape{None}
	if o.BatchSize > 0 {
		l.cfg.BatchShape[0] = o.BatchSize
	}
	l.cfg.BatchShape = append(l.cfg.BatchShape, o.Shape...)
	t, err := l.Open(caller)
	if err != nil {
		return fail(err)
	}
	return t
}

// InputLayer is the layer behind [Input] (Keras: InputLayer).
type InputLayer struct {
	BaseLayer
	lc  LayerConfig
	cfg inputConfig
}

type inputConfig struct {
	BatchShape Shape  `keras:"batch_shape"`
	DType      string `keras:"dtype" default:"float32"`
	Sparse     bool   `keras:"sparse"`
	Ragged     bool   `keras:"ragged"`
	Name       string `keras:"name"`
	Optional   bool   `keras:"optional"`
}

func init() { RegisterLayer(func() Layer { return newInputLayer() }) }

func newInputLayer() *InputLayer {
	l := &InputLayer{}
	l.BaseLayer.layer, l.BaseLayer.cfg = l, &l.lc
	l.lc = LayerConfig{Trainable: true, DType: "float32"}
	l.cfg.DType = "float32"
	l.BaseLayer.auto = takeName(inputPrefix, 1)
	l.lc.Name = l.BaseLayer.auto.String()
	l.cfg.Name = l.lc.Name
	return l
}

// SetName names the input.
func (l *InputLayer) SetName(name string) {
	l.BaseLayer.SetName(name)
	l.cfg.Name = l.lc.Name
}

// Open makes the layer's one node, which has no inputs, and returns its output.
func (l *InputLayer) Open(caller string) (*Tensor, error) {
	if l.BaseLayer.err != nil {
		return nil, l.BaseLayer.err
	}
	if err := l.checkType(); err != nil {
		return nil, err
	}
	// Keras marks an input as sparse also where a model was cut behind an operation; dense data serves for both.
	if l.cfg.Ragged {
		return nil, fmt.Errorf("ragged inputs are not supported: want dense ones")
	}
	if err := CheckShape(l.cfg.BatchShape); err != nil && !slices.ContainsFunc(l.cfg.BatchShape, func(d int) bool { return d < None }) {
		return nil, err
	}
	for _, d := range l.cfg.BatchShape {
		if d < None {
			return nil, fmt.Errorf("shape %s: every axis must be functional.None or a size", l.cfg.BatchShape)
		}
	}
	l.BaseLayer.isBuilt = true
	n := &node{layer: l, caller: caller}
	n.outputs = []*Tensor{{shape: l.cfg.BatchShape.Clone(), dtype: l.cfg.DType, node: n}}
	l.BaseLayer.nodes = []*node{n}
	return n.outputs[0], nil
}

// checkType accepts texts besides the types of layers.
func (l *InputLayer) checkType() error {
	if l.cfg.DType == Text {
		return nil
	}
	return DTypePolicy(l.cfg.DType).Validate()
}

// KerasClass names Keras's InputLayer.
func (l *InputLayer) KerasClass() Class { return Class{Module: "keras.layers", Name: "InputLayer"} }

// KerasConfig returns the layer's configuration.
func (l *InputLayer) KerasConfig() any { return &l.cfg }

// Base returns the state that every layer has.
func (l *InputLayer) Base() *BaseLayer { return &l.BaseLayer }

// Signature has no argument that a user could give.
func (l *InputLayer) Signature() string { return "inputs=None" }

// Infer returns the input's own shape and type.
func (l *InputLayer) Infer(*Inputs) ([]Spec, error) {
	return []Spec{{l.cfg.BatchShape.Clone(), l.cfg.DType}}, nil
}

// Call returns its inputs: the data that the model was given.
func (l *InputLayer) Call(_ *Call, inputs []*graph.Node) []*graph.Node { return inputs }

// Optional reports whether the input may be left out (Keras: optional=).
func (l *InputLayer) Optional() bool { return l.cfg.Optional }

// FinishDecoding takes over what a configuration that was read into the layer says.
func (l *InputLayer) FinishDecoding() { l.lc.Name = l.cfg.Name }
