package serial

import (
	"fmt"

	"github.com/gokeras/gokeras/internal/config"
	"github.com/gokeras/gokeras/internal/nest"
	"github.com/gokeras/gokeras/symbolic"
)

func init() {
	config.EncodeBy(func(o config.Object) (map[string]any, bool, error) {
		l, ok := o.(symbolic.Layer)
		if !ok {
			return nil, false, nil
		}
		out, err := encodeLayer(l)
		return out, true, err
	})
}

// Config returns a model's configuration as Keras's get_config does, ready for encoding/json.
func Config(n *symbolic.Network) (map[string]any, error) {
	cfg, err := networkConfig(n)
	if err == nil {
		markShared(map[string]any{"config": cfg})
	}
	return cfg, err
}

// Encode returns a whole model, which l is, as files have it.
func Encode(l symbolic.Layer) (map[string]any, error) {
	out, _, err := encodeNamed(l)
	return out, err
}

// encodeNamed is Encode, and says which layers have another name in the files.
func encodeNamed(l symbolic.Layer) (out map[string]any, renamed map[string]string, err error) {
	if out, err = encodeUnmarked(l); err == nil {
		renamed = withoutSlashes(out)
		markShared(out)
	}
	return out, renamed, err
}

// JSON is Encode as Keras's Model.to_json writes it.
func JSON(l symbolic.Layer) ([]byte, error) {
	s, err := Encode(l)
	if err != nil {
		return nil, err
	}
	return config.Marshal(s)
}

func networkConfig(n *symbolic.Network) (map[string]any, error) {
	if err := n.Ready(); err != nil && !n.Empty() {
		return nil, err
	}
	if n.IsSequential() {
		return sequentialConfig(n)
	}
	g := newGraphWriter(n)
	layers := []any{}
	for _, l := range n.Operations() {
		cfg, err := encodeLayer(l)
		if err != nil {
			return nil, fmt.Errorf("model %q: layer %q: %w", n.Name(), l.Base().Name(), err)
		}
		cfg["name"], cfg["inbound_nodes"] = l.Base().Name(), g.inboundNodes(l)
		layers = append(layers, cfg)
	}
	return map[string]any{
		"name": n.Name(), "trainable": n.KerasConfig().(*symbolic.LayerConfig).Trainable, "layers": layers,
		"input_layers":  g.refs(n.InputForm()),
		"output_layers": g.refs(n.OutputForm()),
	}, nil
}

func sequentialConfig(n *symbolic.Network) (map[string]any, error) {
	cfg, err := config.Fields(n.KerasConfig())
	if err != nil {
		return nil, err
	}
	var layers []any
	for _, l := range n.Stack() {
		layer, err := encodeLayer(l)
		if err != nil {
			return nil, fmt.Errorf("model %q: layer %q: %w", n.Name(), l.Base().Name(), err)
		}
		layers = append(layers, layer)
	}
	cfg["layers"] = layers
	if n.Connected() {
		cfg["build_input_shape"] = n.Inputs()[0].Shape().JSON()
	}
	return cfg, nil
}

// encodeLayer returns the layer as Keras's serialize_keras_object does, marked with the layer.
func encodeLayer(l symbolic.Layer) (map[string]any, error) {
	out, err := encodeUnmarked(l)
	if err == nil {
		out[layerMark] = l
	}
	return out, err
}

func encodeUnmarked(l symbolic.Layer) (map[string]any, error) {
	if n, ok := symbolic.NetworkOf(l); ok {
		return encodeNetwork(l, n)
	}
	if u, ok := l.(*symbolic.Unknown); ok {
		return shownEntry(u), nil
	}
	if cfg, ok := symbolic.Operation(l); ok {
		return config.Envelope(l.KerasClass(), cfg), nil
	}
	cfg, err := config.Fields(l.KerasConfig())
	if err != nil {
		return nil, err
	}
	out := config.Envelope(l.KerasClass(), cfg)
	if build := l.Base().BuildConfig(); build != nil {
		out["build_config"] = build
	}
	return out, nil
}

func encodeNetwork(l symbolic.Layer, n *symbolic.Network) (map[string]any, error) {
	cfg, err := networkConfig(n)
	if err != nil {
		return nil, err
	}
	out := config.Envelope(n.KerasClass(), cfg)
	switch {
	case !n.IsSequential():
		out["build_config"] = map[string]any{"input_shape": nil}
	case n.Connected():
		out["build_config"] = map[string]any{"input_shape": n.Inputs()[0].Shape().JSON()}
	}
	if c, ok := l.(Compiled); ok {
		out["compile_config"], err = c.CompileConfig()
	}
	return out, err
}

// graphWriter writes the places of tensors in a model's graph.
type graphWriter struct {
	network *symbolic.Network
	index   map[symbolic.Layer]map[int]int // of a layer's applications among those inside the model
}

func newGraphWriter(n *symbolic.Network) *graphWriter {
	g := &graphWriter{network: n, index: map[symbolic.Layer]map[int]int{}}
	for _, l := range n.Operations() {
		inside := map[int]int{}
		for _, at := range symbolic.LayerNodes(l) {
			if n.Contains(l, at.Index) {
				inside[at.Index] = len(inside)
			}
		}
		g.index[l] = inside
	}
	return g
}

// inboundNodes lists the layer's applications within the model.
func (g *graphWriter) inboundNodes(l symbolic.Layer) []any {
	list := []any{}
	for _, at := range symbolic.LayerNodes(l) {
		if _, inside := g.index[l][at.Index]; !inside || len(at.Inputs) == 0 || g.begins(at) {
			continue
		}
		put := func(v any) any {
			out, _ := nest.Map(v, func(leaf any) (any, error) {
				switch leaf := leaf.(type) {
				case *symbolic.Tensor:
					return map[string]any{"class_name": "__keras_tensor__", "config": map[string]any{
						"shape": leaf.Shape().JSON(), "dtype": leaf.DType(), "keras_history": g.ref(leaf)}}, nil
				case float64:
					return pythonFloat(leaf), nil
				}
				return leaf, nil
			})
			return out
		}
		if g.network.HonoursTraining() && at.Training == nil {
			delete(at.Kwargs, "training")
		}
		list = append(list, map[string]any{"args": put(at.Args), "kwargs": put(at.Kwargs)})
	}
	return list
}

// begins reports whether the model begins at the outputs of the application.
func (g *graphWriter) begins(at symbolic.NodeInfo) bool {
	for _, t := range g.network.Inputs() {
		if s, ok := t.Source(); ok && s.Layer == at.Layer && s.NodeIndex == at.Index {
			return true
		}
	}
	return false
}

// ref is a tensor's [layer name, node index, tensor index], the nodes counted within the model.
func (g *graphWriter) ref(t *symbolic.Tensor) []any {
	s, _ := t.Source()
	return []any{s.Layer.Base().Name(), g.index[s.Layer][s.NodeIndex], s.TensorIndex}
}

// refs are those of a model's inputs or outputs, grouped as the user did.
func (g *graphWriter) refs(form any) any {
	out, _ := nest.Map(form, func(leaf any) (any, error) {
		t := leaf.(*symbolic.Tensor)
		ref := g.ref(t)
		if hasOwnNode(t.Layer()) {
			ref[1] = ref[1].(int) + 1
		}
		return ref, nil
	})
	return out
}
