package callbacks

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Epoch is the default of [ModelCheckpointCallback.SaveFreq]: save at the end of every epoch (Keras: save_freq="epoch").
const Epoch = 0

// ModelCheckpoint saves the model, or its weights, while it trains (Keras: ModelCheckpoint).
//
// One value used for several Fit calls, also of different models, keeps the best value that it has seen. NaN never counts
// as better.
type ModelCheckpointCallback struct {
	monitored[*ModelCheckpointCallback]
	path        string
	bestOnly    bool
	weightsOnly bool
	freq        int // batches; Epoch for every epoch
	every       time.Duration
	keep        int // of the latest files; 0: all

	best    *float64 // nil before the first comparison
	epoch   int
	counter batchCounter
	last    time.Time
	saved   []string // what was written, the latest last, as far as keep goes
}

var _ Callback = (*ModelCheckpointCallback)(nil)

// ModelCheckpoint returns a callback that saves the whole model to path after every epoch. The folder of path is
// made if there is none.
//
// Path may hold {epoch}, counted from 1, any name of the logs, and, when saving every so many batches, {batch}, also
// counted from 1, each with a Python format: "model-{epoch:02d}-{val_loss:.2f}.keras". The formats are
// [align][sign][0][width][.precision][d, f or e]. The suffix chooses the format of the file; a path without ".keras", such as
// "/tmp/checkpoint", is a Keras v3 file too.
//
// SaveBestOnly looks at "val_loss"; Verbose prints a message for each decision.
func ModelCheckpoint(path string) *ModelCheckpointCallback {
	c := &ModelCheckpointCallback{path: path, counter: newBatchCounter()}
	c.init(c, "val_loss")
	if path == "" {
		c.reject("the path is empty; want the file to save to, such as %q", "best.keras")
	}
	return c
}

// SaveBestOnly saves only when the monitored value is better than ever before. The default is false.
func (c *ModelCheckpointCallback) SaveBestOnly(only bool) *ModelCheckpointCallback {
	c.bestOnly = only
	return c
}

// SaveWeightsOnly saves the weights without the architecture; the path must end in ".weights.h5". The default is false.
func (c *ModelCheckpointCallback) SaveWeightsOnly(only bool) *ModelCheckpointCallback {
	c.weightsOnly = only
	return c
}

// SaveFreq saves after every so many batches instead of after every [Epoch], the default. The count goes on from epoch
// to epoch.
func (c *ModelCheckpointCallback) SaveFreq(batches int) *ModelCheckpointCallback {
	c.freq = batches
	if batches < 0 {
		c.reject("save_freq %d is negative; want callbacks.Epoch or a number of batches", batches)
	}
	return c
}

// SaveEvery saves after the batch with which so much time has passed since the last save, instead of after every epoch. It is
// gokeras's own: Keras has no such argument.
func (c *ModelCheckpointCallback) SaveEvery(time time.Duration) *ModelCheckpointCallback {
	c.every = time
	if time < 0 {
		c.reject("the time %v is negative; want how long to wait between two saves", time)
	}
	return c
}

// KeepLast removes all files that the callback wrote but the latest n, where their names differ. The default is 0: it keeps all. It is gokeras's
// own: Keras has no such argument.
func (c *ModelCheckpointCallback) KeepLast(n int) *ModelCheckpointCallback {
	c.keep = c.setCount("the number of files to keep", n)
	return c
}

// InitialValueThreshold is the value that the first save must improve on (Keras: initial_value_threshold). By default
// any value does. It also forgets the best value seen so far.
func (c *ModelCheckpointCallback) InitialValueThreshold(value float64) *ModelCheckpointCallback {
	c.best = &value
	return c
}

// Best returns the best value so far, or the initial threshold; ok is false before there is one.
func (c *ModelCheckpointCallback) Best() (value float64, ok bool) {
	if c.best == nil {
		return 0, false
	}
	return *c.best, true
}

// ObservesBatches implements [BatchObserver].
func (c *ModelCheckpointCallback) ObservesBatches() bool { return c.onBatches() }

func (c *ModelCheckpointCallback) onBatches() bool { return c.freq > 0 || c.every > 0 }

// OnTrainBegin implements [Callback].
func (c *ModelCheckpointCallback) OnTrainBegin() error {
	if err := c.begin(); err != nil {
		return err
	}
	if c.weightsOnly && !strings.HasSuffix(c.path, ".weights.h5") {
		return fmt.Errorf("with SaveWeightsOnly the path must end in .weights.h5, and %q does not", c.path)
	}
	c.last = time.Now()
	if err := c.checkPath(); err != nil {
		return err
	}
	if c.bestOnly {
		return c.place()
	}
	return nil
}

// checkPath finds what is wrong with the path whatever the logs hold.
func (c *ModelCheckpointCallback) checkPath() error {
	_, err := formatPath(c.path, func(name string) (placeholder, bool) {
		bad := name == "" || strings.ContainsAny(name, "!.[]") || strings.Trim(name, "0123456789") == ""
		return placeholder{value: 1, integer: name == "epoch" || name == "batch"}, !bad && (name != "batch" || c.onBatches())
	})
	var unknown *unknownKeyError
	switch {
	case errors.As(err, &unknown) && unknown.name == "batch":
		return fmt.Errorf("the path %q can't be filled in: there is a {batch} only with SaveFreq or SaveEvery", c.path)
	case errors.As(err, &unknown):
		return fmt.Errorf("the path %q can't be filled in: {%s} is no name; want {epoch}, or a name of the logs", c.path, unknown.name)
	case err != nil:
		return fmt.Errorf("the path %q can't be filled in: %w", c.path, err)
	}
	return nil
}

// OnEpochBegin implements [Callback].
func (c *ModelCheckpointCallback) OnEpochBegin(epoch int) error {
	c.epoch = epoch
	return nil
}

// OnTrainBatchEnd implements [Callback].
func (c *ModelCheckpointCallback) OnTrainBatchEnd(batch int, logs *Logs) error {
	due := c.counter.due(batch, c.freq)
	if !due && !(c.every > 0 && time.Since(c.last) >= c.every) {
		return nil
	}
	c.last = time.Now()
	return c.save(c.epoch, batch, logs)
}

// OnEpochEnd implements [Callback].
func (c *ModelCheckpointCallback) OnEpochEnd(epoch int, logs *Logs) error {
	if c.onBatches() {
		return nil
	}
	return c.save(epoch, -1, logs)
}

// save decides and saves; batch is -1 at the end of an epoch.
func (c *ModelCheckpointCallback) save(epoch, batch int, logs *Logs) error {
	path, err := c.pathFor(epoch, batch, logs)
	if err != nil {
		return err
	}
	if !c.bestOnly {
		if err := c.say("\nEpoch %d: saving model to %s", epoch+1, path); err != nil {
			return err
		}
		return c.write(path)
	}
	if array, ok := logs.Array(c.name); ok {
		if err := c.warn("Can save best model only when `monitor` is a scalar value. Received: %s. Falling back to `save_best_only=False`.", reprArray(array)); err != nil {
			return err
		}
		return c.write(path)
	}
	value, ok, err := c.watch(logs, "Can save best model only with %s available. Available metrics are: %s")
	if err != nil {
		return err
	}
	if !ok {
		return c.write(path)
	}
	best := c.worst()
	if c.best != nil {
		best = *c.best
	}
	if !c.improves(value, best) {
		return c.say("\nEpoch %d: %s did not improve from %s", epoch+1, c.name, formatFloat(best, 'f', 5))
	}
	err = c.say("\nEpoch %d: %s improved from %s to %s, saving model to %s", epoch+1, c.name,
		formatFloat(best, 'f', 5), formatFloat(value, 'f', 5), path)
	if err != nil {
		return err
	}
	if err := c.write(path); err != nil {
		return err
	}
	c.best = &value
	return nil
}

func (c *ModelCheckpointCallback) pathFor(epoch, batch int, logs *Logs) (string, error) {
	array := ""
	path, err := formatPath(c.path, func(name string) (placeholder, bool) {
		switch {
		case name == "epoch":
			return placeholder{float64(epoch + 1), true}, true
		case name == "batch" && batch >= 0:
			return placeholder{float64(batch + 1), true}, true
		}
		value, ok := logs.Get(name)
		if _, is := logs.Array(name); is {
			array = name
		}
		return placeholder{value: value}, ok
	})
	if err == nil && array != "" {
		err = fmt.Errorf("{%s} is several numbers", array)
	}
	if err == nil {
		return path, nil
	}
	if err := logs.Err(); err != nil {
		return "", err
	}
	var unknown *unknownKeyError
	if errors.As(err, &unknown) {
		names := append([]string{"epoch"}, logs.Names()...)
		if batch >= 0 {
			names = append(names, "batch")
		}
		return "", fmt.Errorf("the path %q can't be filled in: %w; there are %s", c.path, err, strings.Join(names, ", "))
	}
	return "", fmt.Errorf("the path %q can't be filled in: %w", c.path, err)
}

func (c *ModelCheckpointCallback) write(path string) error {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return fmt.Errorf("the path %q is a folder; want the name of a file", path)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return fmt.Errorf("making the folder of the checkpoint: %w", err)
	}
	if c.Model() == nil {
		return errors.New("there is no model to save")
	}
	save := c.Model().Save
	if c.weightsOnly {
		save = c.Model().SaveWeights
	}
	if err := save(path); err != nil {
		return fmt.Errorf("saving to %q: %w", path, err)
	}
	return c.removeOld(path)
}

// removeOld removes the files beyond those to keep.
func (c *ModelCheckpointCallback) removeOld(latest string) error {
	if c.keep == 0 {
		return nil
	}
	c.saved = append(slices.DeleteFunc(c.saved, func(path string) bool { return path == latest }), latest)
	for len(c.saved) > c.keep {
		if err := os.Remove(c.saved[0]); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("removing an older checkpoint: %w", err)
		}
		c.saved = c.saved[1:]
	}
	return nil
}

// checkpointState is what [ModelCheckpoint] knows between two batches.
type checkpointState struct {
	Best    float64
	HasBest bool
	Epoch   int
	Counter batchCounter
	Saved   []string
}

// MarshalState implements [Resumable].
func (c *ModelCheckpointCallback) MarshalState() ([]byte, error) {
	s := checkpointState{Epoch: c.epoch, Counter: c.counter, Saved: c.saved}
	s.Best, s.HasBest = c.Best()
	return marshalState(s)
}

// UnmarshalState implements [Resumable].
func (c *ModelCheckpointCallback) UnmarshalState(data []byte) error {
	var s checkpointState
	if err := unmarshalState(data, &s); err != nil {
		return err
	}
	c.epoch, c.counter, c.saved, c.best = s.Epoch, s.Counter, s.Saved, nil
	if s.HasBest {
		c.best = &s.Best
	}
	return nil
}
