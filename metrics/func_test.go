package metrics_test

import (
	"testing"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/internal/autoname"
	"github.com/gokeras/gokeras/internal/config"
	"github.com/gokeras/gokeras/internal/golden"
	"github.com/gokeras/gokeras/metrics"
)

func TestFunc(t *testing.T) {
	bias := func(yTrue, yPred *graph.Node) *graph.Node { return graph.Sub(yPred, yTrue) }
	given := metrics.Func("my_package>bias", bias)
	require.Equal(t, "bias", given.KerasName())
	encoded, err := config.Encode(given.Name("off"))
	require.NoError(t, err)
	require.JSONEq(t, `{"module":"keras.metrics","class_name":"MeanMetricWrapper","registered_name":null,"config":{"name":"off","dtype":"float32",
		"fn":{"module":"builtins","class_name":"function","config":"my_package>bias","registered_name":"function"}}}`, golden.JSON(t, encoded))

	read, err := metrics.Get(encoded)
	require.NoError(t, err)
	require.ErrorContains(t, read.(*metrics.FuncMetric).Validate(), `metric off: unknown metric "my_package>bias"`)
	metrics.RegisterFunc("my_package>bias", bias)
	require.NoError(t, read.(*metrics.FuncMetric).Validate())
	named, err := metrics.Resolve(map[string]any{"module": "builtins", "class_name": "function", "config": "my_package>bias", "registered_name": "function"}, nil, nil)
	require.NoError(t, err)
	require.Equal(t, "bias", named.KerasName())
	again, err := metrics.Resolve("my_package>bias", nil, nil)
	require.NoError(t, err)
	require.Equal(t, "bias", again.KerasName())
	builtin, err := metrics.Get(map[string]any{"class_name": "MeanMetricWrapper", "config": map[string]any{"name": "error", "fn": "mean_absolute_error"}})
	require.NoError(t, err)
	area, err := metrics.Get(map[string]any{"class_name": "MeanMetricWrapper", "config": map[string]any{"name": "area", "fn": "AUC"}})
	require.NoError(t, err)
	require.ErrorContains(t, area.(*metrics.FuncMetric).Validate(), `metric area: "AUC" doesn't average values: use AUC itself`)

	alone(t, func(t *testing.T) {
		for want, m := range map[float32]metrics.Metric{1.5: given, 1.5000001: read, 1.5000002: named, 2.5: builtin} {
			a := metrics.NewAccumulator(m)
			require.NoError(t, a.UpdateState([][]float32{{1}, {1}}, [][]float32{{5}, {0}}, nil))
			require.InDelta(t, want, result(t, a), 1e-6)
		}
	})
}

func TestAutomaticNames(t *testing.T) {
	autoname.Clear()
	first, renamed, second, iou := metrics.AUC(), metrics.AUC().Name("area"), metrics.AUC(), metrics.OneHotMeanIoU(3)
	require.Equal(t, "auc", first.KerasName())
	require.Equal(t, "area", renamed.KerasName())
	encoded, err := config.Encode(second)
	require.NoError(t, err)
	require.Equal(t, "auc_1", encoded["config"].(map[string]any)["name"])
	require.Equal(t, "auc_1", second.KerasName())
	require.Equal(t, "one_hot_mean_io_u", iou.KerasName())
	_, err = metrics.Get(encoded)
	require.NoError(t, err)
	given, err := metrics.Resolve("auc", nil, nil)
	require.NoError(t, err)
	require.Equal(t, "auc", given.KerasName())
	require.Equal(t, "auc_2", metrics.AUC().KerasName(), "after a metric of a file and one by name")
}
