package losses_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/activations"
	"github.com/gokeras/gokeras/backend"
	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/internal/golden"
	"github.com/gokeras/gokeras/internal/training"
	"github.com/gokeras/gokeras/layers"
	"github.com/gokeras/gokeras/losses"
)

// TestThroughLogits compares losses of a softmax with the same losses of probabilities whose origin is hidden: values
// and the gradients of logits and targets.
func TestThroughLogits(t *testing.T) {
	const rows, places, classes = 12, 3, 5
	sparse := golden.Array{Shape: []int{rows, places}, DType: "int32"}
	x, soft, hot := golden.RuleInput(0, rows, places, classes), golden.RuleInput(1, rows, places, classes), golden.RuleInput(1, rows, places, classes)
	for i := range x.Data {
		// Of the steeper logits, probabilities are clipped at both ends or are exactly 0 and 1.
		x.Data[i] *= []golden.Value{1, 12, 30, 300}[i/(places*classes)%4]
		soft.Data[i] *= soft.Data[i]
		hot.Data[i] = 0
		if i%classes == i/classes%classes {
			hot.Data[i] = 1
		}
	}
	for i := range rows * places {
		sparse.Data = append(sparse.Data, golden.Value(i%(classes+1))) // the greatest is no class
	}
	weight := golden.RuleInput(2, rows, places)
	for _, tc := range []struct {
		name    string
		loss    losses.Loss
		y       golden.Array
		axis    int
		through bool
	}{
		{"one-hot", losses.CategoricalCrossentropy(), hot, -1, true},
		{"soft", losses.CategoricalCrossentropy().Reduction(losses.Sum), soft, -1, true},
		{"smoothed", losses.CategoricalCrossentropy().LabelSmoothing(0.1).Reduction(losses.MeanWithSampleWeight), hot, -1, true},
		{"sparse", losses.SparseCategoricalCrossentropy(), sparse, -1, true},
		{"ignored class", losses.SparseCategoricalCrossentropy().IgnoreClass(1), sparse, -1, false},
		{"binary", losses.BinaryCrossentropy(), hot, -1, false},
		{"axis", losses.CategoricalCrossentropy().Axis(1), soft, 1, true},
		{"another axis", losses.CategoricalCrossentropy().Axis(1), soft, -1, false},
		{"from logits", losses.CategoricalCrossentropy().FromLogits(true), soft, -1, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			golden.OnEngines(t, func(t *testing.T, engine compute.Backend) {
				out, err := graph.CallOnceN(engine, func(in []*graph.Node) (results []*graph.Node) {
					p := activations.SoftmaxAxis(in[1], tc.axis)
					for _, p := range []*graph.Node{p, graph.Reshape(p, rows, places, classes)} {
						weight := in[2]
						if values := tc.loss.Values(in[0], p); !values.Shape().EqualDimensions(weight.Shape()) {
							weight = nil
						}
						loss := losses.Compute(tc.loss, in[0], p, weight, nil)
						results = append(results, loss, tc.loss.Values(in[0], p))
						results = append(results, graph.Gradient(loss, in[1])...)
						if in[0].DType().IsFloat() {
							results = append(results, graph.Gradient(loss, in[0])...)
						}
					}
					require.Equal(t, tc.through, !takesLogarithms(results[0], p.Shape().Size()))
					return results
				}, tc.y.Tensor(t), x.Tensor(t), weight.Tensor(t))
				require.NoError(t, err)
				half := len(out) / 2
				for i := range half {
					got, want := golden.Floats(t, out[i]), golden.Floats(t, out[half+i])
					for k, w := range want {
						require.InDelta(t, w, got[k], 1e-6+1e-6*max(w, -w), "result %d, value %d", i, k)
					}
				}
			})
		})
	}
}

// takesLogarithms tells whether x is computed from as many logarithms.
func takesLogarithms(x *graph.Node, size int) bool {
	if x.Type() == graph.NodeTypeLog && x.Shape().Size() == size {
		return true
	}
	for _, input := range x.Inputs() {
		if takesLogarithms(input, size) {
			return true
		}
	}
	return false
}

// hidden returns y as it is, but so that a loss doesn't see that it is a softmax.
func hidden(y *functional.Tensor, hide bool) *functional.Tensor {
	if hide {
		return layers.Reshape(y.Shape()[1:]...).Apply(y)
	}
	return y
}

// TestTrainingThroughLogits trains a model with two outputs, one of a model within the model and one of mixed precision,
// with and without hidden logits, and compares what is reported and what was learned.
func TestTrainingThroughLogits(t *testing.T) {
	const samples, classes = 48, 4
	train := func(t *testing.T, hide bool) (logs map[string][]float64, weights [][]float64) {
		functional.SetRandomSeed(1)
		x := functional.Input(6)
		inner := functional.Input(8)
		within, err := functional.NewModel(inner, layers.Softmax().Apply(layers.Dense(classes).Apply(inner)))
		require.NoError(t, err)
		h := layers.Dense(8).Activation("relu").Apply(x)
		half := layers.Dense(classes).DType("mixed_bfloat16").Apply(h)
		m, err := functional.NewModel(x, map[string]*functional.Tensor{
			"a": hidden(within.Apply(h), hide),
			"b": hidden(layers.Activation("softmax").Apply(half), hide),
		})
		require.NoError(t, err)
		require.NoError(t, m.Compile(functional.Compile{
			Optimizer:       "sgd",
			Loss:            []any{"sparse_categorical_crossentropy", losses.CategoricalCrossentropy().LabelSmoothing(0.1)},
			LossWeights:     []float64{1, 0.3},
			Metrics:         []any{[]any{"accuracy", "sparse_categorical_crossentropy"}, []any{"accuracy"}},
			WeightedMetrics: []any{[]any{"accuracy"}, []any{"categorical_crossentropy"}},
		}))
		labels := golden.RuleLabels(samples, classes)
		hot := golden.Array{Shape: []int{samples, classes}, DType: "float32", Data: make([]golden.Value, samples*classes)}
		for i, label := range labels {
			hot.Data[i*classes+int(label)] = 1
		}
		weight := golden.RuleInput(2, samples).Tensor(t)
		data := golden.RuleInput(0, samples, 6)
		for i := range data.Data {
			data.Data[i] *= 20 // some predictions are clipped
		}
		history, err := m.Fit(data.Tensor(t), []any{tensors.FromFlatDataAndDimensions(labels, samples), hot.Tensor(t)}, functional.Fit{
			Epochs: 3, BatchSize: 20, Shuffle: functional.Off, Verbose: functional.Silent, SampleWeight: []any{weight, weight}, ValidationSplit: 0.2})
		require.NoError(t, err)
		values, err := m.GetWeights()
		require.NoError(t, err)
		for _, v := range values {
			weights = append(weights, golden.Floats(t, v))
		}
		return history.History, weights
	}
	golden.OnEach(t, func(t *testing.T) {
		want, wantWeights := train(t, true)
		got, weights := train(t, false)
		require.Len(t, got, len(want))
		for name, w := range want {
			require.InDeltaSlice(t, w, got[name], 1e-5, name)
		}
		for i, w := range wantWeights {
			require.InDeltaSlice(t, w, weights[i], 1e-5)
		}
	})
}

// BenchmarkThroughLogits times training steps of models that end in a softmax.
func BenchmarkThroughLogits(b *testing.B) {
	for _, engine := range golden.Engines(b) {
		for _, s := range []struct {
			batch         int
			input, output []int
		}{{64, []int{32}, []int{10}}, {32, []int{32}, []int{1000}}, {64, []int{32, 32, 3}, []int{32, 32, 10}}} {
			for name, hide := range map[string]bool{"plain": true, "logits": false} {
				b.Run(fmt.Sprint(engine.Name, "/", s.batch, s.output, "/", name), func(b *testing.B) {
					defer backend.Use(engine.Backend)()
					x := functional.Input(s.input...)
					m, err := functional.NewModel(x, hidden(layers.Dense(s.output[len(s.output)-1]).Activation("softmax").Apply(x), hide))
					require.NoError(b, err)
					require.NoError(b, m.Compile(functional.Compile{Optimizer: "sgd", Loss: "categorical_crossentropy", Metrics: []any{"accuracy"}}))
					samples := golden.RuleInput(0, append([]int{s.batch}, s.input...)...).Tensor(b)
					steps, err := training.NewBareSteps(context.Background(), training.SessionOf(m), samples, golden.RuleInput(1, append([]int{s.batch}, s.output...)...).Tensor(b))
					require.NoError(b, err)
					require.NoError(b, steps.Run(2))
					b.ResetTimer()
					require.NoError(b, steps.Run(b.N))
				})
			}
		}
	}
}
