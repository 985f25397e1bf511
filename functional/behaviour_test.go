package functional_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"math"
	"path/filepath"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/train"
	"github.com/janpfeifer/must"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/backend"
	"github.com/gokeras/gokeras/callbacks"
	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/internal/golden"
	"github.com/gokeras/gokeras/layers"
	"github.com/gokeras/gokeras/losses"
	"github.com/gokeras/gokeras/metrics"
	"github.com/gokeras/gokeras/optimizers"
)

// onGo runs the test on the pure-Go engine, which starts at once.
func onGo(t *testing.T) {
	t.Helper()
	t.Cleanup(backend.Use(golden.Engines(t)[0].Backend))
}

// classifier is a small model with dropout, compiled.
func classifier(t *testing.T) *functional.Model {
	t.Helper()
	x := functional.Input(4)
	h := layers.Dense(8).Activation("relu").Apply(x)
	h = layers.Dropout(0.3).Apply(h)
	m := model(x, layers.Dense(3).Activation("softmax").Apply(h))
	require.NoError(t, m.Compile(functional.Compile{Optimizer: "adam", Loss: "sparse_categorical_crossentropy", Metrics: []string{"accuracy"}}))
	return m
}

func classes(t *testing.T, count int) (x, y *tensors.Tensor) {
	t.Helper()
	return golden.RuleInput(0, count, 4).Tensor(t), tensors.FromFlatDataAndDimensions(golden.RuleLabels(count, 3), count)
}

var quiet = functional.Fit{Verbose: functional.Silent, BatchSize: 8}

// TestSeed fits twice from one seed and expects the same histories, and different ones from another.
func TestSeed(t *testing.T) {
	golden.OnEngines(t, func(t *testing.T, engine compute.Backend) {
		defer backend.Use(engine)()
		run := func(seed int64) string {
			functional.SetRandomSeed(seed)
			m := classifier(t)
			x, y := classes(t, 50)
			o := quiet
			o.Epochs, o.ValidationSplit = 3, 0.2
			history, err := m.Fit(x, y, o)
			require.NoError(t, err)
			return string(must.M1(json.Marshal(history.History)))
		}
		first := run(7)
		require.Equal(t, first, run(7))
		require.NotEqual(t, first, run(8))
	})
}

// stopper cancels a context after a number of batches.
type stopper struct {
	callbacks.Base
	after  int
	cancel func()
}

func (s *stopper) OnTrainBatchEnd(int, *callbacks.Logs) error {
	if s.after--; s.after == 0 {
		s.cancel()
	}
	return nil
}

// TestContextEndsFit cancels in the middle of the second epoch: the history of the first comes
// back, the error wraps the context's, and the model trains on.
func TestContextEndsFit(t *testing.T) {
	onGo(t)
	m := classifier(t)
	x, y := classes(t, 80)
	ctx, cancel := context.WithCancel(t.Context())
	o := quiet
	o.Epochs, o.Context, o.Callbacks = 5, ctx, []callbacks.Callback{&stopper{after: 13, cancel: cancel}}
	history, err := m.Fit(x, y, o)
	require.ErrorIs(t, err, context.Canceled)
	require.ErrorContains(t, err, "stopped after batch 3")
	require.Len(t, history.History["loss"], 1)
	_, err = m.Predict(x, functional.Predict{Verbose: functional.Silent})
	require.NoError(t, err)
	_, err = m.Fit(x, y, quiet)
	require.NoError(t, err)
}

// TestStepsPerEpoch counts the batches of epochs that are shorter and longer than the data.
func TestStepsPerEpoch(t *testing.T) {
	onGo(t)
	x, y := classes(t, 20) // 3 batches of 8, 8 and 4
	for steps, want := range map[int]int{0: 6, 2: 4, 5: 10} {
		m := classifier(t)
		counted := 0
		o := quiet
		o.Epochs, o.StepsPerEpoch = 2, steps
		o.Callbacks = []callbacks.Callback{&callbacks.LambdaCallback{TrainBatchEnd: func(int, *callbacks.Logs) error { counted++; return nil }}}
		_, err := m.Fit(x, y, o)
		require.NoError(t, err)
		require.Equal(t, want, counted, "steps per epoch %d", steps)
	}
}

// TestSharedLayer applies a layer twice: one set of weights, one gradient.
func TestSharedLayer(t *testing.T) {
	onGo(t)
	a, b := functional.Input(3), functional.Input(3)
	tower := layers.Dense(2)
	m := model([]*functional.Tensor{a, b}, layers.Add().Apply(tower.Apply(a), tower.Apply(b)))
	require.Len(t, m.Weights(), 2)
	require.Equal(t, 8, m.CountParams())
	got, err := m.PredictOnBatch([]any{[][]float32{{1, 2, 3}}, [][]float32{{4, 5, 6}}})
	require.NoError(t, err)
	twice, err := m.PredictOnBatch([]any{[][]float32{{4, 5, 6}}, [][]float32{{1, 2, 3}}})
	require.NoError(t, err)
	require.InDeltaSlice(t, golden.Floats(t, got[0]), golden.Floats(t, twice[0]), 1e-6)
}

// TestFrozenWeightsStay trains with a frozen layer, thaws it, and compiles again.
func TestFrozenWeightsStay(t *testing.T) {
	onGo(t)
	x := functional.Input(4)
	frozen := layers.Dense(5).Activation("tanh").Trainable(false)
	m := model(x, layers.Dense(1).Apply(frozen.Apply(x)))
	compile := functional.Compile{Optimizer: "sgd", Loss: "mse"}
	require.NoError(t, m.Compile(compile))
	require.Len(t, m.TrainableWeights(), 2)
	require.Equal(t, 25, m.CountParams()-6)
	before := must.M1(m.GetWeights())
	data, _ := classes(t, 16)
	target := golden.RuleInput(1, 16, 1).Tensor(t)
	_, err := m.Fit(data, target, quiet)
	require.NoError(t, err)
	after := must.M1(m.GetWeights())
	require.Equal(t, golden.Floats(t, before[0]), golden.Floats(t, after[0]))
	require.NotEqual(t, golden.Floats(t, before[2]), golden.Floats(t, after[2]))

	frozen.Trainable(true)
	_, err = m.Fit(data, target, quiet)
	require.ErrorContains(t, err, "call Compile again")
	require.NoError(t, m.Compile(compile))
	_, err = m.Fit(data, target, quiet)
	require.NoError(t, err)
	require.NotEqual(t, golden.Floats(t, before[0]), golden.Floats(t, must.M1(m.GetWeights())[0]))
}

// TestNames follows Keras: a layer that is named uses no number up, and the counters start over on request.
func TestNames(t *testing.T) {
	functional.ClearSession()
	names := func(list ...functional.Layer) (out []string) {
		for _, l := range list {
			out = append(out, l.Base().Name())
		}
		return out
	}
	require.Equal(t, []string{"dense", "mine", "dense_1", "conv2d", "re_lu"},
		names(layers.Dense(1), layers.Dense(1).Name("mine"), layers.Dense(1), layers.Conv2D(1, 1), layers.ReLU()))
	require.Equal(t, "input_1", functional.Input(1).Layer().Base().Name())
	require.Equal(t, "x", named("x", 1).Layer().Base().Name())
	require.Equal(t, "input_2", functional.Input(1).Layer().Base().Name())
	functional.ClearSession()
	require.Equal(t, []string{"dense"}, names(layers.Dense(1)))
}

// TestPredictAnyLength compares the parts with the whole.
func TestPredictAnyLength(t *testing.T) {
	onGo(t)
	m := classifier(t)
	x, _ := classes(t, 21)
	whole := must.M1(m.Predict(x, functional.Predict{BatchSize: 21, Verbose: functional.Silent}))
	for _, size := range []int{1, 4, 8, 64} {
		parts := must.M1(m.Predict(x, functional.Predict{BatchSize: size, Verbose: functional.Silent}))
		require.InDeltaSlice(t, golden.Floats(t, whole), golden.Floats(t, parts), 1e-6)
	}
	require.Equal(t, []int{21, 3}, whole.Shape().Dimensions)
}

// TestDataForms gives the same numbers as tensors, slices, arrays and maps.
func TestDataForms(t *testing.T) {
	onGo(t)
	x := functional.InputWith(functional.InputOptions{Shape: []int{2}, Name: "x"})
	m := model(x, layers.Dense(1).Apply(x))
	want := golden.Floats(t, must.M1(m.Predict([][]float32{{1, 2}, {3, 4}}, functional.Predict{Verbose: functional.Silent})))
	for name, form := range map[string]any{
		"tensor":        tensors.FromValue([][]float64{{1, 2}, {3, 4}}),
		"array":         [2][2]float64{{1, 2}, {3, 4}},
		"slice of ints": [][]int{{1, 2}, {3, 4}},
		"bytes":         [][]uint8{{1, 2}, {3, 4}},
		"list":          []any{[][2]int8{{1, 2}, {3, 4}}},
		"map":           map[string]any{"x": [][]uint16{{1, 2}, {3, 4}}},
		"typed map":     map[string]*tensors.Tensor{"x": tensors.FromValue([][]int32{{1, 2}, {3, 4}})},
		"one more axis": [][][]float32{{{1}, {2}}, {{3}, {4}}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := m.Predict(form, functional.Predict{Verbose: functional.Silent})
			require.NoError(t, err)
			require.InDeltaSlice(t, want, golden.Floats(t, got), 1e-6)
		})
	}
}

// batches is a GoMLX dataset over given batches.
type batches struct{ list []train.Batch }

func (b *batches) Name() string { return "batches" }
func (b *batches) Iter() iter.Seq2[train.Batch, error] {
	return func(yield func(train.Batch, error) bool) {
		for _, one := range b.list {
			if !yield(must.M1(one.Clone()), nil) {
				return
			}
		}
	}
}

// TestGoMLXDataset trains on batches and on the same data as arrays: the histories agree.
func TestGoMLXDataset(t *testing.T) {
	onGo(t)
	x, y := classes(t, 20)
	ds := &batches{}
	for from := 0; from < 20; from += 8 {
		to := min(from+8, 20)
		ds.list = append(ds.list, train.Batch{Inputs: []*tensors.Tensor{slice(t, x, from, to)}, Labels: []*tensors.Tensor{slice(t, y, from, to)}})
	}
	fit := func(x, y any, o functional.Fit) []float64 {
		functional.SetRandomSeed(1)
		m := classifier(t)
		o.Epochs, o.Shuffle, o.Verbose = 2, functional.Off, functional.Silent
		return must.M1(m.Fit(x, y, o)).History["loss"]
	}
	require.InDeltaSlice(t, fit(x, y, functional.Fit{BatchSize: 8}), fit(ds, nil, functional.Fit{}), 1e-7)
}

// TestNaNLoss: a learning rate that explodes is found out by TerminateOnNaN.
func TestNaNLoss(t *testing.T) {
	onGo(t)
	x := functional.Input(4)
	m := model(x, layers.Dense(1).Apply(x))
	require.NoError(t, m.Compile(functional.Compile{Optimizer: optimizers.SGD(1e30), Loss: losses.MeanSquaredError()}))
	data, _ := classes(t, 64)
	var out bytes.Buffer
	o := functional.Fit{BatchSize: 8, Epochs: 2, Verbose: functional.Lines, Output: &out, Callbacks: []callbacks.Callback{callbacks.NewTerminateOnNaN()}}
	_, err := m.Fit(data, golden.RuleInput(1, 64, 1).Tensor(t), o)
	require.NoError(t, err)
	require.Contains(t, out.String(), "Invalid loss, terminating training")
	o.Callbacks = []callbacks.Callback{callbacks.NewTerminateOnNaN().RaiseError(true)}
	_, err = m.Fit(data, golden.RuleInput(1, 64, 1).Tensor(t), o)
	require.ErrorContains(t, err, "loss")
}

// failing is a callback whose hook fails.
type failing struct{ callbacks.Base }

func (failing) OnEpochEnd(int, *callbacks.Logs) error { return errors.New("disk full") }

func TestCallbackErrorEndsFit(t *testing.T) {
	onGo(t)
	m := classifier(t)
	x, y := classes(t, 8)
	o := quiet
	o.Callbacks = []callbacks.Callback{&failing{}}
	_, err := m.Fit(x, y, o)
	require.ErrorContains(t, err, "disk full")
}

func ExampleModel_Summary() {
	functional.ClearSession()
	inputs := functional.Input(28, 28, 1)
	x := layers.Conv2D(8, 3).Activation("relu").Apply(inputs)
	x = layers.MaxPooling2D(2).Apply(x)
	x = layers.Flatten().Apply(x)
	m, err := functional.NewModel(inputs, layers.Dense(10).Activation("softmax").Apply(x))
	if err != nil {
		fmt.Println(err)
		return
	}
	var table bytes.Buffer
	_ = m.Summary(&table)
	for line := range bytes.Lines(table.Bytes()) {
		fmt.Println(string(bytes.TrimRight(line, " \n")))
	}
	// Output:
	// Model: "model"
	// _________________________________________________________________
	//  Layer (type)                Output Shape              Param #
	// =================================================================
	//  input_1 (InputLayer)        [(None, 28, 28, 1)]       0
	//
	//  conv2d (Conv2D)             (None, 26, 26, 8)         80
	//
	//  max_pooling2d (MaxPooling2  (None, 13, 13, 8)         0
	//  D)
	//
	//  flatten (Flatten)           (None, 1352)              0
	//
	//  dense (Dense)               (None, 10)                13530
	//
	// =================================================================
	// Total params: 13610 (53.16 KB)
	// Trainable params: 13610 (53.16 KB)
	// Non-trainable params: 0 (0.00 Byte)
	// _________________________________________________________________
}

func ExampleModel_Fit() {
	x := functional.Input(2)
	m, _ := functional.NewModel(x, layers.Dense(1).KernelInitializer("zeros").Apply(x))
	_ = m.Compile(functional.Compile{Optimizer: optimizers.SGD(0.1), Loss: "mse"})
	history, err := m.Fit([][]float32{{1, 0}, {0, 1}}, []float32{1, 2}, functional.Fit{
		Epochs: 3, Shuffle: functional.Off, Verbose: functional.Silent, Output: io.Discard})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.3f\n", history.History["loss"])
	// Output: [2.500 1.305 0.704]
}

// TestUnbuiltSequential compiles and saves before the input shape is known, and is built by its first data.
func TestUnbuiltSequential(t *testing.T) {
	onGo(t)
	m := must.M1(functional.NewSequential(layers.Dense(8).Activation("relu"), layers.Dense(4), layers.Dense(3).Activation("softmax")))
	require.ErrorContains(t, m.Summary(io.Discard), "has not yet been built")
	require.NoError(t, m.Compile(functional.Compile{Optimizer: "adam", Loss: "sparse_categorical_crossentropy"}))
	path := filepath.Join(t.TempDir(), "unbuilt.keras")
	require.NoError(t, m.Save(path))
	_, err := m.LearningRate()
	require.ErrorContains(t, err, "has no weights yet")
	x, y := classes(t, 16)
	for _, m := range []*functional.Model{m, must.M1(functional.LoadModel(path, functional.LoadOptions{}))} {
		_, err = m.Fit(x, y, quiet)
		require.NoError(t, err)
		require.Equal(t, 4*8+8+8*4+4+4*3+3, m.CountParams())
	}
}

// TestEvaluateAfterEarlyStop: a stop that Fit was asked for doesn't cut the next evaluation short.
func TestEvaluateAfterEarlyStop(t *testing.T) {
	onGo(t)
	m := classifier(t)
	x, y := classes(t, 24)
	want := must.M1(m.Evaluate(x, y, functional.Evaluate{BatchSize: 8, Verbose: functional.Silent}))
	m.SetStopTraining(true)
	got := must.M1(m.Evaluate(x, y, functional.Evaluate{BatchSize: 8, Verbose: functional.Silent}))
	require.Equal(t, want, got)
	require.Equal(t, got.Loss(), got.Value("loss"))
	require.True(t, math.IsNaN(got.Value("acuracy")))
}

// TestManyBatchShapes: programs of old batch shapes are let go.
func TestManyBatchShapes(t *testing.T) {
	onGo(t)
	m := classifier(t)
	for n := 1; n <= 40; n++ {
		x, _ := classes(t, n)
		out, err := m.PredictOnBatch(x)
		require.NoError(t, err)
		require.Equal(t, n, out[0].Shape().Dimensions[0])
	}
}

// TestMetricDirection: mode "auto" follows the metric, whatever it is called.
func TestMetricDirection(t *testing.T) {
	x := functional.Input(2)
	m := model(x, layers.Dense(3).Name("out").Apply(x))
	require.NoError(t, m.Compile(functional.Compile{Loss: "mse", Metrics: []any{
		metrics.CategoricalAccuracy().Name("hits"), metrics.MeanSquaredError().Name("misses")}}))
	for name, want := range map[string]callbacks.Mode{"hits": callbacks.Max, "misses": callbacks.Min, "out_hits": callbacks.Max} {
		mode, ok := m.MetricDirection(name)
		require.True(t, ok, name)
		require.Equal(t, want, mode, name)
	}
	_, ok := m.MetricDirection("loss")
	require.False(t, ok)
}
