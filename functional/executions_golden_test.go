package functional_test

import (
	"encoding/json"
	"io"
	"testing"

	"github.com/gomlx/compute"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/backend"
	"github.com/gokeras/gokeras/callbacks"
	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/internal/golden"
)

// hookCall is a hook as the fixture notes it.
type hookCall struct {
	Hook   string
	Number *int
	Loss   *float64
}

// hookNotes notes each hook with its number and the loss it sees.
type hookNotes struct {
	callbacks.Base
	list []hookCall
}

func (n *hookNotes) note(hook string, number int, logs *callbacks.Logs) error {
	c := hookCall{Hook: hook}
	if number >= 0 {
		c.Number = &number
	}
	if loss, ok := logs.Get("loss"); ok {
		c.Loss = &loss
	}
	n.list = append(n.list, c)
	return nil
}

func (n *hookNotes) OnTrainBegin() error                { return n.note("on_train_begin", -1, nil) }
func (n *hookNotes) OnTrainEnd(l *callbacks.Logs) error { return n.note("on_train_end", -1, l) }
func (n *hookNotes) OnEpochBegin(epoch int) error       { return n.note("on_epoch_begin", epoch, nil) }
func (n *hookNotes) OnTestBegin() error                 { return n.note("on_test_begin", -1, nil) }
func (n *hookNotes) OnTestEnd(l *callbacks.Logs) error  { return n.note("on_test_end", -1, l) }
func (n *hookNotes) OnPredictBegin() error              { return n.note("on_predict_begin", -1, nil) }
func (n *hookNotes) OnPredictEnd() error                { return n.note("on_predict_end", -1, nil) }
func (n *hookNotes) OnTrainBatchBegin(i int) error      { return n.note("on_train_batch_begin", i, nil) }
func (n *hookNotes) OnTestBatchBegin(i int) error       { return n.note("on_test_batch_begin", i, nil) }
func (n *hookNotes) OnPredictBatchBegin(i int) error    { return n.note("on_predict_batch_begin", i, nil) }
func (n *hookNotes) OnPredictBatchEnd(i int) error      { return n.note("on_predict_batch_end", i, nil) }
func (n *hookNotes) OnEpochEnd(i int, l *callbacks.Logs) error {
	return n.note("on_epoch_end", i, l)
}
func (n *hookNotes) OnTrainBatchEnd(i int, l *callbacks.Logs) error {
	return n.note("on_train_batch_end", i, l)
}
func (n *hookNotes) OnTestBatchEnd(i int, l *callbacks.Logs) error {
	return n.note("on_test_batch_end", i, l)
}

// TestExecutionsAgainstKeras runs several steps between two calls of callbacks, as Keras did.
func TestExecutionsAgainstKeras(t *testing.T) {
	var fixture struct {
		Executions []struct {
			Name    string
			Model   json.RawMessage
			Steps   int `json:"steps_per_execution"`
			Fit     map[string]any
			X, Y    golden.Array
			Initial []namedArray `json:"initial_weights"`
			Final   []namedArray `json:"final_weights"`
			History map[string][]float64
			Scores  map[string]float64 `json:"evaluate"`
			Output  golden.Array       `json:"predictions"`
			Calls   []hookCall
		}
	}
	golden.Load(t, "training", &fixture)
	require.NotEmpty(t, fixture.Executions)
	tolerance := golden.Tolerance{Abs: 2e-6, Rel: 2e-5}
	for at, tc := range fixture.Executions {
		t.Run(tc.Name, func(t *testing.T) {
			golden.OnSomeEngines(t, at, func(t *testing.T, engine compute.Backend) {
				defer backend.Use(engine)()
				m, err := functional.FromJSON(tc.Model, false)
				require.NoError(t, err)
				begin(t, m, tc.Initial)
				optimizer := map[string]any{"class_name": "Adam", "config": map[string]any{"learning_rate": 0.01}}
				require.NoError(t, m.Compile(functional.Compile{Optimizer: optimizer, Loss: "categorical_crossentropy",
					Metrics: []any{"accuracy"}, StepsPerExecution: tc.Steps}))
				x, y := tc.X.Tensor(t), tc.Y.Tensor(t)
				first := func(a golden.Array) any {
					cut := golden.Array{Shape: append([]int{14}, a.Shape[1:]...), DType: a.DType}
					cut.Data = a.Data[:14*len(a.Data)/a.Shape[0]]
					return cut.Tensor(t)
				}
				notes := &hookNotes{}
				f := fitArguments(t, tc.Fit)
				f.Verbose, f.Callbacks = functional.Bar, []callbacks.Callback{notes}
				f.ValidationData = &functional.Data{X: first(tc.X), Y: first(tc.Y)}
				history, err := m.Fit(x, y, f)
				require.NoError(t, err)
				require.Len(t, history.History, len(tc.History))
				for key, want := range tc.History {
					closeNumbers(t, key, history.History[key], want, tolerance)
				}
				for i, w := range m.Weights() {
					value, err := w.Value()
					require.NoError(t, err)
					golden.Close(t, tc.Final[i].Path, value, tc.Final[i].Value, tolerance)
				}
				scores, err := m.Evaluate(x, y, functional.Evaluate{BatchSize: 4, Callbacks: f.Callbacks, Output: io.Discard})
				require.NoError(t, err)
				for key, want := range tc.Scores {
					require.InDelta(t, want, scores.Value(key), 2e-5, key)
				}
				output, err := m.Predict(x, functional.Predict{BatchSize: 4, Callbacks: f.Callbacks, Output: io.Discard})
				require.NoError(t, err)
				golden.Close(t, "predictions", output, tc.Output, tolerance)
				require.Len(t, notes.list, len(tc.Calls))
				for i, want := range tc.Calls {
					got := notes.list[i]
					require.Equal(t, want.Hook, got.Hook)
					require.Equal(t, want.Number, got.Number, want.Hook)
					if want.Loss != nil {
						require.NotNil(t, got.Loss, want.Hook)
						require.InDelta(t, *want.Loss, *got.Loss, 2e-5, want.Hook)
					}
				}
			})
		})
	}
}
