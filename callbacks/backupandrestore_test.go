package callbacks

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// fakeRun writes the states of a list as the only thing in a backup.
type fakeRun struct {
	list     *List
	backups  int
	restored string
}

func (r *fakeRun) Backup(path string, _ *Logs) error {
	r.backups++
	states, err := r.list.States()
	if err != nil {
		return err
	}
	data, err := marshalState(states)
	if err != nil {
		return err
	}
	return replaceFile(path, data)
}

// replaceFile makes a new file, so that another name of the old one keeps what it has.
func replaceFile(path string, data []byte) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return os.WriteFile(path, data, 0o666)
}

func (r *fakeRun) Restore(path string) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var states []State
	if err := unmarshalState(data, &states); err != nil {
		return err
	}
	r.restored = filepath.Base(path)
	return r.list.SetStates(states)
}

func resumed(callbacks ...Callback) (*List, *fakeRun) {
	list := NewList(callbacks...)
	list.SetParams(Params{})
	list.SetModel(&fakeModel{lr: 0.01})
	r := &fakeRun{list: list}
	list.SetRun(r)
	return list, r
}

// TestBackupsComeWhenTheyAreDue counts backups as Keras does, over executions of several batches too.
func TestBackupsComeWhenTheyAreDue(t *testing.T) {
	for _, c := range []struct {
		freq int
		ends []int // of executions, epoch by epoch
		want []int // backups after each
	}{
		{1, []int{0, 1, 0, 1}, []int{1, 2, 3, 4}},
		{3, []int{0, 1, 2, 0, 1, 2}, []int{0, 0, 1, 1, 1, 2}},
		{3, []int{1, 3, 1, 3}, []int{0, 1, 1, 2}},
		{4, []int{0, 1, 2, 0, 1, 2}, []int{0, 0, 0, 1, 1, 1}},
	} {
		b := BackupAndRestore(t.TempDir()).SaveFreq(c.freq)
		list, r := resumed(b)
		require.True(t, list.ObservesBatches())
		require.NoError(t, list.OnTrainBegin())
		for i, end := range c.ends {
			require.NoError(t, list.OnTrainBatchEnd(end, nil))
			require.Equal(t, c.want[i], r.backups, "%+v", c)
		}
		require.NoError(t, list.OnEpochEnd(0, nil))
		require.Equal(t, c.want[len(c.want)-1], r.backups)
	}
	list, r := resumed(BackupAndRestore(t.TempDir()))
	require.False(t, list.ObservesBatches())
	require.NoError(t, list.OnTrainBegin())
	require.NoError(t, list.OnEpochEnd(0, nil))
	require.Equal(t, 1, r.backups)
}

func TestBackupFiles(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a[b", "backup")
	names := func() (list []string) {
		entries, err := os.ReadDir(dir)
		require.NoError(t, err)
		for _, e := range entries {
			list = append(list, e.Name())
		}
		return list
	}
	b, stopping := BackupAndRestore(dir).DoubleCheckpoint(true).DeleteCheckpoint(false), EarlyStopping().Monitor("loss")
	list, _ := resumed(stopping, b)
	require.NoError(t, list.OnTrainBegin())
	require.False(t, b.Restored())
	for epoch, loss := range []float64{3, 2} {
		require.NoError(t, list.OnEpochEnd(epoch, logs1("loss", loss)))
	}
	require.Equal(t, []string{"latest.npz", "latest.npz.bkp"}, names())
	require.NoError(t, list.Finish())

	// A backup that can't be read is answered with the one before.
	require.NoError(t, os.WriteFile(filepath.Join(dir, ".latest.npz.0011.tmp"), nil, 0o666))
	list, r := resumed(stopping, b)
	require.NoError(t, list.OnTrainBegin())
	require.Equal(t, "latest.npz", r.restored)
	require.Equal(t, 1, stopping.BestEpoch())
	require.NoError(t, replaceFile(filepath.Join(dir, "latest.npz"), []byte("damaged")))
	list, r = resumed(stopping, b)
	require.NoError(t, list.OnTrainBegin())
	require.Equal(t, "latest.npz.bkp", r.restored)
	require.True(t, b.Restored())
	require.Equal(t, 0, stopping.BestEpoch())
	require.Equal(t, []string{"latest.npz", "latest.npz.bkp"}, names(), "what was left of a write is gone")
	require.NoError(t, os.Remove(filepath.Join(dir, "latest.npz.bkp")))
	require.ErrorContains(t, list.OnTrainBegin(), "callbacks: BackupAndRestore.OnTrainBegin: going on from the backup "+filepath.Join(dir, "latest.npz"))

	require.NoError(t, list.OnEpochEnd(0, logs1("loss", 3)))
	list, _ = resumed(b, ReduceLROnPlateau())
	require.ErrorContains(t, list.OnTrainBegin(), `the states are those of ["EarlyStopping" "BackupAndRestore"], the callbacks are ["BackupAndRestore" "ReduceLROnPlateau"]`)
	b.DeleteCheckpoint(true)
	require.NoError(t, list.Finish())
	require.NoDirExists(t, dir)
}

func TestWrongBackups(t *testing.T) {
	list, _ := resumed(BackupAndRestore(""))
	require.EqualError(t, list.OnTrainBegin(), "callbacks: BackupAndRestore.OnTrainBegin: backup_dir is empty; want a folder")
	list, _ = resumed(BackupAndRestore("x").SaveFreq(-1))
	require.EqualError(t, list.OnTrainBegin(), "callbacks: BackupAndRestore.OnTrainBegin: save_freq -1 is negative; want callbacks.Epoch or a number of batches")
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o666))
	list, _ = resumed(BackupAndRestore(filepath.Join(file, "dir")))
	require.ErrorContains(t, list.OnTrainBegin(), "making the folder of the backup")
	list = NewList(BackupAndRestore(t.TempDir()))
	require.ErrorContains(t, list.OnTrainBegin(), "there is no Fit to back up")
}

// TestStatesComeBack takes each callback's state through bytes, in the middle of what it does.
func TestStatesComeBack(t *testing.T) {
	losses := []float64{3, 2, 2.5, 2.4, 2.3, 2.6, 2.7}
	dir := t.TempDir()
	run := func(name string, from func(epoch int) bool) (string, string, []float64, *fakeModel) {
		path := filepath.Join(dir, name+".csv")
		var list *List
		var model *fakeModel
		var history *History
		begin := func() {
			model = &fakeModel{lr: 1}
			list = NewList(EarlyStopping().Monitor("loss").Patience(4).RestoreBestWeights(true), ReduceLROnPlateau().Monitor("loss").Patience(1).Cooldown(1).Factor(0.5),
				ModelCheckpoint("{epoch}.keras").Monitor("loss").SaveBestOnly(true), CSVLogger(path))
			history = list.AddHistory()
			list.SetParams(Params{})
			list.SetModel(model)
			require.NoError(t, list.OnTrainBegin())
		}
		begin()
		for epoch := 0; epoch < len(losses) && !model.stopped; epoch++ {
			if from(epoch) {
				states, err := list.States()
				require.NoError(t, err)
				lr, saved := model.lr, model.saved
				require.NoError(t, list.OnEpochEnd(epoch, logs1("loss", 9))) // which is forgotten
				begin()
				model.lr, model.saved = lr, saved
				require.NoError(t, list.SetStates(states))
			}
			model.weight = float32(epoch)
			require.NoError(t, list.OnEpochEnd(epoch, logs1("loss", losses[epoch])))
		}
		require.NoError(t, list.OnTrainEnd(nil))
		text, err := history.MarshalJSON()
		require.NoError(t, err)
		rows, err := os.ReadFile(path)
		require.NoError(t, err)
		return string(text), string(rows), history.History["learning_rate"], model
	}
	history, rows, rates, model := run("whole", func(int) bool { return false })
	again, rowsAgain, ratesAgain, modelAgain := run("parts", func(int) bool { return true })
	require.Equal(t, []any{history, rows, rates, model}, []any{again, rowsAgain, ratesAgain, modelAgain})
	require.Equal(t, float32(1), model.weight, "the best epoch's")

	require.ErrorContains(t, EarlyStopping().UnmarshalState([]byte("x")), "reading the state")
	for _, bad := range []heldTensor{{DType: "complex"}, {DType: "Float32", Dims: []int{1 << 40}, Data: []byte{1}}, {DType: "Float32", Dims: []int{-1}}, {DType: "Float32", Dims: []int{3}, Data: make([]byte, 11)}} {
		data, err := marshalState(earlyStoppingState{Weights: []heldTensor{bad}})
		require.NoError(t, err)
		require.ErrorContains(t, EarlyStopping().UnmarshalState(data), "reading the state", "%+v", bad)
	}
}
