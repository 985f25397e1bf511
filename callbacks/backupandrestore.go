package callbacks

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// BackupAndRestore backs up a Fit while it runs, so that the same program, started again after it was killed or interrupted, goes on
// where the backup was made (Keras: BackupAndRestore). Where the engine computes the same numbers every time, the run then ends as if nothing had
// happened, bit by bit: weights, optimizer, random states, the order of the data and the place in it, the
// metrics of the running epoch, the states of callbacks ([Resumable]), and the history, which has the epochs before as well.
//
// A backup appears whole or not at all, and the one before it stays until then. The folder is for this Fit alone. When Fit ends without an error the
// backup is deleted. A Fit whose context ends, on Ctrl-C for instance, is backed up where it stopped, whatever SaveFreq says.
//
// Data that comes in batches must come in the same order again when the program is started again: the batches that the Fit has had are read and passed over.
type BackupAndRestoreCallback struct {
	Base
	dir    string
	freq   int
	double bool
	keep   bool
	err    error

	run      Run
	due      bool
	counter  batchCounter
	restored bool
}

var _ Callback = (*BackupAndRestoreCallback)(nil)

// Run is a Fit that is running, as [BackupAndRestore] sees it; package functional makes one.
type Run interface {
	// Backup writes the state of the Fit, and the latest logs, to a file, whole or not at all.
	Backup(path string, logs *Logs) error
	// Restore takes the state up from a file. Nothing changes if the file is damaged.
	Restore(path string) error
}

// BackupAndRestore returns a callback that keeps its backups in the folder dir, which is made if there is none, and makes one after each epoch.
func BackupAndRestore(dir string) *BackupAndRestoreCallback {
	b := &BackupAndRestoreCallback{dir: dir}
	if dir == "" {
		b.err = errors.New("backup_dir is empty; want a folder")
	}
	return b
}

// SaveFreq makes a backup after every so many batches instead of after every [Epoch], the default. The count goes on from epoch to epoch.
func (b *BackupAndRestoreCallback) SaveFreq(batches int) *BackupAndRestoreCallback {
	b.freq = batches
	if batches < 0 {
		b.err = errors.Join(b.err, fmt.Errorf("save_freq %d is negative; want callbacks.Epoch or a number of batches", batches))
	}
	return b
}

// DoubleCheckpoint keeps the backup before the latest, too, to go back to if the latest can't be read. The default is false.
func (b *BackupAndRestoreCallback) DoubleCheckpoint(double bool) *BackupAndRestoreCallback {
	b.double = double
	return b
}

// DeleteCheckpoint says whether the backup is deleted when Fit ends without an error. The default is true. A backup that is kept
// lets a later Fit, of more epochs, go on from it.
func (b *BackupAndRestoreCallback) DeleteCheckpoint(remove bool) *BackupAndRestoreCallback {
	b.keep = !remove
	return b
}

// Restored reports whether the last Fit went on from a backup.
func (b *BackupAndRestoreCallback) Restored() bool { return b.restored }

const (
	backupName     = "latest.npz"
	previousSuffix = ".bkp"
)

func (b *BackupAndRestoreCallback) path() string { return filepath.Join(b.dir, backupName) }

// ObservesBatches implements [BatchObserver].
func (b *BackupAndRestoreCallback) ObservesBatches() bool { return b.freq > 0 }

// OnTrainBegin implements [Callback].
func (b *BackupAndRestoreCallback) OnTrainBegin() error {
	b.due, b.counter, b.restored = false, newBatchCounter(), false
	if b.err != nil {
		return b.err
	}
	if b.run == nil {
		return errors.New("there is no Fit to back up: this list of callbacks was not made by one")
	}
	if err := os.MkdirAll(b.dir, 0o777); err != nil {
		return fmt.Errorf("making the folder of the backup: %w", err)
	}
	return nil
}

// OnTrainBatchEnd implements [Callback].
func (b *BackupAndRestoreCallback) OnTrainBatchEnd(batch int, _ *Logs) error {
	b.due = b.counter.due(batch, b.freq)
	return nil
}

// OnEpochEnd implements [Callback].
func (b *BackupAndRestoreCallback) OnEpochEnd(int, *Logs) error {
	b.due = b.freq == Epoch
	return nil
}

// MarshalState implements [Resumable].
func (b *BackupAndRestoreCallback) MarshalState() ([]byte, error) { return marshalState(b.counter) }

// UnmarshalState implements [Resumable].
func (b *BackupAndRestoreCallback) UnmarshalState(state []byte) error {
	return unmarshalState(state, &b.counter)
}

// restore takes up what there is. It runs when every callback has begun.
func (b *BackupAndRestoreCallback) restore() error {
	left, err := filepath.Glob(filepath.Join(escapeGlob(b.dir), "."+backupName+".*.tmp"))
	if err != nil {
		return err
	}
	for _, path := range left { // of a process that was killed while it wrote
		if err := os.Remove(path); err != nil {
			return fmt.Errorf("removing what was left of a backup: %w", err)
		}
	}
	var failed error
	for _, path := range []string{b.path(), b.path() + previousSuffix} {
		_, err := os.Stat(path)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err == nil {
			err = b.run.Restore(path)
		}
		if err == nil {
			b.restored = true
			return nil
		}
		failed = errors.Join(failed, fmt.Errorf("going on from the backup %s: %w", path, err))
	}
	return failed
}

func escapeGlob(dir string) string {
	return strings.NewReplacer("[", `\[`, "*", `\*`, "?", `\?`, `\`, `\\`).Replace(dir)
}

// settle makes the backup that is due. It runs when every callback has seen the end of a batch or an epoch.
func (b *BackupAndRestoreCallback) settle(logs *Logs) error {
	if !b.due {
		return nil
	}
	b.due = false
	return b.backUp(logs)
}

func (b *BackupAndRestoreCallback) backUp(logs *Logs) error {
	if b.run == nil {
		return nil
	}
	if b.double {
		if err := b.keepPrevious(); err != nil {
			return fmt.Errorf("keeping the backup before: %w", err)
		}
	}
	if err := b.run.Backup(b.path(), logs); err != nil {
		return fmt.Errorf("backing up: %w", err)
	}
	return nil
}

// keepPrevious gives the latest backup a second name, under which it stays when the next one takes its place.
func (b *BackupAndRestoreCallback) keepPrevious() error {
	next := b.path() + previousSuffix + ".new"
	if err := os.Remove(next); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	switch err := os.Link(b.path(), next); {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil: // a file system without links
		data, errRead := os.ReadFile(b.path())
		if errRead != nil {
			return errRead
		}
		if err := os.WriteFile(next, data, 0o666); err != nil {
			return errors.Join(err, os.Remove(next))
		}
	}
	return os.Rename(next, b.path()+previousSuffix)
}

// finish deletes the backups of a Fit that is done.
func (b *BackupAndRestoreCallback) finish() error {
	b.run = nil
	if b.keep {
		return nil
	}
	return b.Delete()
}

// Delete deletes the backups, and the folder if nothing else is in it. With DeleteCheckpoint(false) a program calls it when it has put the
// trained model in a safe place.
func (b *BackupAndRestoreCallback) Delete() error {
	// The older one goes first: a program killed in between has the latest still.
	for _, path := range []string{b.path() + previousSuffix + ".new", b.path() + previousSuffix, b.path()} {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("deleting the backup: %w", err)
		}
	}
	_ = os.Remove(b.dir) // which keeps what else is in it
	return nil
}

// batchCounter tells after which batches something is due that is to happen every so many; executions may be of several batches.
type batchCounter struct{ Unsaved, LastBatch int }

func newBatchCounter() batchCounter { return batchCounter{LastBatch: -1} }

func (c *batchCounter) due(batch, freq int) bool {
	if freq <= 0 {
		return false
	}
	passed := batch - c.LastBatch
	if batch <= c.LastBatch { // a new epoch
		passed = batch + 1
	}
	c.Unsaved += passed
	c.LastBatch = batch
	if c.Unsaved < freq {
		return false
	}
	c.Unsaved = 0
	return true
}

// SetRun tells the callbacks which Fit runs, so that it can be backed up.
func (l *List) SetRun(run Run) {
	for _, b := range l.backups() {
		b.run = run
	}
}

// BackUp makes a backup now, if there is a [BackupAndRestore] in the list. It wants all hooks of what has happened to be done.
func (l *List) BackUp(logs *Logs) error {
	return l.eachBackup("BackUp", func(b *BackupAndRestoreCallback) error { return b.backUp(logs) })
}

// Finish says that Fit ended without an error: backups are deleted.
func (l *List) Finish() error { return l.eachBackup("Finish", (*BackupAndRestoreCallback).finish) }

func (l *List) backups() []*BackupAndRestoreCallback {
	var list []*BackupAndRestoreCallback
	for _, c := range l.callbacks {
		if b, ok := c.(*BackupAndRestoreCallback); ok {
			list = append(list, b)
		}
	}
	return list
}

// eachBackup does what comes after a hook of all callbacks.
func (l *List) eachBackup(hook string, call func(*BackupAndRestoreCallback) error) error {
	for _, b := range l.backups() {
		if err := guarded(b, func(Callback) error { return call(b) }); err != nil {
			var inner *HookError
			if errors.As(err, &inner) {
				return err
			}
			return &HookError{Callback: typeName(b), Hook: hook, Err: err}
		}
	}
	return nil
}
