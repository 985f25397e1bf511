package bench

import (
	"bytes"
	"encoding/json"
	"errors"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/internal/golden"
	"github.com/gokeras/gokeras/layers"
)

func onGo(t *testing.T) {
	t.Helper()
	golden.OnGo(t)
	functional.ClearSession()
}

// saved writes a model to a file, compiled with the loss unless it is "".
func saved(t *testing.T, loss string, in, out *functional.Tensor) string {
	t.Helper()
	m, err := functional.NewModel(in, out)
	require.NoError(t, err)
	if loss != "" {
		require.NoError(t, m.Compile(functional.Compile{Optimizer: "sgd", Loss: loss}))
	}
	path := filepath.Join(t.TempDir(), "model.keras")
	require.NoError(t, m.Save(path))
	return path
}

// TestNotebookModels holds the models to the counts of parameters in the notebook.
func TestNotebookModels(t *testing.T) {
	onGo(t)
	var got []int
	for _, name := range Notebook {
		m, err := load(name)
		require.NoError(t, err)
		got = append(got, m.CountParams())
	}
	require.Equal(t, []int{904718, 2547406, 868502}, got)
}

func TestRun(t *testing.T) {
	onGo(t)
	in := functional.Input(functional.None, 3)
	regression := saved(t, "mse", in, layers.Dense(2).Apply(in))
	in = functional.Input(4)
	uncompiled := saved(t, "", in, layers.Dense(2).Apply(in))

	var told []string
	report, err := Run(t.Context(), Options{Models: []string{"dense", regression, uncompiled}, Batch: 4, Steps: 3, Rounds: 2,
		Progress: func(line string) { told = append(told, line) }})
	require.NoError(t, err)
	require.Equal(t, []string{"dense: compiling", regression + ": compiling", uncompiled + ": compiling", "round 1 of 2", "round 2 of 2"}, told)
	require.Equal(t, "Go Backend", report.Machine.Engine)
	require.Len(t, report.Models, 3)
	for i, r := range report.Models {
		require.Equal(t, []int{1386, 8, 10}[i], r.Params)
		require.Equal(t, 3, r.Steps)
		require.Equal(t, 12, r.Samples)
		trained := []*Sample{r.Fit, r.Bare, r.Evaluate, r.Host}
		for _, s := range append(trained, r.Predict, r.PredictOne, r.OnBatchOne, r.CallOne) {
			if i == 2 && s == nil {
				continue
			}
			require.Len(t, s.Rounds, 2)
			require.LessOrEqual(t, s.Min, s.Median)
			require.LessOrEqual(t, s.Median, s.Max)
		}
		require.Positive(t, r.Predict.Min)
		require.InEpsilon(t, 4*1000/r.Predict.Median, r.PredictRate, 1e-9)
		if i == 2 {
			require.Equal(t, []*Sample{nil, nil, nil, nil}, trained)
			require.Zero(t, r.FitRate)
		} else {
			require.InDelta(t, (r.Fit.Rounds[0]-r.Bare.Rounds[0])*1e3, r.Host.Rounds[0], 1e-6)
		}
		require.Nil(t, r.Fresh)
	}

	var table strings.Builder
	require.NoError(t, report.WriteTable(&table))
	require.Contains(t, table.String(), "Batches of 4, float32; medians of 2 rounds")
	require.Regexp(t, `(?m)^parameters +1386 +8 +10$`, table.String())
	require.Regexp(t, `(?m)^Fit, ms/step +[0-9.]+ \([0-9.]+–[0-9.]+\) .* -$`, table.String())
	require.NotContains(t, table.String(), "Peak memory")
}

func TestEnough(t *testing.T) {
	for _, tc := range []struct {
		each       time.Duration
		batchBytes int
		want       int
	}{
		{20 * time.Millisecond, 1 << 20, 50},
		{time.Microsecond, 1 << 10, mostSteps},
		{0, 0, mostSteps},
		{time.Millisecond, mostData / 100, 100},
		{time.Minute, 1, fewestSteps},
		{time.Microsecond, 2 * mostData, fewestSteps},
	} {
		require.Equal(t, tc.want, enough(tc.each, tc.batchBytes), "%v", tc)
	}
}

// TestRunChoosesSteps has no number of steps given.
func TestRunChoosesSteps(t *testing.T) {
	onGo(t)
	m, err := prepare(t.Context(), "dense", Options{Batch: 512})
	require.NoError(t, err)
	require.GreaterOrEqual(t, m.steps, fewestSteps)
	require.Equal(t, m.steps*512, m.samples)
	require.Equal(t, 4*(32+10), m.rowBytes())
}

func TestRunErrors(t *testing.T) {
	onGo(t)
	dense := Options{Models: []string{"dense"}, Batch: 2, Steps: 1, Rounds: 1}
	tests := []struct {
		name   string
		change func(*Options)
		want   string
	}{
		{"no such model", func(o *Options) { o.Models = []string{"model9"} }, `"model9" is neither a file (stat model9: no such file or directory) nor one of chain20, chain6, chain60, dense, model1, model2, model3`},
		{"no batch", func(o *Options) { o.Batch = 0 }, "want a batch and rounds of at least 1"},
		{"no process", func(o *Options) { o.Fresh = func() (*exec.Cmd, error) { return nil, errors.New("no program") } }, "no program"},
		{"a process that isn't one of ours", func(o *Options) {
			o.Fresh = func() (*exec.Cmd, error) { return exec.Command("true"), nil }
		}, "measuring dense in a process of its own: "},
		{"a process that talks otherwise", func(o *Options) {
			o.Fresh = func() (*exec.Cmd, error) { return exec.Command("sh", "-c", "read request; echo hello"), nil }
		}, `the process wrote "hello"`},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			o := dense
			tc.change(&o)
			_, err := Run(t.Context(), o)
			require.ErrorContains(t, err, tc.want)
		})
	}
}

func TestServe(t *testing.T) {
	onGo(t)
	in := functional.Input(4)
	uncompiled := saved(t, "", in, layers.Dense(2).Apply(in))
	tests := []struct {
		request Request
		wrong   string
		check   func(Reply)
	}{
		{request: Request{Do: "hello"}, check: func(r Reply) {
			require.Equal(t, "Go Backend", r.Machine.Engine)
			require.Positive(t, r.Machine.Cores)
		}},
		{request: Request{Do: "fit", Model: "dense", Steps: 1}, wrong: `"fit" wants a model that was set up, "dense" was not`},
		{request: Request{Do: "setup", Model: "dense"}, wrong: "setup wants a batch and samples"},
		{request: Request{Do: "setup", Model: "dense", Batch: 4, Samples: 1 << 40}, wrong: "is not from 0 to"},
		{request: Request{Do: "setup", Model: "dense", Batch: 4, Samples: 8}, check: func(r Reply) {
			require.Equal(t, []string{"fit", "bare", "evaluate", "predict", "predict_one", "on_batch_one", "call_one"}, r.Measures)
		}},
		{request: Request{Do: "fit", Model: "dense", Steps: 2}, check: func(r Reply) { require.Positive(t, r.Seconds) }},
		{request: Request{Do: "bare", Model: "dense", Steps: 2}, check: func(r Reply) { require.Positive(t, r.Seconds) }},
		{request: Request{Do: "data", Model: "dense"}, wrong: "data wants samples"},
		{request: Request{Do: "data", Model: "dense", Samples: 20}},
		{request: Request{Do: "evaluate", Model: "dense", Steps: 5}, check: func(r Reply) { require.Positive(t, r.Seconds) }},
		{request: Request{Do: "call_one", Model: "dense", Steps: 3}, check: func(r Reply) { require.Positive(t, r.Seconds) }},
		{request: Request{Do: "fit", Model: "dense"}, wrong: "dense: fit: got 0 steps, want at least one"},
		{request: Request{Do: "fly", Model: "dense", Steps: 1}, wrong: "there is no such measure"},
		{request: Request{Do: "memory"}, check: func(r Reply) { require.Equal(t, peakMemory() > 0, r.Bytes > 0) }},
		{request: Request{Do: "setup", Model: uncompiled, Batch: 1, Samples: 1}, check: func(r Reply) {
			require.Equal(t, []string{"predict", "predict_one", "on_batch_one", "call_one"}, r.Measures)
		}},
		{request: Request{Do: "fit", Model: uncompiled, Steps: 1}, wrong: "the model was saved without compile arguments"},
	}
	var requests, out bytes.Buffer
	for _, tc := range tests {
		require.NoError(t, json.NewEncoder(&requests).Encode(tc.request))
	}
	requests.WriteString("{not JSON\n")
	require.NoError(t, Serve(t.Context(), &requests, &out))
	replies := json.NewDecoder(&out)
	for _, tc := range tests {
		var reply Reply
		require.NoError(t, replies.Decode(&reply))
		if tc.wrong != "" {
			require.Contains(t, reply.Error, tc.wrong)
			continue
		}
		require.Empty(t, reply.Error)
		if tc.check != nil {
			tc.check(reply)
		}
	}
	var last Reply
	require.NoError(t, replies.Decode(&last))
	require.Contains(t, last.Error, "invalid character")
	require.False(t, replies.More())
}

func TestTargetsFitLosses(t *testing.T) {
	onGo(t)
	tests := []struct {
		loss  string
		shape []int
		check func(row []float32) bool
	}{
		{"categorical_crossentropy", []int{50, 3}, func(row []float32) bool { return row[0]+row[1]+row[2] == 1 && max(row[0], row[1], row[2]) == 1 }},
		{"binary_crossentropy", []int{50, 3}, func(row []float32) bool { return row[0] == 0 || row[0] == 1 }},
		{"mse", []int{50, 3}, func(row []float32) bool { return row[0] >= 0 && row[0] < 1 }},
	}
	for _, tc := range tests {
		t.Run(tc.loss, func(t *testing.T) {
			in := functional.Input(2)
			s, err := newSubject(saved(t, tc.loss, in, layers.Dense(3).Activation("softmax").Apply(in)), 10, 50)
			require.NoError(t, err)
			require.Equal(t, tc.shape, s.y[0].Shape().Dimensions)
			tensors.MustConstFlatData(s.y[0], func(flat []float32) {
				distinct := map[float32]bool{}
				for at := 0; at < len(flat); at += 3 {
					require.True(t, tc.check(flat[at:at+3]), flat[at:at+3])
					distinct[flat[at]] = true
				}
				require.Greater(t, len(distinct), 1, "all rows are alike")
			})
			_, err = s.measure(t.Context(), Fit, 5)
			require.NoError(t, err)
		})
	}
	t.Run("sparse_categorical_crossentropy", func(t *testing.T) {
		in := functional.Input(2)
		s, err := newSubject(saved(t, "sparse_categorical_crossentropy", in, layers.Dense(3).Activation("softmax").Apply(in)), 10, 50)
		require.NoError(t, err)
		require.Equal(t, []int{50}, s.y[0].Shape().Dimensions)
		counts := map[int32]int{}
		tensors.MustConstFlatData(s.y[0], func(flat []int32) {
			for _, class := range flat {
				counts[class]++
			}
		})
		require.Len(t, counts, 3)
		require.Positive(t, counts[0]*counts[1]*counts[2])
		_, err = s.measure(t.Context(), Evaluate, 5)
		require.NoError(t, err)
	})
}

func TestInputsOfIntegers(t *testing.T) {
	onGo(t)
	in := functional.InputWith(functional.InputOptions{Shape: []int{3}, DType: "int32"})
	s, err := newSubject(saved(t, "", in, layers.Reshape(3, 1).Apply(in)), 2, 4)
	require.NoError(t, err)
	require.Equal(t, "(Int32)[4, 3]", s.x[0].Shape().String())
	_, err = s.measure(t.Context(), PredictOne, 2)
	require.NoError(t, err)
}
