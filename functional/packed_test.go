package functional_test

import (
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/callbacks"
	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/internal/golden"
	"github.com/gokeras/gokeras/layers"
	"github.com/gokeras/gokeras/optimizers"
)

// halving sets a weight to half its value in the middle of an epoch, and reads another.
type halving struct {
	callbacks.Base
	t       *testing.T
	weights []*functional.Weight
	read    [][]float32
}

func (h *halving) OnTrainBatchEnd(batch int, _ *callbacks.Logs) error {
	if batch%3 != 1 {
		return nil
	}
	value, err := h.weights[2].Value()
	require.NoError(h.t, err)
	half := golden.Floats(h.t, value)
	narrow := make([]float32, len(half))
	for i, v := range half {
		narrow[i] = float32(v / 2)
	}
	require.NoError(h.t, h.weights[2].Set(tensors.FromFlatDataAndDimensions(narrow, h.weights[2].Shape()...)))
	other, err := h.weights[5].Value()
	require.NoError(h.t, err)
	var list []float32
	for _, v := range golden.Floats(h.t, other) {
		list = append(list, float32(v))
	}
	h.read = append(h.read, list)
	return nil
}

// TestManySmallWeights trains a model whose small weights share a buffer, on the engine that packs them and on the one that doesn't, while they are read and set.
func TestManySmallWeights(t *testing.T) {
	for _, o := range []optimizers.Optimizer{
		optimizers.Adam(), optimizers.AdamW(), optimizers.SGD().Momentum(0.9).Nesterov(true), optimizers.Nadam(),
		optimizers.Adagrad(0.01).UseEMA(true), optimizers.Adam().GradientAccumulationSteps(2).GlobalClipnorm(0.1),
	} {
		t.Run(o.KerasName(), func(t *testing.T) { manySmallWeights(t, o) })
	}
}

func manySmallWeights(t *testing.T, optimizer optimizers.Optimizer) {
	var got [2][]any
	for i, kernels := range []string{"", "off"} {
		t.Setenv("GOKERAS_KERNELS", kernels)
		functional.SetRandomSeed(7)
		x := functional.Input(4)
		h := x
		for range 6 {
			h = layers.Dense(5).Activation("tanh").Apply(h)
		}
		m, err := functional.NewModel(x, layers.Dense(3).Activation("softmax").Apply(h))
		require.NoError(t, err)
		require.NoError(t, m.Compile(functional.Compile{Optimizer: optimizer, Loss: "sparse_categorical_crossentropy"}))
		data, labels := classes(t, 64)
		c := &halving{t: t, weights: m.Weights()}
		o := quiet
		o.Epochs, o.Callbacks, o.Shuffle = 2, []callbacks.Callback{c}, functional.Off
		o.ValidationSplit = 0.25
		_, err = m.Fit(data, labels, o)
		require.NoError(t, err)
		for range 3 {
			_, err := m.TrainOnBatch(data, labels, functional.BatchOptions{})
			require.NoError(t, err)
		}
		_, err = m.Fit(data, labels, quiet)
		require.NoError(t, err)
		var all []any
		for _, w := range m.Weights() {
			value, err := w.Value()
			require.NoError(t, err)
			all = append(all, golden.Floats(t, value))
		}
		parts, _, err := m.OptimizerState()
		require.NoError(t, err)
		for _, w := range parts[0].Variables {
			value, err := w.Value()
			require.NoError(t, err)
			all = append(all, golden.Floats(t, value))
		}
		got[i] = append(all, c.read)
	}
	require.InDeltaSlice(t, got[1][0], got[0][0], 1e-5)
	for k := range got[0] {
		if list, ok := got[0][k].([]float64); ok {
			require.InDeltaSlice(t, got[1][k], list, 1e-5)
			continue
		}
		for j, list := range got[0][k].([][]float32) {
			require.InDeltaSlice(t, got[1][k].([][]float32)[j], list, 1e-5)
		}
	}
}
