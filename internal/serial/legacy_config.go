package serial

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/gokeras/gokeras/activations"
	"github.com/gokeras/gokeras/internal/config"
	"github.com/gokeras/gokeras/internal/kerasops"
	"github.com/gokeras/gokeras/symbolic"
)

// era is the generation of Keras that wrote a file, from 1 to 3; 0 isn't known.
type era int

const (
	keras1 era = iota + 1
	keras2
	keras3
)

// eraOf is that of a version, and the first for none: Keras 1 didn't always say.
func eraOf(version string) era {
	major, _, _ := strings.Cut(version, ".")
	switch n, err := strconv.Atoi(major); {
	case err != nil || n <= 1:
		return keras1
	case n == 2:
		return keras2
	}
	return keras3
}

// old reports whether it is before Keras 3, which gave some names another meaning.
func (k era) old() bool { return k == keras1 || k == keras2 }

// nameOf is the name of a layer in a configuration.
func nameOf(entry map[string]any) any {
	if name, ok := entry["name"].(string); ok {
		return name
	}
	cfg, _ := entry["config"].(map[string]any)
	return cfg["name"]
}

// withoutCuDNN gives the layers that ran in cuDNN alone the class that computes the same everywhere. Their weights are converted when they are read.
func withoutCuDNN(entry map[string]any, class string) (map[string]any, string) {
	plain, ok := map[string]string{"CuDNNLSTM": "LSTM", "CuDNNGRU": "GRU"}[class]
	if !ok {
		return entry, class
	}
	out := maps.Clone(entry)
	out["class_name"] = plain
	if cfg, ok := entry["config"].(map[string]any); ok {
		cfg = maps.Clone(cfg)
		cfg["activation"], cfg["recurrent_activation"] = "tanh", "sigmoid"
		if plain == "GRU" {
			cfg["reset_after"] = true
		}
		out["config"] = cfg
	}
	return out, plain
}

// onlyHere are the layers of Keras 2 that Keras 3 has no more, or has otherwise, and that have a name of their own here.
var onlyHere = []string{"AddLoss", "LocallyConnected1D", "LocallyConnected2D", "RandomCrop", "RandomHeight", "RandomWidth"}

// isOnlyHere tells such layers, some by their arguments: methods of TensorFlow to resize images, of which Keras 3 computes one otherwise, and several axes.
func isOnlyHere(class string, cfg map[string]any) bool {
	switch class {
	case "Resizing", "UpSampling2D":
		method, _ := cfg["interpolation"].(string)
		return slices.Contains(kerasops.TensorFlowMethods, method)
	case "BatchNormalization":
		list, ok := cfg["axis"].([]any)
		return ok && len(list) > 1
	}
	return slices.Contains(onlyHere, class)
}

// thresholded is a ThresholdedReLU as the ReLU that it is.
func thresholded(entry map[string]any) map[string]any {
	out, cfg := maps.Clone(entry), maps.Clone(asObject(entry["config"]))
	theta, given := cfg["theta"]
	delete(cfg, "theta")
	if !given {
		theta = 1.0
	}
	cfg["threshold"] = theta
	out["class_name"], out["config"] = "ReLU", cfg
	return out
}

// modernConfig turns what a legacy HDF5 file says of a model, its model_config
// and training_config, into what config.json of a .keras archive would say. It
// knows the forms of Keras 3's own legacy files and those of Keras 2 and 1, of which version is the one that wrote the file. Nothing that it is
// given changes; training may be nil.
func modernConfig(model, training map[string]any, version string) (map[string]any, error) {
	if eraOf(version) == keras1 {
		var err error
		if model, err = keras1Ordered(model); err != nil {
			return nil, err
		}
	}
	out, err := eraOf(version).layer(model)
	if err != nil {
		return nil, err
	}
	if training == nil {
		return out, nil
	}
	cfg, _ := out["config"].(map[string]any)
	out["compile_config"] = modernCompile(training, outputLayerNames(cfg["output_layers"]), version)
	return out, nil
}

// modernArchive is modernConfig for what a .keras archive of Keras 2 has in config.json, and for Keras's to_json.
func modernArchive(m map[string]any, version string) (map[string]any, error) {
	var training map[string]any
	if compile, ok := m["compile_config"].(map[string]any); ok && len(compile) > 0 {
		training = maps.Clone(compile)
		training["optimizer_config"] = compile["optimizer"]
	}
	out, err := modernConfig(m, training, version)
	if err == nil && training == nil {
		delete(out, "compile_config")
	}
	return out, err
}

func isModelClass(class string) bool {
	return class == "Functional" || class == "Model" || class == "Sequential"
}

// layer converts a serialised layer or model: {"class_name": …, "config": …}.
func (k era) layer(entry map[string]any) (map[string]any, error) {
	class, ok := entry["class_name"].(string)
	if !ok {
		return nil, fmt.Errorf("an object without a class_name stands where a layer should be")
	}
	if isTensorFlowOperation(entry) {
		return nil, noOperation(entry)
	}
	if k == keras1 {
		var err error
		if entry, err = keras1Layer(entry); err != nil {
			return nil, err
		}
		class, _ = entry["class_name"].(string)
	}
	if k.old() {
		if entry, class = withoutCuDNN(entry, class); isGone(k, class) {
			return nil, fmt.Errorf("layer %v is a %s, which Keras 2 and Keras 3 no longer have: in Keras 1, put other layers in its place and save the model again", nameOf(entry), class)
		}
	}
	if class == "ThresholdedReLU" && k.old() {
		entry, class = thresholded(entry), "ReLU"
	}
	out := maps.Clone(entry)
	if k.old() && class == "SyncBatchNormalization" { // over several devices
		class = "BatchNormalization"
		out["class_name"] = class
	}
	if cfg := asObject(entry["config"]); k.old() && isOnlyHere(class, cfg) {
		out["registered_name"], out["module"] = "gokeras>"+class, "gokeras"
	}
	if module := operationModule(class, entry); module != "" {
		out["module"] = module
		return out, nil
	}
	if strings.Contains(class, ">") { // a registered class, which Keras 3 names in a key of its own
		out["registered_name"] = class
		out["class_name"] = class[strings.LastIndexByte(class, '>')+1:]
	}
	cfg, isMap := entry["config"].(map[string]any)
	list, isList := entry["config"].([]any)
	var err error
	switch {
	case class == "Sequential" && isList: // before Keras 2.2.3
		out["config"], err = k.sequential(map[string]any{"name": "sequential", "layers": list})
	case !isMap:
		return nil, fmt.Errorf("layer %v (%s) has no configuration object", entry["name"], class)
	case class == "Sequential":
		out["config"], err = k.sequential(cfg)
	case isModelClass(class):
		out["config"], err = k.functional(cfg)
	default:
		out["config"], err = k.arguments(class, cfg)
	}
	if err != nil {
		return nil, err
	}
	return out, nil
}

// operationModule is the module of the operation on tensors that an entry of Keras 3's legacy files is, "" for a layer. They leave the module
// out, though a layer may have the same class name; but a layer's arguments say whether it is trainable.
func operationModule(class string, entry map[string]any) string {
	cfg, _ := entry["config"].(map[string]any)
	if !mayBeOperation(entry) {
		return ""
	}
	if _, err := kerasops.New(class, cfg); err != nil {
		return ""
	}
	return kerasops.Module(class)
}

// mayBeOperation tells an entry without a module that is no layer.
func mayBeOperation(entry map[string]any) bool {
	cfg, isObject := entry["config"].(map[string]any)
	_, isLayer := cfg["trainable"]
	return isObject && !isLayer && entry["module"] == nil
}

// sequential converts the configuration of a Sequential. Keras 2 may give the input's shape with the first layer alone.
func (k era) sequential(cfg map[string]any) (map[string]any, error) {
	out := maps.Clone(cfg)
	entries, ok := cfg["layers"].([]any)
	if !ok {
		return nil, fmt.Errorf("model %v: \"layers\" is no list", cfg["name"])
	}
	layers := make([]any, 0, len(entries)+1)
	for i, e := range entries {
		entry, ok := e.(map[string]any)
		if !ok {
			return nil, fmt.Errorf("model %v: layer %d is no object", cfg["name"], i)
		}
		if i == 0 && entry["class_name"] != "InputLayer" {
			first := entry
			if k == keras1 {
				var err error
				if first, err = keras1Layer(entry); err != nil {
					return nil, fmt.Errorf("model %v: %w", cfg["name"], err)
				}
			}
			if shape, name, dtype := startOf(first); shape != nil {
				layers = append(layers, map[string]any{"class_name": "InputLayer", "config": map[string]any{
					"name": name + "_input", "batch_shape": shape, "dtype": dtype}})
			}
		}
		layer, err := k.layer(entry)
		if err != nil {
			return nil, fmt.Errorf("model %v: %w", cfg["name"], err)
		}
		layers = append(layers, layer)
	}
	out["layers"] = layers
	return out, nil
}

// startOf finds the shape and type that the first layer of a Sequential declares for its input; shape is nil if it declares none.
func startOf(entry map[string]any) (shape any, name string, dtype any) {
	cfg, _ := entry["config"].(map[string]any)
	name, _ = cfg["name"].(string)
	if name == "" {
		name = "sequential"
	}
	if shape = cfg["batch_input_shape"]; shape == nil && entry["class_name"] == "InputLayer" {
		shape = cfg["batch_shape"]
	}
	if shape != nil {
		if dtype = policyName(cfg["dtype"]); dtype == nil {
			dtype = "float32"
		}
		return shape, name, dtype
	}
	class, _ := entry["class_name"].(string)
	layers, _ := cfg["layers"].([]any)
	if !isModelClass(class) || len(layers) == 0 {
		return nil, name, nil
	}
	// A model as the first layer declares its own input.
	first, _ := layers[0].(map[string]any)
	shape, _, dtype = startOf(first)
	return shape, name, dtype
}

// policyName is the name of a dtype policy in any of its forms, nil if it says nothing that an input could use.
func policyName(v any) any {
	if m, ok := v.(map[string]any); ok {
		cfg, _ := m["config"].(map[string]any)
		v = cfg["name"]
	}
	if name, ok := v.(string); ok && !strings.HasPrefix(name, "mixed_") {
		return name
	}
	return nil
}

// droppedArguments are those that Keras 3 no longer has and that don't change what a layer computes. The
// key "" holds those of every layer.
var droppedArguments = map[string][]string{
	"":                   {"batch_input_shape", "input_dtype", "input_dim", "input_spec", "autocast"},
	"InputLayer":         {"input_shape", "type_spec"},
	"Embedding":          {"input_length"},
	"BatchNormalization": {"fused", "virtual_batch_size", "adjustment"},
	"MultiHeadAttention": {"query_shape", "key_shape", "value_shape", "softmax_robust_masking"},
	"SimpleRNN":          {"implementation"},
	"ConvLSTM1D":         {"implementation"},
	"ConvLSTM2D":         {"implementation"},
	"ConvLSTM3D":         {"implementation"},
	"SpatialDropout1D":   {"noise_shape", "trainable"},
	"SpatialDropout2D":   {"noise_shape", "trainable"},
	"SpatialDropout3D":   {"noise_shape", "trainable"},
	"Discretization":     {"trainable"},
	"HashedCrossing":     {"trainable"},
	"SeparableConv1D":    {"kernel_initializer", "kernel_regularizer", "kernel_constraint"},
	"SeparableConv2D":    {"kernel_initializer", "kernel_regularizer", "kernel_constraint"},
	"RandomFlip":         {"rng_type"},
	"RandomRotation":     {"rng_type"},
	"RandomZoom":         {"rng_type"},
	"RandomTranslation":  {"rng_type"},
	"RandomContrast":     {"rng_type"},
	"RandomBrightness":   {"rng_type"},
	"RandomCrop":         {"rng_type"},
	"RandomHeight":       {"rng_type"},
	"RandomWidth":        {"rng_type"},
}

// keptArguments are those that would be dropped of other layers.
var keptArguments = map[string][]string{"Embedding": {"input_dim"}, "ReversibleEmbedding": {"input_dim"}}

// ungrouped are the convolutions whose Keras 2 configuration always says "groups": 1.
var ungrouped = []string{"Conv1DTranspose", "Conv2DTranspose", "Conv3DTranspose", "DepthwiseConv1D", "DepthwiseConv2D", "SeparableConv1D", "SeparableConv2D"}

// arguments converts a layer's arguments.
func (k era) arguments(class string, cfg map[string]any) (map[string]any, error) {
	out := make(map[string]any, len(cfg))
	for key, v := range cfg {
		if k.old() && v == "hard_sigmoid" && strings.HasSuffix(key, "activation") {
			v = string(activations.Keras2HardSigmoid)
		}
		var err error
		if out[key], err = k.value(key, v); err != nil {
			return nil, fmt.Errorf("layer %v: %s: %w", cfg["name"], key, err)
		}
	}
	if shape, ok := out["batch_input_shape"]; ok && class == "InputLayer" {
		out["batch_shape"] = shape
	}
	if k.old() && out["dtype"] == symbolic.Text && class != "InputLayer" { // the type of what such a layer takes, where Keras 3 has that of what it computes with
		delete(out, "dtype")
	}
	if list, ok := out["axis"].([]any); ok && len(list) == 1 {
		out["axis"] = list[0]
	}
	if alpha, ok := out["alpha"]; ok && class == "LeakyReLU" {
		delete(out, "alpha")
		out["negative_slope"] = alpha
	}
	if _, given := out["reset_after"]; k.old() && !given && (class == "GRU" || class == "GRUCell") {
		out["reset_after"] = false // the only form until Keras 2.1
	}
	if n, ok := config.AsInt(out["groups"]); ok && n == 1 && slices.Contains(ungrouped, class) {
		delete(out, "groups")
	}
	for _, name := range []string{"", class} {
		for _, key := range droppedArguments[name] {
			if !slices.Contains(keptArguments[class], key) {
				delete(out, key)
			}
		}
	}
	return out, nil
}

// value converts an argument's value.
func (k era) value(key string, v any) (any, error) {
	switch v := v.(type) {
	case []any:
		list := make([]any, len(v))
		for i, e := range v {
			var err error
			if list[i], err = k.value(key, e); err != nil {
				return nil, err
			}
		}
		return list, nil
	case map[string]any:
		switch v["class_name"] {
		case "__tuple__", "TensorShape":
			return k.value(key, v["items"])
		}
		if v["type"] == "ndarray" { // a NumPy array, which numbers that Keras 2 computed may be
			return k.value(key, v["value"])
		}
		if !config.IsEnvelope(v) {
			return v, nil
		}
		cfg, _ := v["config"].(map[string]any)
		switch {
		case slices.Contains([]string{"layer", "backward_layer", "forward_layer", "cell", "cells"}, key):
			return k.layer(v)
		case strings.HasSuffix(key, "activation") && cfg != nil: // a layer
			out, err := k.layer(v)
			if err == nil && out["module"] == nil {
				out["module"] = "keras.layers"
			}
			return out, err
		case strings.HasSuffix(key, "initializer") && cfg != nil:
			out := maps.Clone(v)
			cfg = maps.Clone(cfg)
			delete(cfg, "dtype")
			if cfg["distribution"] == "normal" {
				cfg["distribution"] = "truncated_normal"
			}
			out["config"] = cfg
			return out, nil
		}
	}
	return v, nil
}
