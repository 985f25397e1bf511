package metrics_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/internal/config"
	"github.com/gokeras/gokeras/internal/golden"
	"github.com/gokeras/gokeras/metrics"
)

type fixtures struct {
	Metrics []struct {
		Name      string         `json:"name"`
		Config    map[string]any `json:"config"`
		Variables []string       `json:"variables"`
		Direction string         `json:"direction"`
		Batches   []struct {
			YTrue        golden.Array   `json:"y_true"`
			YPred        golden.Array   `json:"y_pred"`
			SampleWeight *golden.Array  `json:"sample_weight"`
			State        []golden.Array `json:"state"`
			Result       golden.Array   `json:"result"`
		} `json:"batches"`
	} `json:"metrics"`
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

func zero() *tensors.Tensor { return tensors.FromScalar(float32(0)) }

func TestAgainstKeras(t *testing.T) {
	all := load(t)
	golden.OnEngines(t, func(t *testing.T, backend compute.Backend) {
		for _, f := range all.Metrics {
			t.Run(f.Name, func(t *testing.T) {
				metric, err := metrics.Get(f.Config)
				require.NoError(t, err)
				require.Equal(t, f.Direction, string(metric.(metrics.Directed).Direction()))
				var names []string
				var state []*tensors.Tensor
				for _, v := range metric.State() {
					require.Empty(t, v.Shape)
					names = append(names, v.Name)
					state = append(state, zero())
				}
				require.Equal(t, f.Variables, names)

				exec, err := graph.NewExec(backend, func(in []*graph.Node) []*graph.Node {
					var weight *graph.Node
					if len(in) == 5 {
						weight = in[4]
					}
					next := metric.Update(in[:2], in[2], in[3], weight)
					return append(next, metric.Result(next))
				})
				require.NoError(t, err)
				defer exec.Finalize()
				for i, b := range f.Batches {
					args := []any{state[0], state[1], b.YTrue.Tensor(t), b.YPred.Tensor(t)}
					if b.SampleWeight != nil {
						args = append(args, b.SampleWeight.Tensor(t))
					}
					out, err := exec.Call(args...)
					require.NoError(t, err)
					for j, want := range b.State {
						golden.Close(t, fmt.Sprintf("batch %d: %s", i+1, names[j]), out[j], want, golden.Float32)
					}
					golden.Close(t, fmt.Sprintf("batch %d: result", i+1), out[2], b.Result, golden.Float32)
					state = out[:2]
				}
			})
		}
	})
}

func TestConfigRoundTrip(t *testing.T) {
	for _, f := range load(t).Metrics {
		metric, err := metrics.Get(f.Config)
		require.NoError(t, err)
		encoded, err := config.Encode(metric)
		require.NoError(t, err)
		require.Equal(t, jsonOf(t, f.Config), jsonOf(t, encoded), f.Name)
	}
}

func jsonOf(t *testing.T, v any) string {
	raw, err := json.Marshal(v)
	require.NoError(t, err)
	return string(raw)
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
					return tc.metric.Update([]*graph.Node{zero, zero}, in[0], in[1], append(in, nil)[2])
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
