package functional_test

import (
	"bytes"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/callbacks"
	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/losses"
	"github.com/gokeras/gokeras/metrics"
)

// TestPanicsOfUsersParts has each of a user's parts panic: an error names the part, and the model goes on.
func TestPanicsOfUsersParts(t *testing.T) {
	onGo(t)
	bad := errors.New("my mistake")
	x, y := classes(t, 16)
	loss := losses.Func("bad_loss", func(yTrue, yPred *graph.Node) *graph.Node { panic(bad) })
	metric := metrics.Func("bad_metric", func(yTrue, yPred *graph.Node) *graph.Node { panic(bad) })
	sparse := "sparse_categorical_crossentropy"
	on := func(c *callbacks.LambdaCallback) []callbacks.Callback { return []callbacks.Callback{c} }
	for name, c := range map[string]struct {
		compile   functional.Compile
		callbacks []callbacks.Callback
		says      string
	}{
		"loss":        {functional.Compile{Loss: loss}, nil, "bad_loss"},
		"metric":      {functional.Compile{Loss: sparse, Metrics: []any{metric}}, nil, "bad_metric"},
		"train begin": {functional.Compile{Loss: sparse}, on(&callbacks.LambdaCallback{TrainBegin: func() error { panic(bad) }}), "LambdaCallback"},
		"epoch end":   {functional.Compile{Loss: sparse}, on(&callbacks.LambdaCallback{EpochEnd: func(int, *callbacks.Logs) error { panic("x") }}), "LambdaCallback"},
		"batch end":   {functional.Compile{Loss: sparse}, on(&callbacks.LambdaCallback{TrainBatchEnd: func(int, *callbacks.Logs) error { panic(bad) }}), "LambdaCallback"},
	} {
		t.Run(name, func(t *testing.T) {
			m := classifier(t)
			require.NoError(t, m.Compile(c.compile))
			_, err := m.Fit(x, y, functional.Fit{Verbose: functional.Silent, BatchSize: 8, Callbacks: c.callbacks})
			require.ErrorContains(t, err, c.says)
			if name != "epoch end" {
				require.ErrorIs(t, err, bad)
			}
			require.NoError(t, m.Compile(functional.Compile{Loss: sparse, Metrics: []any{}}))
			_, err = m.Fit(x, y, quiet)
			require.NoError(t, err)
		})
	}
}

// TestOneProgressBar passes a progress bar to Fit, which then adds none.
func TestOneProgressBar(t *testing.T) {
	onGo(t)
	x, y := classes(t, 16)
	show := func(user ...callbacks.Callback) string {
		var out bytes.Buffer
		_, err := classifier(t).Fit(x, y, functional.Fit{BatchSize: 8, Verbose: functional.Lines, Output: &out, Callbacks: user})
		require.NoError(t, err)
		return out.String()
	}
	require.Equal(t, strings.Count(show(), "Epoch 1/1"), strings.Count(show(callbacks.ProgbarLogger()), "Epoch 1/1"))
}

// TestSaveOtherFormats saves under suffixes of formats that aren't Keras's.
func TestSaveOtherFormats(t *testing.T) {
	onGo(t)
	for _, name := range []string{"m.onnx", "m.tflite", "m.PB", "m.json"} {
		require.ErrorContains(t, classifier(t).Save(filepath.Join(t.TempDir(), name)), "the suffix "+filepath.Ext(name)+" is for")
	}
	require.NoError(t, classifier(t).Save(filepath.Join(t.TempDir(), "checkpoint-0.95")))
}
