package symbolic

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/internal/catch"
	"github.com/gokeras/gokeras/internal/config"
	"github.com/gokeras/gokeras/internal/ndarray"
	"github.com/gokeras/gokeras/internal/nest"
)

// Network is a graph of layers with inputs and outputs: what a model is before anything trains it (Keras:
// keras.src.ops.function.Function, keras.Sequential). It is a layer itself: applying it to a tensor shares its layers' weights.
// A type that embeds it, such as functional.Model, is what users hold.
type Network struct {
	BaseLayer
	cfg        LayerConfig
	sequential *stack // non-nil for a Sequential

	inputs, outputs       []*Tensor
	aside                 []*Tensor // what no output depends on, yet is computed with them: losses that layers add
	inputForm, outputForm any       // how the user grouped them: a *Tensor, or lists and maps of them
	layers                []Layer   // in Keras's depth order
	asRead                []Layer   // in the order of an older file, if it was read from one
	nodesByDepth          [][]*node
	inside                map[*node]bool // those in nodesByDepth
	honoursTraining       bool
	wired                 uint64 // how often it was connected

	building sync.Mutex // held while a Sequential is built by its first data
	plan     atomic.Pointer[hostPlan]
}

// networker is implemented by all that embed a Network.
type networker interface{ AsNetwork() *Network }

// AsNetwork returns n; it is what a type that embeds Network inherits.
func (n *Network) AsNetwork() *Network { return n }

// NetworkOf returns the network that a layer is; ok is false for other layers.
func NetworkOf(l Layer) (n *Network, ok bool) {
	if o, is := l.(networker); is {
		return o.AsNetwork(), true
	}
	return nil, false
}

// Start prepares a network that self embeds, or is.
func (n *Network) Start(self Layer) { n.Init(self, &n.cfg) }

// Connect makes it the network that computes outputs from inputs. Each is a *Tensor, or lists ([]*Tensor, []any) and maps of them.
func (n *Network) Connect(inputs, outputs any) error {
	var err error
	if n.inputs, n.inputForm, err = tensorForm("inputs", inputs); err != nil {
		return err
	}
	if n.outputs, n.outputForm, err = tensorForm("outputs", outputs); err != nil {
		return err
	}
	for _, t := range slices.Concat(n.inputs, n.outputs) {
		if err := t.Err(); err != nil {
			return &graphError{err}
		}
	}
	if err := n.cutFree(); err != nil {
		return err
	}
	return n.connect()
}

// ConnectAsIs is Connect for a graph that was read from a file: each of its inputs is what an input layer made, or is taken for that.
func (n *Network) ConnectAsIs(inputs, outputs any) error {
	var err error
	if n.inputs, n.inputForm, err = tensorForm("inputs", inputs); err != nil {
		return err
	}
	if n.outputs, n.outputForm, err = tensorForm("outputs", outputs); err != nil {
		return err
	}
	return n.connect()
}

// graphError is an error of the application that should have made a tensor, which says itself where it comes from.
type graphError struct{ error }

func (e *graphError) Unwrap() error { return e.error }

// connect finds the graph between the inputs and the outputs.
func (n *Network) connect() error {
	if err := n.sortGraph(); err != nil {
		return err
	}
	n.children = n.layers
	n.isBuilt = true
	n.built = make([]Shape, len(n.inputs))
	for i, t := range n.inputs {
		n.built[i] = t.Shape()
	}
	n.wired++
	revision.Add(1)
	_, err := n.host()
	return err
}

// tensorForm lists the tensors of a model's inputs or outputs, and returns how they were grouped.
func tensorForm(what string, v any) ([]*Tensor, any, error) {
	var list []*Tensor
	bad := false
	form, _ := nest.Map(v, func(leaf any) (any, error) {
		t, ok := leaf.(*Tensor)
		bad = bad || !ok
		list = append(list, t)
		return t, nil
	})
	switch {
	case bad:
		return nil, nil, fmt.Errorf("%s are a %T, want a *functional.Tensor, a []*functional.Tensor or a map[string]*functional.Tensor", what, v)
	case len(list) == 0:
		return nil, nil, fmt.Errorf("%s are empty: want at least one tensor", what)
	}
	return list, form, nil
}

// Inputs returns the symbolic inputs, in the order of Keras's model.inputs.
func (n *Network) Inputs() []*Tensor { return slices.Clone(n.inputs) }

// Outputs returns the symbolic outputs.
func (n *Network) Outputs() []*Tensor { return slices.Clone(n.outputs) }

// InputForm is how the inputs were grouped: a *Tensor, or []any and map[string]any of them.
func (n *Network) InputForm() any { return n.inputForm }

// OutputForm is how the outputs were grouped.
func (n *Network) OutputForm() any { return n.outputForm }

// Name is the model's name (Keras: model.name).
func (n *Network) Name() string {
	if n == nil {
		return ""
	}
	return n.BaseLayer.Name()
}

// Output returns the first output.
func (n *Network) Output() *Tensor {
	if len(n.outputs) == 0 {
		return failed(fmt.Errorf("model %q was not built and so has no output", n.Name()))
	}
	return n.outputs[0]
}

// Input returns the model's only, or first, symbolic input (Keras: model.input).
func (n *Network) Input() *Tensor {
	if len(n.inputs) == 0 {
		return failed(fmt.Errorf("model %q was not built and so has no input", n.Name()))
	}
	return n.inputs[0]
}

// Wiring changes whenever the network, or one inside it, is connected in another way, as when a layer is put on a Sequential or taken off it.
func (n *Network) Wiring() uint64 {
	var sum uint64
	eachLayer(n.layer, func(l Layer) {
		if inner, ok := NetworkOf(l); ok {
			sum += inner.wired
		}
	})
	return sum
}

// Connected reports whether the inputs and outputs are known: always, but for a Sequential that no shape was given to yet.
func (n *Network) Connected() bool { return n.inputs != nil }

// Layers returns the layers in Keras's order: by depth, inputs first. Operations on tensors (package ops) aren't among
// them: [Network.Operations] has both.
func (n *Network) Layers() []Layer {
	list := make([]Layer, 0, len(n.layers))
	for _, l := range n.layers {
		if !IsOperation(l) {
			list = append(list, l)
		}
	}
	return list
}

// LayersAsRead is Layers in the order that the layers had in the file of Keras 2 that the network was read from. The graph there has other operations,
// so that other layers may be deeper in it.
func (n *Network) LayersAsRead() []Layer {
	if len(n.asRead) == 0 {
		return n.Layers()
	}
	return slices.Clone(n.asRead)
}

// ReadAs notes the order in which a file has the layers; those that aren't the network's are left out.
func (n *Network) ReadAs(order []Layer) {
	own := map[Layer]bool{}
	for _, l := range n.Layers() {
		own[l] = true
	}
	n.asRead = slices.DeleteFunc(slices.Clone(order), func(l Layer) bool { return !own[l] })
}

// ComputeAside makes the network compute tensors that none of its outputs depends on, such as what an AddLoss layer returns. It is for networks that
// aren't connected yet.
func (n *Network) ComputeAside(tensors []*Tensor) { n.aside = tensors }

// AddAside makes a network that is connected compute one more such tensor. Where that fails the network is as it was.
func (n *Network) AddAside(t *Tensor) error {
	before := n.aside
	n.aside = append(slices.Clone(before), t)
	err := n.connect()
	if err != nil {
		n.aside = before
		err = errors.Join(err, n.connect())
	}
	return err
}

// Operations returns the layers and the operations on tensors between them in Keras's order (Keras: model.operations).
func (n *Network) Operations() []Layer { return slices.Clone(n.layers) }

// GetLayer returns the layer of that name; the error suggests the nearest name.
func (n *Network) GetLayer(name string) (Layer, error) {
	names := make([]string, len(n.layers))
	for i, l := range n.layers {
		if names[i] = l.Base().Name(); names[i] == name {
			return l, nil
		}
	}
	return nil, fmt.Errorf("model %q: %w", n.Name(), config.UnknownName("layer", name, names))
}

// TrainableWeights returns the weights that training changes, in Keras's order.
func (n *Network) TrainableWeights() []*Weight {
	if !n.BaseLayer.Trainable() {
		return nil
	}
	return slices.DeleteFunc(n.Weights(), func(w *Weight) bool { return !w.Trainable() })
}

// NonTrainableWeights returns the others.
func (n *Network) NonTrainableWeights() []*Weight {
	trainable := map[*Weight]bool{}
	for _, w := range n.TrainableWeights() {
		trainable[w] = true
	}
	return slices.DeleteFunc(n.Weights(), func(w *Weight) bool { return trainable[w] })
}

// OutputNames are the names of the outputs, as in logs, losses and metrics: the
// keys of the map given to NewModel, else the names of the layers.
func (n *Network) OutputNames() []string {
	if n.outputs == nil && n.sequential != nil && len(n.sequential.stack) > 0 { // not built yet
		return []string{n.sequential.stack[len(n.sequential.stack)-1].Base().Name()}
	}
	return formNames(n.outputForm, n.outputs)
}

// InputNames are the names of the inputs: the keys of the map given to
// NewModel, else the names of the Input layers.
func (n *Network) InputNames() []string {
	if n.inputs == nil && n.sequential != nil { // not built yet
		return []string{"input"}
	}
	return formNames(n.inputForm, n.inputs)
}

// formNames are the keys of a map of tensors, else the names of the layers that make the tensors.
func formNames(form any, list []*Tensor) []string {
	names := make([]string, len(list))
	for i, t := range list {
		names[i] = t.node.layer.Base().Name()
	}
	if byName, ok := plainMap(form); ok {
		return byName
	}
	return names
}

// plainMap returns the keys of a map whose values are tensors, in order.
func plainMap(form any) ([]string, bool) {
	byName, ok := form.(map[string]any)
	if !ok {
		return nil, false
	}
	names := make([]string, 0, len(byName))
	for name, v := range byName {
		if _, ok := v.(*Tensor); !ok {
			return nil, false
		}
		names = append(names, name)
	}
	slices.Sort(names)
	return names, true
}

// KerasClass names Keras's Functional or Sequential.
func (n *Network) KerasClass() Class {
	if n.sequential != nil {
		return Class{Module: "keras", Name: "Sequential"}
	}
	if n.inputs == nil { // while the model is being made: its automatic name is "model"
		return Class{Module: "keras", Name: "Model"}
	}
	return Class{Module: "keras.src.models.functional", Name: "Functional", Registered: "Functional"}
}

// KerasConfig returns the part of the configuration that every layer has.
func (n *Network) KerasConfig() any { return &n.cfg }

// Signature is that of Keras's Functional.
func (n *Network) Signature() string { return "inputs training=None mask=None" }

// TakesPlainValues says that None may stand among the inputs.
func (n *Network) TakesPlainValues() {}

// BuildArguments names none: files have no shapes for a model among their layers.
func (n *Network) BuildArguments() string { return "" }

// Infer runs the graph on other shapes than the model was made with.
func (n *Network) Infer(in *Inputs) ([]Spec, error) {
	given := in.First()
	if n.sequential != nil && n.sequential.input == nil && len(given) == 1 && len(given[0].Shape) > 0 {
		if err := n.BuildFor(given[0].Shape[1:]...); err != nil {
			return nil, err
		}
	}
	given, err := inOrder[Spec](n, in)
	if err != nil {
		return nil, err
	}
	specs := map[*Tensor]Spec{}
	for i, t := range n.inputs {
		shape, ok := fitRank(t.shape, given[i].Shape)
		if !ok {
			return nil, fmt.Errorf("input %d (%s) has shape %s, got %s", i, t.node.layer.Base().Name(), t.shape, given[i].Shape)
		}
		specs[t] = Spec{shape, t.dtype}
	}
	err = n.eachNode(func(n *node) error {
		put := func(v any) any {
			out, _ := nest.Map(v, func(leaf any) (any, error) {
				if t, ok := leaf.(*Tensor); ok {
					return specs[t], nil
				}
				return leaf, nil
			})
			return out
		}
		bound, err := n.layer.Base().bindSpecs(put(n.args).([]any), toKwargs(put(n.kwargs)))
		var out []Spec
		if err == nil {
			out, err = n.layer.Infer(bound)
		}
		if err != nil {
			return fmt.Errorf("layer %q: %w", n.layer.Base().Name(), err)
		}
		for i, t := range n.outputs {
			specs[t] = out[i]
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	out := make([]Spec, len(n.outputs))
	for i, t := range n.outputs {
		out[i] = Spec{specs[t].Shape.Clone(), specs[t].DType}
	}
	return out, nil
}

// inOrder returns a call's inputs in the order of the network's.
func inOrder[T any](n *Network, a *Arguments[T]) ([]T, error) {
	list := a.First()
	byName, isMap := a.Get("inputs").(map[string]any)
	if isMap {
		if _, grouped := n.inputForm.(map[string]any); !grouped && len(n.inputs) > 0 { // Keras takes the inputs of a list by their names, too
			list = nil
			for _, name := range n.InputNames() {
				t, ok := byName[name].(T)
				if !ok {
					return nil, fmt.Errorf("input %q is missing", name)
				}
				list = append(list, t)
			}
		}
	}
	if len(list) != len(n.inputs) {
		return nil, fmt.Errorf("the model has %d inputs, got %d", len(n.inputs), len(list))
	}
	return list, nil
}

// fitRank returns the shape that data of shape got has once a last axis of 1 is dropped or added, as Keras does; ok is false if it doesn't fit.
func fitRank(want, got Shape) (Shape, bool) {
	switch {
	case len(got) == len(want)+1 && got[len(got)-1] == 1:
		got = got[:len(got)-1]
	case len(got) == len(want)-1 && want[len(want)-1] == 1:
		got = append(got.Clone(), 1)
	}
	return got, Compatible(want, got)
}

// Compatible reports whether data of shape got may go where want is declared.
func Compatible(want, got Shape) bool {
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

// Call runs the graph on the inputs.
func (n *Network) Call(c *Call, _ []*graph.Node) []*graph.Node {
	inputs, err := inOrder[*graph.Node](n, c.Arguments)
	if err != nil {
		panic(err)
	}
	masks := flat(c.Get(maskArgument))
	steps, _ := inOrder[*Value](n, &Arguments[*Value]{signature: c.signature, values: c.came})
	values := map[*Tensor]*Value{}
	if h := c.pass.host; h != nil {
		maps.Copy(values, h.values)
	} else if p, err := n.host(); err == nil && len(p.steps) > 0 {
		panic(fmt.Errorf("model %q has layers that run on the host, such as %q: where a program of your own calls it, give the numbers that they make to a model that begins behind them",
			n.Name(), p.steps[0].at.layer.Base().Name()))
	}
	for i, t := range n.inputs {
		if inputs[i] == nil { // texts
			values[t] = &Value{}
			continue
		}
		v := &Value{Node: ndarray.Cast(inputs[i], dtypeByName(t.dtype))}
		if shape, ok := fitRank(t.shape, v.Node.Shape().Dimensions); ok && len(shape) != v.Node.Rank() {
			v.Node = graph.Reshape(v.Node, shape...)
		}
		if i < len(masks) {
			v.Mask, _ = masks[i].(*graph.Node)
		}
		if i < len(steps) && steps[i] != nil {
			v.Steps = steps[i].Steps
		}
		values[t] = v
	}
	n.compute(c.pass, values, c.Training)
	outputs := make([]*graph.Node, len(n.outputs))
	for i, t := range n.outputs {
		outputs[i] = values[t].Node
		if values[t].Mask != nil {
			c.SetOutputMask(i, values[t].Mask)
		}
		c.outputSteps = append(c.outputSteps, values[t].Steps)
	}
	return outputs
}

// compute adds the values of the tensors that aren't there yet.
func (n *Network) compute(p *Pass, values map[*Tensor]*Value, training bool) {
	err := n.eachNode(func(at *node) error {
		if values[at.outputs[0]] != nil {
			return nil
		}
		phase := training
		if at.asked != nil && n.honoursTraining {
			phase = *at.asked
		}
		var out []*Value
		if err := catch.Panic(func() error { out = p.applyNode(at, values, phase); return nil }); err != nil {
			return fmt.Errorf("layer %q applied at %s: %w", at.layer.Base().Name(), at.caller, err)
		}
		for i, t := range at.outputs {
			values[t] = out[i]
		}
		return nil
	})
	if err != nil {
		panic(err)
	}
}

// HonourTraining says that a training argument that was recorded with a layer's call holds whatever the model does. Keras 3 up to 3.15 ignores
// it; Keras 2 and later versions of Keras 3 don't.
func (n *Network) HonourTraining(honour bool) {
	n.honoursTraining = honour
	for _, l := range n.layers {
		if inner, ok := NetworkOf(l); ok {
			inner.HonourTraining(honour)
		}
	}
}

// HonoursTraining reports what HonourTraining said.
func (n *Network) HonoursTraining() bool { return n.honoursTraining }

// fed are the nodes that make the inputs.
func (n *Network) fed() map[*node]bool {
	fed := map[*node]bool{}
	for _, t := range n.inputs {
		fed[t.node] = true
	}
	return fed
}

// eachNode visits the applications inside the model in the order in which they are computed; those of the inputs are left out.
func (n *Network) eachNode(visit func(*node) error) error {
	fed := n.fed()
	for _, nodes := range n.nodesByDepth {
		for _, at := range nodes {
			if fed[at] {
				continue
			}
			if err := visit(at); err != nil {
				return err
			}
		}
	}
	return nil
}

// Ready reports why the model can't compute anything, if so.
func (n *Network) Ready() error {
	if n == nil {
		return fmt.Errorf("the model is nil: NewModel returned an error instead")
	}
	if n.BaseLayer.layer == nil {
		return fmt.Errorf("the model was not made by NewModel or NewSequential")
	}
	n.building.Lock()
	defer n.building.Unlock()
	if n.BaseLayer.err != nil {
		return n.BaseLayer.err
	}
	if n.inputs == nil && (n.sequential == nil || len(n.sequential.stack) == 0) {
		return fmt.Errorf("model %q has no layers", n.Name())
	}
	return nil
}

// IsApplicationError reports whether an error of [Network.Connect] is that of an application on the way, which names its own place.
func IsApplicationError(err error) bool {
	var e *graphError
	return errors.As(err, &e)
}
