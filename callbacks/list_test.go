package callbacks

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestLogs(t *testing.T) {
	fetched := 0
	l := LazyLogs([]string{"loss", "accuracy"}, func() ([]float64, error) {
		fetched++
		return []float64{0.5, 0.25}, nil
	})
	require.Equal(t, []string{"loss", "accuracy"}, l.Names())
	require.Equal(t, 2, l.Len())
	_, ok := l.Get("other")
	require.False(t, ok)
	l.Set("learning_rate", 0.01)
	l.Set("accuracy", 0.75)
	value, ok := l.Get("learning_rate")
	require.True(t, ok)
	require.Equal(t, 0.01, value)
	require.NoError(t, l.Err())
	require.Zero(t, fetched)

	var got []string
	for name, value := range l.All() {
		got = append(got, fmt.Sprint(name, "=", value))
	}
	require.Equal(t, []string{"loss=0.5", "accuracy=0.75", "learning_rate=0.01"}, got)
	value, ok = l.Get("loss")
	require.True(t, ok)
	require.Equal(t, 0.5, value)
	require.Equal(t, 1, fetched)
	for range l.All() {
		break
	}

	names := l.Names()
	names[0] = "changed"
	require.Equal(t, "loss", l.Names()[0])
}

func TestLogsThatAreNilOrEmpty(t *testing.T) {
	var l *Logs
	l.Set("x", 1)
	require.Empty(t, l.Names())
	require.Zero(t, l.Len())
	require.NoError(t, l.Err())
	_, ok := l.Get("x")
	require.False(t, ok)
	for range l.All() {
		t.Fatal("a value of nothing")
	}
	zero := &Logs{}
	zero.Set("x", 1)
	value, ok := zero.Get("x")
	require.True(t, ok)
	require.Equal(t, 1.0, value)
}

func TestLogsThatFail(t *testing.T) {
	l := LazyLogs([]string{"loss"}, func() ([]float64, error) { return nil, fs.ErrClosed })
	l.Set("learning_rate", 2)
	require.NoError(t, l.Err(), "nothing was read yet")
	_, ok := l.Get("loss")
	require.False(t, ok)
	require.ErrorIs(t, l.Err(), fs.ErrClosed)
	require.Equal(t, []string{"learning_rate"}, l.Names())

	require.ErrorContains(t, NewLogs([]string{"a", "b"}, []float64{1}).Err(), `got 1 values for the 2 names ["a" "b"]`)
	require.ErrorContains(t, NewLogs([]string{"a", "a"}, []float64{1, 2}).Err(), `name "a" appears twice`)

	// A callback that ignores the failure does not hide it.
	l = LazyLogs([]string{"loss"}, func() ([]float64, error) { return nil, fs.ErrClosed })
	err := NewList(NewHistory()).OnEpochEnd(0, l)
	require.ErrorIs(t, err, fs.ErrClosed)
	require.ErrorContains(t, err, "callbacks: History.OnEpochEnd: ")
}

// tracer notes its hooks in a common list.
type tracer struct {
	Base
	name  string
	trace *[]string
	batch bool
}

func (c *tracer) ObservesBatches() bool { return c.batch }

func (c *tracer) note(hook string, args ...any) error {
	*c.trace = append(*c.trace, fmt.Sprint(append([]any{c.name, " ", hook}, args...)...))
	return nil
}

func (c *tracer) OnTrainBegin() error                      { return c.note("train begin") }
func (c *tracer) OnTrainEnd(*Logs) error                   { return c.note("train end") }
func (c *tracer) OnEpochBegin(epoch int) error             { return c.note("epoch begin ", epoch) }
func (c *tracer) OnEpochEnd(epoch int, _ *Logs) error      { return c.note("epoch end ", epoch) }
func (c *tracer) OnTrainBatchBegin(batch int) error        { return c.note("batch begin ", batch) }
func (c *tracer) OnTrainBatchEnd(batch int, _ *Logs) error { return c.note("batch end ", batch) }
func (c *tracer) OnTestBegin() error                       { return c.note("test begin") }
func (c *tracer) OnTestEnd(*Logs) error                    { return c.note("test end") }
func (c *tracer) OnTestBatchBegin(batch int) error         { return c.note("test batch begin ", batch) }
func (c *tracer) OnTestBatchEnd(batch int, _ *Logs) error  { return c.note("test batch end ", batch) }
func (c *tracer) OnPredictBegin() error                    { return c.note("predict begin") }
func (c *tracer) OnPredictEnd() error                      { return c.note("predict end") }
func (c *tracer) OnPredictBatchBegin(batch int) error      { return c.note("predict batch begin ", batch) }
func (c *tracer) OnPredictBatchEnd(batch int) error        { return c.note("predict batch end ", batch) }

// everyHook calls each hook of c once.
func everyHook(c Callback) error {
	return errors.Join(
		c.OnTrainBegin(), c.OnEpochBegin(1), c.OnTrainBatchBegin(2), c.OnTrainBatchEnd(3, nil),
		c.OnTestBegin(), c.OnTestBatchBegin(4), c.OnTestBatchEnd(5, nil), c.OnTestEnd(nil),
		c.OnEpochEnd(6, nil), c.OnTrainEnd(nil),
		c.OnPredictBegin(), c.OnPredictBatchBegin(7), c.OnPredictBatchEnd(8), c.OnPredictEnd(),
	)
}

func TestListCallsInOrder(t *testing.T) {
	var trace []string
	a := &tracer{name: "a", trace: &trace, batch: true}
	b := &tracer{name: "b", trace: &trace}
	list := NewList(a, b)
	require.True(t, list.ObservesBatches())
	require.NoError(t, everyHook(list))
	require.Equal(t, []string{
		"a train begin", "b train begin", "a epoch begin 1", "b epoch begin 1", "a batch begin 2", "a batch end 3",
		"a test begin", "b test begin", "a test batch begin 4", "a test batch end 5", "a test end", "b test end",
		"a epoch end 6", "b epoch end 6", "a train end", "b train end",
		"a predict begin", "b predict begin", "a predict batch begin 7", "a predict batch end 8", "a predict end", "b predict end",
	}, trace)
	require.False(t, NewList(b, NewHistory()).ObservesBatches())
	require.Equal(t, []Callback{a, b}, list.Callbacks())
}

func TestListErrorsNameTheCallback(t *testing.T) {
	failed := errors.New("disk full")
	after := false
	list := NewList(
		NewList(&LambdaCallback{EpochEnd: func(int, *Logs) error { return failed }}),
		&LambdaCallback{EpochEnd: func(int, *Logs) error { after = true; return nil }},
	)
	err := list.OnEpochEnd(0, nil)
	require.EqualError(t, err, "callbacks: LambdaCallback.OnEpochEnd: disk full")
	require.ErrorIs(t, err, failed)
	var hook *HookError
	require.ErrorAs(t, err, &hook)
	require.Equal(t, "OnEpochEnd", hook.Hook)
	require.False(t, after)
}

func TestListAddsDefaultsOnce(t *testing.T) {
	own := NewHistory()
	list := NewList(own)
	require.Same(t, own, list.AddHistory())
	list.AddProgbar()
	list.AddProgbar()
	require.Len(t, list.Callbacks(), 2)

	list = NewList()
	require.Same(t, list.AddHistory(), list.AddHistory())
	require.Len(t, list.Callbacks(), 1)

	list.AddProgbar()
	for verbose, want := range map[int]bool{0: false, 1: true, 2: false} {
		list.SetParams(Params{Verbose: verbose, Steps: 3})
		require.Equal(t, want, list.ObservesBatches(), verbose)
	}
}

func TestLambdaCallback(t *testing.T) {
	require.NoError(t, everyHook(&LambdaCallback{}))
	require.False(t, (&LambdaCallback{}).ObservesBatches())
	require.NoError(t, everyHook(&Base{}))

	var trace []string
	note := func(hook string) error { trace = append(trace, hook); return nil }
	hook0 := func(name string) func() error { return func() error { return note(name) } }
	hookLogs := func(name string) func(*Logs) error { return func(*Logs) error { return note(name) } }
	hookInt := func(name string) func(int) error {
		return func(i int) error { return note(fmt.Sprint(name, i)) }
	}
	hookBoth := func(name string) func(int, *Logs) error {
		return func(i int, _ *Logs) error { return note(fmt.Sprint(name, i)) }
	}
	c := &LambdaCallback{
		TrainBegin: hook0("train"), EpochBegin: hookInt("epoch"), TrainBatchBegin: hookInt("batch"),
		TrainBatchEnd: hookBoth("batch end"), TestBegin: hook0("test"), TestBatchBegin: hookInt("test batch"),
		TestBatchEnd: hookBoth("test batch end"), TestEnd: hookLogs("test end"), EpochEnd: hookBoth("epoch end"),
		TrainEnd: hookLogs("train end"), PredictBegin: hook0("predict"), PredictBatchBegin: hookInt("predict batch"),
		PredictBatchEnd: hookInt("predict batch end"), PredictEnd: hook0("predict end"),
	}
	require.True(t, c.ObservesBatches())
	require.NoError(t, everyHook(c))
	require.Equal(t, []string{"train", "epoch1", "batch2", "batch end3", "test", "test batch4", "test batch end5", "test end",
		"epoch end6", "train end", "predict", "predict batch7", "predict batch end8", "predict end"}, trace)
}

func TestHistory(t *testing.T) {
	h := NewHistory()
	list := NewList(h)
	list.SetParams(Params{Epochs: 2, Steps: 5, Verbose: 1})
	require.NoError(t, list.OnTrainBegin())
	require.NoError(t, list.OnEpochEnd(0, NewLogs([]string{"loss", "acc"}, []float64{1, 0.5})))
	require.NoError(t, list.OnEpochEnd(1, NewLogs([]string{"loss", "acc", "val_loss"}, []float64{math.NaN(), 0.75, math.Inf(1)})))
	require.Equal(t, []int{0, 1}, h.Epoch)
	require.Equal(t, []string{"loss", "acc", "val_loss"}, h.Keys())
	last, ok := h.Last("acc")
	require.True(t, ok)
	require.Equal(t, 0.75, last)
	_, ok = h.Last("other")
	require.False(t, ok)
	text, err := json.Marshal(h)
	require.NoError(t, err)
	require.Equal(t, `{"epoch":[0,1],"history":{"loss":[1,null],"acc":[0.5,0.75],"val_loss":[null]},`+
		`"params":{"verbose":1,"epochs":2,"steps":5}}`, string(text))

	// A second Fit starts the epochs anew and goes on with the values.
	require.NoError(t, list.OnTrainBegin())
	require.NoError(t, list.OnEpochEnd(0, logs1("loss", 3)))
	require.Equal(t, []int{0}, h.Epoch)
	require.Len(t, h.History["loss"], 3)

	var none *History
	require.Empty(t, none.Keys())
	_, ok = none.Last("loss")
	require.False(t, ok)
	text, err = json.Marshal(&History{})
	require.NoError(t, err)
	require.Equal(t, `{"epoch":[],"history":{},"params":{"verbose":0,"epochs":0,"steps":null}}`, string(text))
}
