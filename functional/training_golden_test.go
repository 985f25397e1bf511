package functional_test

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/backend"
	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/internal/golden"
	"github.com/gokeras/gokeras/internal/kerasfile"
)

type trainingFixture struct {
	Notebook []notebookCase
	Small    []smallCase
	OnBatch  struct {
		Model   json.RawMessage
		Initial []namedArray `json:"initial_weights"`
		X, Y    golden.Array
		Calls   []struct {
			Method    string
			From, To  int
			Arguments struct {
				SampleWeight *golden.Array   `json:"sample_weight"`
				ClassWeight  map[int]float64 `json:"class_weight"`
			}
			Logs map[string]float64
		}
	} `json:"on_batch"`
}

type notebookCase struct {
	Name        string
	Model       json.RawMessage
	Optimizer   map[string]any
	Steps       int
	BatchSize   int `json:"batch_size"`
	Losses      []float64
	Accuracies  []float64
	Sensitivity struct {
		Losses  float64 `json:"losses_relative"`
		Weights float64
	}
	FinalWeights []struct {
		Path       string
		Shape      []int
		Mean, Norm float64
		Indices    []int
		Values     []float64
	} `json:"final_weights"`
	Predictions golden.Array
}

type namedArray struct {
	Path      string
	Trainable bool
	Value     golden.Array
}

// begin gives a model's weights the values that Keras's had.
func begin(t *testing.T, m *functional.Model, initial []namedArray) {
	t.Helper()
	for i, w := range m.Weights() {
		require.Equal(t, initial[i].Path, w.Path())
		require.NoError(t, w.Set(initial[i].Value.Tensor(t)))
	}
}

// sameOptimizer compares the optimizer's variables with Keras's.
func sameOptimizer(t *testing.T, m *functional.Model, variables []namedArray, tolerance golden.Tolerance) {
	t.Helper()
	got, err := m.OptimizerVariables()
	require.NoError(t, err)
	require.Len(t, got, len(variables))
	for i, want := range variables {
		require.Equal(t, want.Path, got[i].Path())
		value, err := got[i].Value()
		require.NoError(t, err)
		golden.Close(t, want.Path, value, want.Value, tolerance)
	}
}

type smallCase struct {
	Name       string
	Model      json.RawMessage
	Compile    map[string]any
	Fit        map[string]any
	X, Y       []golden.Array
	XForm      any            `json:"x_structure"`
	YForm      any            `json:"y_structure"`
	Weight     []golden.Array `json:"sample_weight"`
	WeightForm any            `json:"sample_weight_structure"`
	Val        []golden.Array `json:"validation_data"`
	ValForm    []any          `json:"validation_data_structure"`
	Initial    []namedArray   `json:"initial_weights"`
	Final      []namedArray   `json:"final_weights"`
	History    map[string][]float64
	Epochs     []int          `json:"history_epochs"`
	Optimizer  []namedArray   `json:"optimizer_variables"`
	Predicted  []golden.Array `json:"predictions"`
	File       map[string]golden.Array
	Evaluate   map[string]float64
}

// build puts arrays where a structure has their indices.
func build(t *testing.T, form any, arrays []golden.Array) any {
	switch form := form.(type) {
	case float64:
		if arrays[int(form)].Shape == nil { // None
			return nil
		}
		return arrays[int(form)].Tensor(t)
	case []any:
		list := make([]any, len(form))
		for i, f := range form {
			list[i] = build(t, f, arrays)
		}
		return list
	case map[string]any:
		out := map[string]any{}
		for k, f := range form {
			out[k] = build(t, f, arrays)
		}
		return out
	}
	return nil
}

func compileArguments(t *testing.T, args map[string]any) functional.Compile {
	t.Helper()
	c := functional.Compile{Optimizer: args["optimizer"], Loss: args["loss"], Metrics: args["metrics"], WeightedMetrics: args["weighted_metrics"], LossWeights: args["loss_weights"]}
	return c
}

func fitArguments(t *testing.T, args map[string]any) functional.Fit {
	t.Helper()
	f := functional.Fit{Verbose: functional.Silent, Output: io.Discard, Shuffle: functional.Off}
	for key, v := range args {
		n, _ := v.(float64)
		switch key {
		case "epochs":
			f.Epochs = int(n)
		case "batch_size":
			f.BatchSize = int(n)
		case "initial_epoch":
			f.InitialEpoch = int(n)
		case "validation_split":
			f.ValidationSplit = n
		case "validation_freq":
			f.ValidationFrequency = int(n)
			list, _ := v.([]any)
			for _, epoch := range list {
				f.ValidationEpochs = append(f.ValidationEpochs, int(epoch.(float64)))
			}
		case "validation_steps":
			f.ValidationSteps = int(n)
		case "validation_batch_size":
			f.ValidationBatchSize = int(n)
		case "class_weight":
			f.ClassWeight = map[int]float64{}
			for k, w := range v.(map[string]any) {
				class, err := strconv.Atoi(k)
				require.NoError(t, err)
				f.ClassWeight[class] = w.(float64)
			}
		case "steps_per_epoch":
			f.StepsPerEpoch = int(n)
		case "shuffle":
			require.Equal(t, false, v)
		default:
			t.Fatalf("fit argument %q", key)
		}
	}
	return f
}

// TestFitAgainstKeras fits small models as Keras did and compares histories,
// weights, optimizer variables, predictions and evaluations.
func TestFitAgainstKeras(t *testing.T) {
	var cases []smallCase
	for _, family := range []string{"training", "training_names", "training_more", "training_spectral", "training_arguments", "optimizers_multi"} {
		var fixture trainingFixture
		golden.Load(t, family, &fixture)
		require.NotEmpty(t, fixture.Small)
		cases = append(cases, fixture.Small...)
	}
	var masks struct{ Training []smallCase }
	golden.Load(t, "masks", &masks)
	require.NotEmpty(t, masks.Training)
	for _, c := range masks.Training {
		c.Name = "masks, " + c.Name
		cases = append(cases, c)
	}
	tolerance := golden.Tolerance{Abs: 2e-6, Rel: 2e-5}
	for at, tc := range cases {
		t.Run(tc.Name, func(t *testing.T) {
			golden.OnSomeEngines(t, at, func(t *testing.T, engine compute.Backend) {
				defer backend.Use(engine)()
				m, err := functional.FromJSON(tc.Model, false)
				require.NoError(t, err)
				begin(t, m, tc.Initial)
				require.NoError(t, m.Compile(compileArguments(t, tc.Compile)))
				x, y := build(t, tc.XForm, tc.X), build(t, tc.YForm, tc.Y)
				f := fitArguments(t, tc.Fit)
				if tc.Weight != nil {
					f.SampleWeight = build(t, tc.WeightForm, tc.Weight)
				}
				if tc.ValForm != nil {
					f.ValidationData = &functional.Data{X: build(t, tc.ValForm[0], tc.Val), Y: build(t, tc.ValForm[1], tc.Val)}
					if len(tc.ValForm) > 2 {
						f.ValidationData.SampleWeight = build(t, tc.ValForm[2], tc.Val)
					}
				}
				history, err := m.Fit(x, y, f)
				require.NoError(t, err)
				require.Equal(t, tc.Epochs, history.Epoch)
				keys := history.Keys()
				slices.Sort(keys)
				require.Equal(t, sortedNames(tc.History), keys)
				for name, want := range tc.History {
					closeNumbers(t, name, history.History[name], want, tolerance)
				}
				for i, w := range m.Weights() {
					value, err := w.Value()
					require.NoError(t, err)
					golden.Close(t, w.Path(), value, tc.Final[i].Value, tolerance)
				}
				predicted, err := m.PredictAll(x, functional.Predict{BatchSize: 4, Verbose: functional.Silent})
				require.NoError(t, err)
				for i, p := range predicted {
					golden.Close(t, fmt.Sprintf("prediction %d", i), p, tc.Predicted[i], tolerance)
				}
				if tc.File != nil {
					tc.optimizerState(t, m, tolerance)
				}
				scores, err := m.Evaluate(x, y, functional.Evaluate{BatchSize: 4, Verbose: functional.Silent, SampleWeight: f.SampleWeight})
				require.NoError(t, err)
				require.Equal(t, sortedNames(tc.Evaluate), sortedNames(scores.Map()))
				for name, want := range tc.Evaluate {
					closeNumbers(t, "evaluate "+name, []float64{scores.Map()[name]}, []float64{want}, tolerance)
				}
			})
		})
	}
}

// optimizerState compares the optimizer's variables, what the file has of them, and what is read from it again.
func (c smallCase) optimizerState(t *testing.T, m *functional.Model, tolerance golden.Tolerance) {
	compare := func(m *functional.Model) { sameOptimizer(t, m, c.Optimizer, tolerance) }
	compare(m)
	path := filepath.Join(t.TempDir(), "m.keras")
	require.NoError(t, m.Save(path))
	f, err := kerasfile.Open(path)
	require.NoError(t, err)
	defer f.Close()
	seen := 0
	require.NoError(t, f.Weights().Group("optimizer").Walk(func(path string, a kerasfile.Array) error {
		require.Contains(t, c.File, path)
		require.Equal(t, fmt.Sprint(c.File[path].Shape), fmt.Sprint(a.Shape()), path)
		seen++
		return nil
	}))
	require.Equal(t, len(c.File), seen)
	loaded, err := functional.Load(path, functional.LoadOptions{})
	require.NoError(t, err)
	compare(loaded)
}

func sortedNames[V any](m map[string]V) []string {
	names := []string{}
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func closeNumbers(t *testing.T, what string, got, want []float64, tol golden.Tolerance) {
	t.Helper()
	require.Len(t, got, len(want), what)
	for i := range want {
		if math.Abs(got[i]-want[i]) > tol.Abs+tol.Rel*math.Abs(want[i]) {
			t.Fatalf("%s[%d]: got %v, Keras has %v", what, i, got[i], want[i])
		}
	}
}

// TestNotebookTrainingAgainstKeras takes 20 Adam steps with each of the
// notebook's three models (without dropout): losses agree to 1e-4, weights to
// 1e-3. Rounding alone moves Keras's own run by `sensitivity` (measured by changing
// the initial weights by 1e-7 of themselves); where that is more, twice it is allowed.
func TestNotebookTrainingAgainstKeras(t *testing.T) {
	if testing.Short() {
		t.Skip("trains three convolutional models")
	}
	var fixture trainingFixture
	golden.Load(t, "training", &fixture)
	require.Len(t, fixture.Notebook, 6)
	engines := golden.Engines(t)
	engine := engines[len(engines)-1]
	if engine.Name == "go" {
		t.Skip("convolutions of this size take minutes on the pure-Go engine; the small models cover it")
	}
	for _, tc := range fixture.Notebook {
		epsilon := tc.Optimizer["config"].(map[string]any)["epsilon"]
		t.Run(fmt.Sprintf("%s/epsilon=%v", tc.Name, epsilon), func(t *testing.T) {
			defer backend.Use(engine.Backend)()
			m, err := functional.FromJSON(tc.Model, false)
			require.NoError(t, err)
			setRuleWeights(t, m)
			require.NoError(t, m.Compile(functional.Compile{Optimizer: tc.Optimizer, Loss: "categorical_crossentropy", Metrics: []string{"accuracy"}}))
			images, labels := ruleData(t, tc.Steps*tc.BatchSize)
			losses := make([]float64, tc.Steps)
			accuracies := make([]float64, tc.Steps)
			for s := range tc.Steps {
				from := s * tc.BatchSize
				scores, err := m.TrainOnBatch(rows(t, images, from, tc.BatchSize), rows(t, labels, from, tc.BatchSize), functional.BatchOptions{})
				require.NoError(t, err)
				losses[s] = scores.Loss()
				accuracies[s], _ = scores.Get("accuracy")
			}
			lossTolerance := golden.Tolerance{Rel: max(1e-4, 2*tc.Sensitivity.Losses)}
			weightTolerance := golden.Tolerance{Abs: max(1e-3, 2*tc.Sensitivity.Weights)}
			closeNumbers(t, "losses", losses, tc.Losses, lossTolerance)
			worst := 0.0
			for i, w := range m.Weights() {
				value, err := w.Value()
				require.NoError(t, err)
				flat := golden.Floats(t, value)
				var got []float64
				for k, at := range tc.FinalWeights[i].Indices {
					got = append(got, flat[at])
					worst = max(worst, math.Abs(flat[at]-tc.FinalWeights[i].Values[k]))
				}
				closeNumbers(t, w.Path(), got, tc.FinalWeights[i].Values, weightTolerance)
			}
			t.Logf("largest weight difference %.2g", worst)
		})
	}
}

// ruleData are images, as float32 in [0, 1], and one-hot labels by the fixtures' rule.
func ruleData(t *testing.T, count int) (images, labels *tensors.Tensor) {
	t.Helper()
	classes := golden.RuleLabels(count, 10)
	oneHot := make([]float32, count*10)
	for i, c := range classes {
		oneHot[i*10+int(c)] = 1
	}
	raw := golden.RuleImages(classes, 32, 32, 3)
	pixels := make([]float32, len(raw.Data))
	for i, v := range raw.Data {
		pixels[i] = float32(v)
	}
	return tensors.FromFlatDataAndDimensions(pixels, raw.Shape...), tensors.FromFlatDataAndDimensions(oneHot, count, 10)
}

// rows copies count rows of a float32 tensor.
func rows(t *testing.T, x *tensors.Tensor, from, count int) *tensors.Tensor {
	t.Helper()
	return slice(t, x, from, from+count)
}

// slice copies the rows from … to of a tensor.
func slice(t *testing.T, x *tensors.Tensor, from, to int) *tensors.Tensor {
	t.Helper()
	dims := slices.Clone(x.Shape().Dimensions)
	size := int(x.ByteSize()) / dims[0]
	dims[0] = to - from
	out := tensors.FromShape(shapes.Make(x.DType(), dims...))
	require.NoError(t, x.ConstBytes(func(src []byte) {
		_ = out.MutableBytes(func(dst []byte) { copy(dst, src[from*size:to*size]) })
	}))
	return out
}

// TestOnBatchAgainstKeras makes the calls that the fixture lists, one after the other.
func TestOnBatchAgainstKeras(t *testing.T) {
	var fixture trainingFixture
	golden.Load(t, "training", &fixture)
	require.NotEmpty(t, fixture.OnBatch.Calls)
	golden.OnEngines(t, func(t *testing.T, engine compute.Backend) {
		defer backend.Use(engine)()
		m, err := functional.FromJSON(fixture.OnBatch.Model, true)
		require.NoError(t, err)
		begin(t, m, fixture.OnBatch.Initial)
		x, y := fixture.OnBatch.X.Tensor(t), fixture.OnBatch.Y.Tensor(t)
		for i, call := range fixture.OnBatch.Calls {
			var o functional.BatchOptions
			if call.Arguments.SampleWeight != nil {
				o.SampleWeight = call.Arguments.SampleWeight.Tensor(t)
			}
			for class, w := range call.Arguments.ClassWeight {
				if o.ClassWeight == nil {
					o.ClassWeight = map[int]float64{}
				}
				o.ClassWeight[class] = w
			}
			run := m.TrainOnBatch
			if call.Method == "test_on_batch" {
				run = m.TestOnBatch
			}
			scores, err := run(slice(t, x, call.From, call.To), slice(t, y, call.From, call.To), o)
			require.NoError(t, err)
			require.Len(t, scores.Names, len(call.Logs))
			for name, want := range call.Logs {
				closeNumbers(t, fmt.Sprintf("call %d: %s", i, name), []float64{scores.Map()[name]}, []float64{want}, golden.Tolerance{Abs: 2e-6, Rel: 2e-5})
			}
		}
	})
}
