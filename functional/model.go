package functional

import (
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gokeras/gokeras/internal/config"
)

// Model is a graph of layers with inputs and outputs (Keras: keras.Model, keras.Sequential). It
// is a layer itself: applying it to a tensor shares its layers' weights.
type Model struct {
	BaseLayer
	cfg        LayerConfig
	sequential *sequentialState // non-nil for a Sequential

	inputs, outputs       []*Tensor
	inputForm, outputForm form
	layers                []Layer // in Keras's depth order
	nodesByDepth          [][]*node

	building sync.Mutex // held while a Sequential is built by its first data
	mu       sync.Mutex // guards what follows
	training *trainer   // nil until Compile
	programs *programs
	stop     bool
}

// NewModel makes the model that computes outputs from inputs (Keras:
// keras.Model(inputs, outputs)). Each is a *Tensor, a []*Tensor, or a
// map[string]*Tensor whose keys name the inputs or outputs. Layers that lie between are part of
// the model. The error is the first that an application on the way met.
func NewModel(inputs, outputs any) (*Model, error) {
	caller := callerOutside()
	m := &Model{}
	m.Init(m, &m.cfg)
	fail := func(err error) (*Model, error) {
		m.auto.giveBack()
		return nil, err
	}
	var err error
	if m.inputs, m.inputForm, err = tensorList("inputs", inputs); err != nil {
		return fail(fmt.Errorf("%s: NewModel: %w", caller, err))
	}
	if m.outputs, m.outputForm, err = tensorList("outputs", outputs); err != nil {
		return fail(fmt.Errorf("%s: NewModel: %w", caller, err))
	}
	for _, t := range slices.Concat(m.inputs, m.outputs) {
		if err := t.Err(); err != nil {
			return fail(err)
		}
	}
	if err := m.cutFree(); err != nil {
		return fail(fmt.Errorf("%s: NewModel: %w", caller, err))
	}
	if err := m.connect(); err != nil {
		return fail(fmt.Errorf("%s: NewModel: %w", caller, err))
	}
	return m, nil
}

// Named gives the model a name (Keras: name=) and returns the model.
func (m *Model) Named(name string) *Model {
	if err := checkName(name); err != nil {
		m.Fail(err)
		return m
	}
	m.auto.giveBack()
	m.auto = autoName{}
	m.cfg.Name = name
	return m
}

// connect finds the graph between the model's inputs and outputs.
func (m *Model) connect() error {
	if err := m.sortGraph(); err != nil {
		return err
	}
	m.children = m.layers
	m.built = make([]Shape, len(m.inputs))
	for i, t := range m.inputs {
		m.built[i] = t.Shape()
	}
	m.programs = newPrograms()
	revision.Add(1)
	return nil
}

func tensorList(what string, v any) ([]*Tensor, form, error) {
	switch v := v.(type) {
	case *Tensor:
		return []*Tensor{v}, form{}, nil
	case []*Tensor:
		if len(v) > 0 {
			return slices.Clone(v), form{list: true}, nil
		}
		return nil, form{}, fmt.Errorf("%s are empty: want at least one tensor", what)
	case map[string]*Tensor:
		if len(v) == 0 {
			return nil, form{}, fmt.Errorf("%s are empty: want at least one tensor", what)
		}
		names := slices.Sorted(maps.Keys(v))
		list := make([]*Tensor, len(names))
		for i, name := range names {
			list[i] = v[name]
		}
		return list, form{names: names}, nil
	}
	return nil, form{}, fmt.Errorf("%s are a %T, want a *functional.Tensor, a []*functional.Tensor or a map[string]*functional.Tensor", what, v)
}

// Inputs returns the model's symbolic inputs, Outputs its outputs.
func (m *Model) Inputs() []*Tensor { return slices.Clone(m.inputs) }

// Outputs returns the model's symbolic outputs.
func (m *Model) Outputs() []*Tensor { return slices.Clone(m.outputs) }

// Name is the model's name (Keras: model.name).
func (m *Model) Name() string {
	if m == nil {
		return ""
	}
	return m.BaseLayer.Name()
}

// Output returns the model's first output.
func (m *Model) Output() *Tensor {
	if len(m.outputs) == 0 {
		return failed(fmt.Errorf("model %q was not built and so has no output", m.Name()))
	}
	return m.outputs[0]
}

// Layers returns the model's layers in Keras's order: by depth, inputs first. Operations on tensors (package ops) aren't among
// them: [Model.Operations] has both.
func (m *Model) Layers() []Layer {
	list := make([]Layer, 0, len(m.layers))
	for _, l := range m.layers {
		if _, isOperation := l.(*operation); !isOperation {
			list = append(list, l)
		}
	}
	return list
}

// Operations returns the model's layers and the operations on tensors between them in Keras's order (Keras: model.operations).
func (m *Model) Operations() []Layer { return slices.Clone(m.layers) }

// GetLayer returns the layer of that name; the error suggests the nearest name.
func (m *Model) GetLayer(name string) (Layer, error) {
	names := make([]string, len(m.layers))
	for i, l := range m.layers {
		if names[i] = l.Base().Name(); names[i] == name {
			return l, nil
		}
	}
	return nil, fmt.Errorf("model %q: %w", m.Name(), config.UnknownName("layer", name, names))
}

// Trainable freezes or thaws every layer of the model (Keras: model.trainable =). Compile again afterwards.
func (m *Model) Trainable(trainable bool) *Model {
	m.SetTrainable(trainable)
	return m
}

// TrainableWeights returns the weights that training changes, in Keras's order.
func (m *Model) TrainableWeights() []*Weight {
	if !m.BaseLayer.Trainable() {
		return nil
	}
	return slices.DeleteFunc(m.Weights(), func(w *Weight) bool { return !w.Trainable() })
}

// NonTrainableWeights returns the others.
func (m *Model) NonTrainableWeights() []*Weight {
	trainable := map[*Weight]bool{}
	for _, w := range m.TrainableWeights() {
		trainable[w] = true
	}
	return slices.DeleteFunc(m.Weights(), func(w *Weight) bool { return trainable[w] })
}

// GetWeights returns copies of the weights' values in Keras's order (Keras: get_weights).
func (m *Model) GetWeights() ([]*tensors.Tensor, error) {
	weights := m.Weights()
	values := make([]*tensors.Tensor, len(weights))
	for i, w := range weights {
		var err error
		if values[i], err = w.Value(); err != nil {
			return nil, err
		}
	}
	return values, nil
}

// SetWeights sets the weights from values in Keras's order (Keras:
// set_weights). Nothing changes unless every shape fits.
func (m *Model) SetWeights(values []*tensors.Tensor) error {
	weights := m.Weights()
	if len(values) != len(weights) {
		return fmt.Errorf("model %q has %d weights, got %d values", m.Name(), len(weights), len(values))
	}
	for i, w := range weights {
		if values[i] == nil || !slices.Equal(values[i].Shape().Dimensions, w.spec.Shape) {
			return fmt.Errorf("model %q: value %d: weight %s has shape %s, got %s", m.Name(), i, w.Path(), Shape(w.spec.Shape), describeTensor(values[i]))
		}
	}
	for i, w := range weights {
		if err := w.Set(values[i]); err != nil {
			return err
		}
	}
	return nil
}

func describeTensor(t *tensors.Tensor) string {
	if t == nil {
		return "nil"
	}
	return Shape(t.Shape().Dimensions).String()
}

// KerasClass names Keras's Functional or Sequential.
func (m *Model) KerasClass() Class {
	if m.sequential != nil {
		return Class{Module: "keras", Name: "Sequential"}
	}
	if m.inputs == nil { // while the model is being made: its automatic name is "model"
		return Class{Module: "keras", Name: "Model"}
	}
	return Class{Module: "keras.src.models.functional", Name: "Functional", Registered: "Functional"}
}

// KerasConfig returns the part of the configuration that every layer has; [Model.GetConfig] returns it whole.
func (m *Model) KerasConfig() any { return &m.cfg }

// OutputShapes infers the output shapes for other input shapes than the model was made with.
func (m *Model) OutputShapes(inputs []Shape) ([]Shape, error) {
	if m.sequential != nil && m.sequential.input == nil && len(inputs) == 1 && len(inputs[0]) > 0 {
		if err := m.Build(inputs[0][1:]...); err != nil {
			return nil, err
		}
	}
	if len(inputs) != len(m.inputs) {
		return nil, fmt.Errorf("the model has %d inputs, got %d", len(m.inputs), len(inputs))
	}
	shapes := map[*Tensor]Shape{}
	for i, t := range m.inputs {
		if !compatible(t.shape, inputs[i]) {
			return nil, fmt.Errorf("input %d (%s) has shape %s, got %s", i, t.node.layer.Base().Name(), t.shape, inputs[i])
		}
		shapes[t] = inputs[i]
	}
	err := m.eachNode(func(n *node) error {
		in := make([]Shape, len(n.inputs))
		for i, t := range n.inputs {
			in[i] = shapes[t].Clone()
		}
		out, err := n.outputShapes(in)
		if err != nil {
			return fmt.Errorf("layer %q: %w", n.layer.Base().Name(), err)
		}
		for i, t := range n.outputs {
			shapes[t] = out[i]
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	out := make([]Shape, len(m.outputs))
	for i, t := range m.outputs {
		out[i] = shapes[t].Clone()
	}
	return out, nil
}

// compatible reports whether data of shape got may go where want is declared.
func compatible(want, got Shape) bool {
	if len(want) != len(got) {
		return false
	}
	for i := range want {
		if want[i] != None && got[i] != None && want[i] != got[i] {
			return false
		}
	}
	return true
}

// WeightSpecs returns none: a model's weights are its layers'.
func (m *Model) WeightSpecs([]Shape) ([]WeightSpec, error) { return nil, nil }

// OutputDTypes returns the types of the model's outputs.
func (m *Model) OutputDTypes([]string) []string {
	types := make([]string, len(m.outputs))
	for i, t := range m.outputs {
		types[i] = t.dtype
	}
	return types
}

// Call runs the model's graph on the inputs.
func (m *Model) Call(c *Call, inputs []*graph.Node) []*graph.Node {
	values := map[*Tensor]*graph.Node{}
	for i, t := range m.inputs {
		values[t] = toDType(inputs[i], dtypeByName(t.dtype))
	}
	err := m.eachNode(func(n *node) error {
		in := make([]*graph.Node, len(n.inputs))
		for i, t := range n.inputs {
			in[i] = values[t]
		}
		var out []*graph.Node
		if err := catch(func() error { out = c.pass.applyNode(n, in); return nil }); err != nil {
			return fmt.Errorf("layer %q applied at %s: %w", n.layer.Base().Name(), n.caller, err)
		}
		for i, t := range n.outputs {
			values[t] = out[i]
		}
		return nil
	})
	if err != nil {
		panic(err)
	}
	outputs := make([]*graph.Node, len(m.outputs))
	for i, t := range m.outputs {
		outputs[i] = values[t]
	}
	return outputs
}

// eachNode visits the applications inside the model in the order in which they are computed; those of the inputs are left out.
func (m *Model) eachNode(visit func(*node) error) error {
	fed := map[*node]bool{}
	for _, t := range m.inputs {
		fed[t.node] = true
	}
	for _, nodes := range m.nodesByDepth {
		for _, n := range nodes {
			if fed[n] {
				continue
			}
			if err := visit(n); err != nil {
				return err
			}
		}
	}
	return nil
}
