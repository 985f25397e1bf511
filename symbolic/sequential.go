package symbolic

import (
	"fmt"
	"reflect"
	"slices"
)

// stack is what a Sequential has beyond a model.
type stack struct {
	stack  []Layer // without the input layer
	input  *Tensor // nil until the input shape is known
	output *Tensor
	// implied says that the input is that of the first layer, a model.
	implied bool
	// decoded says that the layers come from a configuration, whose weights Keras doesn't name after the model.
	decoded bool
}

// StartSequential prepares a network that is a plain stack of layers, and that self embeds. decoded says that the layers come from a
// configuration, whose weights Keras doesn't name after the model.
func (n *Network) StartSequential(self Layer, decoded bool) {
	n.sequential = &stack{decoded: decoded}
	n.Init(self, &n.cfg)
}

// EndDecoding says that layers which are added from now on are the user's.
func (n *Network) EndDecoding() { n.sequential.decoded = false }

// IsSequential reports whether the network is a plain stack of layers.
func (n *Network) IsSequential() bool { return n.sequential != nil }

// Empty reports whether the network is a Sequential without layers, which has a configuration all the same.
func (n *Network) Empty() bool {
	return n != nil && n.sequential != nil && len(n.sequential.stack) == 0 && n.BaseLayer.err == nil
}

// Stack returns the layers of a Sequential, with the layer of its input first if it has one.
func (n *Network) Stack() []Layer {
	list := slices.Clone(n.sequential.stack)
	if in := n.sequential.input; in != nil {
		list = append([]Layer{in.node.layer}, list...)
	}
	return list
}

// Push puts a layer on top of a Sequential (Keras: Sequential.add).
func (n *Network) Push(l Layer) error {
	s := n.sequential
	if s == nil {
		return fmt.Errorf("model %q is no Sequential: layers are added to it by applying them to tensors", n.Name())
	}
	if isNilLayer(l) {
		return fmt.Errorf("model %q: a nil layer was added", n.Name())
	}
	inside := false
	eachLayer(l, func(inner Layer) { inside = inside || inner == n.layer })
	if inside {
		return fmt.Errorf("model %q can't be a layer of itself", n.Name())
	}
	for _, other := range s.stack {
		if other.Base().Name() == l.Base().Name() {
			return fmt.Errorf("model %q: all layers added to a Sequential should have unique names, %q is used already", n.Name(), l.Base().Name())
		}
	}
	if input, ok := l.(*InputLayer); ok {
		if len(s.stack) > 0 {
			return fmt.Errorf("model %q: an InputLayer must be the first layer", n.Name())
		}
		t, err := input.Open(CallerOutside())
		if err != nil {
			return err
		}
		return n.StartAt(t)
	}
	if s.input == nil {
		s.stack = append(s.stack, l)
		n.layers, n.children = s.stack, s.stack
		return n.startAsFirst()
	}
	output := n.stackOn(s.output, l)
	if err := output.Err(); err != nil {
		return fmt.Errorf("model %q: %w", n.Name(), err)
	}
	s.stack = append(s.stack, l)
	s.output = output
	return n.reconnect()
}

// startAsFirst builds the stack where its first layer is a model with one input, whose shape is known.
func (n *Network) startAsFirst() error {
	s := n.sequential
	first, ok := NetworkOf(s.stack[0])
	if s.decoded || len(s.stack) < 2 || !ok || !first.Connected() {
		return nil
	}
	input, ok := first.inputForm.(*Tensor)
	if !ok {
		return nil
	}
	s.implied = true
	return n.startWith(InputOptions{Shape: input.shape[1:], BatchSize: max(input.shape[0], 0)})
}

// Pull takes the last layer off a Sequential and returns it (Keras: Sequential.pop). What the others compute stays as it is.
func (n *Network) Pull() (Layer, error) {
	s := n.sequential
	if s == nil {
		return nil, fmt.Errorf("model %q is no Sequential: no layer can be taken off it", n.Name())
	}
	n.building.Lock()
	defer n.building.Unlock()
	if len(s.stack) == 0 {
		return nil, fmt.Errorf("model %q has no layers to take off", n.Name())
	}
	last := s.stack[len(s.stack)-1]
	s.stack = slices.Clone(s.stack[:len(s.stack)-1])
	n.layers, n.children = s.stack, s.stack
	if s.input == nil {
		return last, nil
	}
	s.output = s.output.node.inputs[0]
	if len(s.stack) > 1 || len(s.stack) == 1 && !s.implied {
		return last, n.reconnect()
	}
	// Nothing to compute is left: the next layer, or the next data, begins again.
	if s.implied {
		s.input, s.output, s.implied = nil, nil, false
	}
	n.inputs, n.outputs, n.inputForm, n.outputForm = nil, nil, nil, nil
	n.isBuilt, n.built = false, nil
	n.wired++
	revision.Add(1)
	return last, nil
}

// isNilLayer also sees a nil pointer in the interface.
func isNilLayer(l Layer) bool {
	if l == nil {
		return true
	}
	v := reflect.ValueOf(l)
	return v.Kind() == reflect.Pointer && v.IsNil()
}

// StartAt gives the stack its input and applies its layers.
func (n *Network) StartAt(input *Tensor) error {
	s := n.sequential
	if err := input.Err(); err != nil {
		return err
	}
	if s.input != nil {
		return fmt.Errorf("model %q has an input of shape %s already", n.Name(), s.input.shape)
	}
	output := input
	for _, l := range s.stack {
		if output = n.stackOn(output, l); output.Err() != nil {
			return fmt.Errorf("model %q: %w", n.Name(), output.Err())
		}
	}
	s.input, s.output = input, output
	return n.reconnect()
}

// stackOn applies a layer of the stack, whose weights are named after the model if they are made now.
func (n *Network) stackOn(input *Tensor, l Layer) *Tensor {
	if base := l.Base(); !base.Built() && !n.sequential.decoded {
		base.scope = n.scope + n.Name() + "/"
	}
	return l.Base().Apply(input)
}

func (n *Network) reconnect() error {
	s := n.sequential
	if len(s.stack) == 0 {
		return nil
	}
	n.inputs, n.outputs = []*Tensor{s.input}, []*Tensor{s.output}
	n.inputForm, n.outputForm = s.input, s.output
	if err := n.connect(); err != nil {
		return fmt.Errorf("model %q: %w", n.Name(), err)
	}
	n.layers, n.children = s.stack, s.stack
	return nil
}

// BuildFor builds a Sequential for inputs of the given shape without the batch axis (Keras: build).
func (n *Network) BuildFor(shape ...int) error {
	if n.sequential == nil {
		return nil // a model made from tensors is built from the start
	}
	n.building.Lock()
	defer n.building.Unlock()
	if n.sequential.input != nil {
		if want := n.sequential.input.shape[1:]; !Compatible(want, shape) {
			return fmt.Errorf("model %q was built for inputs of shape %s", n.Name(), want)
		}
		return nil
	}
	if len(n.sequential.stack) == 0 {
		return fmt.Errorf("model %q has no layers", n.Name())
	}
	return n.startWith(InputOptions{Shape: shape})
}

// startWith makes the input of the stack, of texts if its first layer takes these.
func (n *Network) startWith(o InputOptions) error {
	if n.FirstTakesTexts() {
		o.DType = Text
	}
	return n.StartAt(InputWith(o))
}

// FirstTakesTexts reports whether a Sequential's first layer takes texts.
func (n *Network) FirstTakesTexts() bool {
	if n.sequential == nil || len(n.sequential.stack) == 0 {
		return false
	}
	first := n.sequential.stack[0]
	if inner, ok := NetworkOf(first); ok {
		return inner.FirstTakesTexts()
	}
	_, takes := first.(TextTaker)
	return takes
}
