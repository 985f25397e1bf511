package callbacks

import (
	"bytes"
	"errors"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// start makes a list of one callback for a Fit with its model and output.
func start(c Callback, params Params) (*List, *fakeModel, *bytes.Buffer) {
	var out bytes.Buffer
	model := &fakeModel{lr: 0.01}
	params.Output = &out
	list := NewList(c)
	list.SetParams(params)
	list.SetModel(model)
	return list, model, &out
}

func logs1(name string, value float64) *Logs { return NewLogs([]string{name}, []float64{value}) }

func TestWrongArgumentsAreErrorsOfTheFirstHook(t *testing.T) {
	for want, c := range map[string]Callback{
		`callbacks: EarlyStopping.OnTrainBegin: patience -1 is negative; want 0 or more`:                                               EarlyStopping().Patience(-1),
		`callbacks: EarlyStopping.OnTrainBegin: mode "maximum" is unknown; want "auto", "min" or "max"`:                                EarlyStopping().Mode("maximum"),
		`callbacks: EarlyStopping.OnTrainBegin: start_from_epoch -2 is negative; want 0 or more`:                                       EarlyStopping().StartFromEpoch(-2),
		`callbacks: EarlyStopping.OnTrainBegin: min_delta NaN is not a finite number`:                                                  EarlyStopping().MinDelta(math.NaN()),
		`callbacks: EarlyStopping.OnTrainBegin: monitor is empty; want a name of the logs, such as "val_loss"`:                         EarlyStopping().Monitor(""),
		`callbacks: EarlyStopping.OnTrainBegin: whether "val_x" should be small or large is not known; set Mode("min") or Mode("max")`: EarlyStopping().Monitor("val_x"),
		`callbacks: ReduceLROnPlateau.OnTrainBegin: factor 1 does not reduce; want 0 or more and less than 1`:                          ReduceLROnPlateau().Factor(1),
		`callbacks: ReduceLROnPlateau.OnTrainBegin: cooldown -1 is negative; want 0 or more`:                                           ReduceLROnPlateau().Cooldown(-1),
		`callbacks: ReduceLROnPlateau.OnTrainBegin: patience -3 is negative; want 0 or more`:                                           ReduceLROnPlateau().Patience(-3),
		`callbacks: ReduceLROnPlateau.OnTrainBegin: min_lr -1 is no learning rate; want a finite number, 0 or more`:                    ReduceLROnPlateau().MinLR(-1),
		`callbacks: ModelCheckpoint.OnTrainBegin: save_freq -5 is negative; want callbacks.Epoch or a number of batches`:               ModelCheckpoint("a.keras").SaveFreq(-5),
		`callbacks: ModelCheckpoint.OnTrainBegin: the path is empty; want the file to save to, such as "best.keras"`:                   ModelCheckpoint(""),
		`callbacks: ModelCheckpoint.OnTrainBegin: with SaveWeightsOnly the path must end in .weights.h5, and "/tmp/a.h5" does not`:     ModelCheckpoint("/tmp/a.h5").SaveWeightsOnly(true),
		`callbacks: LearningRateScheduler.OnTrainBegin: the schedule is nil; want a func(epoch int, lr float64) float64`:               LearningRateScheduler(nil),
		`callbacks: CSVLogger.OnTrainBegin: separator '"' can't separate columns; want a character such as ',', ';' or a tab`:          CSVLogger(filepath.Join(t.TempDir(), "a")).Separator('"'),
		`callbacks: callback 1 of 1 is nil`: (*EarlyStoppingCallback)(nil),
	} {
		list, _, _ := start(c, Params{})
		require.EqualError(t, list.OnTrainBegin(), want)
	}
	require.EqualError(t, NewList(NewHistory(), nil).OnTrainBegin(), "callbacks: callback 2 of 2 is nil")

	// Several wrong arguments are all named.
	list, _, _ := start(EarlyStopping().Patience(-1).Mode("x"), Params{})
	require.ErrorContains(t, list.OnTrainBegin(), `mode "x"`)
	require.ErrorContains(t, list.OnTrainBegin(), `patience -1`)
}

func TestNotebookMessages(t *testing.T) {
	path := filepath.Join(t.TempDir(), "made", "checkpoint")
	checkpoint := ModelCheckpoint(path).Monitor("val_accuracy").Mode("max").SaveBestOnly(true).Verbose(Bar)
	list, model, out := start(checkpoint, Params{Epochs: 10})
	require.False(t, list.ObservesBatches())
	require.NoError(t, list.OnTrainBegin())
	for epoch, accuracy := range []float64{0.5346, 0.6242, 0.6} {
		require.NoError(t, list.OnEpochEnd(epoch, logs1("val_accuracy", accuracy)))
	}
	require.Equal(t, "\nEpoch 1: val_accuracy improved from -inf to 0.53460, saving model to "+path+"\n"+
		"\nEpoch 2: val_accuracy improved from 0.53460 to 0.62420, saving model to "+path+"\n"+
		"\nEpoch 3: val_accuracy did not improve from 0.62420\n", out.String())
	require.Equal(t, []string{path, path}, model.takeSaved())
	require.DirExists(t, filepath.Dir(path))

	// The same value in the Fit of another model goes on from its best.
	list, model, out = start(checkpoint, Params{Epochs: 10})
	require.NoError(t, list.OnTrainBegin())
	require.NoError(t, list.OnEpochEnd(0, logs1("val_accuracy", 0.58)))
	require.Equal(t, "\nEpoch 1: val_accuracy did not improve from 0.62420\n", out.String())
	require.Empty(t, model.takeSaved())
	best, ok := checkpoint.Best()
	require.True(t, ok)
	require.Equal(t, 0.6242, best)
}

func TestCheckpointWithoutItsMonitorWarnsOnce(t *testing.T) {
	list, model, out := start(ModelCheckpoint("x.keras").Monitor("val_accuracy").SaveBestOnly(true), Params{})
	require.NoError(t, list.OnTrainBegin())
	for epoch := range 3 {
		require.NoError(t, list.OnEpochEnd(epoch, NewLogs([]string{"loss", "accuracy"}, []float64{1, 2})))
	}
	require.Equal(t, "\nWARNING: Can save best model only with val_accuracy available. "+
		"Available metrics are: loss,accuracy\n", out.String())
	require.Equal(t, []string{"x.keras", "x.keras", "x.keras"}, model.takeSaved())
}

func TestCheckpointErrors(t *testing.T) {
	dir := t.TempDir()
	list, _, _ := start(ModelCheckpoint(dir+"/{epoch}-{val_loss:.2f}.keras"), Params{})
	require.EqualError(t, list.OnEpochEnd(0, logs1("loss", 1)), `callbacks: ModelCheckpoint.OnEpochEnd: the path "`+dir+
		`/{epoch}-{val_loss:.2f}.keras" can't be filled in: there is no "val_loss"; there are epoch, loss`)

	list, _, _ = start(ModelCheckpoint(dir), Params{})
	require.ErrorContains(t, list.OnEpochEnd(0, nil), "is a folder; want the name of a file")

	list, _, _ = start(ModelCheckpoint(dir+"/{epoch:.3d}.keras"), Params{})
	require.ErrorContains(t, list.OnEpochEnd(0, nil), "code d takes no precision")

	// A save that failed does not count as the best.
	checkpoint := ModelCheckpoint(dir + "/x.keras").SaveBestOnly(true)
	list, model, _ := start(checkpoint, Params{})
	model.fail = fs.ErrPermission
	require.NoError(t, list.OnTrainBegin())
	err := list.OnEpochEnd(0, logs1("val_loss", 1))
	require.ErrorIs(t, err, fs.ErrPermission)
	require.ErrorContains(t, err, `saving to "`+dir+`/x.keras"`)
	_, ok := checkpoint.Best()
	require.False(t, ok)

	// A file where the folder should be.
	require.NoError(t, os.WriteFile(dir+"/file", nil, 0o600))
	list, _, _ = start(ModelCheckpoint(dir+"/file/x.keras"), Params{})
	require.ErrorContains(t, list.OnEpochEnd(0, nil), "making the folder of the checkpoint")
}

func TestCheckpointCountsBatchesWhoseHooksAreSkipped(t *testing.T) {
	// Hooks after every fourth batch, as with several steps an execution, two epochs of eight.
	list, model, _ := start(ModelCheckpoint("m-{epoch}-{batch}.keras").SaveFreq(6), Params{})
	t.Chdir(t.TempDir())
	require.True(t, list.ObservesBatches())
	require.NoError(t, list.OnTrainBegin())
	for epoch := range 2 {
		require.NoError(t, list.OnEpochBegin(epoch))
		for _, batch := range []int{3, 7} {
			require.NoError(t, list.OnTrainBatchEnd(batch, nil))
		}
		require.NoError(t, list.OnEpochEnd(epoch, nil))
	}
	require.Equal(t, []string{"m-1-8.keras", "m-2-8.keras"}, model.takeSaved())
}

func TestEarlyStoppingNaNAndMissing(t *testing.T) {
	list, model, _ := start(EarlyStopping(), Params{})
	require.NoError(t, list.OnTrainBegin())
	require.NoError(t, list.OnEpochEnd(0, logs1("val_loss", math.NaN())))
	require.False(t, model.stopped, "never stops at the first epoch")
	require.NoError(t, list.OnEpochEnd(1, logs1("val_loss", 3)))
	require.True(t, model.stopped, "in Keras nothing is better than a first NaN")

	// Where no epoch is better than another, the first is the one to restore.
	list, model, _ = start(EarlyStopping().Patience(5).RestoreBestWeights(true), Params{})
	require.NoError(t, list.OnTrainBegin())
	for epoch := range 3 {
		model.weight = float32(epoch + 1)
		require.NoError(t, list.OnEpochEnd(epoch, logs1("val_loss", math.NaN())))
	}
	require.NoError(t, list.OnTrainEnd(nil))
	require.Equal(t, float32(1), model.weight)

	list, model, out := start(EarlyStopping(), Params{})
	require.NoError(t, list.OnTrainBegin())
	for epoch := range 2 {
		require.NoError(t, list.OnEpochEnd(epoch, logs1("loss", 1)))
	}
	require.False(t, model.stopped)
	require.Equal(t, "\nWARNING: Early stopping conditioned on metric `val_loss` which is not available. "+
		"Available metrics are: loss\n", out.String())
}

func TestEarlyStoppingTellsWhatItDid(t *testing.T) {
	e := EarlyStopping().RestoreBestWeights(true)
	list, model, _ := start(e, Params{})
	require.NoError(t, list.OnTrainBegin())
	for epoch, loss := range []float64{2, 1, 3} {
		model.weight = float32(epoch)
		require.NoError(t, list.OnEpochEnd(epoch, logs1("val_loss", loss)))
	}
	require.NoError(t, list.OnTrainEnd(nil))
	epoch, ok := e.StoppedEpoch()
	require.True(t, ok)
	require.Equal(t, 2, epoch)
	require.Equal(t, 1, e.BestEpoch())
	require.Equal(t, float32(1), model.weight)

	model.fail = errors.New("no weights")
	require.NoError(t, list.OnTrainBegin())
	require.EqualError(t, list.OnEpochEnd(0, logs1("val_loss", 1)),
		"callbacks: EarlyStopping.OnEpochEnd: keeping the best weights: no weights")
}

func TestTerminateOnNaN(t *testing.T) {
	for _, loss := range []float64{math.NaN(), math.Inf(-1)} {
		list, model, out := start(TerminateOnNaN(), Params{})
		require.True(t, list.ObservesBatches())
		require.NoError(t, list.OnTrainBatchEnd(3, logs1("loss", 1)))
		require.False(t, model.stopped)
		require.NoError(t, list.OnTrainBatchEnd(4, logs1("loss", loss)))
		require.True(t, model.stopped)
		require.Equal(t, "Batch 4: Invalid loss, terminating training\n", out.String())
	}
	list, model, _ := start(TerminateOnNaN().RaiseError(true), Params{})
	require.EqualError(t, list.OnTrainBatchEnd(2, logs1("loss", math.NaN())), "callbacks: TerminateOnNaN.OnTrainBatchEnd: "+
		"NaN or Inf loss encountered at batch 2. Loss value: nan. Terminating training immediately")
	require.False(t, model.stopped)
}

func TestLearningRateErrors(t *testing.T) {
	fixed := errors.New("the learning rate is a schedule")
	half := func(_ int, lr float64) float64 { return lr / 2 }
	for _, c := range []Callback{LearningRateScheduler(half), ReduceLROnPlateau()} {
		list, model, _ := start(c, Params{})
		model.fail = fixed
		require.NoError(t, list.OnTrainBegin())
		require.ErrorIs(t, list.OnEpochEnd(0, logs1("val_loss", 1)), fixed)
	}
	list, _, _ := start(LearningRateScheduler(func(int, float64) float64 { return math.NaN() }), Params{})
	require.ErrorContains(t, list.OnEpochBegin(4), "the schedule returned NaN for epoch 4")
}

func TestHooksWithoutAModel(t *testing.T) {
	for _, c := range []Callback{
		ModelCheckpoint(filepath.Join(t.TempDir(), "x")), EarlyStopping().RestoreBestWeights(true), ReduceLROnPlateau(),
	} {
		list := NewList(c)
		require.NoError(t, list.OnTrainBegin())
		require.ErrorContains(t, list.OnEpochEnd(0, logs1("val_loss", 1)), "there is no model")
	}
	require.ErrorContains(t, TerminateOnNaN().OnTrainBatchEnd(0, logs1("loss", math.NaN())), "there is no model")
	require.ErrorContains(t, LearningRateScheduler(func(_ int, lr float64) float64 { return lr }).OnEpochBegin(0), "there is no model")
}

func TestCSVLoggerErrors(t *testing.T) {
	list := NewList(CSVLogger(filepath.Join(t.TempDir(), "none", "a.csv")))
	require.ErrorIs(t, list.OnTrainBegin(), fs.ErrNotExist)
	require.ErrorContains(t, list.OnEpochEnd(0, logs1("loss", 1)), "the log is not open")

	// Each epoch is in the file when its hook has run.
	path := filepath.Join(t.TempDir(), "a.csv")
	list = NewList(CSVLogger(path))
	require.NoError(t, list.OnTrainBegin())
	require.NoError(t, list.OnEpochEnd(0, logs1("val_loss", 0.5)))
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, "epoch,val_loss\r\n0,0.5\r\n", string(text))
	require.NoError(t, list.OnTrainEnd(nil))
	require.NoError(t, list.OnTrainEnd(nil), "closing twice")
}

type directedModel struct {
	fakeModel
	mode Mode
}

func (m *directedModel) MetricDirection(name string) (Mode, bool) { return m.mode, name == "comfort" }

func TestAutoModeAsksTheModel(t *testing.T) {
	e := EarlyStopping().Monitor("val_comfort")
	list := NewList(e)
	for _, mode := range []Mode{Max, Min} {
		list.SetModel(&directedModel{mode: mode})
		require.NoError(t, list.OnTrainBegin())
		require.Equal(t, mode == Max, e.up)
	}
}

func TestProgbarLeavesTheLineOfAnEpochCutShort(t *testing.T) {
	list, _, out := start(ProgbarLogger().Interactive(true), Params{Epochs: 1, Steps: 10, Verbose: 1})
	require.NoError(t, list.OnTrainBegin())
	require.NoError(t, list.OnEpochBegin(0))
	require.NoError(t, list.OnTrainBatchEnd(0, logs1("loss", 1)))
	require.NoError(t, list.OnTrainEnd(nil))
	require.True(t, strings.HasSuffix(out.String(), "- loss: 1.0000\n"), "%q", out)

	// An epoch that ended early shows how far it came.
	list, _, out = start(ProgbarLogger(), Params{Epochs: 1, Steps: 10, Verbose: 1})
	require.NoError(t, list.OnTrainBegin())
	require.NoError(t, list.OnEpochBegin(0))
	require.NoError(t, list.OnTrainBatchEnd(0, nil))
	require.NoError(t, list.OnTrainBatchEnd(1, nil))
	require.NoError(t, list.OnEpochEnd(0, logs1("loss", 1)))
	require.True(t, strings.HasPrefix(out.String(), " 2/10 [=====>........................] - 0s "), "%q", out)
}

func TestProgbarReadsLogsOnlyWhenItDraws(t *testing.T) {
	reads := 0
	lazy := func() *Logs {
		return LazyLogs([]string{"loss"}, func() ([]float64, error) { reads++; return []float64{1}, nil })
	}
	for _, terminal := range []bool{true, false} {
		reads = 0
		bar := ProgbarLogger().Interactive(terminal)
		now := 0.0
		bar.clock = func() float64 { return now }
		list, _, _ := start(bar, Params{Epochs: 1, Steps: 100, Verbose: 1})
		require.NoError(t, list.OnEpochBegin(0))
		for batch := range 100 {
			now += 0.01
			require.NoError(t, list.OnTrainBatchEnd(batch, lazy()))
		}
		if terminal {
			require.InDelta(t, 20, reads, 4)
		} else {
			require.Zero(t, reads)
		}
	}
}

func TestProgbarWithoutSteps(t *testing.T) {
	for _, verbose := range []int{1, 2} {
		list, _, out := start(ProgbarLogger(), Params{Epochs: 1, Verbose: verbose})
		require.NoError(t, list.OnEpochBegin(0))
		require.NoError(t, list.OnEpochEnd(0, nil))
		require.Contains(t, out.String(), "0")
	}
}

type failingWriter struct{}

func (failingWriter) Write([]byte) (int, error) { return 0, fs.ErrClosed }

func TestOutputThatFails(t *testing.T) {
	list := NewList(ProgbarLogger())
	list.SetParams(Params{Epochs: 2, Verbose: 1, Output: failingWriter{}})
	require.ErrorIs(t, list.OnEpochBegin(0), fs.ErrClosed)
	list = NewList(ModelCheckpoint("x").Verbose(Bar))
	list.SetParams(Params{Output: failingWriter{}})
	require.ErrorIs(t, list.OnEpochEnd(0, nil), fs.ErrClosed)
}
