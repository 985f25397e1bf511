package serial

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/gokeras/gokeras/internal/config"
	"github.com/gokeras/gokeras/internal/kerasops"
)

// modernConfig turns what a legacy HDF5 file says of a model, its model_config
// and training_config, into what config.json of a .keras archive would say. It
// knows the forms of Keras 3's own legacy files and those of Keras 2. Nothing that it is given
// changes; training may be nil.
func modernConfig(model, training map[string]any) (map[string]any, error) {
	out, err := modernLayer(model)
	if err != nil {
		return nil, err
	}
	if training == nil {
		return out, nil
	}
	cfg, _ := out["config"].(map[string]any)
	out["compile_config"] = modernCompile(training, outputLayerNames(cfg["output_layers"]))
	return out, nil
}

// operationClasses are the layers by which TensorFlow's Keras records plain operations on symbolic tensors.
var operationClasses = []string{"TFOpLambda", "SlicingOpLambda", "TensorFlowOpLayer", "ClassMethod", "InstanceMethod", "InstanceProperty"}

func isModelClass(class string) bool {
	return class == "Functional" || class == "Model" || class == "Sequential"
}

// modernLayer converts a serialised layer or model: {"class_name": …, "config": …}.
func modernLayer(entry map[string]any) (map[string]any, error) {
	class, ok := entry["class_name"].(string)
	if !ok {
		return nil, fmt.Errorf("an object without a class_name stands where a layer should be")
	}
	if slices.Contains(operationClasses, class) {
		cfg, _ := entry["config"].(map[string]any)
		what := class
		if f, ok := cfg["function"].(string); ok {
			what = f
		}
		return nil, fmt.Errorf("layer %v stands for an operation on tensors (%s) that TensorFlow's Keras 2 recorded, which Keras 3 can't read either: "+
			"in Python, put a Keras layer in its place, such as Add, Multiply or Rescaling, and save the model again", entry["name"], what)
	}
	out := maps.Clone(entry)
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
		out["config"], err = modernSequential(map[string]any{"name": "sequential", "layers": list})
	case !isMap:
		return nil, fmt.Errorf("layer %v (%s) has no configuration object", entry["name"], class)
	case class == "Sequential":
		out["config"], err = modernSequential(cfg)
	case isModelClass(class):
		out["config"], err = modernFunctional(cfg)
	default:
		out["config"], err = modernArguments(class, cfg)
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

// modernSequential converts the configuration of a Sequential. Keras 2 may give the input's shape with the first layer alone.
func modernSequential(cfg map[string]any) (map[string]any, error) {
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
			if shape, name, dtype := startOf(entry); shape != nil {
				layers = append(layers, map[string]any{"class_name": "InputLayer", "config": map[string]any{
					"name": name + "_input", "batch_shape": shape, "dtype": dtype}})
			}
		}
		layer, err := modernLayer(entry)
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
	"SpatialDropout1D":   {"noise_shape"},
	"SpatialDropout2D":   {"noise_shape"},
	"SpatialDropout3D":   {"noise_shape"},
	"SeparableConv1D":    {"kernel_initializer", "kernel_regularizer", "kernel_constraint"},
	"SeparableConv2D":    {"kernel_initializer", "kernel_regularizer", "kernel_constraint"},
	"RandomFlip":         {"rng_type"},
	"RandomRotation":     {"rng_type"},
	"RandomZoom":         {"rng_type"},
	"RandomCrop":         {"rng_type"},
	"RandomTranslation":  {"rng_type"},
	"RandomContrast":     {"rng_type"},
	"RandomBrightness":   {"rng_type"},
}

// keptArguments are those that would be dropped of other layers.
var keptArguments = map[string][]string{"Embedding": {"input_dim"}, "ReversibleEmbedding": {"input_dim"}}

// ungrouped are the convolutions whose Keras 2 configuration always says "groups": 1.
var ungrouped = []string{"Conv1DTranspose", "Conv2DTranspose", "Conv3DTranspose", "DepthwiseConv1D", "DepthwiseConv2D", "SeparableConv1D", "SeparableConv2D"}

// modernArguments converts a layer's arguments.
func modernArguments(class string, cfg map[string]any) (map[string]any, error) {
	out := make(map[string]any, len(cfg))
	for key, v := range cfg {
		var err error
		if out[key], err = modernValue(key, v); err != nil {
			return nil, fmt.Errorf("layer %v: %s: %w", cfg["name"], key, err)
		}
	}
	if shape, ok := out["batch_input_shape"]; ok && class == "InputLayer" {
		out["batch_shape"] = shape
	}
	if list, ok := out["axis"].([]any); ok && len(list) == 1 {
		out["axis"] = list[0]
	}
	if alpha, ok := out["alpha"]; ok && class == "LeakyReLU" {
		delete(out, "alpha")
		out["negative_slope"] = alpha
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

// modernValue converts an argument's value.
func modernValue(key string, v any) (any, error) {
	switch v := v.(type) {
	case []any:
		list := make([]any, len(v))
		for i, e := range v {
			var err error
			if list[i], err = modernValue(key, e); err != nil {
				return nil, err
			}
		}
		return list, nil
	case map[string]any:
		switch v["class_name"] {
		case "__tuple__", "TensorShape":
			return modernValue(key, v["items"])
		}
		if !config.IsEnvelope(v) {
			return v, nil
		}
		cfg, _ := v["config"].(map[string]any)
		switch {
		case slices.Contains([]string{"layer", "backward_layer", "forward_layer", "cell", "cells"}, key):
			return modernLayer(v)
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
