package functional_test

import (
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/backend"
	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/internal/golden"
	"github.com/gokeras/gokeras/layers"
)

// benchFit measures Fit's steps after the program is compiled, on the fastest engine of the machine.
func benchFit(b *testing.B, m *functional.Model, x, y *tensors.Tensor, batch int) {
	b.Helper()
	benchSteps(b, m, x, y, batch, 1)
}

// benchSteps does so with several steps an execution.
func benchSteps(b *testing.B, m *functional.Model, x, y *tensors.Tensor, batch, together int) {
	b.Helper()
	engines := golden.Engines(b)
	defer backend.Use(engines[len(engines)-1].Backend)()
	require.NoError(b, m.Compile(functional.Compile{Optimizer: "adam", Loss: "sparse_categorical_crossentropy", Metrics: []string{"accuracy"},
		StepsPerExecution: together}))
	// An epoch ends with the data, so the steps are made of epochs.
	steps := x.Shape().Dimensions[0] / batch
	o := functional.Fit{BatchSize: batch, Verbose: functional.Silent}
	_, err := m.Fit(x, y, o)
	require.NoError(b, err)
	o.Epochs = (b.N + steps - 1) / steps
	b.ReportAllocs()
	b.ResetTimer()
	_, err = m.Fit(x, y, o)
	require.NoError(b, err)
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(o.Epochs*steps)/1000, "ms/step")
}

func BenchmarkFitNotebook(b *testing.B) {
	built := notebookModels()
	images, labels := golden.RuleImages(golden.RuleLabels(256, 10), 32, 32, 3).Tensor(b), tensors.FromFlatDataAndDimensions(golden.RuleLabels(256, 10), 256)
	for _, name := range []string{"model1", "model2", "model3"} {
		b.Run(name, func(b *testing.B) { benchFit(b, built[name], images, labels, 64) })
	}
}

// BenchmarkFitDense is a model so small that the host's work shows.
func BenchmarkFitDense(b *testing.B) {
	x := functional.Input(32)
	m := model(x, layers.Dense(10).Activation("softmax").Apply(layers.Dense(32).Activation("relu").Apply(x)))
	benchFit(b, m, golden.RuleInput(0, 3200, 32).Tensor(b), tensors.FromFlatDataAndDimensions(golden.RuleLabels(3200, 10), 3200), 32)
}

// BenchmarkFitStep shows what the host adds to steps: to small ones, to those of many layers, to steps
// taken several in one execution, and to data that is transferred as bytes.
func BenchmarkFitStep(b *testing.B) {
	const rows, batch = 3200, 32
	y := tensors.FromFlatDataAndDimensions(golden.RuleLabels(rows, 10), rows)
	x := golden.RuleInput(0, rows, 32).Tensor(b)
	dense := func() *functional.Model {
		in := functional.Input(32)
		return model(in, layers.Dense(10).Activation("softmax").Apply(layers.Dense(32).Activation("relu").Apply(in)))
	}
	b.Run("dense", func(b *testing.B) { benchSteps(b, dense(), x, y, batch, 1) })
	b.Run("dense_10_together", func(b *testing.B) { benchSteps(b, dense(), x, y, batch, 10) })
	b.Run("60_layers", func(b *testing.B) {
		in := functional.Input(32)
		h := in
		for range 59 {
			h = layers.Dense(32).Activation("relu").Apply(h)
		}
		benchSteps(b, model(in, layers.Dense(10).Activation("softmax").Apply(h)), x, y, batch, 1)
	})
	images := func() *functional.Model {
		in := functional.Input(32, 32, 3)
		return model(in, layers.Dense(10).Activation("softmax").Apply(layers.Flatten().Apply(layers.Rescaling(1.0/255).Apply(in))))
	}
	bytes := tensors.FromFlatDataAndDimensions(make([]uint8, rows*32*32*3), rows, 32, 32, 3)
	b.Run("images_of_floats", func(b *testing.B) {
		benchSteps(b, images(), tensors.FromFlatDataAndDimensions(make([]float32, rows*32*32*3), rows, 32, 32, 3), y, batch, 1)
	})
	b.Run("images_of_bytes", func(b *testing.B) { benchSteps(b, images(), bytes, y, batch, 1) })
}
