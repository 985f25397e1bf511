package serial

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/gokeras/gokeras/internal/config"
)

// gone are the layers of Keras 1 and 2 that nothing in Keras 3 computes.
var gone = []string{"MaxoutDense", "Highway", "SReLU", "ParametricSoftplus", "LocallyConnected1D", "LocallyConnected2D", "ThresholdedReLU"}

// keras1Classes are those of Keras 1 that have other names since.
var keras1Classes = map[string]string{
	"Convolution1D": "Conv1D", "Convolution2D": "Conv2D", "Convolution3D": "Conv3D", "AtrousConvolution1D": "Conv1D", "AtrousConvolution2D": "Conv2D",
	"Deconvolution2D": "Conv2DTranspose", "SeparableConvolution2D": "SeparableConv2D", "TimeDistributedDense": "Dense",
}

// keras1Arguments are the arguments of Keras 1 by their names since.
var keras1Arguments = map[string]string{
	"init": "kernel_initializer", "inner_init": "recurrent_initializer", "inner_activation": "recurrent_activation", "bias": "use_bias",
	"W_regularizer": "kernel_regularizer", "U_regularizer": "recurrent_regularizer", "b_regularizer": "bias_regularizer",
	"W_constraint": "kernel_constraint", "U_constraint": "recurrent_constraint", "b_constraint": "bias_constraint",
	"dropout_W": "dropout", "dropout_U": "recurrent_dropout", "p": "rate", "sigma": "stddev", "border_mode": "padding", "subsample": "strides",
	"subsample_length": "strides", "stride": "strides", "pool_length": "pool_size", "filter_length": "kernel_size", "nb_filter": "filters", "atrous_rate": "dilation_rate",
	"length": "size", "output_dim": "units", "dim_ordering": "data_format", "beta_init": "beta_initializer", "gamma_init": "gamma_initializer",
}

// keras1Dropped are the arguments of Keras 1 that change nothing that a layer computes.
var keras1Dropped = []string{"consume_less", "input_length", "forget_bias_init", "mode", "output_shape", "nb_row", "nb_col", "kernel_dim1", "kernel_dim2", "kernel_dim3"}

// keras1Initializers are those of Keras 1 that have other names since.
var keras1Initializers = map[string]any{
	"uniform": "random_uniform", "normal": "random_normal", "zero": "zeros", "one": "ones",
	"glorot_normal": scaled("fan_avg", 1), "he_normal": scaled("fan_in", 2),
}

// scaled is an initializer whose values aren't truncated, which Keras has by no short name.
func scaled(mode string, scale float64) map[string]any {
	return map[string]any{"class_name": "VarianceScaling", "config": map[string]any{"scale": scale, "mode": mode, "distribution": "untruncated_normal"}}
}

// keras1Layer turns a layer of Keras 1 into what Keras 2 would have written.
func keras1Layer(entry map[string]any) (map[string]any, error) {
	class, _ := entry["class_name"].(string)
	cfg, ok := entry["config"].(map[string]any)
	if !ok || isModelClass(class) || class == "InputLayer" {
		return entry, nil
	}
	fail := func(err error) (map[string]any, error) {
		return nil, fmt.Errorf("layer %v (%s): %w", nameOf(entry), class, err)
	}
	out := maps.Clone(entry)
	if class == "Merge" {
		merged, err := keras1Merge(cfg)
		if err != nil {
			return fail(err)
		}
		maps.Copy(out, merged)
		return out, nil
	}
	renamed, isRenamed := keras1Classes[class]
	if isRenamed {
		out["class_name"] = renamed
	} else {
		renamed = class
	}
	to := map[string]any{}
	for key, v := range cfg {
		name, isOld := keras1Arguments[key]
		switch {
		case !isOld:
			name = key
		case key == "output_dim" && renamed == "Embedding":
			name = key
		case key == "init" && renamed == "Embedding":
			name = "embeddings_initializer"
		case key == "init" && renamed == "PReLU":
			name = "alpha_initializer"
		case strings.HasPrefix(key, "W_") && renamed == "Embedding":
			name = "embeddings_" + key[len("W_"):]
		}
		value, err := keras1Value(name, v)
		if err != nil {
			return fail(fmt.Errorf("%s: %w", key, err))
		}
		if _, again := cfg[name]; again && name != key {
			return fail(fmt.Errorf("it has %s and %s, which mean the same", key, name))
		}
		to[name] = value
	}
	if err := keras1Special(renamed, cfg, to); err != nil {
		return fail(err)
	}
	for _, key := range keras1Dropped {
		delete(to, key)
	}
	out["config"] = to
	return out, nil
}

// keras1Value converts an argument's value.
func keras1Value(name string, v any) (any, error) {
	switch {
	case name == "data_format":
		switch v {
		case "tf":
			return "channels_last", nil
		case "th":
			return "channels_first", nil
		}
		return nil, fmt.Errorf("got %v, want \"tf\" or \"th\"", v)
	case strings.HasSuffix(name, "initializer"):
		if text, ok := v.(string); ok {
			if now, ok := keras1Initializers[text]; ok {
				return now, nil
			}
		}
	case strings.HasSuffix(name, "regularizer"), strings.HasSuffix(name, "constraint"):
		return keras1Object(v)
	}
	return v, nil
}

// keras1Object converts a regularizer or constraint, which Keras 1 wrote with its arguments beside its name.
func keras1Object(v any) (any, error) {
	m, ok := v.(map[string]any)
	if !ok || config.IsEnvelope(m) {
		return v, nil
	}
	class, _ := m["name"].(string)
	names := map[string]string{"L1L2Regularizer": "L1L2", "MaxNorm": "MaxNorm", "NonNeg": "NonNeg", "UnitNorm": "UnitNorm", "MinMaxNorm": "MinMaxNorm"}
	if names[class] == "" {
		return nil, fmt.Errorf("%q is of Keras 1, and has no counterpart since", class)
	}
	cfg := map[string]any{}
	for key, value := range m {
		switch key {
		case "name":
		case "m":
			cfg["max_value"] = value
		case "low":
			cfg["min_value"] = value
		case "high":
			cfg["max_value"] = value
		default:
			cfg[key] = value
		}
	}
	return map[string]any{"class_name": names[class], "config": cfg}, nil
}

// keras1Special converts the arguments that have become another number of arguments.
func keras1Special(class string, cfg, to map[string]any) error {
	switch class {
	case "Conv2D", "Conv2DTranspose", "SeparableConv2D", "ConvLSTM2D":
		to["kernel_size"] = []any{cfg["nb_row"], cfg["nb_col"]}
	case "Conv3D":
		to["kernel_size"] = []any{cfg["kernel_dim1"], cfg["kernel_dim2"], cfg["kernel_dim3"]}
	case "ZeroPadding2D":
		if m, ok := to["padding"].(map[string]any); ok {
			side := func(name string) any {
				if v, ok := m[name+"_pad"]; ok {
					return v
				}
				return 0.0
			}
			to["padding"] = []any{[]any{side("top"), side("bottom")}, []any{side("left"), side("right")}}
		} else if list, ok := to["padding"].([]any); ok && len(list) == 4 {
			to["padding"] = []any{list[:2], list[2:]}
		}
	case "BatchNormalization":
		if mode, ok := config.AsInt(cfg["mode"]); ok && mode != 0 {
			return fmt.Errorf("mode=%d, which normalizes each sample or batch by itself, is gone since Keras 2", mode)
		}
	case "Embedding":
		if rate, ok := config.AsFloat(cfg["dropout"]); ok && rate != 0 {
			return fmt.Errorf("dropout=%v of whole words is gone since Keras 2", rate)
		}
		delete(to, "dropout")
		delete(to, "activity_regularizer")
	case "LSTM", "GRU", "SimpleRNN":
		if class == "LSTM" {
			to["unit_forget_bias"] = cfg["forget_bias_init"] == "one"
		}
		if shape, ok := cfg["input_dim"]; ok && shape != nil && cfg["batch_input_shape"] == nil {
			to["batch_input_shape"] = []any{nil, cfg["input_length"], shape}
		}
	case "Softmax", "Dense", "Conv1D":
		if v, ok := to["activity_regularizer"].(map[string]any); ok && len(v) == 0 {
			delete(to, "activity_regularizer")
		}
	}
	if class == "SeparableConv2D" {
		for _, part := range []string{"depthwise_initializer", "pointwise_initializer"} {
			to[part] = to["kernel_initializer"]
		}
		delete(to, "kernel_initializer")
	}
	return nil
}

// keras1Merge converts the one layer by which Keras 1 joined tensors.
func keras1Merge(cfg map[string]any) (map[string]any, error) {
	if cfg["mode_type"] != nil && cfg["mode_type"] != "raw" {
		return nil, fmt.Errorf("its mode is Python code, which is never run here")
	}
	to := map[string]any{"name": cfg["name"]}
	mode, _ := cfg["mode"].(string)
	class := map[string]string{"sum": "Add", "mul": "Multiply", "ave": "Average", "max": "Maximum", "concat": "Concatenate", "dot": "Dot"}[mode]
	switch class {
	case "":
		return nil, fmt.Errorf("mode %.50q has no counterpart in Keras 3: want sum, mul, ave, max, concat or dot", mode)
	case "Concatenate":
		to["axis"] = cfg["concat_axis"]
	case "Dot":
		to["axes"] = cfg["dot_axes"]
		if list, ok := cfg["dot_axes"].([]any); ok && len(list) == 1 {
			to["axes"] = list[0]
		}
	}
	return map[string]any{"class_name": class, "config": to}, nil
}

func beginsWithMerge(layers []any) bool {
	if len(layers) == 0 {
		return false
	}
	first, _ := layers[0].(map[string]any)
	cfg, _ := first["config"].(map[string]any)
	_, isList := cfg["layers"].([]any)
	return first["class_name"] == "Merge" && isList
}

// keras1Stack turns a Sequential that begins with a Merge into the functional model that it is: the stacks that it joins side by side, then its layers.
func keras1Stack(layers []any) (map[string]any, bool, error) {
	if !beginsWithMerge(layers) {
		return nil, false, nil
	}
	cfg, _ := layers[0].(map[string]any)["config"].(map[string]any)
	branches, _ := cfg["layers"].([]any)
	b := &stackJoiner{}
	var ends []any
	for i, branch := range branches {
		end, err := b.branch(branch)
		if err != nil {
			return nil, true, fmt.Errorf("branch %d of layer %v: %w", i, cfg["name"], err)
		}
		ends = append(ends, end)
	}
	own := maps.Clone(cfg)
	delete(own, "layers")
	end := b.add(map[string]any{"class_name": "Merge", "config": own}, ends)
	for i, l := range layers[1:] {
		entry, ok := l.(map[string]any)
		if !ok {
			return nil, true, fmt.Errorf("layer %d is no object", i+1)
		}
		end = b.add(entry, []any{end})
	}
	return map[string]any{"name": "sequential", "layers": b.entries, "input_layers": b.inputs, "output_layers": []any{end[:3]}}, true, nil
}

// stackJoiner gathers the layers of a functional model.
type stackJoiner struct {
	entries, inputs []any
}

// add appends a layer that is called on tensors, and returns its output.
func (b *stackJoiner) add(entry map[string]any, on []any) []any {
	out := maps.Clone(entry)
	out["name"] = nameOf(entry)
	out["inbound_nodes"] = []any{}
	if len(on) > 0 {
		out["inbound_nodes"] = []any{on}
	}
	b.entries = append(b.entries, out)
	return []any{out["name"], 0.0, 0.0, map[string]any{}}
}

// branch appends the layers of a stack that a Merge joins, or the one layer, beginning with an input.
func (b *stackJoiner) branch(v any) ([]any, error) {
	entry, ok := v.(map[string]any)
	if !ok {
		return nil, fmt.Errorf("it is no object")
	}
	list, isStack := entry["config"].([]any)
	if !isStack {
		list = []any{entry}
	}
	if inner, nested, err := keras1Stack(list); nested {
		if err != nil {
			return nil, err
		}
		b.entries = append(b.entries, inner["layers"].([]any)...)
		b.inputs = append(b.inputs, inner["input_layers"].([]any)...)
		end := inner["output_layers"].([]any)[0].([]any)
		return append(slices.Clone(end), map[string]any{}), nil
	}
	var end []any
	for i, l := range list {
		layer, ok := l.(map[string]any)
		if !ok {
			return nil, fmt.Errorf("layer %d is no object", i)
		}
		if i == 0 {
			if layer["class_name"] != "InputLayer" {
				converted, err := keras1Layer(layer)
				if err != nil {
					return nil, err
				}
				shape, name, dtype := startOf(converted)
				if shape == nil {
					return nil, fmt.Errorf("its first layer, %v, doesn't say what shape it takes", nameOf(layer))
				}
				end = b.add(map[string]any{"class_name": "InputLayer", "config": map[string]any{"name": name + "_input", "batch_input_shape": shape, "dtype": dtype}}, nil)
				b.inputs = append(b.inputs, end[:3])
			} else {
				end = b.add(layer, nil)
				b.inputs = append(b.inputs, end[:3])
				continue
			}
		}
		end = b.add(layer, []any{end})
	}
	if end == nil {
		return nil, fmt.Errorf("it has no layers")
	}
	return end, nil
}
