package functional_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/internal/golden"
	"github.com/gokeras/gokeras/symbolic"
)

const policyJSON = `{"module": "keras", "class_name": "DTypePolicy", "config": {"name": "float32"}, "registered_name": null}`

// lambdaModel is what Keras 3.15 writes of Lambda(lambda t: …, name=name, output_shape=(4,)) and then Lambda(function, arguments={"factor": 3.0}, name="other").
func lambdaModel(name, function string) string {
	entry := func(name, from, rest string) string {
		return fmt.Sprintf(`{"module": "keras.layers", "class_name": "Lambda", "config": {"name": %q, "trainable": true, "dtype": %s, %s}, "registered_name": null,
			"build_config": {"input_shape": [null, 4]}, "name": %q, "inbound_nodes": [{"args": [{"class_name": "__keras_tensor__", "config": {"shape": [null, 4],
			"dtype": "float32", "keras_history": [%q, 0, 0]}}], "kwargs": {"mask": null}}]}`, name, policyJSON, rest, name, from)
	}
	return fmt.Sprintf(`{"module": "keras.src.models.functional", "class_name": "Functional", "registered_name": "Functional", "config": {"name": "m", "trainable": true, "layers": [
		{"module": "keras.layers", "class_name": "InputLayer", "config": {"batch_shape": [null, 4], "dtype": "float32", "sparse": false, "ragged": false, "name": "x",
		"optional": false}, "registered_name": null, "name": "x", "inbound_nodes": []}, %s, %s],
		"input_layers": [["x", 0, 0]], "output_layers": [["other", 0, 0]]}, "build_config": {"input_shape": null}}`,
		entry(name, "x", `"function": {"class_name": "__lambda__", "config": {"code": "4wEAAAA=", "defaults": null, "closure": null}}, "output_shape": [4], "arguments": {}`),
		entry("other", name, fmt.Sprintf(`"function": {"module": "builtins", "class_name": "function", "config": %q, "registered_name": "function"}, "arguments": {"factor": 3.0}`, function)))
}

// TestLambdaWithABody reads Lambda layers whose bodies are registered, one by the layer's name and one by the function's.
func TestLambdaWithABody(t *testing.T) {
	functional.RegisterLambda("registered_twice", functional.LambdaBody{Call: func(_ *symbolic.Call, x []*graph.Node, _ map[string]any) []*graph.Node {
		return []*graph.Node{graph.MulScalar(x[0], 2)}
	}})
	functional.RegisterLambda("registered_scale", functional.LambdaBody{
		Call: func(_ *symbolic.Call, x []*graph.Node, arguments map[string]any) []*graph.Node {
			return []*graph.Node{graph.MulScalar(x[0], arguments["factor"].(float64))}
		},
		Infer: func(x []symbolic.Spec, _ map[string]any) ([]symbolic.Spec, error) { return x, nil },
	})
	raw := lambdaModel("registered_twice", "registered_scale")
	m, err := functional.FromJSON([]byte(raw), false)
	require.NoError(t, err)
	require.Equal(t, functional.Shape{functional.None, 4}, m.Outputs()[0].Shape())
	out, err := m.PredictOnBatch([]*tensors.Tensor{tensors.FromValue([][]float32{{1, 2, 3, -4}})})
	require.NoError(t, err)
	require.Equal(t, [][]float32{{6, 12, 18, -24}}, out[0].Value())
	again, err := m.ToJSON()
	require.NoError(t, err)
	var want, got map[string]any
	require.NoError(t, json.Unmarshal([]byte(raw), &want))
	require.NoError(t, json.Unmarshal(again, &got))
	layers := func(m map[string]any) json.RawMessage {
		text, err := json.Marshal(m["config"].(map[string]any)["layers"])
		require.NoError(t, err)
		return text
	}
	golden.SameJSON(t, layers(want), layers(got), "shared_object_id")
}

// TestPythonLayers expects errors that name the layer and say what to do.
func TestPythonLayers(t *testing.T) {
	_, err := functional.FromJSON([]byte(lambdaModel("first", "second")), false)
	require.ErrorContains(t, err, `layer "first": a Lambda layer holds Python code, which is never run here: give it a body in Go with functional.RegisterLambda("first", …)`)
	for _, class := range []string{"JaxLayer", "FlaxLayer", "TFSMLayer", "TorchModuleWrapper"} {
		_, err := functional.FromJSON([]byte(fmt.Sprintf(`{"class_name": "Sequential", "config": {"name": "s", "layers": [{"module": "keras.layers", "class_name": %q,
			"config": {"name": "outside"}, "registered_name": null}]}}`, class)), false)
		require.ErrorContains(t, err, fmt.Sprintf(`layer "outside" is a %s, which runs`, class))
		require.ErrorContains(t, err, "functional.RegisterLayer, or re-save the model")
	}
	for _, c := range []struct{ with, says string }{
		{`"mask": {"class_name": "__lambda__", "config": {}}, "arguments": {}`, "whose mask is computed by Python code"},
		{`"arguments": [1]`, "arguments: got a []interface {}, want an object"},
		{`"output_shape": {"class_name": "__lambda__"}`, "give the body an Infer"},
		{`"output_shape": [-3]`, "give the body an Infer"},
	} {
		functional.RegisterLambda("registered_body", functional.LambdaBody{Call: func(_ *symbolic.Call, x []*graph.Node, _ map[string]any) []*graph.Node { return x }})
		_, err := functional.FromJSON([]byte(fmt.Sprintf(`{"class_name": "Sequential", "config": {"name": "s", "layers": [{"module": "keras.layers", "class_name": "InputLayer",
			"config": {"batch_shape": [null, 4], "name": "i"}}, {"module": "keras.layers", "class_name": "Lambda", "config": {"name": "l", "function": "registered_body", %s}}]}}`, c.with)), false)
		require.ErrorContains(t, err, c.says)
	}
}

// TestWeightsOfOtherKinds expects errors of files whose layers were quantized in other ways, or can't have weights of low rank beside their own.
func TestWeightsOfOtherKinds(t *testing.T) {
	dense := func(arguments string) string {
		return fmt.Sprintf(`{"class_name": "Sequential", "config": {"name": "s", "layers": [{"module": "keras.layers", "class_name": "InputLayer",
			"config": {"batch_shape": [null, 4], "name": "i"}}, {"module": "keras.layers", "class_name": "Dense", "registered_name": null, "config": {"name": "d", "units": 2, %s}}]}}`, arguments)
	}
	const policy = `"dtype": {"module": "keras.dtype_policies", "class_name": %q, "config": {"mode": %q, "source_name": "float32"}, "registered_name": null}`
	for arguments, says := range map[string]string{
		`"lora_rank": -2`: "lora_rank: got -2, want from 1 to 1048576",
		`"lora_rank": 2, "kernel_constraint": "non_neg"`:                         "LoRA is incompatible with constraints",
		fmt.Sprintf(policy, "QuantizedDTypePolicy", "int2"):                      "which is not supported: int8 and int4 are",
		fmt.Sprintf(policy, "QuantizedFloat8DTypePolicy", "float8"):              "which is not supported: int8 and int4 are",
		fmt.Sprintf(policy, "QuantizedDTypePolicy", "int8") + `, "lora_rank": 2`: "LoRA (lora_rank) of a layer whose weights are quantized is not supported",
		`"dtype": "int2_from_float32"`:                                           "which is not supported: int8 and int4 are",
	} {
		_, err := functional.FromJSON([]byte(dense(arguments)), false)
		require.ErrorContains(t, err, says)
	}
}
