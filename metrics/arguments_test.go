package metrics_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/internal/config"
	"github.com/gokeras/gokeras/metrics"
)

func TestArgumentsOfCounts(t *testing.T) {
	fields := func(m metrics.Metric) map[string]any {
		got, err := config.Fields(m.KerasConfig())
		require.NoError(t, err)
		require.NoError(t, config.Validate(m))
		delete(got, "name")
		delete(got, "dtype")
		return got
	}
	require.Equal(t, map[string]any{"thresholds": 0.25, "top_k": 2, "class_id": 1}, fields(metrics.Precision().Thresholds(0.25).TopK(2).ClassID(1)))
	require.Equal(t, map[string]any{"thresholds": []any{0.25, 0.5}, "top_k": nil, "class_id": nil}, fields(metrics.Recall().Thresholds(0.25, 0.5)))
	require.Equal(t, map[string]any{"thresholds": nil}, fields(metrics.TruePositives()))
	require.Equal(t, map[string]any{"recall": 0.5, "num_thresholds": 7, "class_id": 2}, fields(metrics.PrecisionAtRecall(0.5).NumThresholds(7).ClassID(2)))
	require.Equal(t, map[string]any{"class_aggregation": nil, "num_regressors": 3},
		fields(metrics.R2Score().ClassAggregation(metrics.NoAggregation).NumRegressors(3)))
	require.Equal(t, map[string]any{"axis": 1}, fields(metrics.PearsonCorrelation().Axis(1)))
	require.Equal(t, map[string]any{}, fields(metrics.CosineSimilarity().Axis(1))) // Keras's files don't keep it
	require.Equal(t, map[string]any{"k": 3, "from_sorted_ids": true}, fields(metrics.SparseTopKCategoricalAccuracy().K(3).FromSortedIDs(true)))
}

// What a hostile file asks for is refused before anything is made of it.
func TestStrangeArguments(t *testing.T) {
	for class, arguments := range map[string][]map[string]any{
		"Precision":                {{"thresholds": "0.5"}, {"thresholds": []any{}}, {"thresholds": []any{nil}}, {"top_k": -1}, {"top_k": 1 << 40}, {"class_id": 0.5}},
		"TruePositives":            {{"thresholds": -1.0}, {"dtype": "text"}},
		"SensitivityAtSpecificity": {{}, {"specificity": 0.5, "num_thresholds": 1 << 40}, {"specificity": 0.5, "num_thresholds": -3}, {"specificity": "high"}},
		"R2Score":                  {{"num_regressors": -1}, {"class_aggregation": 1}, {"dtype": "int32"}},
		"PearsonCorrelation":       {{"axis": "last"}},
	} {
		for _, a := range arguments {
			metric, err := metrics.Get(map[string]any{"class_name": class, "config": a})
			if err == nil {
				err = config.Validate(metric)
			}
			require.Error(t, err, "%s %v", class, a)
			if metric != nil {
				_, err = metric.State([]int{2, 3}, []int{2, 3})
				_ = err // a State of wrong arguments may fail, and doesn't panic
			}
		}
	}
	require.ErrorContains(t, metrics.NewAccumulator(metrics.Precision().ClassID(1<<40)).UpdateState([][]float32{{0, 1}}, [][]float32{{0, 1}}, nil), "class_id is")
	require.ErrorContains(t, metrics.NewAccumulator(metrics.Recall().TopK(3)).UpdateState([][]float32{{0, 1}}, [][]float32{{0, 1}}, nil), "top_k is 3")
	require.ErrorContains(t, metrics.NewAccumulator(metrics.ConcordanceCorrelation().Axis(-3)).UpdateState([][]float32{{0, 1}}, [][]float32{{0, 1}}, nil), "axis -3")
}
