package layers_test

import (
	"encoding/json"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/internal/golden"
	"github.com/gokeras/gokeras/layers"
	"github.com/gokeras/gokeras/optimizers"
)

type loraWeight struct {
	Path      string
	Trainable bool
	Value     golden.Array
}

// TestEnableLoRA gives the layers of a model factors as Keras was told to, and compares its file with Keras's, and what is read of it.
func TestEnableLoRA(t *testing.T) {
	var fixture struct {
		Enabled struct {
			Config          string
			Weights, Read   []loraWeight
			Inputs, Outputs golden.Array
			File            map[string]golden.Array
		}
	}
	golden.Load(t, "lora", &fixture)
	want := fixture.Enabled

	functional.ClearSession()
	x := functional.InputWith(functional.InputOptions{Shape: []int{3}, DType: "int32", Name: "x"})
	e := layers.Embedding(6, 4).Name("e")
	s := layers.EinsumDense("abc,cd->abd", 3, 3).BiasAxes("d").Name("s")
	r := layers.ReversibleEmbedding(6, 3).Name("r")
	c := layers.Conv1D(3, 2).Padding("same").Groups(3).Name("c")
	d := layers.Dense(2).Name("d")
	require.ErrorContains(t, d.EnableLoRA(1, 0), "isn't built yet")
	h := c.Apply(layers.Add().Name("a").Apply(s.Apply(e.Apply(x)), r.Apply(x)))
	m, err := functional.NewModel(x, d.Apply(layers.Flatten().Name("f").Apply(r.ApplyWith(map[string]any{"reverse": true}, h)[0])))
	require.NoError(t, err)
	m = m.Named("m")
	require.ErrorContains(t, d.EnableLoRA(0, 0), "the rank of LoRA: got 0")
	require.NoError(t, e.EnableLoRA(2, 0))
	require.NoError(t, r.EnableLoRA(1, 3))
	require.NoError(t, c.EnableLoRA(2, 0.5))
	require.NoError(t, s.EnableLoRA(3, 6))
	require.NoError(t, d.EnableLoRA(1, 0.5))
	require.ErrorContains(t, d.EnableLoRA(1, 0.5), "already enabled")

	same := func(m *functional.Model, want []loraWeight, set bool) {
		t.Helper()
		weights := m.Weights()
		require.Len(t, weights, len(want))
		for i, w := range weights {
			require.Equal(t, want[i].Path, w.Path())
			require.Equal(t, want[i].Trainable, w.Trainable(), w.Path())
			if set {
				require.NoError(t, w.Set(want[i].Value.Tensor(t)))
				continue
			}
			value, err := w.Value()
			require.NoError(t, err)
			golden.Close(t, w.Path(), value, want[i].Value, golden.Float32)
		}
	}
	same(m, want.Weights, true)
	config, err := m.ToJSON()
	require.NoError(t, err)
	golden.SameJSON(t, json.RawMessage(want.Config), config, "shared_object_id")
	outputs, err := m.PredictOnBatch([]*tensors.Tensor{want.Inputs.Tensor(t)})
	require.NoError(t, err)
	golden.Close(t, "outputs", outputs[0], want.Outputs, golden.Float32)

	again, err := functional.Load(savedWith(t, m, want.File), functional.LoadOptions{})
	require.NoError(t, err)
	same(again, want.Read, false)

	// The weights themselves stay as they are in training, and the factors learn.
	require.NoError(t, m.Compile(functional.Compile{Optimizer: optimizers.SGD().LearningRate(0.1), Loss: "mse"}))
	_, err = m.Fit(want.Inputs.Tensor(t), [][]float32{{1, 0}, {0, 1}}, functional.Fit{Verbose: functional.Silent})
	require.NoError(t, err)
	for i, w := range m.Weights() {
		value, err := w.Value()
		require.NoError(t, err)
		require.Equal(t, w.Trainable(), !value.Equal(want.Weights[i].Value.Tensor(t)), w.Path())
	}
}
