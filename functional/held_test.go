package functional_test

import (
	"encoding/json"
	"testing"

	"github.com/janpfeifer/must"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/layers"
	"github.com/gokeras/gokeras/symbolic"
)

// TestHeldLayers: what a layer says that was got from a model, by nothing but the interface.
func TestHeldLayers(t *testing.T) {
	functional.ClearSession()
	in := functional.Input(4, 3)
	x := layers.Bidirectional(layers.LSTM(2)).Name("both").Apply(in)
	out := layers.Dense(2).Name("head").Trainable(false).Apply(x)
	m := must.M1(functional.NewModel(in, out))
	require.Same(t, in, m.Input())
	require.Same(t, out, m.Output())

	head := must.M1(m.GetLayer("head"))
	require.Equal(t, "head", head.LayerName())
	require.Same(t, x, head.Input())
	require.Same(t, out, head.Output())
	require.Equal(t, 10, head.CountParams())
	require.False(t, head.IsTrainable())
	require.Equal(t, symbolic.DTypePolicy("float32"), head.DTypePolicy())
	head.SetTrainable(true)
	require.True(t, head.IsTrainable())
	require.Len(t, m.TrainableWeights(), 8)

	values := must.M1(head.GetWeights())
	require.Len(t, values, 2)
	require.ErrorContains(t, head.SetWeights(values[:1]), `"head" has 2 weights, got 1 values`)
	require.ErrorContains(t, head.SetWeights(append(values[1:], values[0])), "weight head/kernel has shape (4, 2), got a value of shape (2,)")
	require.NoError(t, head.SetWeights(values))

	again := head.Apply(x)
	require.NoError(t, again.Err())
	require.Equal(t, "head", again.Layer().LayerName())
	require.ErrorContains(t, layers.Dense(1).Input().Err(), "was never applied and so has no input")

	var file struct {
		Config struct {
			Layers []struct{ Config map[string]any }
		}
	}
	require.NoError(t, json.Unmarshal(must.M1(m.ToJSON()), &file))
	for i, l := range m.Layers() {
		var got map[string]any
		require.NoError(t, json.Unmarshal(must.M1(json.Marshal(must.M1(l.GetConfig()))), &got))
		require.Equal(t, file.Config.Layers[i].Config, got, l.LayerName())
	}
}
