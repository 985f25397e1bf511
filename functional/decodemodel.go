package functional

import (
	"fmt"
	"maps"
	"slices"

	"github.com/gokeras/gokeras/internal/config"
)

// FromJSON makes the model that Keras's to_json, or config.json of a .keras
// file, describes (Keras: model_from_json), with new weights. Its compile arguments are applied if compile is true.
func FromJSON(raw []byte, compile bool) (*Model, error) {
	m, err := decodeJSON(raw)
	if err != nil {
		return nil, brief(fmt.Errorf("reading a model's configuration: %w", err))
	}
	return fromDecoded(m, compile)
}

// fromDecoded is FromJSON for a configuration that is decoded already.
func fromDecoded(m map[string]any, compile bool) (*Model, error) {
	findShared(m)
	var model *Model
	err := catch(func() error {
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
		return nil, brief(fmt.Errorf("reading a model's configuration: %w", err))
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
		return nil, brief(fmt.Errorf("model %q: compile_config: %w", model.Name(), err))
	}
	return model, nil
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
		f.names = slices.Sorted(maps.Keys(v))
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
		for _, name := range slices.Sorted(maps.Keys(v)) {
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
	t, missing, err := resolveRef(ref, byName)
	if err == nil && missing != nil {
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
	var input *Tensor
	for i, e := range entries {
		entry, ok := e.(map[string]any)
		if !ok {
			return fail(fmt.Errorf("layer %d is no object", i))
		}
		layer, err := newLayerFromConfig(entry)
		if err != nil {
			return fail(err)
		}
		if first, ok := layer.(*InputLayer); ok && i == 0 {
			// The layers are applied to it when all are there, not the whole stack anew with each.
			input, err = first.open("file")
		} else {
			err = model.Add(layer)
		}
		if err != nil {
			return fail(err)
		}
	}
	if input != nil {
		if err := model.start(input); err != nil {
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
