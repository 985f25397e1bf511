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
	engines := golden.Engines(b)
	defer backend.Use(engines[len(engines)-1].Backend)()
	require.NoError(b, m.Compile(functional.Compile{Optimizer: "adam", Loss: "sparse_categorical_crossentropy", Metrics: []string{"accuracy"}}))
	// An epoch ends with the data, so the steps are made of epochs.
	steps := x.Shape().Dimensions[0] / batch
	o := functional.Fit{BatchSize: batch, Verbose: functional.Silent}
	_, err := m.Fit(x, y, o)
	require.NoError(b, err)
	o.Epochs = (b.N + steps - 1) / steps
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
