package functional

import (
	"fmt"
	"slices"

	"github.com/gokeras/gokeras/internal/config"
	"github.com/gokeras/gokeras/internal/kerasops"
)

// nodeArguments is implemented by layers whose call Keras records with further
// arguments than the inputs: Dropout's {"training": false}, say. They have no meaning here.
type nodeArguments interface {
	NodeArguments() map[string]any
}

// NodeArguments are what Keras records of a model's call.
func (m *Model) NodeArguments() map[string]any { return map[string]any{"mask": nil} }

// GetConfig returns the model's configuration as Keras's get_config does, ready for encoding/json.
func (m *Model) GetConfig() (map[string]any, error) {
	if err := m.ready(); err != nil {
		return nil, err
	}
	if m.sequential != nil {
		return m.sequentialConfig()
	}
	layers := make([]any, len(m.layers))
	for i, l := range m.layers {
		cfg, err := serializeLayer(l)
		if err != nil {
			return nil, fmt.Errorf("model %q: layer %q: %w", m.Name(), l.Base().Name(), err)
		}
		nodes, err := m.inboundNodes(l)
		if err != nil {
			return nil, fmt.Errorf("model %q: layer %q: %w", m.Name(), l.Base().Name(), err)
		}
		cfg["name"], cfg["inbound_nodes"] = l.Base().Name(), nodes
		layers[i] = cfg
	}
	return map[string]any{
		"name": m.Name(), "trainable": m.cfg.Trainable, "layers": layers,
		"input_layers":  m.tensorRefs(m.inputs, m.inputForm),
		"output_layers": m.tensorRefs(m.outputs, m.outputForm),
	}, nil
}

func (m *Model) sequentialConfig() (map[string]any, error) {
	cfg, err := config.Fields(&m.cfg)
	if err != nil {
		return nil, err
	}
	var layers []any
	stack := m.sequential.stack
	if in := m.sequential.input; in != nil {
		stack = append([]Layer{in.node.layer}, stack...)
	}
	for _, l := range stack {
		layer, err := serializeLayer(l)
		if err != nil {
			return nil, fmt.Errorf("model %q: layer %q: %w", m.Name(), l.Base().Name(), err)
		}
		layers = append(layers, layer)
	}
	cfg["layers"] = layers
	if m.sequential.input != nil {
		cfg["build_input_shape"] = m.sequential.input.shape.json()
	}
	return cfg, nil
}

// serializeLayer returns the layer as Keras's serialize_keras_object does.
func serializeLayer(l Layer) (map[string]any, error) {
	if m, ok := l.(*Model); ok {
		return m.serialize()
	}
	if o, ok := l.(*operation); ok {
		return config.Envelope(l.KerasClass(), o.config()), nil
	}
	cfg, err := config.Fields(l.KerasConfig())
	if err != nil {
		return nil, err
	}
	out := config.Envelope(l.KerasClass(), cfg)
	if build := buildConfig(l); build != nil {
		out["build_config"] = build
	}
	return out, nil
}

// unbuiltLayer is implemented by layers that Keras counts as built from the
// start, so that files have no build_config for them.
type unbuiltLayer interface{ NeedsNoBuild() }

func buildConfig(l Layer) map[string]any {
	base := l.Base()
	if _, skip := l.(unbuiltLayer); skip || len(base.built) == 0 {
		return nil
	}
	if len(base.built) == 1 {
		return map[string]any{"input_shape": base.built[0].json()}
	}
	shapes := make([]any, len(base.built))
	for i, s := range base.built {
		shapes[i] = s.json()
	}
	return map[string]any{"input_shape": shapes}
}

// serialize returns the whole model as files have it.
func (m *Model) serialize() (map[string]any, error) {
	cfg, err := m.GetConfig()
	if err != nil {
		return nil, err
	}
	out := config.Envelope(m.KerasClass(), cfg)
	switch {
	case m.sequential == nil:
		out["build_config"] = map[string]any{"input_shape": nil}
	case m.sequential.input != nil:
		out["build_config"] = map[string]any{"input_shape": m.sequential.input.shape.json()}
	}
	out["compile_config"], err = m.compileConfig()
	return out, err
}

// ToJSON returns the model's architecture and compile arguments as Keras's Model.to_json does.
func (m *Model) ToJSON() ([]byte, error) {
	s, err := m.serialize()
	if err != nil {
		return nil, err
	}
	return config.Marshal(s)
}

// inboundNodes lists the layer's applications within the model.
func (m *Model) inboundNodes(l Layer) ([]any, error) {
	list := []any{}
	for _, n := range l.Base().nodes {
		if !m.contains(n) || len(n.inputs) == 0 {
			continue
		}
		var first any
		refs := make([]any, len(n.inputs))
		for i, t := range n.inputs {
			refs[i] = map[string]any{"class_name": "__keras_tensor__", "config": map[string]any{
				"shape": t.shape.json(), "dtype": t.dtype, "keras_history": m.tensorRef(t)}}
		}
		if n.call != nil {
			put := func(i int) any { return refs[i] }
			list = append(list, map[string]any{"args": fillTensors(n.call.Args, put), "kwargs": fillTensors(n.call.Kwargs, put)})
			continue
		}
		first = refs
		if _, merges := l.(mergeLayer); len(refs) == 1 && !merges {
			first = refs[0]
		}
		if inner, ok := l.(*Model); ok && inner.inputForm.names != nil {
			byName := map[string]any{}
			for i, name := range inner.inputForm.names {
				byName[name] = refs[i]
			}
			first = byName
		}
		kwargs := map[string]any{}
		if a, ok := l.(nodeArguments); ok {
			kwargs = a.NodeArguments()
		}
		list = append(list, map[string]any{"args": []any{first}, "kwargs": kwargs})
	}
	return list, nil
}

// mergeLayer is implemented by layers that take a list, even of one tensor.
type mergeLayer interface{ TakesList() }

// tensorRef is a tensor's [layer name, node index, tensor index], the nodes counted within the model.
func (m *Model) tensorRef(t *Tensor) any {
	index := 0
	for _, n := range t.node.layer.Base().nodes[:t.node.index] {
		if m.contains(n) {
			index++
		}
	}
	return []any{t.node.layer.Base().Name(), index, t.index}
}

// form is how the user grouped the inputs or outputs.
type form struct {
	list  bool     // a list, even of one
	names []string // a map with these keys, in the order of the tensors
	raw   any      // the references of a loaded model, where they were nested deeper
}

func (m *Model) tensorRefs(list []*Tensor, f form) any {
	if f.raw != nil {
		return f.raw
	}
	refs := make([]any, len(list))
	for i, t := range list {
		ref := m.tensorRef(t)
		if hasOwnNode(t.node.layer) {
			ref.([]any)[1] = ref.([]any)[1].(int) + 1
		}
		refs[i] = ref
	}
	if f.names != nil {
		byName := map[string]any{}
		for i, name := range f.names {
			byName[name] = refs[i]
		}
		return byName
	}
	if len(refs) == 1 && !f.list {
		return refs[0]
	}
	return refs
}

// FromJSON makes the model that Keras's to_json, or config.json of a .keras
// file, describes (Keras: model_from_json), with new weights. Its compile arguments are applied if compile is true.
func FromJSON(raw []byte, compile bool) (*Model, error) {
	m, err := decodeJSON(raw)
	if err != nil {
		return nil, fmt.Errorf("reading a model's configuration: %w", err)
	}
	var model *Model
	err = catch(func() error {
		l, err := newLayerFromConfig(m)
		if err != nil {
			return err
		}
		var ok bool
		if model, ok = l.(*Model); !ok {
			return fmt.Errorf("the configuration is of a %s layer, want a Functional or Sequential model", l.KerasClass().Name)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reading a model's configuration: %w", err)
	}
	if !compile {
		return model, nil
	}
	c, ok := m["compile_config"].(map[string]any)
	if !ok || len(c) == 0 {
		return model, nil
	}
	options, err := compileFromConfig(c)
	if err == nil {
		err = model.Compile(options)
	}
	if err != nil {
		return nil, fmt.Errorf("model %q: compile_config: %w", model.Name(), err)
	}
	return model, nil
}

// decodedLayer is an entry of a configuration's list of layers.
type decodedLayer struct {
	layer Layer
	calls []any // inbound nodes still to make
	made  []*node
}

// modelFromConfig makes a functional model.
func modelFromConfig(m map[string]any) (*Model, error) {
	cfg, ok := m["config"].(map[string]any)
	if !ok {
		return nil, fmt.Errorf("a functional model without a configuration object")
	}
	name, _ := cfg["name"].(string)
	fail := func(err error) (*Model, error) { return nil, fmt.Errorf("model %q: %w", name, err) }
	entries, ok := cfg["layers"].([]any)
	if !ok {
		return fail(fmt.Errorf("\"layers\" is no list: a subclassed model has no functional graph to load; re-save a model made with the functional API"))
	}
	byName := map[string]*decodedLayer{}
	var order []*decodedLayer
	for i, e := range entries {
		entry, ok := e.(map[string]any)
		if !ok {
			return fail(fmt.Errorf("layer %d is no object", i))
		}
		layer, err := newLayerFromConfig(entry)
		if err != nil {
			return fail(err)
		}
		d := &decodedLayer{layer: layer}
		if d.calls, ok = entry["inbound_nodes"].([]any); !ok {
			return fail(fmt.Errorf("layer %q has no list of inbound nodes", layer.Base().Name()))
		}
		key := layer.Base().Name()
		if byName[key] != nil {
			return fail(fmt.Errorf("two layers are named %q", key))
		}
		byName[key] = d
		order = append(order, d)
		if input, ok := layer.(*InputLayer); ok {
			t, err := input.open("file")
			if err != nil {
				return fail(fmt.Errorf("layer %q: %w", key, err))
			}
			d.made, d.calls = []*node{t.node}, nil
		}
	}
	if err := connectDecoded(order, byName); err != nil {
		return fail(err)
	}
	inputs, inputForm, err := decodeRefs(cfg["input_layers"], byName)
	if err != nil {
		return fail(fmt.Errorf("input_layers: %w", err))
	}
	outputs, outputForm, err := decodeRefs(cfg["output_layers"], byName)
	if err != nil {
		return fail(fmt.Errorf("output_layers: %w", err))
	}
	model := &Model{inputForm: inputForm, outputForm: outputForm}
	model.Init(model, &model.cfg)
	model.auto.giveBack()
	model.auto = autoName{}
	if err := checkName(name); err != nil {
		return fail(err)
	}
	model.cfg.Name = name
	if trainable, ok := cfg["trainable"].(bool); ok {
		model.cfg.Trainable = trainable
	}
	model.inputs, model.outputs = inputs, outputs
	if err := model.connect(); err != nil {
		return fail(err)
	}
	return model, nil
}

// connectDecoded applies the layers as the inbound nodes say, each as soon as its inputs are there.
func connectDecoded(order []*decodedLayer, byName map[string]*decodedLayer) error {
	for progress := true; progress; {
		progress = false
		for _, d := range order {
			for len(d.calls) > 0 {
				inputs, call, waiting, err := decodeCall(d, byName)
				if err != nil {
					return fmt.Errorf("layer %q: %w", d.layer.Base().Name(), err)
				}
				if waiting {
					break
				}
				outputs := d.layer.Base().applyCall(inputs, call)
				if err := outputs[0].Err(); err != nil {
					return err
				}
				d.made = append(d.made, outputs[0].node)
				d.calls = d.calls[1:]
				progress = true
			}
		}
	}
	for _, d := range order {
		if len(d.calls) > 0 {
			return fmt.Errorf("layer %q waits for an input that no layer makes: the graph has a cycle or a missing node", d.layer.Base().Name())
		}
	}
	return nil
}

// decodeCall reads the next call of d: its inputs, and how they were given if that isn't one model's map of them; waiting says that an
// input isn't made yet.
func decodeCall(d *decodedLayer, byName map[string]*decodedLayer) (inputs []*Tensor, call *kerasops.Arguments, waiting bool, err error) {
	entry, ok := d.calls[0].(map[string]any)
	if !ok {
		return nil, nil, false, fmt.Errorf("an inbound node is a %T, want Keras 3's object with args and kwargs (older files must be re-saved with Keras 3)", d.calls[0])
	}
	args, _ := entry["args"].([]any)
	kwargs, _ := entry["kwargs"].(map[string]any)
	var refs []any
	if inner, ok := d.layer.(*Model); ok && inner.inputForm.names != nil && len(args) > 0 {
		refs, err = callRefs(d.layer, args[0])
	} else {
		call, refs, err = decodeArguments(d.layer, args, kwargs)
	}
	if err != nil {
		return nil, nil, false, err
	}
	for _, ref := range refs {
		t, known, err := resolveRef(ref, byName)
		if err != nil {
			return nil, nil, false, err
		}
		if !known {
			return nil, nil, true, nil
		}
		inputs = append(inputs, t)
	}
	return inputs, call, false, nil
}

// decodeArguments reads a call's arguments and the references of the tensors in them, in order.
func decodeArguments(l Layer, args []any, kwargs map[string]any) (*kerasops.Arguments, []any, error) {
	var refs []any
	call := &kerasops.Arguments{Args: make([]any, len(args)), Kwargs: map[string]any{}}
	for i, a := range args {
		call.Args[i] = takeRefs(a, &refs)
	}
	_, isOperation := l.(*operation)
	for _, key := range sortedKeys(kwargs) {
		before := len(refs)
		call.Kwargs[key] = takeRefs(kwargs[key], &refs)
		if taker, ok := l.(keywordLayer); len(refs) > before && before > 0 && !isOperation && (!ok || !taker.TakesKeyword(key)) {
			return nil, nil, fmt.Errorf("a call with a tensor as argument %q is not supported by layers of class %s", key, l.KerasClass().Name)
		}
	}
	if len(refs) == 0 {
		return nil, nil, fmt.Errorf("a call without symbolic tensors")
	}
	return call, refs, nil
}

// takeRefs moves the references of the symbolic tensors in v to refs and leaves their places.
func takeRefs(v any, refs *[]any) any {
	switch v := v.(type) {
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = takeRefs(e, refs)
		}
		return out
	case map[string]any:
		if v["class_name"] == "__keras_tensor__" {
			cfg, _ := v["config"].(map[string]any)
			*refs = append(*refs, cfg["keras_history"])
			return kerasops.Ref(len(*refs) - 1)
		}
		out := make(map[string]any, len(v))
		for _, key := range sortedKeys(v) {
			out[key] = takeRefs(v[key], refs)
		}
		return out
	}
	return v
}

// callRefs lists the references in a call's first argument: a tensor, a list of them, or a map for a model with named inputs.
func callRefs(l Layer, arg any) ([]any, error) {
	switch arg := arg.(type) {
	case []any:
		var refs []any
		for _, a := range arg {
			inner, err := callRefs(l, a)
			if err != nil {
				return nil, err
			}
			refs = append(refs, inner...)
		}
		return refs, nil
	case map[string]any:
		if arg["class_name"] == "__keras_tensor__" {
			cfg, _ := arg["config"].(map[string]any)
			return []any{cfg["keras_history"]}, nil
		}
		if inner, ok := l.(*Model); ok && inner.inputForm.names != nil {
			var refs []any
			for _, name := range inner.inputForm.names {
				ref, err := callRefs(l, arg[name])
				if err != nil {
					return nil, fmt.Errorf("input %q: %w", name, err)
				}
				refs = append(refs, ref...)
			}
			return refs, nil
		}
	}
	return nil, fmt.Errorf("a call's argument is a %T, want symbolic tensors", arg)
}

// resolveRef finds the tensor of [layer name, node index, tensor index]; known is false while its node isn't made.
func resolveRef(ref any, byName map[string]*decodedLayer) (t *Tensor, known bool, err error) {
	list, ok := ref.([]any)
	if !ok || len(list) != 3 {
		return nil, false, fmt.Errorf("a tensor reference is %v, want [layer name, node index, tensor index]", ref)
	}
	name, okName := list[0].(string)
	nodeIndex, okNode := config.AsInt(list[1])
	tensorIndex, okTensor := config.AsInt(list[2])
	if !okName || !okNode || !okTensor || nodeIndex < 0 || tensorIndex < 0 {
		return nil, false, fmt.Errorf("a tensor reference is %v, want [layer name, node index, tensor index]", ref)
	}
	d := byName[name]
	if d == nil {
		return nil, false, fmt.Errorf("a tensor of layer %q is used, but there is no such layer", name)
	}
	if nodeIndex >= len(d.made) {
		if nodeIndex >= len(d.made)+len(d.calls) {
			return nil, false, fmt.Errorf("call %d of layer %q is used, which has only %d", nodeIndex, name, len(d.made)+len(d.calls))
		}
		return nil, false, nil
	}
	outputs := d.made[nodeIndex].outputs
	if tensorIndex >= len(outputs) {
		return nil, false, fmt.Errorf("output %d of layer %q is used, which has only %d", tensorIndex, name, len(outputs))
	}
	return outputs[tensorIndex], true, nil
}

// decodeRefs reads a model's input or output references: one, a list, a map, or any nesting of these.
func decodeRefs(v any, byName map[string]*decodedLayer) ([]*Tensor, form, error) {
	var f form
	switch v := v.(type) {
	case []any:
		if isRef(v) {
			t, err := knownRef(v, byName)
			return []*Tensor{t}, f, err
		}
		f.list = true
		if slices.ContainsFunc(v, func(e any) bool { l, ok := e.([]any); return !ok || !isRef(l) }) {
			f.raw = v
		}
	case map[string]any:
		f.names = sortedKeys(v)
		for _, e := range v {
			if l, ok := e.([]any); !ok || !isRef(l) {
				f = form{raw: v}
			}
		}
	}
	list, err := flatRefs(v, byName)
	if err == nil && len(list) == 0 {
		err = fmt.Errorf("there are none")
	}
	return list, f, err
}

func flatRefs(v any, byName map[string]*decodedLayer) ([]*Tensor, error) {
	var list []*Tensor
	var children []any
	switch v := v.(type) {
	case []any:
		if isRef(v) {
			t, err := knownRef(v, byName)
			return []*Tensor{t}, err
		}
		children = v
	case map[string]any:
		for _, name := range sortedKeys(v) {
			children = append(children, v[name])
		}
	default:
		return nil, fmt.Errorf("got %v, want tensor references", v)
	}
	for _, c := range children {
		inner, err := flatRefs(c, byName)
		if err != nil {
			return nil, err
		}
		list = append(list, inner...)
	}
	return list, nil
}

// hasOwnNode tells functional models: among a model's inputs and outputs, though nowhere else, Keras counts their calls from one.
func hasOwnNode(l Layer) bool {
	m, ok := l.(*Model)
	return ok && m.sequential == nil
}

func knownRef(ref []any, byName map[string]*decodedLayer) (*Tensor, error) {
	name, _ := ref[0].(string)
	if d := byName[name]; d != nil && hasOwnNode(d.layer) {
		call, _ := config.AsInt(ref[1])
		if call == 0 { // Keras counts this back from the first to the last
			call = len(d.made)
		}
		ref = []any{name, float64(call - 1), ref[2]}
	}
	t, known, err := resolveRef(ref, byName)
	if err == nil && !known {
		err = fmt.Errorf("reference %v is to a call that was not made", ref)
	}
	return t, err
}

func isRef(list []any) bool {
	if len(list) != 3 {
		return false
	}
	_, isName := list[0].(string)
	return isName
}

// sequentialFromConfig makes a Sequential.
func sequentialFromConfig(m map[string]any) (*Model, error) {
	cfg, ok := m["config"].(map[string]any)
	if !ok {
		return nil, fmt.Errorf("a Sequential without a configuration object")
	}
	name, _ := cfg["name"].(string)
	fail := func(err error) (*Model, error) { return nil, fmt.Errorf("model %q: %w", name, err) }
	model, err := NewSequential()
	if err != nil {
		return fail(err)
	}
	model.auto.giveBack()
	model.auto = autoName{}
	own := map[string]any{}
	for _, key := range []string{"name", "trainable", "dtype"} {
		if v, ok := cfg[key]; ok {
			own[key] = v
		}
	}
	if err := config.Decode(own, &model.cfg); err != nil {
		return fail(err)
	}
	if err := checkName(name); err != nil {
		return fail(err)
	}
	model.sequential.decoded = true
	defer func() { model.sequential.decoded = false }()
	entries, ok := cfg["layers"].([]any)
	if !ok {
		return fail(fmt.Errorf("\"layers\" is no list"))
	}
	for i, e := range entries {
		entry, ok := e.(map[string]any)
		if !ok {
			return fail(fmt.Errorf("layer %d is no object", i))
		}
		layer, err := newLayerFromConfig(entry)
		if err != nil {
			return fail(err)
		}
		if err := model.Add(layer); err != nil {
			return fail(err)
		}
	}
	if model.sequential.input == nil && cfg["build_input_shape"] != nil {
		shape, err := shapeFromJSON(cfg["build_input_shape"])
		if err != nil || len(shape) == 0 {
			return fail(fmt.Errorf("build_input_shape is %v, want a shape", cfg["build_input_shape"]))
		}
		if err := model.Build(shape[1:]...); err != nil {
			return fail(err)
		}
	}
	return model, nil
}

func shapeFromJSON(v any) (Shape, error) {
	list, ok := v.([]any)
	if !ok {
		return nil, fmt.Errorf("got %v, want a shape such as [null, 32]", v)
	}
	shape := make(Shape, len(list))
	for i, d := range list {
		if d == nil {
			shape[i] = None
			continue
		}
		n, ok := config.AsInt(d)
		if !ok || n < 0 || n > 1<<40 {
			return nil, fmt.Errorf("axis %d is %v, want null or a size", i, d)
		}
		shape[i] = n
	}
	return shape, nil
}
