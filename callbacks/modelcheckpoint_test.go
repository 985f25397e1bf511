package callbacks

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// fileModel writes a file when it is saved.
type fileModel struct{ fakeModel }

func (m *fileModel) Save(path string) error { return os.WriteFile(path, nil, 0o666) }

func TestBadPathsFailBeforeTheFirstBatch(t *testing.T) {
	for path, want := range map[string]string{
		"{epoch:zz}.keras":     "{epoch:zz}",
		"{epoch:.2d}.keras":    "code d takes no precision",
		"{val_loss:02d}.keras": "code d is for whole numbers",
		"{epoch.keras":         "'{' without its '}'",
		"epoch}.keras":         "single '}'",
		"{}.keras":             "{} is no name",
		"{0}.keras":            "{0} is no name",
		"{epoch!r}.keras":      "{epoch!r} is no name",
		"{logs[loss]}.keras":   "{logs[loss]} is no name",
		"{batch}.keras":        "there is a {batch} only with SaveFreq or SaveEvery",
		"{epoch:9999}.keras":   "0 to 255",
	} {
		list, _, _ := start(ModelCheckpoint(path), Params{})
		require.ErrorContains(t, list.OnTrainBegin(), "ModelCheckpoint.OnTrainBegin: the path ", path)
		require.ErrorContains(t, list.OnTrainBegin(), want, path)
	}
	for _, path := range []string{"{epoch:>4}.keras", "{epoch:*^+8.1f}-{val_loss:=+9.3e}.keras", "{{}}.keras"} {
		list, _, _ := start(ModelCheckpoint(path), Params{})
		require.NoError(t, list.OnTrainBegin(), path)
	}
}

// TestBestOnlyOfBatchesWithoutTheValue: batches have no val_loss; as in Keras there is a warning, and each save is made.
func TestBestOnlyOfBatchesWithoutTheValue(t *testing.T) {
	list, model, out := start(ModelCheckpoint("a-{batch}.keras").SaveFreq(2).SaveBestOnly(true), Params{})
	require.NoError(t, list.OnTrainBegin())
	for batch := range 6 {
		require.NoError(t, list.OnTrainBatchEnd(batch, logs1("loss", float64(batch))))
	}
	require.Equal(t, []string{"a-2.keras", "a-4.keras", "a-6.keras"}, model.saved)
	require.Equal(t, "\nWARNING: Can save best model only with val_loss available. Available metrics are: loss\n", out.String())
}

func TestKeepLast(t *testing.T) {
	dir := t.TempDir()
	list := NewList(ModelCheckpoint(filepath.Join(dir, "{epoch}.keras")).KeepLast(2))
	list.SetParams(Params{})
	list.SetModel(&fileModel{})
	require.NoError(t, list.OnTrainBegin())
	for epoch := range 4 {
		require.NoError(t, list.OnEpochEnd(epoch, nil))
		require.NoError(t, list.OnEpochEnd(epoch, nil)) // the same file again
	}
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	require.NoError(t, err)
	require.Equal(t, []string{filepath.Join(dir, "3.keras"), filepath.Join(dir, "4.keras")}, files)
}

func TestSaveEvery(t *testing.T) {
	c := ModelCheckpoint("{batch}.keras").SaveEvery(time.Hour)
	list, model, _ := start(c, Params{})
	require.True(t, list.ObservesBatches())
	require.NoError(t, list.OnTrainBegin())
	for batch := range 5 {
		if batch%2 == 1 {
			c.last = c.last.Add(-2 * time.Hour)
		}
		require.NoError(t, list.OnTrainBatchEnd(batch, nil))
	}
	require.NoError(t, list.OnEpochEnd(0, nil))
	require.Equal(t, []string{"2.keras", "4.keras"}, model.saved)
	list, _, _ = start(ModelCheckpoint("a").SaveEvery(-1).KeepLast(-1), Params{})
	require.ErrorContains(t, list.OnTrainBegin(), "the number of files to keep -1 is negative")
}

// TestAlignedFormatsAsPython compares with what Python's str.format gives.
func TestAlignedFormatsAsPython(t *testing.T) {
	var f struct {
		Formats []struct {
			Pattern, Text string
			Epoch         int
			Value         float64
		}
	}
	readFixture(t, "../internal/golden/testdata/callbacks.json", &f)
	require.NotEmpty(t, f.Formats)
	for _, c := range f.Formats {
		got, err := formatPath(c.Pattern, func(name string) (placeholder, bool) {
			if name == "epoch" {
				return placeholder{float64(c.Epoch), true}, true
			}
			return placeholder{value: c.Value}, true
		})
		require.NoError(t, err, c.Pattern)
		require.Equal(t, c.Text, got, fmt.Sprint(c))
	}
}
