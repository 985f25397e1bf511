package functional_test

import (
	"testing"

	"github.com/janpfeifer/must"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/layers"
)

// firstRow is what a model says of one row, as a row.
func firstRow(t *testing.T, m *functional.Model, x [][]float32) []float32 {
	t.Helper()
	return must.M1(functional.As[[][]float32](must.M1(m.Predict(x, functional.Predict{Verbose: functional.Silent}))))[0]
}

func names(list []functional.Layer) (names []string) {
	for _, l := range list {
		names = append(names, l.Base().Name())
	}
	return names
}

// TestPop takes layers off; the numbers are those of Keras's Sequential.pop with the same weights.
func TestPop(t *testing.T) {
	onGo(t)
	m := must.M1(functional.NewSequential(functional.Input(3), layers.Dense(2).KernelInitializer("ones").BiasInitializer("ones").Name("a"),
		layers.Dense(4).KernelInitializer("ones").Activation("tanh").Name("b"), layers.Dense(1).KernelInitializer("ones").Name("c")))
	require.NoError(t, m.Compile(functional.Compile{Optimizer: "sgd", Loss: "mse"}))
	x := [][]float32{{1, 2, 3}}
	require.InDeltaSlice(t, []float32{4}, firstRow(t, m, x), 1e-6)
	for _, want := range []string{"c", "b"} {
		l, err := m.Pop()
		require.NoError(t, err)
		require.Equal(t, want, l.Base().Name())
	}
	require.Equal(t, []string{"a"}, names(m.Layers()))
	require.Equal(t, 8, m.CountParams())
	require.Equal(t, []float32{7, 7}, firstRow(t, m, x))
	require.InDelta(t, 0.5, must.M1(m.Evaluate(x, [][]float32{{7, 8}}, functional.Evaluate{Verbose: functional.Silent})).Loss(), 1e-6)
	require.NoError(t, m.Add(layers.Rescaling(2).Name("twice")))
	require.Equal(t, []float32{14, 14}, firstRow(t, m, x), "a layer without weights counts, too")
	must.M1(m.Pop())
	require.NoError(t, m.Add(layers.Dense(1).KernelInitializer("ones").Name("d")))
	require.Equal(t, []float32{14}, firstRow(t, m, x))
	must.M1(m.Pop())
	must.M1(m.Pop())
	require.Empty(t, m.Layers())
	require.False(t, m.Built())
	_, err := m.Predict(x, functional.Predict{})
	require.ErrorContains(t, err, "has no layers")
	_, err = m.Pop()
	require.ErrorContains(t, err, "has no layers to take off")
	require.NoError(t, m.Add(layers.Dense(2).KernelInitializer("ones").Name("z")))
	require.Equal(t, []float32{6, 6}, firstRow(t, m, x))

	unbuilt := must.M1(functional.NewSequential(layers.Dense(2), layers.Dense(3)))
	must.M1(unbuilt.Pop())
	require.Len(t, unbuilt.Layers(), 1)
	require.False(t, unbuilt.Built())
	inner := must.M1(functional.NewSequential(functional.Input(3), layers.Dense(2)))
	outer := must.M1(functional.NewSequential(inner, layers.Dense(1)))
	must.M1(outer.Pop())
	require.Len(t, firstRow(t, outer, x), 2)
	in := functional.Input(2)
	_, err = must.M1(functional.NewModel(in, layers.Dense(1).Apply(in))).Pop()
	require.Error(t, err)
	_, err = (*functional.Model)(nil).Pop()
	require.Error(t, err)
}

// TestClone: Keras's clone has the names and the configuration, is compiled if its model is, and shares nothing.
func TestClone(t *testing.T) {
	onGo(t)
	in := functional.Input(3)
	m := must.M1(functional.NewModel(in, layers.Dense(1).Name("top").Apply(layers.Dense(2).Name("a").Apply(in)))).Named("n")
	c := must.M1(m.Clone())
	require.Equal(t, "n", c.Name())
	require.Equal(t, names(m.Layers()), names(c.Layers()))
	require.Error(t, func() error {
		_, err := c.Evaluate([][]float32{{1, 2, 3}}, []float32{1}, functional.Evaluate{})
		return err
	}(), "it isn't compiled")
	require.NoError(t, m.Compile(functional.Compile{Optimizer: "sgd", Loss: "mse"}))
	c = must.M1(m.Clone())
	x := [][]float32{{1, 2, 3}}
	before := firstRow(t, m, x)
	require.NotEqual(t, before, firstRow(t, c, x), "a clone has weights of its own")
	must.M1(c.Fit(x, []float32{9}, functional.Fit{Verbose: functional.Silent}))
	require.Equal(t, before, firstRow(t, m, x))
	empty := must.M1(must.M1(functional.NewSequential()).Clone())
	require.Empty(t, empty.Layers())
	require.NoError(t, empty.Add(layers.Dense(2).KernelInitializer("ones")))
	require.Equal(t, []float32{6, 6}, firstRow(t, empty, x))
	_, err := (*functional.Model)(nil).Clone()
	require.Error(t, err)
}
