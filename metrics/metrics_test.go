package metrics_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/backend"
	"github.com/gokeras/gokeras/internal/config"
	"github.com/gokeras/gokeras/internal/golden"
	"github.com/gokeras/gokeras/metrics"
)

// recorded is a metric with what Keras has after each of several batches.
type recorded struct {
	Name      string         `json:"name"`
	Config    map[string]any `json:"config"`
	Direction string         `json:"direction"`
	Variables []string       `json:"variables"`
	Batches   []batch        `json:"batches"`
}

type batch struct {
	YTrue        golden.Array   `json:"y_true"`
	YPred        golden.Array   `json:"y_pred"`
	SampleWeight *golden.Array  `json:"sample_weight"`
	Mask         *golden.Array  `json:"mask"`
	State        []golden.Array `json:"state"`
	Result       golden.Array   `json:"result"`
}

type fixtures struct {
	Metrics []recorded `json:"metrics"`
	Resolve []struct {
		Given string `json:"given"`
		YTrue []int  `json:"y_true"`
		YPred []int  `json:"y_pred"`
		Class string `json:"class"`
		Name  string `json:"name"`
		Error string `json:"error"`
	} `json:"resolve"`
	Mean []struct {
		Value  float32        `json:"value"`
		Weight float32        `json:"weight"`
		State  []golden.Array `json:"state"`
		Result golden.Array   `json:"result"`
	} `json:"mean"`
}

func load(t *testing.T) fixtures {
	var f fixtures
	golden.Load(t, "metrics", &f)
	require.NotEmpty(t, f.Metrics)
	require.NotEmpty(t, f.Resolve)
	require.NotEmpty(t, f.Mean)
	return f
}

// withState are the fixtures of metrics whose state isn't a sum and a count.
type withState struct {
	Metrics []struct {
		recorded
		Built         bool           `json:"built"`
		InitialResult *golden.Array  `json:"initial_result"`
		Updates       []batch        `json:"updates"`
		Reset         []golden.Array `json:"reset"`
		Variables     []struct {
			Name  string `json:"name"`
			Shape []int  `json:"shape"`
			DType string `json:"dtype"`
		} `json:"variables"`
	} `json:"metrics"`
	Errors []struct {
		Class     string         `json:"class"`
		Arguments map[string]any `json:"arguments"`
		YTrue     []int          `json:"y_true"`
		YPred     []int          `json:"y_pred"`
		Error     struct {
			Message string `json:"message"`
		} `json:"error"`
	} `json:"errors"`
}

func loadWithState(t *testing.T) withState {
	var f withState
	for _, family := range []string{"metrics_state", "metrics_more"} {
		var part withState
		golden.Load(t, family, &part)
		require.NotEmpty(t, part.Metrics)
		require.NotEmpty(t, part.Errors)
		f.Metrics = append(f.Metrics, part.Metrics...)
		f.Errors = append(f.Errors, part.Errors...)
	}
	for i := range f.Metrics {
		f.Metrics[i].recorded.Batches = f.Metrics[i].Updates
	}
	return f
}

func zero() *tensors.Tensor { return tensors.FromScalar(float32(0)) }

func TestAgainstKeras(t *testing.T) {
	all := load(t)
	golden.OnEngines(t, func(t *testing.T, engine compute.Backend) {
		for at, f := range all.Metrics {
			if !golden.Runs(engine, at) {
				continue
			}
			t.Run(f.Name, func(t *testing.T) {
				metric := f.metric(t)
				var names []string
				for _, v := range stateOf(t, metric, f.Batches[0]) {
					require.Empty(t, v.Shape)
					require.Equal(t, dtypes.Float32, v.Type())
					names = append(names, v.Name)
				}
				require.Equal(t, f.Variables, names)
				f.inGraph(t, engine, metric)
			})
		}
	})
}

func TestWithStateAgainstKeras(t *testing.T) {
	all := loadWithState(t)
	golden.OnEngines(t, func(t *testing.T, engine compute.Backend) {
		defer backend.Use(engine)()
		seen := map[string]int{}
		for at, f := range all.Metrics {
			if !golden.Runs(engine, at) {
				continue
			}
			t.Run(f.Name, func(t *testing.T) {
				metric := f.metric(t)
				variables := stateOf(t, metric, f.Batches[0])
				require.Len(t, variables, len(f.Variables))
				for i, want := range f.Variables {
					require.Equal(t, want.Name, variables[i].Name)
					require.Equal(t, fmt.Sprint(want.Shape), fmt.Sprint(variables[i].Shape))
					require.Equal(t, want.DType, strings.ToLower(variables[i].Type().String()))
					for _, v := range f.Reset[i].Data {
						require.EqualValues(t, variables[i].Initial, v)
					}
				}
				// Each shape of a batch is another program, and so is each step of an accumulator: on XLA the first of each class will do.
				class := metric.KerasClass().Name
				seen[class]++
				brief := seen[class] > 1 && engine.Name() == "xla"
				if brief {
					f.Batches = slices.DeleteFunc(slices.Clone(f.Batches), func(b batch) bool { return b.YPred.Shape[0] != f.Batches[0].YPred.Shape[0] })
				}
				f.inGraph(t, engine, metric)
				if brief {
					return
				}

				alone := metrics.NewAccumulator(metric)
				first, err := alone.Result()
				if f.Built {
					require.NoError(t, err)
					golden.Close(t, "result before a batch", first, *f.InitialResult, golden.Float32)
				} else if f.Config["config"].(map[string]any)["average"] != "micro" { // whose state knows its shape without a batch here
					require.ErrorContains(t, err, "known from the first batch")
				}
				for range 2 {
					for i, b := range f.Batches {
						var weight any
						if b.SampleWeight != nil {
							weight = b.SampleWeight.Tensor(t)
						}
						require.NoError(t, alone.UpdateState(b.YTrue.Tensor(t), b.YPred.Tensor(t), weight))
						result, err := alone.Result()
						require.NoError(t, err)
						golden.Close(t, fmt.Sprintf("batch %d: result by itself", i+1), result, b.Result, golden.Float32)
					}
					alone.ResetState()
				}
			})
		}
	})
}

func TestMaskedAgainstKeras(t *testing.T) {
	var all struct {
		Metrics []recorded `json:"metrics"`
	}
	golden.Load(t, "masked", &all)
	require.NotEmpty(t, all.Metrics)
	golden.OnEngines(t, func(t *testing.T, engine compute.Backend) {
		for at, f := range all.Metrics {
			if !golden.Runs(engine, at) {
				continue
			}
			t.Run(f.Name, func(t *testing.T) { f.inGraph(t, engine, f.metric(t)) })
		}
	})
}

func (f *recorded) metric(t *testing.T) metrics.Metric {
	metric, err := metrics.Get(f.Config)
	require.NoError(t, err)
	require.Equal(t, f.Direction, string(metric.(metrics.Directed).Direction()))
	return metric
}

func stateOf(t *testing.T, metric metrics.Metric, b batch) []metrics.Variable {
	variables, err := metric.State(b.YTrue.Shape, b.YPred.Shape)
	require.NoError(t, err)
	return variables
}

// inGraph compares state and result after each batch.
func (f *recorded) inGraph(t *testing.T, engine compute.Backend, metric metrics.Metric) {
	variables := stateOf(t, metric, f.Batches[0])
	n := len(variables)
	state := make([]*tensors.Tensor, n)
	for i, v := range variables {
		state[i] = tensors.FromShape(shapes.Make(v.Type(), v.Shape...))
	}
	exec, err := graph.NewExec(engine, func(in []*graph.Node) []*graph.Node {
		b := metrics.Batch{YTrue: in[n], YPred: in[n+1]}
		rest := in[n+2:]
		if f.Batches[0].SampleWeight != nil {
			b.SampleWeight, rest = rest[0], rest[1:]
		}
		if f.Batches[0].Mask != nil {
			b.Mask = rest[0]
		}
		next := slices.Clone(metric.Update(in[:n], b))
		return append(next, metric.Value(next))
	})
	require.NoError(t, err)
	defer exec.Finalize()
	for i, b := range f.Batches {
		var args []any
		for _, s := range state {
			args = append(args, s)
		}
		args = append(args, b.YTrue.Tensor(t), b.YPred.Tensor(t))
		for _, extra := range []*golden.Array{b.SampleWeight, b.Mask} {
			if extra != nil {
				args = append(args, extra.Tensor(t))
			}
		}
		out, err := exec.Call(args...)
		require.NoError(t, err)
		for j, want := range b.State {
			require.Equal(t, variables[j].Type(), out[j].DType())
			golden.Close(t, fmt.Sprintf("batch %d: %s", i+1, variables[j].Name), out[j], want, golden.Float32)
		}
		golden.Close(t, fmt.Sprintf("batch %d: result", i+1), out[n], b.Result, golden.Float32)
		state = out[:n]
	}
}

func TestWrongArguments(t *testing.T) {
	for _, f := range loadWithState(t).Errors {
		if strings.Contains(f.Error.Message, "Python float") {
			continue // numbers have no such types in a configuration
		}
		t.Run(f.Error.Message, func(t *testing.T) {
			metric, err := metrics.Get(map[string]any{"class_name": f.Class, "config": f.Arguments})
			if err == nil {
				err = metric.(interface{ Validate() error }).Validate()
			}
			if err == nil {
				_, err = metric.State(f.YTrue, f.YPred)
			}
			if err == nil {
				err = metrics.NewAccumulator(metric).UpdateState(zeros(f.YTrue), zeros(f.YPred), nil)
			}
			require.ErrorContains(t, err, "metric")
		})
	}
}

func zeros(dims []int) *tensors.Tensor {
	return tensors.FromShape(shapes.Make(dtypes.Float32, dims...))
}

func TestNames(t *testing.T) {
	var f struct {
		Names map[string]*struct {
			Class string `json:"class"`
			Name  string `json:"name"`
		} `json:"names"`
	}
	golden.Load(t, "metrics_more", &f)
	require.Greater(t, len(f.Names), 50)
	functions := []string{"huber", "log_cosh", "binary_focal_crossentropy", "categorical_focal_crossentropy"} // which files may hold
	for given, want := range f.Names {
		metric, err := metrics.Resolve(given, []int{-1, 1}, []int{-1, 1})
		if err == nil {
			err = config.Validate(metric)
		}
		if want == nil {
			require.Equal(t, slices.Contains(functions, given), err == nil, given)
			continue
		}
		require.NoError(t, err, given)
		require.Equal(t, want.Name, metric.KerasName(), given)
		require.Equal(t, want.Class, metric.KerasClass().Name, given)
	}
}

func TestConfigRoundTrip(t *testing.T) {
	all := load(t).Metrics
	for _, f := range loadWithState(t).Metrics {
		all = append(all, f.recorded)
	}
	for _, f := range all {
		metric, err := metrics.Get(f.Config)
		require.NoError(t, err)
		encoded, err := config.Encode(metric)
		require.NoError(t, err)
		require.Equal(t, golden.JSON(t, f.Config), golden.JSON(t, encoded), f.Name)
	}
}

func TestResolveAgainstKeras(t *testing.T) {
	for _, f := range load(t).Resolve {
		metric, err := metrics.Resolve(f.Given, f.YTrue, f.YPred)
		if f.Error != "" {
			require.ErrorContains(t, err, fmt.Sprintf("unknown metric %q", f.Given))
			continue
		}
		require.NoError(t, err, f.Given)
		require.Equal(t, f.Name, metric.KerasName())
		require.Equal(t, f.Class, metric.KerasClass().Name, "%s of %v and %v", f.Given, f.YTrue, f.YPred)
	}
}

func TestResolve(t *testing.T) {
	given := metrics.TopKCategoricalAccuracy().K(3).Name("top3")
	metric, err := metrics.Resolve(given, nil, nil)
	require.NoError(t, err)
	require.Same(t, given, metric)

	metric, err = metrics.Resolve(map[string]any{"class_name": "SparseTopKCategoricalAccuracy", "config": map[string]any{"k": 2., "name": "top2"}}, nil, nil)
	require.NoError(t, err)
	require.Equal(t, "top2", metric.KerasName())

	metric, err = metrics.Resolve(map[string]any{"module": "builtins", "class_name": "function", "config": "mean_squared_error"}, nil, nil)
	require.NoError(t, err)
	require.Equal(t, "mean_squared_error", metric.KerasName())

	for want, v := range map[string]any{
		`got no metric, want a name such as "accuracy" or a metric`:                                               nil,
		`unknown metric "acuracy"; did you mean "accuracy"?`:                                                      "acuracy",
		`metric "accuracy": targets of shape () and predictions of shape (None, 2): want at least the batch axis`: "accuracy",
		`metric: got a int, want a name such as`:                                                                  3,
	} {
		_, err := metrics.Resolve(v, nil, []int{-1, 2})
		require.ErrorContains(t, err, want)
	}
}

func TestSetters(t *testing.T) {
	for _, tc := range []struct {
		metric metrics.Metric
		want   map[string]any
	}{
		{metrics.BinaryAccuracy().Name("n").Threshold(0.25), map[string]any{"name": "n", "dtype": "float32", "threshold": 0.25}},
		{metrics.AUC().Name("a").NumThresholds(3).Curve("pr").SummationMethod("Majoring").MultiLabel(true).NumLabels(2).LabelWeights(1, 2).FromLogits(true).DType("float16"),
			map[string]any{"name": "a", "dtype": "float16", "num_thresholds": 3, "curve": "PR", "summation_method": "majoring", "multi_label": true, "num_labels": 2,
				"label_weights": []any{1., 2.}, "from_logits": true}},
		{metrics.AUC().Name("a").Thresholds(0.5, 0.1), map[string]any{"name": "a", "dtype": "float32", "num_thresholds": 4, "curve": "ROC", "summation_method": "interpolation",
			"multi_label": false, "num_labels": nil, "label_weights": nil, "from_logits": false, "thresholds": []any{0.1, 0.5}}},
		{metrics.F1Score().Average(metrics.Micro).Threshold(0.5), map[string]any{"name": "f1_score", "dtype": "float32", "average": "micro", "threshold": 0.5}},
		{metrics.FBetaScore().Beta(2), map[string]any{"name": "fbeta_score", "dtype": "float32", "average": nil, "threshold": nil, "beta": 2.}},
		{metrics.IoU(3, 0, 2).Name("i").IgnoreClass(1).SparseYTrue(false).SparseYPred(false).Axis(1), map[string]any{"name": "i", "dtype": "int32", "num_classes": 3,
			"target_class_ids": []any{0, 2}, "ignore_class": 1, "sparse_y_true": false, "sparse_y_pred": false, "axis": 1}},
		{metrics.MeanIoU(3).Name("i").SparseYTrue(false), map[string]any{"name": "i", "dtype": "int32", "num_classes": 3, "ignore_class": nil, "sparse_y_true": false, "sparse_y_pred": true, "axis": -1}},
		{metrics.BinaryIoU().Name("i").TargetClassIDs(1).Threshold(0.25).DType("int"), map[string]any{"name": "i", "dtype": "int32", "target_class_ids": []any{1}, "threshold": 0.25}},
		{metrics.OneHotIoU(3, 1).Name("i").SparseYPred(true).DType("mixed_float16"), map[string]any{"name": "i", "dtype": "float16", "num_classes": 3, "target_class_ids": []any{1},
			"ignore_class": nil, "sparse_y_pred": true, "axis": -1}},
		{metrics.OneHotMeanIoU(3).Name("i"), map[string]any{"name": "i", "dtype": "int32", "num_classes": 3, "ignore_class": nil, "sparse_y_pred": false, "axis": -1}},
		{metrics.Mean().Name("m").DType("float"), map[string]any{"name": "m", "dtype": "float32"}},
		{metrics.SparseTopKCategoricalAccuracy().K(3), map[string]any{"name": "sparse_top_k_categorical_accuracy", "dtype": "float32", "k": 3}},
		{metrics.BinaryCrossentropy().FromLogits(true).LabelSmoothing(0.1), map[string]any{"name": "binary_crossentropy", "dtype": "float32", "from_logits": true, "label_smoothing": 0.1}},
		{metrics.CategoricalCrossentropy().FromLogits(true).LabelSmoothing(0.1).Axis(1), map[string]any{"name": "categorical_crossentropy", "dtype": "float32", "from_logits": true, "label_smoothing": 0.1, "axis": 1}},
		{metrics.SparseCategoricalCrossentropy().FromLogits(true).IgnoreClass(7).Axis(1), map[string]any{"name": "sparse_categorical_crossentropy", "dtype": "float32", "from_logits": true, "ignore_class": 7, "axis": 1}},
	} {
		got, err := config.Fields(tc.metric.KerasConfig())
		require.NoError(t, err)
		require.Equal(t, tc.want, got)
	}
}

func TestMeanAgainstKeras(t *testing.T) {
	all := load(t)
	golden.OnEngines(t, func(t *testing.T, backend compute.Backend) {
		state := []*tensors.Tensor{zero(), zero()}
		for i, f := range all.Mean {
			out, err := graph.CallOnceN(backend, func(total, count, value, weight *graph.Node) []*graph.Node {
				total, count = metrics.UpdateMean(total, count, value, weight)
				return []*graph.Node{total, count, metrics.MeanResult(total, count)}
			}, state[0], state[1], f.Value, f.Weight)
			require.NoError(t, err)
			for j, want := range append(f.State, f.Result) {
				golden.Close(t, fmt.Sprintf("update %d", i+1), out[j], want, golden.Float32)
			}
			state = out[:2]
		}
	})
}

func TestShapeErrors(t *testing.T) {
	golden.OnEngines(t, func(t *testing.T, backend compute.Backend) {
		for name, tc := range map[string]struct {
			metric              metrics.Metric
			truth, pred, weight []int
			want                string
		}{
			"accuracy":    {metrics.Accuracy(), []int{3}, []int{3, 2}, nil, "metric accuracy: targets of shape (3,) don't fit predictions of shape (3, 2)"},
			"categorical": {metrics.CategoricalAccuracy(), []int{3, 4}, []int{2, 4}, nil, "metric categorical_accuracy: targets of shape (3,) don't fit the likeliest classes of shape (2,)"},
			"scalar":      {metrics.CategoricalAccuracy(), nil, nil, nil, "metric categorical_accuracy: targets of shape (): want an axis of classes"},
			"top k":       {metrics.SparseTopKCategoricalAccuracy(), []int{3, 4}, []int{3, 4}, nil, "metric sparse_top_k_categorical_accuracy: targets of shape (3, 4) don't fit predictions of shape (3, 4): want a class a prediction"},
			"mse":         {metrics.MeanSquaredError().Name("error"), []int{3, 4}, []int{3, 5}, nil, "error: targets of shape (3, 4) don't fit predictions of shape (3, 5)"},
			"weights":     {metrics.MeanSquaredError(), []int{3, 4}, []int{3, 4}, []int{4}, "metric mean_squared_error: sample weights of shape (4,) don't fit values of shape (3,)"},
			"many axes":   {metrics.MeanSquaredError(), []int{3, 4}, []int{3, 4}, []int{3, 4}, "metric mean_squared_error: sample weights of shape (3, 4) don't fit values of shape (3,)"},
		} {
			t.Run(name, func(t *testing.T) {
				args := []any{ones(tc.truth), ones(tc.pred)}
				if tc.weight != nil {
					args = append(args, ones(tc.weight))
				}
				_, err := graph.CallOnceN(backend, func(in []*graph.Node) []*graph.Node {
					zero := graph.ScalarZero(in[0].Graph(), in[0].DType())
					return tc.metric.Update([]*graph.Node{zero, zero}, metrics.Batch{YTrue: in[0], YPred: in[1], SampleWeight: append(in, nil)[2]})
				}, args...)
				require.ErrorContains(t, err, tc.want)
			})
		}
	})
}

func ones(dims []int) *tensors.Tensor {
	size := 1
	for _, d := range dims {
		size *= d
	}
	data := make([]float32, size)
	for i := range data {
		data[i] = 1
	}
	return tensors.FromFlatDataAndDimensions(data, dims...)
}
