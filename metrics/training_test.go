package metrics_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/callbacks"
	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/internal/config"
	"github.com/gokeras/gokeras/internal/golden"
	_ "github.com/gokeras/gokeras/layers"
	"github.com/gokeras/gokeras/metrics"
)

type logFixture struct {
	Model   json.RawMessage           `json:"model"`
	Compile map[string]any            `json:"compile"`
	X       golden.Array              `json:"x"`
	Y       golden.Array              `json:"y"`
	Weight  golden.Array              `json:"sample_weight"`
	History map[string][]golden.Array `json:"history"`
	OnBatch map[string]golden.Array   `json:"on_batch"`
	Scores  map[string]golden.Array   `json:"evaluate"`
}

// rows are some samples of an array.
func rows(t *testing.T, a golden.Array, from, to int) *tensors.Tensor {
	size := len(a.Data) / a.Shape[0]
	return golden.Array{Shape: append([]int{to - from}, a.Shape[1:]...), DType: a.DType, Data: a.Data[from*size : to*size]}.Tensor(t)
}

// sameValue compares a value of the logs with Keras's.
func sameValue(t *testing.T, name string, number float64, array callbacks.Array, isArray bool, want golden.Array) {
	t.Helper()
	require.Equal(t, len(want.Shape) > 0, isArray, name)
	got := callbacks.Array{Data: []float64{number}}
	if isArray {
		got = array
		require.InDelta(t, array.Mean(), number, 1e-12, name)
	}
	require.Equal(t, fmt.Sprint(want.Shape), fmt.Sprint(append([]int{}, got.Shape...)), name)
	for i, v := range want.Data {
		require.InDelta(t, float64(v), got.Data[i], 2e-5, "%s %d", name, i)
	}
}

// TestTrainingAgainstKeras compares what logs show of metrics with states and results of several shapes, of single
// steps and of steps that run together.
func TestTrainingAgainstKeras(t *testing.T) {
	var f logFixture
	golden.Load(t, "metric_logs", &f)
	require.NotEmpty(t, f.History)
	alone(t, func(t *testing.T) {
		for _, together := range []int{1, 2} {
			m, err := functional.FromJSON(f.Model, false)
			require.NoError(t, err)
			for i, w := range m.Weights() {
				require.NoError(t, w.Set(golden.RuleWeight(i, w.Name(), w.Shape()...).Tensor(t)))
			}
			require.NoError(t, m.Compile(functional.Compile{Optimizer: map[string]any{"class_name": "SGD", "config": map[string]any{"learning_rate": 0.5}},
				Loss: "categorical_crossentropy", Metrics: f.Compile["metrics"], WeightedMetrics: f.Compile["weighted_metrics"], StepsPerExecution: together}))
			fit := functional.Fit{Epochs: 3, BatchSize: 5, Shuffle: functional.Off, Verbose: functional.Silent, SampleWeight: rows(t, f.Weight, 0, 12)}
			want := maps.Clone(f.History)
			if together == 1 {
				fit.ValidationData = &functional.Data{X: rows(t, f.X, 12, 18), Y: rows(t, f.Y, 12, 18), SampleWeight: rows(t, f.Weight, 12, 18)}
			} else { // what is left is a program the less to compile
				maps.DeleteFunc(want, func(name string, _ []golden.Array) bool { return strings.HasPrefix(name, "val_") })
			}
			history, err := m.Fit(rows(t, f.X, 0, 12), rows(t, f.Y, 0, 12), fit)
			require.NoError(t, err)
			require.ElementsMatch(t, slices.Collect(maps.Keys(want)), history.Keys())
			for name, epochs := range want {
				for epoch, want := range epochs {
					arrays := history.Arrays[name]
					var array callbacks.Array
					if arrays != nil {
						array = arrays[epoch]
					}
					sameValue(t, name, history.History[name][epoch], array, arrays != nil, want)
				}
			}
			if together > 1 {
				continue
			}
			scores, err := m.Evaluate(f.X.Tensor(t), f.Y.Tensor(t), functional.Evaluate{BatchSize: 5, SampleWeight: f.Weight.Tensor(t), Verbose: functional.Silent})
			require.NoError(t, err)
			onBatch, err := m.TestOnBatch(rows(t, f.X, 0, 7), rows(t, f.Y, 0, 7), functional.BatchOptions{SampleWeight: rows(t, f.Weight, 0, 7)})
			require.NoError(t, err)
			for got, all := range map[*functional.Scores]map[string]golden.Array{scores: f.Scores, onBatch: f.OnBatch} {
				require.ElementsMatch(t, slices.Collect(maps.Keys(all)), got.Names)
				for name, want := range all {
					array, isArray := got.Arrays[name]
					sameValue(t, name, got.Value(name), array, isArray, want)
				}
			}
		}
	})
}

// TestCompileArgumentsRoundTrip reads metrics as files have them and writes them again.
func TestCompileArgumentsRoundTrip(t *testing.T) {
	var f logFixture
	golden.Load(t, "metric_logs", &f)
	for _, list := range f.Compile {
		for _, given := range list.([]any) {
			if _, isName := given.(string); isName {
				continue
			}
			metric, err := metrics.Get(given)
			require.NoError(t, err)
			encoded, err := config.Encode(metric)
			require.NoError(t, err)
			require.Equal(t, golden.JSON(t, given), golden.JSON(t, encoded))
		}
	}
}
