package functional_test

import (
	"image"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/internal/golden"
	"github.com/gokeras/gokeras/layers"
	"github.com/gokeras/gokeras/port/np"
)

// TestSources trains on the same numbers from all that holds numbers in Go.
func TestSources(t *testing.T) {
	golden.OnGo(t)
	x, y := [][]float32{{1, 2}, {3, 4}, {5, 6}}, [][]float32{{1}, {0}, {2}}
	loss := func(x, y any, o functional.Fit) []float64 {
		t.Helper()
		input := functional.Input(2)
		m, err := functional.NewModel(input, layers.Dense(1).KernelInitializer("ones").Apply(input))
		require.NoError(t, err)
		require.NoError(t, m.Compile(functional.Compile{Optimizer: "sgd", Loss: "mse"}))
		o.Shuffle, o.Verbose = functional.Off, functional.Silent
		if y != nil {
			o.BatchSize = 2
		}
		history, err := m.Fit(x, y, o)
		require.NoError(t, err)
		return history.History["loss"]
	}
	want := loss(x, y, functional.Fit{Epochs: 2})
	require.Len(t, want, 2)
	require.Equal(t, want, loss(mat.NewDense(3, 2, []float64{1, 2, 3, 4, 5, 6}), mat.NewVecDense(3, []float64{1, 0, 2}), functional.Fit{Epochs: 2}))
	require.Equal(t, want, loss(np.Of(x), np.Of(y), functional.Fit{Epochs: 2}))

	batches := func(epochs int) <-chan functional.Data {
		from := make(chan functional.Data)
		go func() {
			defer close(from)
			for range epochs {
				from <- functional.Data{X: x[:2], Y: y[:2]}
				from <- functional.Data{X: x[2:], Y: y[2:]}
			}
		}()
		return from
	}
	require.Equal(t, want[:1], loss(batches(1), nil, functional.Fit{}))
	require.Equal(t, want, loss(batches(2), nil, functional.Fit{Epochs: 2, StepsPerEpoch: 2}))

	input := functional.Input(2, 3, 1)
	m, err := functional.NewModel(input, layers.Flatten().Apply(input))
	require.NoError(t, err)
	p, err := m.Predict(image.NewGray(image.Rect(0, 0, 3, 2)), functional.Predict{Verbose: functional.Silent})
	require.NoError(t, err)
	require.Equal(t, [][]float32{make([]float32, 6)}, p.Value())
}
