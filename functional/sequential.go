package functional

import (
	"fmt"
	"reflect"

	"github.com/gomlx/gomlx/core/tensors"
)

// sequentialState is what a Sequential has beyond a model.
type sequentialState struct {
	stack  []Layer // without the input layer
	input  *Tensor // nil until the input shape is known
	output *Tensor
	// decoded says that the layers come from a configuration, whose weights Keras doesn't name after the model.
	decoded bool
}

// NewSequential returns a model that is a plain stack of layers (Keras:
// keras.Sequential). The first item may be a tensor from [Input]; without it
// the model is built by the first data it sees, or by [Model.Build].
func NewSequential(items ...any) (*Model, error) {
	m := &Model{sequential: &sequentialState{}, programs: newPrograms()}
	m.Init(m, &m.cfg)
	for i, item := range items {
		if t, ok := item.(*Tensor); ok {
			if i > 0 {
				return nil, fmt.Errorf("NewSequential: item %d is a tensor: only the first may be one, all others must be layers", i)
			}
			if err := m.start(t); err != nil {
				return nil, fmt.Errorf("NewSequential: %w", err)
			}
			continue
		}
		l, ok := item.(Layer)
		if !ok {
			return nil, fmt.Errorf("NewSequential: item %d is a %T, want a layer", i, item)
		}
		if err := m.Add(l); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// Add puts a layer on top of a Sequential (Keras: Sequential.add).
func (m *Model) Add(l Layer) error {
	s := m.sequential
	if s == nil {
		return fmt.Errorf("model %q is no Sequential: layers are added to it by applying them to tensors", m.Name())
	}
	if isNilLayer(l) {
		return fmt.Errorf("model %q: a nil layer was added", m.Name())
	}
	inside := false
	eachLayer(l, func(inner Layer) { inside = inside || inner == Layer(m) })
	if inside {
		return fmt.Errorf("model %q can't be a layer of itself", m.Name())
	}
	for _, other := range s.stack {
		if other.Base().Name() == l.Base().Name() {
			return fmt.Errorf("model %q: all layers added to a Sequential should have unique names, %q is used already", m.Name(), l.Base().Name())
		}
	}
	if input, ok := l.(*InputLayer); ok {
		if len(s.stack) > 0 {
			return fmt.Errorf("model %q: an InputLayer must be the first layer", m.Name())
		}
		t, err := input.open(callerOutside())
		if err != nil {
			return err
		}
		return m.start(t)
	}
	if s.input == nil {
		s.stack = append(s.stack, l)
		m.layers, m.children = s.stack, s.stack
		return nil
	}
	output := m.stackOn(s.output, l)
	if err := output.Err(); err != nil {
		return fmt.Errorf("model %q: %w", m.Name(), err)
	}
	s.stack = append(s.stack, l)
	s.output = output
	return m.reconnect()
}

// isNilLayer also sees a nil pointer in the interface.
func isNilLayer(l Layer) bool {
	if l == nil {
		return true
	}
	v := reflect.ValueOf(l)
	return v.Kind() == reflect.Pointer && v.IsNil()
}

// start gives the stack its input and applies its layers.
func (m *Model) start(input *Tensor) error {
	s := m.sequential
	if err := input.Err(); err != nil {
		return err
	}
	if s.input != nil {
		return fmt.Errorf("model %q has an input of shape %s already", m.Name(), s.input.shape)
	}
	output := input
	for _, l := range s.stack {
		if output = m.stackOn(output, l); output.Err() != nil {
			return fmt.Errorf("model %q: %w", m.Name(), output.Err())
		}
	}
	s.input, s.output = input, output
	return m.reconnect()
}

// stackOn applies a layer of the stack, whose weights are named after the model if they are made now.
func (m *Model) stackOn(input *Tensor, l Layer) *Tensor {
	if base := l.Base(); !base.Built() && !m.sequential.decoded {
		base.scope = m.scope + m.Name() + "/"
	}
	return l.Base().Apply(input)
}

func (m *Model) reconnect() error {
	s := m.sequential
	if len(s.stack) == 0 {
		return nil
	}
	m.inputs, m.outputs = []*Tensor{s.input}, []*Tensor{s.output}
	if err := m.connect(); err != nil {
		return fmt.Errorf("model %q: %w", m.Name(), err)
	}
	m.layers, m.children = s.stack, s.stack
	return nil
}

// Build builds a Sequential for inputs of the given shape without the batch axis (Keras: build).
func (m *Model) Build(shape ...int) error {
	if m.sequential == nil {
		return nil // a model made from tensors is built from the start
	}
	if m.sequential.input != nil {
		if want := m.sequential.input.shape[1:]; !compatible(want, shape) {
			return fmt.Errorf("model %q was built for inputs of shape %s", m.Name(), want)
		}
		return nil
	}
	return m.start(Input(shape...))
}

// buildFor builds a Sequential that has no input yet for the data.
func (m *Model) buildFor(x any) error {
	if m.sequential == nil {
		return nil
	}
	m.building.Lock()
	defer m.building.Unlock()
	if m.sequential.input != nil {
		return nil
	}
	if len(m.sequential.stack) == 0 {
		return fmt.Errorf("model %q has no layers", m.Name())
	}
	if list, ok := x.([]*tensors.Tensor); ok && len(list) == 1 {
		x = list[0]
	}
	t, err := toTensor("x", x)
	if err != nil {
		return err
	}
	if t.Rank() == 0 {
		return fmt.Errorf("x is a single number, want an array with one row a sample")
	}
	return m.Build(t.Shape().Dimensions[1:]...)
}
