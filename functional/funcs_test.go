package functional_test

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/janpfeifer/must"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/initializers"
	"github.com/gokeras/gokeras/internal/golden"
	"github.com/gokeras/gokeras/layers"
	"github.com/gokeras/gokeras/ops"
	"github.com/gokeras/gokeras/optimizers"
	"github.com/gokeras/gokeras/regularizers"
	"github.com/gokeras/gokeras/symbolic"
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

// TestLayerFunc compares a layer made of a function with Keras's own: values, gradients, weights, files.
func TestLayerFunc(t *testing.T) {
	linear := functional.LayerFunc("tests>Linear", func(l *functional.LayerBody, x []*functional.Tensor) *functional.Tensor {
		last := x[0].Shape()[len(x[0].Shape())-1]
		return ops.Add(ops.Matmul(x[0], l.Weight("kernel", []int{last, 3}, nil)), l.Weight("bias", []int{3}, initializers.Zeros()))
	})
	golden.OnEngines(t, func(t *testing.T, _ compute.Backend) {
		train := func(layer functional.Layer) (string, *functional.Model) {
			input := functional.Input(2)
			m := must.M1(functional.NewModel(input, layer.Apply(input)))
			must.M(m.SetWeights([]*tensors.Tensor{tensors.FromValue([][]float32{{1, 2, 3}, {4, 5, 6}}), tensors.FromValue([]float32{0, 0, 1})}))
			must.M(m.Compile(functional.Compile{Optimizer: "adam", Loss: "mse"}))
			h := must.M1(m.Fit([][]float32{{1, 2}, {3, 4}, {5, 6}}, [][]float32{{1, 2, 0}, {3, 4, 0}, {5, 6, 0}}, functional.Fit{
				Epochs: 3, BatchSize: 2, Verbose: functional.Silent, Shuffle: functional.Off}))
			return fmt.Sprintf("%.5f %v", h.History["loss"], must.M1(m.GetWeights())), m
		}
		want, _ := train(layers.Dense(3))
		got, m := train(linear().Name("mine"))
		require.Equal(t, want, got)
		require.Equal(t, "mine/kernel", m.Weights()[0].Path())

		path := filepath.Join(t.TempDir(), "m.keras")
		must.M(m.Save(path))
		again := must.M1(functional.Load(path, functional.LoadOptions{}))
		x := [][]float32{{1, 2}, {3, 4}}
		o := functional.Predict{Verbose: functional.Silent}
		require.Equal(t, must.M1(m.Predict(x, o)).Value(), must.M1(again.Predict(x, o)).Value())
	})
}

// TestAddWeight: a weight that gradients don't change comes behind the others, and a regularizer of one counts.
func TestAddWeight(t *testing.T) {
	scaled := functional.LayerFunc("tests>Scaled", func(l *functional.LayerBody, x []*functional.Tensor) *functional.Tensor {
		still := l.AddWeight(symbolic.WeightSpec{Name: "still", Initializer: initializers.Constant(3), NonTrainable: true})
		gain := l.AddWeight(symbolic.WeightSpec{Name: "gain", Shape: []int{2}, Initializer: initializers.Ones(), Regularizer: regularizers.L2(1)})
		return x[0].Mul(gain).Mul(still)
	})
	input := functional.Input(2)
	m := must.M1(functional.NewModel(input, scaled().Apply(input)))
	require.Equal(t, "scaled/gain scaled/still", m.Weights()[0].Path()+" "+m.Weights()[1].Path())
	require.Len(t, m.TrainableWeights(), 1)
	must.M(m.Compile(functional.Compile{Optimizer: optimizers.SGD(0.25), Loss: "mse"}))
	x := [][]float32{{0, 0}}
	h := must.M1(m.Fit(x, x, functional.Fit{Verbose: functional.Silent}))
	require.Equal(t, []float64{2}, h.History["loss"]) // the penalty alone, 1² + 1², which takes half of the gain away
	require.Equal(t, [][]float32{{1.5, 3}}, must.M1(m.Predict([][]float32{{1, 2}}, functional.Predict{Verbose: functional.Silent})).Value())
}

func TestLayerFuncErrors(t *testing.T) {
	for name, c := range map[string]struct {
		body func(l *functional.LayerBody, x []*functional.Tensor) *functional.Tensor
		says string
	}{
		"nothing": {func(*functional.LayerBody, []*functional.Tensor) *functional.Tensor { return nil }, "returned no tensor"},
		"panic":   {func(*functional.LayerBody, []*functional.Tensor) *functional.Tensor { panic("mine") }, "mine"},
		"shape": {func(_ *functional.LayerBody, x []*functional.Tensor) *functional.Tensor {
			return layers.Reshape(7).Apply(x[0])
		}, "eshape"},
		"None weight": {func(l *functional.LayerBody, x []*functional.Tensor) *functional.Tensor {
			return x[0].Mul(l.Weight("w", x[0].Shape(), nil))
		}, "its shape would be"},
		"inner weights": {func(_ *functional.LayerBody, x []*functional.Tensor) *functional.Tensor {
			return layers.Dense(2).Apply(x[0])
		},
			"layer with weights"},
	} {
		t.Run(name, func(t *testing.T) {
			layer := functional.LayerFunc("tests>Bad", c.body)()
			require.ErrorContains(t, layer.Apply(functional.Input(2)).Err(), c.says)
		})
	}
}
