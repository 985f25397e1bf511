package serial

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/gokeras/gokeras/internal/config"
)

// gone are the layers of Keras 1 that Keras has no more; keras1Here those of them that have a name of their own here.
var (
	gone       = []string{"MaxoutDense", "Highway", "SReLU", "ParametricSoftplus"}
	keras1Here = []string{"MaxoutDense", "Highway"}
)

// isGone tells a layer that nothing here computes. A file of Keras 2 may have a class of that name, which is somebody's own.
func isGone(k era, class string) bool {
	return slices.Contains(gone, class) && (k != keras1 || !slices.Contains(keras1Here, class))
}

// keras1Classes are those of Keras 1 that have other names since.
var keras1Classes = map[string]string{
	"AtrousConvolution1D": "Conv1D", "AtrousConvolution2D": "Conv2D", "Convolution1D": "Conv1D", "Convolution2D": "Conv2D", "Convolution3D": "Conv3D", "Deconvolution2D": "Conv2DTranspose",
	"SeparableConvolution2D": "SeparableConv2D", "TimeDistributedDense": "Dense",
}

// keras1Arguments are the arguments of Keras 1 by their names since.
var keras1Arguments = map[string]string{
	"init": "kernel_initializer", "inner_init": "recurrent_initializer", "inner_activation": "recurrent_activation", "bias": "use_bias",
	"W_regularizer": "kernel_regularizer", "U_regularizer": "recurrent_regularizer", "b_regularizer": "bias_regularizer",
	"W_constraint": "kernel_constraint", "U_constraint": "recurrent_constraint", "b_constraint": "bias_constraint",
	"dropout_W": "dropout", "dropout_U": "recurrent_dropout", "p": "rate", "sigma": "stddev", "border_mode": "padding", "subsample": "strides",
	"subsample_length": "strides", "stride": "strides", "pool_length": "pool_size", "filter_length": "kernel_size", "nb_filter": "filters",
	"length": "size", "output_dim": "units", "dim_ordering": "data_format", "beta_init": "beta_initializer", "gamma_init": "gamma_initializer",
	"atrous_rate": "dilation_rate",
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

// keras1Known are the layers of Keras 1 whose files are known to be read as Keras 1 reads them.
var keras1Known = []string{
	"Activation", "AtrousConvolution1D", "AtrousConvolution2D", "AveragePooling1D", "AveragePooling2D", "AveragePooling3D", "BatchNormalization", "Bidirectional", "ConvLSTM2D", "Convolution1D",
	"Convolution2D", "Convolution3D", "Cropping1D", "Cropping2D", "Cropping3D", "Deconvolution2D", "Dense", "Dropout", "ELU", "Embedding", "Flatten", "GRU", "GaussianDropout", "GaussianNoise", "GlobalAveragePooling1D",
	"GlobalAveragePooling2D", "GlobalAveragePooling3D", "GlobalMaxPooling1D", "GlobalMaxPooling2D", "GlobalMaxPooling3D", "Highway", "LSTM", "Lambda", "LeakyReLU", "Masking", "MaxoutDense", "MaxPooling1D", "MaxPooling2D",
	"MaxPooling3D", "Merge", "PReLU", "Permute", "RepeatVector", "Reshape", "SeparableConvolution2D", "SimpleRNN", "SpatialDropout1D", "SpatialDropout2D", "SpatialDropout3D", "ThresholdedReLU", "TimeDistributed",
	"TimeDistributedDense", "UpSampling1D", "UpSampling2D", "UpSampling3D", "ZeroPadding1D", "ZeroPadding2D", "ZeroPadding3D",
}

// keras1Silent are those whose files don't say how images lie.
var keras1Silent = []string{"Cropping2D", "Cropping3D", "SpatialDropout2D", "SpatialDropout3D", "UpSampling2D", "UpSampling3D", "ZeroPadding2D", "ZeroPadding3D"}

// keras1Ordered puts into the layers of a Keras 1 model that should say how their images lie, but don't, what its other layers say.
func keras1Ordered(model map[string]any) (map[string]any, error) {
	found := map[any]bool{}
	var walk func(v any, set any) (any, error)
	walk = func(v any, set any) (any, error) {
		switch v := v.(type) {
		case []any:
			out := make([]any, len(v))
			for i, e := range v {
				var err error
				if out[i], err = walk(e, set); err != nil {
					return nil, err
				}
			}
			return out, nil
		case map[string]any:
			out := make(map[string]any, len(v))
			for key, e := range v {
				if key == "dim_ordering" {
					found[e] = true
				}
				var err error
				if out[key], err = walk(e, set); err != nil {
					return nil, err
				}
			}
			class, _ := v["class_name"].(string)
			cfg, ok := out["config"].(map[string]any)
			if ok && set != nil && cfg["dim_ordering"] == nil && slices.Contains(keras1Silent, class) {
				if len(found) != 1 {
					return nil, fmt.Errorf("layer %v (%s): Keras 1 doesn't say how its images lie, and nor do the model's other layers with one voice", nameOf(v), class)
				}
				for order := range found {
					cfg["dim_ordering"] = order
				}
			}
			return out, nil
		}
		return v, nil
	}
	if _, err := walk(model, nil); err != nil {
		return nil, err
	}
	out, err := walk(model, true)
	if err != nil {
		return nil, err
	}
	return out.(map[string]any), nil
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
	if isGone(keras1, class) {
		return entry, nil // which is said of every version
	}
	if !slices.Contains(keras1Known, class) {
		return fail(fmt.Errorf("the file is of Keras 1 (or names no version), whose %s isn't read here: load it with Keras 2.2 in Python and save it again", class))
	}
	out := maps.Clone(entry)
	if slices.Contains(keras1Here, class) {
		out["registered_name"], out["module"] = "gokeras>"+class, "gokeras"
	}
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
	if mode, ok := config.AsInt(cfg["mode"]); ok && mode != 0 && class == "BatchNormalization" {
		to["mode"] = mode
		out["class_name"], out["registered_name"], out["module"] = "ModalBatchNormalization", "gokeras>ModalBatchNormalization", "gokeras"
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
	names := map[string]string{"L1L2Regularizer": "L1L2", "WeightRegularizer": "L1L2", "ActivityRegularizer": "L1L2", "MaxNorm": "MaxNorm", "NonNeg": "NonNeg", "UnitNorm": "UnitNorm", "MinMaxNorm": "MinMaxNorm"}
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
	case "Conv2D", "SeparableConv2D", "Conv2DTranspose", "ConvLSTM2D":
		to["kernel_size"] = []any{cfg["nb_row"], cfg["nb_col"]}
	case "Conv3D":
		to["kernel_size"] = []any{cfg["kernel_dim1"], cfg["kernel_dim2"], cfg["kernel_dim3"]}
	}
	switch class {
	case "SeparableConv2D":
		to["depthwise_initializer"], to["pointwise_initializer"] = to["kernel_initializer"], to["kernel_initializer"]
		delete(to, "kernel_initializer")
	case "Conv2DTranspose":
		padding, err := keras1OutputPadding(cfg)
		if err != nil {
			return err
		}
		to["output_padding"] = padding
	case "MaxoutDense", "Highway":
		delete(to, "input_dim")
	case "ConvLSTM2D":
		to["unit_forget_bias"] = cfg["forget_bias_init"] == "one"
		delete(to, "input_dim")
	case "ZeroPadding2D":
		if m, ok := to["padding"].(map[string]any); ok {
			to["padding"] = []any{sides(m, "top", "bottom"), sides(m, "left", "right")}
		} else if list, ok := to["padding"].([]any); ok && len(list) == 4 {
			to["padding"] = []any{list[:2], list[2:]}
		}
	case "Embedding":
		if rate, ok := config.AsFloat(cfg["dropout"]); ok && rate != 0 {
			return fmt.Errorf("dropout=%v of whole words is gone since Keras 2", rate)
		}
		delete(to, "dropout")
		delete(to, "activity_regularizer")
	case "ZeroPadding1D":
		if m, ok := to["padding"].(map[string]any); ok {
			to["padding"] = sides(m, "left", "right")
		}
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
	return nil
}

// keras1OutputPadding is how much wider a transposed convolution's output is than it must be. Its file gives the output's size n, which for an input of m elements is
// (m-1)·stride + kernel and less than a stride more, or with "same" padding as much as m elements that far apart.
func keras1OutputPadding(cfg map[string]any) (any, error) {
	shape, _ := cfg["output_shape"].([]any)
	first := 1
	if cfg["dim_ordering"] == "th" {
		first = 2
	}
	fail := fmt.Errorf("output_shape=%v with border_mode=%v, subsample=%v", cfg["output_shape"], cfg["border_mode"], cfg["subsample"])
	if len(shape) != 4 {
		return nil, fail
	}
	sizes, strides, kernel := axesIn(shape[first:first+2]), axesIn(cfg["subsample"]), axesIn([]any{cfg["nb_row"], cfg["nb_col"]})
	if len(sizes) != 2 || len(strides) != 2 || len(kernel) != 2 || min(strides[0], strides[1]) < 1 {
		return nil, fail
	}
	switch cfg["border_mode"] {
	case "same":
		if sizes[0]%strides[0] == 0 && sizes[1]%strides[1] == 0 {
			return nil, nil
		}
	case "valid":
		if sizes[0] >= kernel[0] && sizes[1] >= kernel[1] {
			return []any{(sizes[0] - kernel[0]) % strides[0], (sizes[1] - kernel[1]) % strides[1]}, nil
		}
	}
	return nil, fail
}

// sides are how much is added at the sides of those names, which Keras 1 may have in a map.
func sides(m map[string]any, names ...string) []any {
	out := make([]any, len(names))
	for i, name := range names {
		out[i] = 0.0
		if v, ok := m[name+"_pad"]; ok {
			out[i] = v
		}
	}
	return out
}

// keras1Merge converts the one layer by which Keras 1 joined tensors.
func keras1Merge(cfg map[string]any) (map[string]any, error) {
	if cfg["mode_type"] != nil && cfg["mode_type"] != "raw" {
		return nil, fmt.Errorf("its mode is Python code, which is never run here")
	}
	to := map[string]any{"name": cfg["name"], "trainable": true}
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
