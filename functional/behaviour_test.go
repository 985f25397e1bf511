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
	"github.com/gomlx/compute/dtypes/float16"
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

// TestStepsPerEpoch counts the batches of each epoch where epochs are shorter, as long as, and longer than the data:
// as in Keras, an epoch ends with the data and the next one starts anew.
func TestStepsPerEpoch(t *testing.T) {
	onGo(t)
	x, y := classes(t, 20) // 3 batches of 8, 8 and 4
	for steps, want := range map[int][]int{0: {3, 3, 3, 3}, 1: {1, 1, 1, 1}, 2: {2, 1, 2, 1}, 3: {3, 3, 3, 3}, 5: {3, 3, 3, 3}} {
		m := classifier(t)
		var counted []int
		o := quiet
		o.Epochs, o.StepsPerEpoch = 4, steps
		o.Callbacks = []callbacks.Callback{&callbacks.LambdaCallback{
			EpochBegin:    func(int) error { counted = append(counted, 0); return nil },
			TrainBatchEnd: func(int, *callbacks.Logs) error { counted[len(counted)-1]++; return nil }}}
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
	o := functional.Fit{BatchSize: 8, Epochs: 2, Verbose: functional.Lines, Output: &out, Callbacks: []callbacks.Callback{callbacks.TerminateOnNaN()}}
	_, err := m.Fit(data, golden.RuleInput(1, 64, 1).Tensor(t), o)
	require.NoError(t, err)
	require.Contains(t, out.String(), "Invalid loss, terminating training")
	o.Callbacks = []callbacks.Callback{callbacks.TerminateOnNaN().RaiseError(true)}
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
	require.NoError(t, m.Summary(io.Discard))
	require.NoError(t, m.Compile(functional.Compile{Optimizer: "adam", Loss: "sparse_categorical_crossentropy"}))
	path := filepath.Join(t.TempDir(), "unbuilt.keras")
	require.NoError(t, m.Save(path))
	_, err := m.LearningRate()
	require.ErrorContains(t, err, "has no weights yet")
	x, y := classes(t, 16)
	for _, m := range []*functional.Model{m, must.M1(functional.Load(path, functional.LoadOptions{}))} {
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

// TestStepsBeyondTheData: evaluation and prediction end with the data.
func TestStepsBeyondTheData(t *testing.T) {
	onGo(t)
	m := classifier(t)
	x, y := classes(t, 20)
	out := must.M1(m.Predict(x, functional.Predict{BatchSize: 8, Steps: 9, Verbose: functional.Silent}))
	require.Equal(t, []int{20, 3}, out.Shape().Dimensions)
	out = must.M1(m.Predict(x, functional.Predict{BatchSize: 8, Steps: 2, Verbose: functional.Silent}))
	require.Equal(t, []int{16, 3}, out.Shape().Dimensions)
	o := functional.Evaluate{BatchSize: 8, Verbose: functional.Silent}
	all := must.M1(m.Evaluate(x, y, o))
	o.Steps = 9
	require.Equal(t, all, must.M1(m.Evaluate(x, y, o)))
	ds := &batches{list: []train.Batch{{Inputs: []*tensors.Tensor{x}, Labels: []*tensors.Tensor{y}}}}
	f := functional.Fit{Epochs: 3, StepsPerEpoch: 1, Verbose: functional.Silent}
	history := must.M1(m.Fit(ds, nil, f))
	require.Len(t, history.Epoch, 3)
}

// TestOutputsOfOneLayer reports two outputs of one name as Keras does.
func TestOutputsOfOneLayer(t *testing.T) {
	onGo(t)
	a, b := functional.Input(2), functional.Input(2)
	d := layers.Dense(1).Name("d")
	m := model([]*functional.Tensor{a, b}, []*functional.Tensor{d.Apply(a), d.Apply(b)})
	require.NoError(t, m.Compile(functional.Compile{Loss: "mse", Metrics: [][]string{{"mae"}, {"mae"}}}))
	x, y := [][]float32{{1, 2}, {3, 4}}, []float32{1, 2}
	scores, err := m.TrainOnBatch([]any{x, x}, []any{y, y}, functional.BatchOptions{})
	require.NoError(t, err)
	require.Equal(t, []string{"loss", "d_loss", "d_mae", "d_mae_1"}, scores.Names)
}

// TestMetricNames: of equal names the unweighted are numbered, the weighted called so.
func TestMetricNames(t *testing.T) {
	onGo(t)
	x := functional.Input(4)
	m := model(x, layers.Dense(3).Activation("softmax").Apply(x))
	require.NoError(t, m.Compile(functional.Compile{Loss: "sparse_categorical_crossentropy", Metrics: []string{"accuracy", "accuracy"}, WeightedMetrics: []string{"accuracy"}}))
	data, labels := classes(t, 8)
	scores := must.M1(m.TestOnBatch(data, labels, functional.BatchOptions{}))
	require.Equal(t, []string{"loss", "accuracy", "accuracy_1", "weighted_accuracy"}, scores.Names)
}

// TestNothingToTrain: a model without trainable weights still reports its loss.
func TestNothingToTrain(t *testing.T) {
	onGo(t)
	x := functional.Input(4)
	m := model(x, layers.Dense(1).Trainable(false).Apply(x))
	require.NoError(t, m.Compile(functional.Compile{Loss: "mse"}))
	data, _ := classes(t, 8)
	history, err := m.Fit(data, make([]float32, 8), quiet)
	require.NoError(t, err)
	require.Len(t, history.History["loss"], 1)
}

// TestFixedBatchSize: a model for batches of 5 takes arrays of any number of samples.
func TestFixedBatchSize(t *testing.T) {
	onGo(t)
	x := functional.InputWith(functional.InputOptions{Shape: []int{4}, BatchSize: 5})
	m := model(x, layers.Dense(2).Apply(x))
	data, _ := classes(t, 10)
	out := must.M1(m.Predict(data, functional.Predict{BatchSize: 5, Verbose: functional.Silent}))
	require.Equal(t, []int{10, 2}, out.Shape().Dimensions)
}

// TestSampleWeightsOfOutputs: a map must name every output; nil in a list stands for 1.
func TestSampleWeightsOfOutputs(t *testing.T) {
	onGo(t)
	x := functional.Input(4)
	m := model(x, []*functional.Tensor{layers.Dense(1).Name("a").Apply(x), layers.Dense(1).Name("b").Apply(x)})
	require.NoError(t, m.Compile(functional.Compile{Loss: "mse"}))
	data, _ := classes(t, 4)
	y := []any{[]float32{1, 2, 3, 4}, []float32{4, 3, 2, 1}}
	w := []float32{0, 1, 0, 2}
	_, err := m.TestOnBatch(data, y, functional.BatchOptions{SampleWeight: map[string]any{"a": w}})
	require.ErrorContains(t, err, `"b" is missing`)
	plain := must.M1(m.TestOnBatch(data, y, functional.BatchOptions{}))
	both := must.M1(m.TestOnBatch(data, y, functional.BatchOptions{SampleWeight: w}))
	first := must.M1(m.TestOnBatch(data, y, functional.BatchOptions{SampleWeight: []any{w, nil}}))
	require.InDelta(t, both.Value("a_loss"), first.Value("a_loss"), 1e-6)
	require.InDelta(t, plain.Value("b_loss"), first.Value("b_loss"), 1e-6)
}

// TestLateSetter: an argument set after the layer was applied is an error of the model, not lost.
func TestLateSetter(t *testing.T) {
	x := functional.Input(2)
	d := layers.Dense(2).Name("d")
	out := d.Apply(x)
	d.Activation("relu")
	_, err := functional.NewModel(x, out)
	require.ErrorContains(t, err, `layer "d": activation was set after the layer was applied`)
}

// TestCompileInCallback: the logs of the old compilation stay readable.
func TestCompileInCallback(t *testing.T) {
	onGo(t)
	m := classifier(t)
	x, y := classes(t, 8)
	o := quiet
	o.Callbacks = []callbacks.Callback{&callbacks.LambdaCallback{EpochEnd: func(int, *callbacks.Logs) error {
		return m.Compile(functional.Compile{Optimizer: "sgd", Loss: "sparse_categorical_crossentropy"})
	}}}
	_, err := m.Fit(x, y, o)
	require.NoError(t, err)
}

// TestPanickingDataset: what a user's data set does wrong is an error.
func TestPanickingDataset(t *testing.T) {
	onGo(t)
	m := classifier(t)
	_, err := m.Fit((*batches)(nil), nil, functional.Fit{Verbose: functional.Silent})
	require.ErrorContains(t, err, "batch 0: panic at ")
	require.ErrorContains(t, err, "_test.go:")
	x, y := classes(t, 4)
	var none []float32
	_, err = m.Fit(functional.Batches(func(yield func(functional.Data, error) bool) {
		_ = yield(functional.Data{X: x, Y: y}, nil) && yield(functional.Data{X: none[3], Y: y}, nil)
	}), nil, functional.Fit{Verbose: functional.Silent})
	require.ErrorContains(t, err, "the iterator: batch 1: panic at ")
	require.ErrorContains(t, err, "functional/behaviour_test.go:")
	require.ErrorContains(t, err, "index out of range [3] with length 0")
	_, err = m.Evaluate(functional.Batches(func(func(functional.Data, error) bool) { panic("no more") }), nil, functional.Evaluate{Verbose: functional.Silent})
	require.ErrorContains(t, err, "batch 0: panic at ")
	require.ErrorContains(t, err, ": no more")
}

// TestNilAndZeroValues: none of these panics.
func TestNilAndZeroValues(t *testing.T) {
	onGo(t)
	good := classifier(t)
	x, _ := classes(t, 2)
	var nobody *functional.Model
	sequential := must.M1(functional.NewSequential())
	for name, call := range map[string]func() error{
		"nil model predicts":    func() error { return second(nobody.Predict(x, functional.Predict{})) },
		"nil model fits":        func() error { return second(nobody.Fit(x, x, functional.Fit{})) },
		"nil model saves":       func() error { return nobody.Save("x.keras") },
		"nil model compiles":    func() error { return nobody.Compile(functional.Compile{}) },
		"zero model fits":       func() error { return second((&functional.Model{}).Fit(x, x, functional.Fit{})) },
		"zero model summarises": func() error { return (&functional.Model{}).Summary(io.Discard) },
		"zero layer":            func() error { return (&layers.DenseLayer{}).Apply(functional.Input(1)).Err() },
		"zero tensor":           func() error { return second(functional.NewModel(&functional.Tensor{}, functional.Input(1))) },
		"nil layer":             func() error { return sequential.Add(nil) },
		"typed nil layer":       func() error { return second(functional.NewSequential((*layers.DenseLayer)(nil))) },
		"model in itself":       func() error { return sequential.Add(sequential) },
		"nil weight":            func() error { return good.Weights()[0].Set(nil) },
		"nil writer":            func() error { return good.Summary(nil) },
		"negative width":        func() error { return good.SummaryWith(io.Discard, functional.SummaryOptions{LineLength: -5}) },
		"impossible columns": func() error {
			return good.SummaryWith(io.Discard, functional.SummaryOptions{Positions: []float64{math.NaN(), math.Inf(1), 1e18}})
		},
		"rate that is no number": func() error { return good.SetLearningRate(math.NaN()) },
	} {
		t.Run(name, func(t *testing.T) { require.Error(t, call()) })
	}
	require.Nil(t, (*functional.Tensor)(nil).Shape())
	require.Contains(t, (&functional.Tensor{}).String(), "error")
}

// TestHalfWeightsKeepSmallValues: values below the smallest normal half are kept as subnormals.
func TestHalfWeightsKeepSmallValues(t *testing.T) {
	x := functional.Input(3)
	m := model(x, layers.Dense(1).UseBias(false).DType("float16").Apply(x))
	w := m.Weights()[0]
	require.NoError(t, w.Set(tensors.FromValue([][]float32{{5e-5}, {-6e-8}, {1}})))
	value := must.M1(w.Value())
	var got []float32
	require.NoError(t, value.ConstFlatData(func(flat any) {
		for _, h := range flat.([]float16.Float16) {
			got = append(got, h.Float32())
		}
	}))
	require.Equal(t, []float32{5.0008297e-05, -5.9604645e-08, 1}, got) // as NumPy rounds them
}

// TestActivationsOfIntegers become floats, as in Keras.
func TestActivationsOfIntegers(t *testing.T) {
	onGo(t)
	for name, layer := range map[string]interface {
		Apply(...*functional.Tensor) *functional.Tensor
	}{"leaky": layers.LeakyReLU(), "elu": layers.ELU(), "tanh": layers.Activation("tanh")} {
		t.Run(name, func(t *testing.T) {
			x := functional.InputWith(functional.InputOptions{Shape: []int{1}, DType: "int32"})
			y := layer.Apply(x)
			require.Equal(t, "float32", y.DType())
			out := must.M1(model(x, y).PredictOnBatch([][]int32{{-10}}))
			require.InDelta(t, map[string]float64{"leaky": -3, "elu": -0.9999546, "tanh": -1}[name], golden.Floats(t, out[0])[0], 1e-6)
		})
	}
}
