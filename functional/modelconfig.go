package functional

import (
	"fmt"

	"github.com/gokeras/gokeras/internal/config"
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
	cfg, err := m.config()
	if err == nil {
		markShared(map[string]any{"config": cfg})
	}
	return cfg, err
}

func (m *Model) config() (map[string]any, error) {
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

// serializeLayer returns the layer as Keras's serialize_keras_object does, marked with the layer.
func serializeLayer(l Layer) (map[string]any, error) {
	out, err := serializeUnmarked(l)
	if err == nil {
		out[layerMark] = l
	}
	return out, err
}

func serializeUnmarked(l Layer) (map[string]any, error) {
	if m, ok := l.(*Model); ok {
		return m.serializeMarked()
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
	out, err := m.serializeMarked()
	if err == nil {
		markShared(out)
	}
	return out, err
}

func (m *Model) serializeMarked() (map[string]any, error) {
	cfg, err := m.config()
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
		if _, isModel := l.(*Model); isModel {
			kwargs["mask"] = nulls(first)
		}
		list = append(list, map[string]any{"args": []any{first}, "kwargs": kwargs})
	}
	return list, nil
}

// nulls is a mask for each tensor of a call, as Keras records that there is none.
func nulls(first any) any {
	switch first := first.(type) {
	case []any:
		return make([]any, len(first))
	case map[string]any:
		if first["class_name"] == "__keras_tensor__" {
			return nil
		}
		masks := make(map[string]any, len(first))
		for name := range first {
			masks[name] = nil
		}
		return masks
	}
	return nil
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
