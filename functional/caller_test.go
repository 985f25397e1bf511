package functional_test

import (
	"errors"
	"sync"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/datasets"
	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/internal/golden"
	"github.com/gokeras/gokeras/layers"
)

func TestCaller(t *testing.T) {
	golden.OnEach(t, func(t *testing.T) {
		call := func(l functional.Layer, training bool, x any) any {
			c, err := functional.NewCaller(l, functional.CallerOptions{Training: training})
			require.NoError(t, err)
			out, err := c.Call(x)
			require.NoError(t, err)
			return out
		}
		x := [][]float32{{1, 2}, {3, 4}}
		require.Equal(t, [][]float32{{0.5, 1}, {1.5, 2}}, call(layers.Rescaling(0.5), false, x).(*tensors.Tensor).Value())
		require.Len(t, call(layers.LSTM(2).ReturnState(true), false, [][][]float32{x, x}), 3)
		require.Equal(t, x, call(layers.Add(), false, []any{x, [][]float32{{0, 0}, {0, 0}}}).(*tensors.Tensor).Value())

		vectorize := layers.TextVectorization()
		require.NoError(t, vectorize.SetVocabulary([]string{"cat", "dog"}))
		require.Equal(t, [][]int64{{3, 2}, {1, 0}}, call(vectorize, false, []string{"dog cat", "bird"}).(*tensors.Tensor).Value())

		// The weights of a layer are kept from call to call and for data of any shape.
		dense, err := functional.NewCaller(layers.Dense(3), functional.CallerOptions{})
		require.NoError(t, err)
		first, err := dense.Call(x)
		require.NoError(t, err)
		second, err := dense.Call(x[:1])
		require.NoError(t, err)
		require.Equal(t, first.(*tensors.Tensor).Value().([][]float32)[:1], second.(*tensors.Tensor).Value())
		_, err = dense.Call([][]float32{{1, 2, 3}})
		require.Error(t, err)

		// What a call would have to keep is refused.
		learns, err := functional.NewCaller(layers.BatchNormalization(), functional.CallerOptions{Training: true})
		require.NoError(t, err)
		_, err = learns.Call(x)
		require.ErrorContains(t, err, "moving_mean")
		_, err = functional.NewCaller(nil, functional.CallerOptions{})
		require.Error(t, err)
	})
}

// TestCallerDraws requires that calls, at the same time too, draw numbers of their own, and the same ones for a seed.
func TestCallerDraws(t *testing.T) {
	golden.OnEach(t, func(t *testing.T) {
		x := make([]float32, 64)
		for i := range x {
			x[i] = 1
		}
		run := func() [][]float32 {
			c, err := functional.NewCaller(layers.Dropout(0.5).Seed(3), functional.CallerOptions{Training: true})
			require.NoError(t, err)
			var calls sync.WaitGroup
			out := make([][]float32, 6)
			errs := make([]error, len(out))
			for i := range out {
				calls.Go(func() {
					y, err := c.Call([][]float32{x})
					if errs[i] = err; err == nil {
						out[i] = y.(*tensors.Tensor).Value().([][]float32)[0]
					}
				})
			}
			calls.Wait()
			require.NoError(t, errors.Join(errs...))
			return out
		}
		first := run()
		for i, y := range first {
			require.NotContains(t, first[:i], y)
		}
		require.ElementsMatch(t, first, run())
	})
}

func TestMapX(t *testing.T) {
	data := datasets.FromSlices([]float32{1, 2}, []int32{3, 4}).MapX(func(x any) (any, error) { return x.(*tensors.Tensor).Value().(float32) * 2, nil })
	var x []float32
	var y []int32
	for e, err := range data.Elements() {
		require.NoError(t, err)
		x, y = append(x, e.X.(*tensors.Tensor).Value().(float32)), append(y, e.Y.(*tensors.Tensor).Value().(int32))
	}
	require.Equal(t, []float32{2, 4}, x)
	require.Equal(t, []int32{3, 4}, y)
	require.Error(t, datasets.FromSlices(x).MapX(nil).Err())
}
