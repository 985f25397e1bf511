package serial

import (
	"fmt"
	"maps"
	"slices"

	"github.com/gokeras/gokeras/internal/config"
	"github.com/gokeras/gokeras/internal/notice"
)

// orderMark is the key, which no JSON from outside can hold, that says of a model's configuration that its file has the layers' weights in the order in
// which the layers stand there.
const orderMark = "\x00order"

// maskedMark is such a key too: the layer's calls take the mask of their first input also beside other tensors, where Keras 3 leaves masks to the caller.
const maskedMark = "\x00masked"

// oldMasksMark is one more: the layer computes masks as Keras 2 did.
const oldMasksMark = "\x00old masks"

// legacyGraph is a functional model whose configuration is being converted.
type legacyGraph struct {
	layers map[string]bool // by name
	// shift is what Keras 2 counts before the first call of a layer: a model has a node of its own, from its inputs to its outputs.
	shift map[string]int
	late  map[string]bool // functions of TensorFlow that wait for shapes
}

// functional converts the configuration of a functional model.
func (k era) functional(cfg map[string]any) (map[string]any, error) {
	fail := func(err error) (map[string]any, error) { return nil, fmt.Errorf("model %v: %w", cfg["name"], err) }
	entries, ok := cfg["layers"].([]any)
	if !ok {
		return fail(fmt.Errorf("\"layers\" is no list: a subclassed model has no functional graph to load; in Python, make the model with the functional API and save it again"))
	}
	outputs := cfg["output_layers"]
	if k.old() {
		var err error
		if entries, outputs, err = batchMajor(entries, outputs); err != nil {
			return fail(err)
		}
	}
	g := &legacyGraph{layers: map[string]bool{}, shift: map[string]int{}, late: map[string]bool{}}
	for i, e := range entries {
		entry, ok := e.(map[string]any)
		if !ok {
			return fail(fmt.Errorf("layer %d is no object", i))
		}
		g.learn(entry)
	}
	g.unshift(entries, outputs)
	g.findLate(entries)
	layers := make([]any, 0, len(entries))
	for _, e := range entries {
		entry := e.(map[string]any)
		if entry["class_name"] == "AddMetric" && k.old() {
			notice.Once(fmt.Sprintf("the metric %v of a tensor inside model %v isn't computed here", asObject(entry["config"])["metric_name"], cfg["name"]))
			continue
		}
		if name, _ := nameOf(entry).(string); isTensorFlowOperation(entry) && g.late[name] {
			waiting, err := g.lateEntry(entry)
			if err != nil {
				return fail(err)
			}
			layers = append(layers, waiting)
			continue
		}
		if isTensorFlowOperation(entry) {
			operations, err := g.operation(entry)
			if err != nil {
				return fail(err)
			}
			layers = append(layers, operations...)
			continue
		}
		layer, err := k.layer(entry)
		if err != nil {
			return fail(err)
		}
		layer[oldMasksMark] = k.old()
		if layer["inbound_nodes"], err = g.nodes(entry["inbound_nodes"], layer); err != nil {
			return fail(fmt.Errorf("layer %v: %w", entry["name"], err))
		}
		layers = append(layers, layer)
	}
	out := maps.Clone(cfg)
	out["layers"], out[orderMark] = layers, k.old()
	out["output_layers"] = g.outputs(outputs, entries)
	return out, nil
}

// learn notes a layer.
func (g *legacyGraph) learn(entry map[string]any) {
	cfg, _ := entry["config"].(map[string]any)
	name, ok := entry["name"].(string)
	if !ok {
		name, _ = cfg["name"].(string)
	}
	g.layers[name] = true
	class, _ := entry["class_name"].(string)
	if !isModelClass(class) {
		return
	}
	if class == "Sequential" { // without a declared input it has no node of its own
		layers, isList := entry["config"].([]any)
		if !isList {
			layers, _ = cfg["layers"].([]any)
		}
		if len(layers) == 0 {
			return
		}
		first, _ := layers[0].(map[string]any)
		if shape, _, _ := startOf(first); shape == nil {
			return
		}
	}
	g.shift[name] = 1
}

// unshift takes back the shift of models whose first call is counted from zero after all.
func (g *legacyGraph) unshift(entries []any, outputs any) {
	var look func(v any)
	look = func(v any) {
		switch v := v.(type) {
		case []any:
			if name, node, _, ok := legacyRef(v); ok {
				if node == 0 {
					delete(g.shift, name)
				}
				if len(v) > 3 {
					look(v[3])
				}
				return
			}
			for _, e := range v {
				look(e)
			}
		case map[string]any:
			for _, e := range v {
				look(e)
			}
		}
	}
	modern := false
	for _, e := range entries {
		nodes, _ := e.(map[string]any)["inbound_nodes"].([]any)
		look(nodes)
		modern = modern || slices.ContainsFunc(nodes, isModernNode)
	}
	look(outputs)
	if modern { // Keras 3 counts the calls inside a graph from zero
		clear(g.shift)
	}
}

func isModernNode(node any) bool {
	m, ok := node.(map[string]any)
	_, hasArgs := m["args"]
	return ok && hasArgs
}

// legacyRef reads [layer name, node index, tensor index] with, in Keras 2, the call's further arguments.
func legacyRef(v []any) (name string, node, tensor int, ok bool) {
	if len(v) != 3 && len(v) != 4 {
		return "", 0, 0, false
	}
	name, isName := v[0].(string)
	node, isNode := config.AsInt(v[1])
	tensor, isTensor := config.AsInt(v[2])
	return name, node, tensor, isName && isNode && isTensor
}

// recurrent are the layers of which Keras 2 counts the initial states, and constants after them, among the inputs.
var recurrent = []string{"RNN", "SimpleRNN", "LSTM", "GRU", "ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D", "Bidirectional"}

// nodes converts the inbound nodes of a layer.
func (g *legacyGraph) nodes(v any, layer map[string]any) ([]any, error) {
	list, ok := v.([]any)
	if !ok {
		return nil, fmt.Errorf("it has no list of inbound nodes")
	}
	nodes := make([]any, len(list))
	for i, n := range list {
		if isModernNode(n) {
			nodes[i] = n
			continue
		}
		var kwargs map[string]any
		arg, err := g.argument(n, &kwargs)
		if err != nil {
			return nil, fmt.Errorf("call %d: %w", i, err)
		}
		if several, ok := arg.([]any); ok && len(several) == 1 {
			arg = several[0]
		}
		converted, err := g.keywords(kwargs)
		if err != nil {
			return nil, fmt.Errorf("call %d: %w", i, err)
		}
		if v, given := converted["constants"]; given && v == nil {
			delete(converted, "constants")
		}
		if several, ok := arg.([]any); ok && slices.Contains(recurrent, fmt.Sprint(layer["class_name"])) {
			if n, ok := config.AsInt(asObject(layer["config"])["num_constants"]); ok && n > 0 {
				return nil, fmt.Errorf("call %d: %d of its inputs are constants of its cell, which Keras 3 has no more", i, n)
			}
			arg, converted["initial_state"] = several[0], several[1:]
			layer[maskedMark] = true
		}
		nodes[i] = map[string]any{"args": []any{arg}, "kwargs": converted}
	}
	return nodes, nil
}

// argument converts the references in a call's first argument: one, or lists and maps of them. The further arguments that
// come with them go to kwargs.
func (g *legacyGraph) argument(v any, kwargs *map[string]any) (any, error) {
	switch v := v.(type) {
	case []any:
		if name, node, tensor, ok := legacyRef(v); ok {
			if len(v) == 4 {
				if more, _ := v[3].(map[string]any); len(more) > 0 && *kwargs == nil {
					*kwargs = more
				}
			}
			if !g.layers[name] {
				if name == constantValue {
					return nil, fmt.Errorf("a constant is among its inputs, which only TensorFlow's Keras 2 can read: in Python, put a Keras layer in place of the operation and save the model again")
				}
				return nil, fmt.Errorf("a tensor of layer %q is used, but there is no such layer", name)
			}
			return g.tensor(name, node, tensor), nil
		}
		list := make([]any, len(v))
		for i, e := range v {
			var err error
			if list[i], err = g.argument(e, kwargs); err != nil {
				return nil, err
			}
		}
		return list, nil
	case map[string]any:
		out := make(map[string]any, len(v))
		for key, e := range v {
			var err error
			if out[key], err = g.argument(e, kwargs); err != nil {
				return nil, err
			}
		}
		return out, nil
	}
	return nil, fmt.Errorf("its input is %v, want [layer name, node index, tensor index]", v)
}

func (g *legacyGraph) tensor(name string, node, tensor int) map[string]any {
	return kerasTensor(name, node-g.shift[name], tensor)
}

// keywords converts a call's further arguments, of which some may be tensors.
func (g *legacyGraph) keywords(kwargs map[string]any) (map[string]any, error) {
	out := make(map[string]any, len(kwargs))
	for key, v := range kwargs {
		out[key] = v
		list, ok := v.([]any)
		if !ok {
			continue
		}
		if name, node, tensor, ok := legacyRef(list); ok && g.layers[name] {
			out[key] = g.tensor(name, node, tensor)
		}
	}
	return out, nil
}

// outputs converts output_layers. Keras 3 too counts a functional model's own node there, though not a Sequential's.
func (g *legacyGraph) outputs(v any, entries []any) any {
	switch v := v.(type) {
	case []any:
		name, node, tensor, ok := legacyRef(v)
		if !ok {
			list := make([]any, len(v))
			for i, e := range v {
				list[i] = g.outputs(e, entries)
			}
			return list
		}
		if g.shift[name] != 0 && g.classOf(name, entries) == "Sequential" {
			node--
		}
		return []any{name, float64(node), float64(tensor)}
	case map[string]any:
		out := make(map[string]any, len(v))
		for key, e := range v {
			out[key] = g.outputs(e, entries)
		}
		return out
	}
	return v
}

func (g *legacyGraph) classOf(name string, entries []any) any {
	for _, e := range entries {
		if entry := e.(map[string]any); entry["name"] == name {
			return entry["class_name"]
		}
	}
	return nil
}

// outputLayerNames lists the layers that give a model's outputs, in order.
func outputLayerNames(v any) []string {
	var names []string
	switch v := v.(type) {
	case []any:
		if name, _, _, ok := legacyRef(v); ok {
			return []string{name}
		}
		for _, e := range v {
			names = append(names, outputLayerNames(e)...)
		}
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			names = append(names, outputLayerNames(v[key])...)
		}
	}
	return names
}
