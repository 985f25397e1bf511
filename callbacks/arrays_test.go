package callbacks

import (
	"bytes"
	"encoding/json"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

// arrayLogs are a number and two arrays.
func arrayLogs() *Logs {
	return LazyArrays([]string{"loss", "f1", "matrix"}, [][]int{nil, {3}, {2, 2}},
		func() ([]float64, error) { return []float64{0.5, 1, 0.5, 0, 1, 2, 3, math.NaN()}, nil })
}

func TestArraysInLogs(t *testing.T) {
	logs := arrayLogs()
	_, isArray := logs.Array("loss")
	require.False(t, isArray)
	_, isArray = logs.Array("none")
	require.False(t, isArray)
	f1, isArray := logs.Array("f1")
	require.True(t, isArray)
	require.Equal(t, Array{[]int{3}, []float64{1, 0.5, 0}}, f1)
	mean, ok := logs.Get("f1")
	require.True(t, ok)
	require.Equal(t, 0.5, mean)
	require.Equal(t, "[[1.0, 2.0], [3.0, nan]]", reprArray(logs.arrays["matrix"]))

	logs.Set("f1", 2)
	_, isArray = logs.Array("f1")
	require.False(t, isArray)
	logs.SetArray("loss", Array{[]int{2}, []float64{1, 2}})
	mean, _ = logs.Get("loss")
	require.Equal(t, 1.5, mean)
	require.Equal(t, []string{"loss", "f1", "matrix"}, logs.Names())

	var none *Logs
	none.SetArray("f1", f1)
	_, isArray = none.Array("f1")
	require.False(t, isArray)

	short := LazyArrays([]string{"f1"}, [][]int{{3}}, func() ([]float64, error) { return []float64{1, 2}, nil })
	_, ok = short.Get("f1")
	require.False(t, ok)
	require.ErrorContains(t, short.Err(), `got 2 numbers for the values ["f1"], want 3`)
	require.ErrorContains(t, LazyArrays([]string{"f1", "loss"}, [][]int{{3}}, nil).Err(), `got 1 shapes for the 2 names`)
}

func TestArraysInHistory(t *testing.T) {
	h := NewHistory()
	require.NoError(t, h.OnEpochEnd(0, arrayLogs()))
	require.Equal(t, []float64{0.5}, h.History["f1"])
	require.Equal(t, []Array{{[]int{3}, []float64{1, 0.5, 0}}}, h.Arrays["f1"])
	require.Nil(t, h.Arrays["loss"])
	text, err := json.Marshal(h)
	require.NoError(t, err)
	require.JSONEq(t, `{"epoch":[0],"history":{"loss":[0.5],"f1":[[1,0.5,0]],"matrix":[[[1,2],[3,null]]]},"params":{"verbose":0,"epochs":0,"steps":null}}`, string(text))
}

func TestArraysAreNotMonitored(t *testing.T) {
	for _, c := range []Callback{EarlyStopping().Monitor("f1").Mode("max"), ReduceLROnPlateau().Monitor("f1").Mode("max")} {
		list := NewList(c)
		list.SetModel(&fakeModel{})
		require.NoError(t, list.OnTrainBegin())
		require.ErrorContains(t, list.OnEpochEnd(0, arrayLogs()), "f1 has 3 values, of which none is better or worse: monitor a metric of one number")
	}

	// Keras goes back to saving every time.
	var out bytes.Buffer
	model := &fakeModel{}
	path := t.TempDir() + "/model"
	list := NewList(ModelCheckpoint(path).Monitor("f1").Mode("max").SaveBestOnly(true))
	list.SetParams(Params{Output: &out})
	list.SetModel(model)
	require.NoError(t, list.OnTrainBegin())
	require.NoError(t, list.OnEpochEnd(0, arrayLogs()))
	require.NoError(t, list.OnEpochEnd(1, arrayLogs()))
	require.Equal(t, []string{path, path}, model.saved)
	require.Equal(t, "\nWARNING: Can save best model only when `monitor` is a scalar value. Received: [1.0, 0.5, 0.0]. Falling back to `save_best_only=False`.\n", out.String())

	list = NewList(ModelCheckpoint(t.TempDir() + "/{f1:.2f}"))
	list.SetModel(model)
	require.NoError(t, list.OnTrainBegin())
	require.ErrorContains(t, list.OnEpochEnd(0, arrayLogs()), "can't be filled in: {f1} is several numbers")
}
