package callbacks

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// arguments are the keyword arguments given to a Keras callback; nil is one that was not given.
type arguments struct {
	Monitor   string  `json:"monitor"`
	Mode      Mode    `json:"mode"`
	MinDelta  float64 `json:"min_delta"`
	Patience  int     `json:"patience"`
	Factor    float64 `json:"factor"`
	Cooldown  int     `json:"cooldown"`
	MinLR     float64 `json:"min_lr"`
	Baseline  *float64
	Restore   bool     `json:"restore_best_weights"`
	First     int      `json:"start_from_epoch"`
	BestOnly  bool     `json:"save_best_only"`
	SaveFreq  any      `json:"save_freq"`
	Threshold *float64 `json:"initial_value_threshold"`
	Weights   bool     `json:"save_weights_only"`
}

type kerasFixture struct {
	EarlyStopping []struct {
		Args arguments
		Fits []struct {
			Values  []*float64 // nil is NaN
			Epochs  int
			Stopped bool
			Weights float32
			Output  string
		}
	} `json:"early_stopping"`
	ReduceLR []struct {
		Args   arguments
		Start  float64
		Epochs []struct {
			Value, Logged, LR float64
			Output            string
		}
	} `json:"reduce_lr"`
	Scheduler []struct {
		Start, Factor float64
		Epochs        []struct {
			Logged, LR float64
			Output     string
		}
	}
	Checkpoint []struct {
		Path string
		Args arguments
		Fits [][]struct {
			Epoch, Batch int
			Loss         float64 `json:"val_loss"`
			Accuracy     float64 `json:"val_accuracy"`
			Saved        []string
			Output       string
		}
	}
	CSV []struct {
		Separator string
		Append    bool
		Text      string
		Fits      [][][]loggedPair
	}
	Formats []struct {
		Pattern, V, Text, Error string
		Epoch                   int
	}
	Directions map[string]string
}

func loadKeras(t *testing.T) *kerasFixture {
	t.Helper()
	var f kerasFixture
	readFixture(t, "testdata/keras.json", &f)
	return &f
}

func TestEarlyStoppingDecidesAsKeras(t *testing.T) {
	cases := loadKeras(t).EarlyStopping
	require.NotEmpty(t, cases)
	for _, c := range cases {
		e := EarlyStopping().Monitor(c.Args.Monitor).Mode(c.Args.Mode).MinDelta(c.Args.MinDelta).Patience(c.Args.Patience).
			RestoreBestWeights(c.Args.Restore).StartFromEpoch(c.Args.First).Verbose(Bar)
		if c.Args.Baseline != nil {
			e.Baseline(*c.Args.Baseline)
		}
		for fit, want := range c.Fits {
			list, model, out := start(e, Params{})
			require.NoError(t, list.OnTrainBegin())
			epochs := 0
			for epoch, v := range want.Values {
				value := math.NaN()
				if v != nil {
					value = *v
				}
				model.weight = float32(epoch + 1)
				require.NoError(t, list.OnEpochEnd(epoch, NewLogs([]string{c.Args.Monitor}, []float64{value})))
				epochs++
				if model.stopped {
					break
				}
			}
			require.NoError(t, list.OnTrainEnd(nil))
			require.Equal(t, want.Epochs, epochs, "%+v fit %d %v", c.Args, fit, want.Values)
			require.Equal(t, want.Stopped, model.stopped)
			require.Equal(t, want.Weights, model.weight, "%+v fit %d %v", c.Args, fit, want.Values)
			require.Equal(t, want.Output, out.String(), "%+v", c.Args)
		}
	}
}

func TestReduceLROnPlateauDecidesAsKeras(t *testing.T) {
	cases := loadKeras(t).ReduceLR
	require.NotEmpty(t, cases)
	for _, c := range cases {
		list, model, out := start(ReduceLROnPlateau().Monitor(c.Args.Monitor).Mode(c.Args.Mode).Factor(c.Args.Factor).
			Patience(c.Args.Patience).MinDelta(c.Args.MinDelta).Cooldown(c.Args.Cooldown).MinLR(c.Args.MinLR).Verbose(Bar), Params{})
		model.lr = float32(c.Start)
		require.NoError(t, list.OnTrainBegin())
		for epoch, want := range c.Epochs {
			out.Reset()
			logs := NewLogs([]string{c.Args.Monitor}, []float64{want.Value})
			require.NoError(t, list.OnEpochEnd(epoch, logs))
			logged, _ := logs.Get("learning_rate")
			require.Equal(t, want.Logged, logged, "%+v epoch %d", c.Args, epoch)
			require.Equal(t, want.LR, float64(model.lr), "%+v epoch %d", c.Args, epoch)
			require.Equal(t, want.Output, out.String())
		}
	}
}

func TestLearningRateSchedulerAsKeras(t *testing.T) {
	cases := loadKeras(t).Scheduler
	require.NotEmpty(t, cases)
	for _, c := range cases {
		list, model, out := start(LearningRateScheduler(func(_ int, lr float64) float64 { return lr * c.Factor }).Verbose(Bar), Params{})
		model.lr = float32(c.Start)
		for epoch, want := range c.Epochs {
			out.Reset()
			require.NoError(t, list.OnEpochBegin(epoch))
			logs := NewLogs([]string{"loss"}, []float64{1})
			require.NoError(t, list.OnEpochEnd(epoch, logs))
			logged, _ := logs.Get("learning_rate")
			require.Equal(t, want.Logged, logged)
			require.Equal(t, want.LR, float64(model.lr))
			require.Equal(t, want.Output, out.String())
		}
	}
}

func TestModelCheckpointDecidesAsKeras(t *testing.T) {
	cases := loadKeras(t).Checkpoint
	require.NotEmpty(t, cases)
	t.Chdir(t.TempDir())
	for _, c := range cases {
		checkpoint := ModelCheckpoint(c.Path).Monitor(c.Args.Monitor).Mode(c.Args.Mode).SaveBestOnly(c.Args.BestOnly).
			SaveWeightsOnly(c.Args.Weights).Verbose(Bar)
		if freq, ok := c.Args.SaveFreq.(float64); ok {
			checkpoint.SaveFreq(int(freq))
		}
		if c.Args.Threshold != nil {
			checkpoint.InitialValueThreshold(*c.Args.Threshold)
		}
		for fit, events := range c.Fits {
			list, model, out := start(checkpoint, Params{})
			require.NoError(t, list.OnTrainBegin())
			for i, want := range events {
				if i == 0 || events[i-1].Epoch != want.Epoch {
					require.NoError(t, list.OnEpochBegin(want.Epoch))
				}
				out.Reset()
				logs := NewLogs([]string{"loss", "val_loss", "val_accuracy"}, []float64{0.25, want.Loss, want.Accuracy})
				if want.Batch >= 0 {
					require.NoError(t, list.OnTrainBatchEnd(want.Batch, logs))
				} else {
					require.NoError(t, list.OnEpochEnd(want.Epoch, logs))
				}
				require.Equal(t, want.Saved, model.takeSaved(), "%s %+v fit %d event %d", c.Path, c.Args, fit, i)
				require.Equal(t, want.Output, out.String(), "%s %+v fit %d event %d", c.Path, c.Args, fit, i)
			}
		}
	}
}

func TestCSVLoggerWritesAsKeras(t *testing.T) {
	cases := loadKeras(t).CSV
	require.NotEmpty(t, cases)
	for _, c := range cases {
		path := filepath.Join(t.TempDir(), "log.csv")
		list := NewList(CSVLogger(path).Separator([]rune(c.Separator)[0]).Append(c.Append))
		for _, fit := range c.Fits {
			require.NoError(t, list.OnTrainBegin())
			for epoch, pairs := range fit {
				require.NoError(t, list.OnEpochEnd(epoch, logsOf(t, pairs)))
			}
			require.NoError(t, list.OnTrainEnd(nil))
		}
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		require.Equal(t, c.Text, string(text))
	}
}

func TestFormatsAsPython(t *testing.T) {
	cases := loadKeras(t).Formats
	require.NotEmpty(t, cases)
	for _, c := range cases {
		got, err := formatPath(c.Pattern, func(name string) (placeholder, bool) {
			switch name {
			case "epoch":
				return placeholder{float64(c.Epoch), true}, true
			case "v":
				return placeholder{value: number(t, c.V)}, true
			}
			return placeholder{}, false
		})
		if c.Error != "" {
			require.Error(t, err, "%s, for which Python says %s", c.Pattern, c.Error)
			continue
		}
		require.NoError(t, err, c.Pattern)
		require.Equal(t, c.Text, got, "%s of %s", c.Pattern, c.V)
	}
}

func TestAutoModeKnowsKerasMetrics(t *testing.T) {
	known := loadKeras(t).Directions
	require.Greater(t, len(known), 30)
	want := map[string]Mode{"up": Max, "down": Min}
	for name, way := range known {
		for _, logged := range []string{name, "out_" + name, name + "_2"} {
			got, ok := direction(logged, nil)
			require.True(t, ok, logged)
			require.Equal(t, want[way], got, logged)
		}
	}
	_, ok := direction("temperature", nil)
	require.False(t, ok)
}

type progbarFixture []struct {
	What                   string
	Steps, Verbose, Epochs int
	Events                 []struct {
		Hook   string
		Args   []int
		Now    float64
		Logs   []loggedPair
		Output string
	}
}

// replay runs the hooks of one case, and calls check with what each wrote and what Keras wrote.
func replay(t *testing.T, index int, terminal bool, check func(got, keras string)) {
	t.Helper()
	var cases progbarFixture
	readFixture(t, "testdata/progbar.json", &cases)
	c := cases[index]
	var out bytes.Buffer
	now := 0.0
	bar := ProgbarLogger().Interactive(terminal)
	bar.clock = func() float64 { return now }
	list := NewList(bar)
	list.SetParams(Params{Epochs: c.Epochs, Steps: c.Steps, Verbose: c.Verbose, Output: &out})
	for _, e := range c.Events {
		now = e.Now
		out.Reset()
		logs := logsOf(t, e.Logs)
		hooks := map[string]func() error{
			"on_train_begin":       list.OnTrainBegin,
			"on_train_end":         func() error { return list.OnTrainEnd(logs) },
			"on_epoch_begin":       func() error { return list.OnEpochBegin(e.Args[0]) },
			"on_epoch_end":         func() error { return list.OnEpochEnd(e.Args[0], logs) },
			"on_train_batch_end":   func() error { return list.OnTrainBatchEnd(e.Args[0], logs) },
			"on_test_begin":        list.OnTestBegin,
			"on_test_end":          func() error { return list.OnTestEnd(logs) },
			"on_test_batch_end":    func() error { return list.OnTestBatchEnd(e.Args[0], logs) },
			"on_predict_begin":     list.OnPredictBegin,
			"on_predict_end":       list.OnPredictEnd,
			"on_predict_batch_end": func() error { return list.OnPredictBatchEnd(e.Args[0]) },
		}
		require.NoError(t, hooks[e.Hook]())
		check(out.String(), e.Output)
	}
}

func progbarCases(t *testing.T) int {
	t.Helper()
	var cases progbarFixture
	readFixture(t, "testdata/progbar.json", &cases)
	require.NotEmpty(t, cases)
	return len(cases)
}

func TestProgbarDrawsAsKerasOnATerminal(t *testing.T) {
	for i := range progbarCases(t) {
		written := 0
		replay(t, i, true, func(got, keras string) {
			require.Equal(t, keras, got, "case %d", i)
			written += len(got)
		})
		if i != 10 { // the silent one
			require.Positive(t, written)
		}
	}
}

func TestProgbarElsewhereWritesOnlyFinishedLines(t *testing.T) {
	for i := range progbarCases(t) {
		replay(t, i, false, func(got, keras string) {
			require.NotContains(t, got, "\r")
			require.NotContains(t, got, "\b")
			want := ""
			if strings.HasSuffix(keras, "\n") {
				want = strings.TrimRight(keras[strings.LastIndex(keras, "\r")+1:], " \n") + "\n"
			}
			require.Equal(t, want, got, "case %d", i)
		})
	}
}

func TestNaNNeverImproves(t *testing.T) {
	for _, up := range []bool{false, true} {
		m := monitor{up: up}
		require.False(t, m.improves(math.NaN(), m.worst()))
		require.True(t, m.improves(1, m.worst()))
	}
}

// TestNegativeValues: Keras's lines of verbose=2 write them with an exponent, its bar doesn't.
func TestNegativeValues(t *testing.T) {
	for v, want := range map[float64][2]string{-0.1996: {"-0.1996", "-1.9960e-01"}, -5.0044: {"-5.0044", "-5.0044e+00"}, 0: {"0.0000e+00", "0.0000e+00"}, 0.5: {"0.5000", "0.5000"}} {
		require.Equal(t, want, [2]string{readable(v), lineReadable(v)})
	}
}
