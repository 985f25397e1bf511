package serial

import (
	"errors"
	"fmt"
	"strings"

	"github.com/gokeras/gokeras/internal/catch"
	"github.com/gokeras/gokeras/internal/config"
	"github.com/gokeras/gokeras/internal/nest"
	"github.com/gokeras/gokeras/symbolic"
)

// FromJSON makes the model that Keras's to_json or get_config, of Keras 1 and 2 too, or config.json of a .keras file, describes, with new weights.
// It returns the compile arguments that the configuration has, nil for none.
func FromJSON(raw []byte) (model symbolic.Layer, compile map[string]any, err error) {
	m, err := decodeJSON(raw)
	m = withClass(m)
	version, isOld := m["keras_version"].(string) // which Keras 3 doesn't write
	if !isOld {
		version, isOld = unsaidVersion(m)
	}
	if err == nil && isOld && eraOf(version).old() {
		m, err = modernArchive(m, version)
	}
	if err != nil {
		return nil, nil, Brief(fmt.Errorf("reading a model's configuration: %w", err))
	}
	l, arguments, err := fromDecoded(m)
	if err == nil && isOld {
		followVersion(l, version)
	}
	return l, arguments, err
}

// fromDecoded is FromJSON for a configuration that is decoded already.
func fromDecoded(m map[string]any) (model symbolic.Layer, compile map[string]any, err error) {
	if class, _ := m["class_name"].(string); class == "" {
		if m["modelTopology"] != nil {
			return nil, nil, errors.New("reading a model's configuration: it is TensorFlow.js's, want what Keras's to_json or get_config gives, or config.json of a .keras file")
		}
		return nil, nil, errors.New("reading a model's configuration: it names no class, want what Keras's to_json or get_config gives, or config.json of a .keras file")
	}
	findShared(m)
	err = catch.Panic(func() error {
		l, err := newLayer(m)
		if err != nil {
			return err
		}
		if _, ok := symbolic.NetworkOf(l); !ok {
			return fmt.Errorf("the configuration is of a %s layer, want a Functional or Sequential model", l.KerasClass().Name)
		}
		model = l
		return nil
	})
	if err != nil {
		if missing := unknownClasses(m); errors.Is(err, config.ErrUnknown) && len(missing) > 1 {
			err = fmt.Errorf("it has %d kinds of layers and operations that aren't known here: %s; the first: %w", len(missing), strings.Join(missing, ", "), err)
		}
		return nil, nil, Brief(fmt.Errorf("reading a model's configuration: %w", err))
	}
	compile, _ = m["compile_config"].(map[string]any)
	return model, compile, nil
}

// modelFromConfig makes a functional model.
func modelFromConfig(m map[string]any) (symbolic.Layer, error) {
	cfg, ok := m["config"].(map[string]any)
	if !ok {
		return nil, fmt.Errorf("a functional model without a configuration object")
	}
	name, _ := cfg["name"].(string)
	fail := func(err error) (symbolic.Layer, error) { return nil, fmt.Errorf("model %q: %w", name, err) }
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
		d := &decodedLayer{entry: entry}
		if d.late, ok = entry[lateMark].(*lateFunction); !ok {
			var err error
			if d.layer, err = newLayer(entry); err != nil {
				return fail(err)
			}
		}
		key := d.name()
		if d.calls, ok = entry["inbound_nodes"].([]any); !ok {
			return fail(fmt.Errorf("layer %q has no list of inbound nodes", key))
		}
		if byName[key] != nil {
			return fail(fmt.Errorf("two layers are named %q", key))
		}
		byName[key] = d
		order = append(order, d)
		if input, ok := d.layer.(*symbolic.InputLayer); ok {
			t, err := input.Open("file")
			if err != nil {
				return fail(fmt.Errorf("layer %q: %w", key, err))
			}
			d.made, d.calls = [][]any{{t}}, nil
		}
	}
	if err := connectDecoded(order, byName); err != nil {
		return fail(err)
	}
	inputs, err := decodeRefs(cfg["input_layers"], byName)
	if err != nil {
		return fail(fmt.Errorf("input_layers: %w", err))
	}
	outputs, err := decodeRefs(cfg["output_layers"], byName)
	if err != nil {
		return fail(fmt.Errorf("output_layers: %w", err))
	}
	n, model := symbolic.NewNetwork()
	n.Start(model)
	if err := n.TakeSavedName(name); err != nil {
		return fail(err)
	}
	if trainable, ok := cfg["trainable"].(bool); ok {
		n.KerasConfig().(*symbolic.LayerConfig).Trainable = trainable
	}
	n.ComputeAside(madeAside(order))
	if err := n.ConnectAsIs(inputs, outputs); err != nil {
		return fail(err)
	}
	if cfg[orderMark] == true {
		layers := make([]symbolic.Layer, 0, len(order))
		for _, d := range order {
			if d.layer != nil {
				layers = append(layers, d.layer)
			}
		}
		n.ReadAs(layers)
	}
	return model, nil
}

// madeAside are the outputs of layers that are called for what they do, such as AddLoss.
func madeAside(order []*decodedLayer) []*symbolic.Tensor {
	var list []*symbolic.Tensor
	for _, d := range order {
		if a, ok := d.layer.(symbolic.Aside); !ok || !a.Aside() {
			continue
		}
		for _, outputs := range d.made {
			for _, v := range outputs {
				if t, isTensor := v.(*symbolic.Tensor); isTensor {
					list = append(list, t)
				}
			}
		}
	}
	return list
}

// decodeRefs reads a model's input or output references: one, a list, a map, or any nesting of these.
func decodeRefs(v any, byName map[string]*decodedLayer) (any, error) {
	count := 0
	form, err := nest.Replace(v, func(_ nest.Path, v any) (any, bool, error) {
		list, isList := v.([]any)
		_, isMap := v.(map[string]any)
		switch {
		case isList && isRef(list):
			count++
			t, err := knownRef(list, byName)
			return t, true, err
		case isList || isMap:
			return nil, false, nil
		}
		return nil, true, fmt.Errorf("got %v, want tensor references", v)
	})
	if err == nil && count == 0 {
		err = fmt.Errorf("there are none")
	}
	return form, err
}

// hasOwnNode tells functional models: among a model's inputs and outputs, though nowhere else, Keras counts their calls from one.
func hasOwnNode(l symbolic.Layer) bool {
	n, ok := symbolic.NetworkOf(l)
	return ok && !n.IsSequential()
}

func knownRef(ref []any, byName map[string]*decodedLayer) (*symbolic.Tensor, error) {
	name, _ := ref[0].(string)
	if d := byName[name]; d != nil && d.late == nil && hasOwnNode(d.layer) {
		call, _ := config.AsInt(ref[1])
		if call == 0 { // Keras counts this back from the first to the last
			call = len(d.made)
		}
		ref = []any{name, float64(call - 1), ref[2]}
	}
	output, missing, err := resolveRef(ref, byName)
	if err == nil && missing != nil {
		err = fmt.Errorf("reference %v is to a call that was not made", ref)
	}
	t, isTensor := output.(*symbolic.Tensor)
	if err == nil && !isTensor {
		err = fmt.Errorf("reference %v is to a number that doesn't depend on the inputs", ref)
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
func sequentialFromConfig(m map[string]any) (symbolic.Layer, error) {
	cfg, ok := m["config"].(map[string]any)
	if !ok {
		return nil, fmt.Errorf("a Sequential without a configuration object")
	}
	name, _ := cfg["name"].(string)
	fail := func(err error) (symbolic.Layer, error) { return nil, fmt.Errorf("model %q: %w", name, err) }
	n, model := symbolic.NewNetwork()
	n.StartSequential(model, true)
	n.GiveNameBack()
	own := map[string]any{}
	for _, key := range []string{"name", "trainable", "dtype"} {
		if v, ok := cfg[key]; ok {
			own[key] = v
		}
	}
	if err := config.Decode(own, n.KerasConfig()); err != nil {
		return fail(err)
	}
	if err := symbolic.CheckSavedName(name); err != nil {
		return fail(err)
	}
	defer n.EndDecoding()
	entries, ok := cfg["layers"].([]any)
	if !ok {
		return fail(fmt.Errorf("\"layers\" is no list"))
	}
	var input *symbolic.Tensor
	for i, e := range entries {
		entry, ok := e.(map[string]any)
		if !ok {
			return fail(fmt.Errorf("layer %d is no object", i))
		}
		layer, err := newLayer(entry)
		if err != nil {
			return fail(err)
		}
		if first, ok := layer.(*symbolic.InputLayer); ok && i == 0 {
			// The layers are applied to it when all are there, not the whole stack anew with each.
			input, err = first.Open("file")
		} else {
			err = n.Push(layer)
		}
		if err != nil {
			return fail(err)
		}
	}
	if input != nil {
		if err := n.StartAt(input); err != nil {
			return fail(err)
		}
	}
	if !n.Connected() && cfg["build_input_shape"] != nil {
		shape, err := symbolic.ShapeFromJSON(cfg["build_input_shape"])
		if err != nil || len(shape) == 0 {
			return fail(fmt.Errorf("build_input_shape is %v, want a shape", cfg["build_input_shape"]))
		}
		if err := n.BuildFor(shape[1:]...); err != nil {
			return fail(err)
		}
	}
	return model, nil
}
