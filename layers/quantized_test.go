package layers_test

import (
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/internal/golden"
	"github.com/gokeras/gokeras/internal/kerasfile"
	"github.com/gokeras/gokeras/layers"
	"github.com/gokeras/gokeras/optimizers"
)

type quantizedCase struct {
	Name            string
	Mode            string // of model.quantize, "" where it was given a configuration
	Before          string
	Config          json.RawMessage
	Unquantized     []loraWeight
	Weights         []loraWeight
	Trained         []loraWeight
	Inputs, Outputs golden.Array
	File            map[string]int // which of the weights the file has at a path
}

// TestQuantized holds models of quantized weights to Keras's: what quantizing makes of a model, what it computes, its files and a step of training.
func TestQuantized(t *testing.T) {
	var fixture struct{ Cases []quantizedCase }
	golden.Load(t, "quantized", &fixture)
	for _, c := range fixture.Cases {
		if c.Mode != "" {
			t.Run("quantize "+c.Name, func(t *testing.T) { checkQuantizing(t, c) })
		}
	}
	golden.OnEngines(t, func(t *testing.T, _ compute.Backend) {
		for _, c := range fixture.Cases {
			t.Run(c.Name, func(t *testing.T) { checkQuantized(t, c) })
		}
	})
}

// checkQuantizing has a model quantized that has computed before.
func checkQuantizing(t *testing.T, want quantizedCase) {
	functional.ClearSession()
	m, err := functional.FromJSON([]byte(want.Before), false)
	require.NoError(t, err)
	give(t, m, want.Unquantized)
	before, err := m.PredictOnBatch([]*tensors.Tensor{want.Inputs.Tensor(t)})
	require.NoError(t, err)
	require.NoError(t, m.Quantize(want.Mode))
	require.ErrorContains(t, m.Quantize(want.Mode), "already quantized")
	same(t, m, want.Weights, 0)
	golden.SameJSON(t, want.Config, asJSON(t, m), "shared_object_id", "build_config", "compile_config")
	after, err := m.PredictOnBatch([]*tensors.Tensor{want.Inputs.Tensor(t)})
	require.NoError(t, err)
	require.False(t, before[0].Equal(after[0]), "the program was made anew")
}

func checkQuantized(t *testing.T, want quantizedCase) {
	functional.ClearSession()
	m, err := functional.FromJSON(want.Config, false)
	require.NoError(t, err)
	give(t, m, want.Weights)
	arrays := map[string]golden.Array{}
	for name, i := range want.File {
		arrays[name] = want.Weights[i].Value
	}
	again, err := functional.Load(savedWith(t, m, arrays), functional.LoadOptions{})
	require.NoError(t, err)
	computes(t, again, want)

	require.NoError(t, again.Compile(functional.Compile{Optimizer: optimizers.SGD(), Loss: "mse"}))
	zeros := tensors.FromShape(want.Outputs.Tensor(t).Shape())
	_, err = again.TrainOnBatch([]*tensors.Tensor{want.Inputs.Tensor(t)}, []*tensors.Tensor{zeros}, functional.BatchOptions{})
	require.NoError(t, err)
	same(t, again, want.Trained, 1e-5)
}

// savedWith saves a model, and compares arrays in the file.
func savedWith(t *testing.T, m *functional.Model, arrays map[string]golden.Array) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "m.keras")
	require.NoError(t, m.Save(path))
	f, err := kerasfile.Open(path)
	require.NoError(t, err)
	defer f.Close()
	for name, array := range arrays {
		a, ok := f.Weights().Array(name)
		require.True(t, ok, name)
		value, err := a.Tensor()
		require.NoError(t, err)
		require.Equal(t, array.DType, strings.ToLower(value.DType().String()), name)
		golden.Close(t, name, value, array, golden.Float32)
	}
	return path
}

func asJSON(t *testing.T, m *functional.Model) []byte {
	t.Helper()
	raw, err := m.ToJSON()
	require.NoError(t, err)
	return raw
}

func give(t *testing.T, m *functional.Model, values []loraWeight) {
	t.Helper()
	weights := m.Weights()
	require.Len(t, weights, len(values))
	for i, w := range weights {
		require.Equal(t, values[i].Path, w.Path())
		require.NoError(t, w.Set(values[i].Value.Tensor(t)))
	}
}

func same(t *testing.T, m *functional.Model, want []loraWeight, tolerance float64) {
	t.Helper()
	weights := m.Weights()
	require.Len(t, weights, len(want))
	for i, w := range weights {
		require.Equal(t, want[i].Path, w.Path())
		require.Equal(t, want[i].Trainable, w.Trainable(), w.Path())
		value, err := w.Value()
		require.NoError(t, err)
		require.Equal(t, want[i].Value.DType, strings.ToLower(value.DType().String()), w.Path())
		if !slices.Equal(golden.Floats(t, value), golden.Floats(t, want[i].Value.Tensor(t))) {
			require.Positive(t, tolerance, "%s is %v, want %v", w.Path(), value, want[i].Value.Data)
			require.InDeltaSlice(t, golden.Floats(t, want[i].Value.Tensor(t)), golden.Floats(t, value), tolerance, w.Path())
		}
	}
}

func computes(t *testing.T, m *functional.Model, want quantizedCase) {
	t.Helper()
	y, err := m.PredictOnBatch([]*tensors.Tensor{want.Inputs.Tensor(t)})
	require.NoError(t, err)
	golden.Close(t, "outputs", y[0], want.Outputs, golden.Float32)
}

// TestQuantizeRefuses tells what can't be quantized.
func TestQuantizeRefuses(t *testing.T) {
	functional.ClearSession()
	x := functional.Input(4)
	d := layers.Dense(2)
	require.ErrorContains(t, d.Quantize("int8"), "isn't yet built")
	m, err := functional.NewModel(x, d.Apply(x))
	require.NoError(t, err)
	require.ErrorContains(t, m.Quantize("int7"), `got the quantization mode "int7"`)
	require.NoError(t, d.EnableLoRA(1, 0))
	require.ErrorContains(t, m.Quantize("int8"), "LoRA")

	refused := func(want string, y *functional.Tensor) {
		t.Helper()
		_, err := functional.NewModel(x, y)
		require.ErrorContains(t, err, want)
	}
	refused("layers of class LayerNormalization aren't quantized", layers.LayerNormalization().DType("int8_from_float32").Apply(x))
	refused("don't work well with computation in float16", layers.Dense(2).DType("int8_from_mixed_float16").Apply(x))
	refused("is not supported: int8 and int4 are", layers.Dense(2).DType("float8_from_float32").Apply(x))
	steps := functional.Input(3, 4)
	_, err = functional.NewModel(steps, layers.TimeDistributed(layers.Dense(2).DType("int8_from_float32")).Apply(steps))
	require.ErrorContains(t, err, "a layer inside another one can't be")
	refused("an equation with \"...\" can't be quantized", layers.EinsumDense("...a,ab->...b", 2).DType("int8_from_float32").Apply(x))
	refused("must be -1 or the positive number", layers.Dense(2).DType("int4/0_from_float32").Apply(x))
	refused("want one such as", layers.Dense(2).DType("int8_from_int32").Apply(x))
	refused("quantization_config is for int4", layers.Dense(2).DType("int8_from_float32").QuantizationConfig(layers.Int4QuantizationConfig(8)).Apply(x))
	refused("LoRA (lora_rank) of a layer whose weights are quantized", layers.Dense(2).DType("int8_from_float32").LoraRank(2).Apply(x))
	refused("block_size must be None, -1, or a positive integer", layers.Dense(2).DType("int4_from_float32").QuantizationConfig(layers.Int4QuantizationConfig(-2)).Apply(x))
}
