package functional_test

import (
	"fmt"
	"testing"

	"github.com/gomlx/compute"
	"github.com/janpfeifer/must"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/internal/golden"
	"github.com/gokeras/gokeras/layers"
	"github.com/gokeras/gokeras/ops"
)

// TestFuncs compares functions of symbolic tensors with Keras's own parts that compute the same.
func TestFuncs(t *testing.T) {
	golden.OnEngines(t, func(t *testing.T, _ compute.Backend) {
		squared := func(yTrue, yPred *functional.Tensor) *functional.Tensor {
			return ops.Mean(ops.Square(ops.Subtract(yTrue, yPred)), ops.Axis(-1))
		}
		relu := functional.ActivationFunc("mine", func(x *functional.Tensor) *functional.Tensor { return ops.Maximum(x, 0) })
		train := func(loss, metric any, activation string) string {
			functional.ClearSession()
			functional.SetRandomSeed(3)
			m := must.M1(functional.NewSequential(functional.Input(2), layers.Dense(8).Activation("relu"), layers.Dense(2)))
			if activation == "mine" {
				functional.SetRandomSeed(3)
				m = must.M1(functional.NewSequential(functional.Input(2), layers.Dense(8).Activation(relu), layers.Dense(2)))
			}
			must.M(m.Compile(functional.Compile{Optimizer: "sgd", Loss: loss, Metrics: []any{metric}}))
			x := [][]float32{{1, 2}, {-3, 4}, {5, -6}, {0.5, 1}, {2, 2}}
			h := must.M1(m.Fit(x, x, functional.Fit{Epochs: 3, BatchSize: 2, Verbose: functional.Silent, Shuffle: functional.Off}))
			require.Equal(t, "add", layers.Add().LayerName()) // the functions' operations take no names
			return fmt.Sprintf("%.5f", h.History["loss"])
		}
		want := train("mse", "mse", "relu")
		require.Equal(t, want, train(functional.LossFunc("squared", squared), functional.MetricFunc("squared", squared), "relu"))
		require.Equal(t, want, train("mse", "mse", "mine"))
	})
}

func TestFuncErrors(t *testing.T) {
	golden.OnGo(t)
	fit := func(f func(yTrue, yPred *functional.Tensor) *functional.Tensor) error {
		m := must.M1(functional.NewSequential(functional.Input(2), layers.Dense(2)))
		must.M(m.Compile(functional.Compile{Loss: functional.LossFunc("odd", f)}))
		x := [][]float32{{1, 2}}
		_, err := m.Fit(x, x, functional.Fit{Verbose: functional.Silent})
		return err
	}
	require.ErrorContains(t, fit(func(yTrue, yPred *functional.Tensor) *functional.Tensor { return nil }), "returned no tensor")
	require.ErrorContains(t, fit(func(yTrue, yPred *functional.Tensor) *functional.Tensor { return layers.Dense(2).Apply(yPred) }), "layer with weights")
	require.ErrorContains(t, fit(func(yTrue, yPred *functional.Tensor) *functional.Tensor { return ops.Reshape(yPred, 7) }), "loss odd: ")
	require.ErrorContains(t, fit(func(yTrue, yPred *functional.Tensor) *functional.Tensor { panic("mine") }), "mine")
	require.NoError(t, fit(func(yTrue, yPred *functional.Tensor) *functional.Tensor { return yPred }))
}
