package serial

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/internal/golden"
	"github.com/gokeras/gokeras/internal/kerasfile"
)

func decoded(t testing.TB, text string) map[string]any {
	t.Helper()
	m := map[string]any{}
	require.NoError(t, json.Unmarshal([]byte(text), &m), text)
	return m
}

// TestModernLayers converts single layers of Keras 2.
func TestModernLayers(t *testing.T) {
	for name, c := range map[string]struct{ from, to string }{
		"input": {
			`{"class_name": "InputLayer", "config": {"batch_input_shape": [null, 3], "dtype": "float32", "sparse": false, "ragged": false, "name": "x"}}`,
			`{"class_name": "InputLayer", "config": {"batch_shape": [null, 3], "dtype": "float32", "sparse": false, "ragged": false, "name": "x"}}`},
		"axis in a list": {
			`{"class_name": "BatchNormalization", "config": {"name": "b", "axis": [3], "fused": true}}`,
			`{"class_name": "BatchNormalization", "config": {"name": "b", "axis": 3}}`},
		"several axes": {
			`{"class_name": "LayerNormalization", "config": {"name": "l", "axis": [1, 2]}}`,
			`{"class_name": "LayerNormalization", "config": {"name": "l", "axis": [1, 2]}}`},
		"initializer": {
			`{"class_name": "Dense", "config": {"name": "d", "input_dim": 3, "kernel_initializer": {"class_name": "VarianceScaling", "config": {"scale": 2.0, "distribution": "normal", "dtype": "float32"}}}}`,
			`{"class_name": "Dense", "config": {"name": "d", "kernel_initializer": {"class_name": "VarianceScaling", "config": {"scale": 2.0, "distribution": "truncated_normal"}}}}`},
		"operation": {
			`{"class_name": "Add", "name": "add", "config": {"name": "add"}, "inbound_nodes": []}`,
			`{"module": "keras.src.ops.numpy", "class_name": "Add", "name": "add", "config": {"name": "add"}, "inbound_nodes": []}`},
		"layer of an operation's name": {
			`{"class_name": "Add", "name": "add", "config": {"name": "add", "trainable": true}, "inbound_nodes": []}`,
			`{"class_name": "Add", "name": "add", "config": {"name": "add", "trainable": true}, "inbound_nodes": []}`},
		"embedding": {
			`{"class_name": "Embedding", "config": {"name": "e", "input_dim": 5, "output_dim": 2, "input_length": 3, "batch_input_shape": [null, 3]}}`,
			`{"class_name": "Embedding", "config": {"name": "e", "input_dim": 5, "output_dim": 2}}`},
		"implementation": {
			`{"class_name": "LSTM", "config": {"name": "l", "units": 2, "implementation": 1}}`,
			`{"class_name": "LSTM", "config": {"name": "l", "units": 2, "implementation": 1}}`},
		"alpha": {
			`{"class_name": "LeakyReLU", "config": {"name": "l", "alpha": 0.25}}`,
			`{"class_name": "LeakyReLU", "config": {"name": "l", "negative_slope": 0.25}}`},
		"registered class": {
			`{"class_name": "mine>Twice", "config": {"name": "t"}}`,
			`{"class_name": "Twice", "registered_name": "mine>Twice", "config": {"name": "t"}}`},
		"groups of one": {
			`{"class_name": "DepthwiseConv2D", "config": {"name": "d", "groups": 1}}`,
			`{"class_name": "DepthwiseConv2D", "config": {"name": "d"}}`},
		"groups of a plain convolution": {
			`{"class_name": "Conv2D", "config": {"name": "c", "groups": 1}}`,
			`{"class_name": "Conv2D", "config": {"name": "c", "groups": 1}}`},
		"wrapped layer": {
			`{"class_name": "Bidirectional", "config": {"name": "b", "layer": {"class_name": "LSTM", "config": {"name": "l", "units": 2, "implementation": 2, "time_major": false}}}}`,
			`{"class_name": "Bidirectional", "config": {"name": "b", "layer": {"class_name": "LSTM", "config": {"name": "l", "units": 2, "implementation": 2, "time_major": false}}}}`},
		"tuple": {
			`{"class_name": "Reshape", "config": {"name": "r", "target_shape": {"class_name": "__tuple__", "items": [2, 3]}}}`,
			`{"class_name": "Reshape", "config": {"name": "r", "target_shape": [2, 3]}}`},
		"stack without an input layer": {
			`{"class_name": "Sequential", "config": [{"class_name": "Embedding", "config": {"name": "e", "batch_input_shape": [null, 7], "dtype": "int32", "input_length": 7}}, {"class_name": "Flatten", "config": {"name": "f"}}]}`,
			`{"class_name": "Sequential", "config": {"name": "sequential", "layers": [
				{"class_name": "InputLayer", "config": {"name": "e_input", "batch_shape": [null, 7], "dtype": "int32"}},
				{"class_name": "Embedding", "config": {"name": "e", "dtype": "int32"}}, {"class_name": "Flatten", "config": {"name": "f"}}]}}`},
		"stack on a model": {
			`{"class_name": "Sequential", "config": {"name": "s", "layers": [{"class_name": "Sequential", "config": {"name": "inner", "layers": [
				{"class_name": "InputLayer", "config": {"name": "x", "batch_input_shape": [null, 2], "dtype": {"class_name": "Policy", "config": {"name": "mixed_float16"}}}}]}}]}}`,
			`{"class_name": "Sequential", "config": {"name": "s", "layers": [{"class_name": "InputLayer", "config": {"name": "inner_input", "batch_shape": [null, 2], "dtype": "float32"}},
				{"class_name": "Sequential", "config": {"name": "inner", "layers": [
				{"class_name": "InputLayer", "config": {"name": "x", "batch_shape": [null, 2], "dtype": {"class_name": "Policy", "config": {"name": "mixed_float16"}}}}]}}]}}`},
		"stack without a shape": {
			`{"class_name": "Sequential", "config": {"name": "s", "layers": [{"class_name": "Flatten", "config": {"name": "f"}}], "build_input_shape": [null, 2]}}`,
			`{"class_name": "Sequential", "config": {"name": "s", "layers": [{"class_name": "Flatten", "config": {"name": "f"}}], "build_input_shape": [null, 2]}}`},
	} {
		t.Run(name, func(t *testing.T) {
			from := decoded(t, c.from)
			got, err := modernConfig(from, nil, "2.15.0")
			require.NoError(t, err)
			raw, err := json.Marshal(got)
			require.NoError(t, err)
			golden.SameJSON(t, []byte(c.to), raw)
			require.Equal(t, decoded(t, c.from), from, "the conversion changed what it was given")
		})
	}
}

// TestModernGraphs converts the nodes of functional models.
func TestModernGraphs(t *testing.T) {
	layer := func(class, name, nodes string) string {
		return `{"class_name": "` + class + `", "name": "` + name + `", "config": {"name": "` + name + `", "layers": [{"class_name": "InputLayer", "config": {"batch_input_shape": [null, 2]}, "inbound_nodes": []}]}, "inbound_nodes": ` + nodes + `}`
	}
	graph := func(outputs string, layers ...string) string {
		return `{"class_name": "Model", "config": {"name": "m", "layers": [` + strings.Join(layers, ",") + `], "input_layers": [["x", 0, 0]], "output_layers": ` + outputs + `}}`
	}
	tensor := func(name string, node string) string {
		return `{"class_name": "__keras_tensor__", "config": {"keras_history": ["` + name + `", ` + node + `, 0]}}`
	}
	x := layer("Dense", "x", "[]")
	for name, c := range map[string]struct{ from, nodes, outputs string }{
		"one input":     {graph(`[["a", 0, 0]]`, x, layer("Dense", "a", `[[["x", 0, 0, {}]]]`)), `[{"args": [` + tensor("x", "0") + `], "kwargs": {}}]`, `[["a", 0, 0]]`},
		"several":       {graph(`[["a", 0, 0]]`, x, layer("Add", "a", `[[["x", 0, 0, {}], ["x", 0, 0, {}]]]`)), `[{"args": [[` + tensor("x", "0") + `,` + tensor("x", "0") + `]], "kwargs": {}}]`, `[["a", 0, 0]]`},
		"before kwargs": {graph(`["a", 0, 0]`, x, layer("Dense", "a", `[[["x", 0, 0]]]`)), `[{"args": [` + tensor("x", "0") + `], "kwargs": {}}]`, `["a", 0, 0]`},
		"kwargs": {graph(`{"k": ["a", 0, 0]}`, x, layer("Dropout", "a", `[[["x", 0, 0, {"training": false, "mask": ["x", 0, 0]}]]]`)),
			`[{"args": [` + tensor("x", "0") + `], "kwargs": {"training": false, "mask": ` + tensor("x", "0") + `}}]`, `{"k": ["a", 0, 0]}`},
		"inputs by name":           {graph(`[["a", 0, 0]]`, x, layer("Dense", "a", `[{"p": ["x", 0, 0, {}]}]`)), `[{"args": [{"p": ` + tensor("x", "0") + `}], "kwargs": {}}]`, `[["a", 0, 0]]`},
		"of a model":               {graph(`[["i", 2, 0]]`, x, layer("Functional", "i", `[[["x", 0, 0, {}]], [["i", 1, 0, {}]]]`)), `[{"args": [` + tensor("x", "0") + `], "kwargs": {}}, {"args": [` + tensor("i", "0") + `], "kwargs": {}}]`, `[["i", 2, 0]]`},
		"of a stack":               {graph(`[["i", 2, 0]]`, x, layer("Sequential", "i", `[[["x", 0, 0, {}]], [["i", 1, 0, {}]]]`)), `[{"args": [` + tensor("x", "0") + `], "kwargs": {}}, {"args": [` + tensor("i", "0") + `], "kwargs": {}}]`, `[["i", 1, 0]]`},
		"of a stack built by data": {graph(`[["i", 1, 0]]`, x, layer("Sequential", "i", `[[["x", 0, 0, {}]], [["i", 0, 0, {}]]]`)), `[{"args": [` + tensor("x", "0") + `], "kwargs": {}}, {"args": [` + tensor("i", "0") + `], "kwargs": {}}]`, `[["i", 1, 0]]`},
		"of Keras 3":               {graph(`[["i", 1, 0]]`, x, layer("Functional", "i", `[{"args": [`+tensor("x", "0")+`], "kwargs": {}}]`)), `[{"args": [` + tensor("x", "0") + `], "kwargs": {}}]`, `[["i", 1, 0]]`},
	} {
		t.Run(name, func(t *testing.T) {
			from := c.from
			if strings.HasPrefix(name, "of a ") || name == "of Keras 3" {
				from = strings.ReplaceAll(from, `"inbound_nodes": []}]}, "inbound_nodes": [[["x"`, `"inbound_nodes": []}], "input_layers": [], "output_layers": []}, "inbound_nodes": [[["x"`)
			}
			got, err := modernConfig(decoded(t, from), nil, "2.15.0")
			require.NoError(t, err)
			cfg := got["config"].(map[string]any)
			raw, err := json.Marshal(map[string]any{"nodes": cfg["layers"].([]any)[1].(map[string]any)["inbound_nodes"], "outputs": cfg["output_layers"]})
			require.NoError(t, err)
			golden.SameJSON(t, []byte(`{"nodes": `+c.nodes+`, "outputs": `+c.outputs+`}`), raw)
		})
	}
}

// TestModernCompile converts compile arguments.
func TestModernCompile(t *testing.T) {
	for name, c := range map[string]struct{ from, key, to string }{
		"optimizer of Keras 2.2": {`{"optimizer_config": {"class_name": "SGD", "config": {"lr": 0.1, "decay": 0.0, "momentum": 0.9, "epsilon": null}}}`,
			"optimizer", `{"class_name": "SGD", "config": {"learning_rate": 0.1, "momentum": 0.9}}`},
		"optimizer of TensorFlow": {`{"optimizer_config": {"class_name": "Custom>Adam", "config": {"name": "Adam", "learning_rate": 0.1, "jit_compile": true, "is_legacy_optimizer": false, "use_ema": false, "ema_overwrite_frequency": 100}}}`,
			"optimizer", `{"class_name": "Adam", "config": {"name": "Adam", "learning_rate": 0.1, "use_ema": false}}`},
		"decay": {`{"optimizer_config": {"class_name": "SGD", "config": {"lr": 0.1, "decay": 0.25}}}`,
			"optimizer", `{"class_name": "SGD", "config": {"learning_rate": {"module": "keras.optimizers.schedules", "class_name": "InverseTimeDecay", "registered_name": null, "config": {
				"initial_learning_rate": 0.1, "decay_steps": 1, "decay_rate": 0.25, "staircase": false, "name": "InverseTimeDecay"}}}}`},
		"decay of Nadam": {`{"optimizer_config": {"class_name": "Nadam", "config": {"learning_rate": 0.1, "decay": 0.004}}}`,
			"optimizer", `{"class_name": "Nadam", "config": {"learning_rate": 0.1}}`},
		"scaled optimizer": {`{"optimizer_config": {"class_name": "LossScaleOptimizer", "config": {"inner_optimizer": {"class_name": "SGD", "config": {"lr": 0.1}}, "dynamic": true}}}`,
			"optimizer", `{"module": "keras.optimizers", "class_name": "LossScaleOptimizer", "registered_name": null, "config": {"inner_optimizer": {"class_name": "SGD", "config": {"learning_rate": 0.1}}}}`},
		"optimizer scaled at first": {`{"optimizer_config": {"class_name": "LossScaleOptimizer", "config": {"optimizer": {"class_name": "SGD", "config": {"lr": 0.1}}, "initial_scale": 64.0, "dynamic_growth_steps": 3}}}`,
			"optimizer", `{"module": "keras.optimizers", "class_name": "LossScaleOptimizer", "registered_name": null, "config": {"initial_scale": 64.0, "dynamic_growth_steps": 3,
				"inner_optimizer": {"class_name": "SGD", "config": {"learning_rate": 0.1}}}}`},
		"optimizer of a fixed scale": {`{"optimizer_config": {"class_name": "LossScaleOptimizer", "config": {"inner_optimizer": {"class_name": "SGD", "config": {"lr": 0.1}}, "dynamic": false, "initial_scale": 64.0}}}`,
			"optimizer", `{"class_name": "SGD", "config": {"learning_rate": 0.1, "loss_scale_factor": 64.0}}`},
		"losses": {`{"loss": {"a": "mse", "b": {"class_name": "Huber", "config": {"reduction": "auto", "fn": "huber", "delta": 2.0}}, "c": {"class_name": "LossFunctionWrapper", "config": {"fn": "mae"}}, "d": null}}`,
			"loss", `{"a": "mse", "b": {"class_name": "Huber", "config": {"reduction": "sum_over_batch_size", "delta": 2.0}}, "c": "mae", "d": null}`},
		"losses of other names": {`{"loss": ["logcosh", "huber_loss", "kullback_leibler_divergence", "cosine_proximity", {"class_name": "LossFunctionWrapper", "config": {"fn": "logcosh"}}]}`,
			"loss", `["log_cosh", "huber", "kl_divergence", "cosine_similarity", "log_cosh"]`},
		"metrics of other names": {`{"metrics": ["logcosh", "cosine_proximity", {"class_name": "MeanMetricWrapper", "config": {"name": "k", "fn": "kullback_leibler_divergence"}}]}`,
			"metrics", `["log_cosh", "cosine_proximity", {"class_name": "KLDivergence", "config": {"name": "k"}}]`},
		"metrics": {`{"metrics": [["acc", {"class_name": "MeanMetricWrapper", "config": {"name": "one_mae", "dtype": "float32", "fn": "mean_absolute_error"}}], [null]]}`,
			"metrics", `[["acc", {"class_name": "MeanAbsoluteError", "config": {"name": "mae", "dtype": "float32"}}], []]`},
		"unknown metric": {`{"metrics": [{"class_name": "MeanMetricWrapper", "config": {"name": "m", "fn": "mine"}}]}`,
			"metrics", `[{"class_name": "mine", "config": {"name": "m"}}]`},
	} {
		t.Run(name, func(t *testing.T) {
			raw, err := json.Marshal(modernCompile(decoded(t, c.from), []string{"one", "two"}, "2.3.1")[c.key])
			require.NoError(t, err)
			golden.SameJSON(t, []byte(c.to), raw)
		})
	}
}

// TestCosines leaves a loss alone that isn't today's.
func TestCosines(t *testing.T) {
	for version, want := range map[string]string{"1.2.2": "cosine_proximity", "2.0.8": "cosine_proximity", "2.0.9": "cosine_similarity", "2.2.4-tf": "cosine_proximity", "2.3.1": "cosine_similarity", "": "cosine_proximity"} {
		require.Equal(t, want, modernCompile(map[string]any{"loss": "cosine_proximity"}, nil, version)["loss"], version)
	}
}

// nodeModel is a model of one input and a node of TensorFlow's with the given part of a configuration.
func nodeModel(config string) string {
	return `{"class_name": "Model", "config": {"layers": [{"class_name": "InputLayer", "name": "x", "config": {"name": "x"}, "inbound_nodes": []},
		{"class_name": "TensorFlowOpLayer", "name": "o", "config": {"name": "o", ` + config + `}, "inbound_nodes": [[["x",0,0,{}]]]}]}}`
}

// TestModernErrors converts what can't be.
func TestModernErrors(t *testing.T) {
	for text, says := range map[string]string{
		`{}`:                              "without a class_name",
		`{"class_name": 5, "config": {}}`: "without a class_name",
		`{"class_name": "Dense"}`:         "no configuration object",
		`{"class_name": "Model", "config": {"name": "m"}}`:                                                                                          "subclassed model",
		`{"class_name": "Model", "config": {"name": "m", "layers": [5]}}`:                                                                           "layer 0 is no object",
		`{"class_name": "Sequential", "config": {"name": "m", "layers": [5]}}`:                                                                      "layer 0 is no object",
		`{"class_name": "Sequential", "config": {"name": "m"}}`:                                                                                     `"layers" is no list`,
		`{"class_name": "Model", "config": {"layers": [{"class_name": "Dense", "config": {}}]}}`:                                                    "no list of inbound nodes",
		`{"class_name": "Model", "config": {"layers": [{"class_name": "Dense", "config": {}, "inbound_nodes": [5]}]}}`:                              "want [layer name, node index, tensor index]",
		`{"class_name": "Model", "config": {"layers": [{"class_name": "Dense", "config": {}, "inbound_nodes": [["x",0,0]]}]}}`:                      "there is no such layer",
		`{"class_name": "Model", "config": {"layers": [{"class_name": "Add", "config": {}, "inbound_nodes": [[["_CONSTANT_VALUE", -1, 5, {}]]]}]}}`: "a constant is among its inputs",
		`{"class_name": "TFOpLambda", "config": {"function": "math.multiply"}}`:                                                                     "(math.multiply)",
		nodeModel(`"node_def": {"op": "Lbeta"}`):                                                                                                    "(Lbeta)",
		nodeModel(`"node_def": {"op": "Mul"}`):                                                                                                      "too few inputs",
		nodeModel(`"node_def": {"op": "Neg"}, "constants": {"1": 2.0}`):                                                                             "too many inputs",
		nodeModel(`"node_def": {"op": "Mul"}, "constants": {"5": 2.0}`):                                                                             "aren't the inputs of Mul",
		nodeModel(`"node_def": {"op": "StridedSlice"}, "constants": {"1": 5, "2": 5, "3": 5}`):                                                      "begin=5",
		nodeModel(`"node_def": {"op": "StridedSlice", "attr": {"end_mask": {"i": 3}}}, "constants": {"1": [0], "2": [1], "3": [1]}`):                "end_mask",
		nodeModel(`"node_def": {"op": "ResizeBilinear"}, "constants": {"1": [2, 2]}`):                                                               "half_pixel_centers isn't true",
	} {
		_, err := modernConfig(decoded(t, text), nil, "2.15.0")
		require.ErrorContains(t, err, says, text)
	}
}

// FuzzModernConfig converts configurations, starting from those of the fixtures: whatever they say, the result is one or an error.
func FuzzModernConfig(f *testing.F) {
	files, err := filepath.Glob("../../saving/testdata/legacy/k*_*.h5")
	require.NoError(f, err)
	require.NotEmpty(f, files)
	for _, path := range files {
		r, err := kerasfile.OpenHDF5(path)
		require.NoError(f, err)
		if model, ok := r.Weights().Attr(legacyModelConfig).(string); ok {
			training, _ := r.Weights().Attr(legacyTrainingConfig).(string)
			f.Add(model, training)
		}
		require.NoError(f, r.Close())
	}
	f.Fuzz(func(t *testing.T, model, training string) {
		m, err := decodeJSON([]byte(model))
		if err != nil {
			return
		}
		var compile map[string]any
		if c, err := decodeJSON([]byte(training)); err == nil {
			compile = c
		}
		modern, err := modernConfig(m, compile, "2.15.0")
		if err == nil {
			require.Contains(t, modern, "class_name")
		}
	})
}
