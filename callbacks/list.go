package callbacks

import (
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"runtime/debug"
	"slices"
	"strings"
)

// BatchObserver is what a callback implements, besides [Callback], to say that it has no interest in the batch hooks; a
// [List] then does not call them. It is asked after SetParams. Callbacks that lack it get every hook.
type BatchObserver interface {
	ObservesBatches() bool
}

// List runs several callbacks one after the other, in order (Keras: CallbackList). It stops at the first
// error, and says in it which callback's which hook failed.
type List struct {
	callbacks []Callback
	batch     []Callback // those that want batch hooks
	err       error
}

var _ Callback = (*List)(nil)

// NewList returns a list of the callbacks in the order in which they will run. A nil among them is an error that
// the first hook returns.
func NewList(callbacks ...Callback) *List {
	l := &List{}
	for i, c := range callbacks {
		if c == nil || (reflect.ValueOf(c).Kind() == reflect.Pointer && reflect.ValueOf(c).IsNil()) {
			l.err = errors.Join(l.err, fmt.Errorf("callbacks: callback %d of %d is nil", i+1, len(callbacks)))
			continue
		}
		l.callbacks = append(l.callbacks, c)
	}
	l.refresh()
	return l
}

// AddHistory returns the list's [History], added at the end if there was none (Keras: add_history).
func (l *List) AddHistory() *History {
	for _, c := range l.callbacks {
		if h, ok := c.(*History); ok {
			return h
		}
	}
	h := NewHistory()
	l.callbacks = append(l.callbacks, h)
	l.refresh()
	return h
}

// Callbacks returns the callbacks in the order in which they run.
func (l *List) Callbacks() []Callback { return slices.Clone(l.callbacks) }

// ObservesBatches implements [BatchObserver]: it reports whether any callback wants the batch hooks. The loop need not
// even make [Logs] for batches when none does.
func (l *List) ObservesBatches() bool { return len(l.batch) > 0 }

func (l *List) refresh() {
	l.batch = nil
	for _, c := range l.callbacks {
		if o, ok := c.(BatchObserver); !ok || o.ObservesBatches() {
			l.batch = append(l.batch, c)
		}
	}
}

// SetParams implements [Callback]. A nil Output becomes standard output.
func (l *List) SetParams(params Params) {
	if params.Output == nil {
		params.Output = io.Writer(os.Stdout)
	}
	for _, c := range l.callbacks {
		c.SetParams(params)
	}
	l.refresh()
}

// SetModel implements [Callback].
func (l *List) SetModel(model Model) {
	for _, c := range l.callbacks {
		c.SetModel(model)
	}
}

// HookError is an error of a callback's hook.
type HookError struct {
	Callback string // the callback's type, as ModelCheckpoint
	Hook     string // as OnEpochEnd
	Err      error
}

// Error implements error.
func (e *HookError) Error() string {
	return fmt.Sprintf("callbacks: %s.%s: %v", e.Callback, e.Hook, e.Err)
}

// Unwrap returns the error of the hook itself.
func (e *HookError) Unwrap() error { return e.Err }

// run calls a hook of each callback. Logs that could not be read are an error too, even where the callback, seeing no
// value, went on.
func (l *List) run(callbacks []Callback, hook string, logs *Logs, call func(Callback) error) error {
	if l.err != nil {
		return l.err
	}
	for _, c := range callbacks {
		err := guarded(c, call)
		if err == nil {
			err = logs.Err()
		}
		if err == nil {
			continue
		}
		var inner *HookError
		if errors.As(err, &inner) {
			return err
		}
		return &HookError{Callback: typeName(c), Hook: hook, Err: err}
	}
	return nil
}

// guarded calls a hook; a panic becomes an error that says where it was.
func guarded(c Callback, call func(Callback) error) (err error) {
	defer func() {
		switch p := recover().(type) {
		case nil:
		case error:
			err = fmt.Errorf("panic: %w\n%s", p, debug.Stack())
		default:
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return call(c)
}

// typeName is Keras's name of a callback of this package's, and the type's of others.
func typeName(c Callback) string {
	t := reflect.TypeOf(c)
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.Name() == "" {
		return t.String()
	}
	if name, isOurs := strings.CutSuffix(t.Name(), "Callback"); isOurs && t.PkgPath() == reflect.TypeFor[Base]().PkgPath() && t != reflect.TypeFor[LambdaCallback]() {
		return name
	}
	return t.Name()
}

// OnTrainBegin implements [Callback].
func (l *List) OnTrainBegin() error {
	if err := l.run(l.callbacks, "OnTrainBegin", nil, Callback.OnTrainBegin); err != nil {
		return err
	}
	return l.eachBackup("OnTrainBegin", (*BackupAndRestoreCallback).restore)
}

// OnTrainEnd implements [Callback].
func (l *List) OnTrainEnd(logs *Logs) error {
	return l.run(l.callbacks, "OnTrainEnd", logs, func(c Callback) error { return c.OnTrainEnd(logs) })
}

// OnEpochBegin implements [Callback].
func (l *List) OnEpochBegin(epoch int) error {
	return l.run(l.callbacks, "OnEpochBegin", nil, func(c Callback) error { return c.OnEpochBegin(epoch) })
}

// OnEpochEnd implements [Callback].
func (l *List) OnEpochEnd(epoch int, logs *Logs) error {
	if err := l.run(l.callbacks, "OnEpochEnd", logs, func(c Callback) error { return c.OnEpochEnd(epoch, logs) }); err != nil {
		return err
	}
	return l.eachBackup("OnEpochEnd", func(b *BackupAndRestoreCallback) error { return b.settle(logs) })
}

// OnTrainBatchBegin implements [Callback].
func (l *List) OnTrainBatchBegin(batch int) error {
	return l.run(l.batch, "OnTrainBatchBegin", nil, func(c Callback) error { return c.OnTrainBatchBegin(batch) })
}

// OnTrainBatchEnd implements [Callback].
func (l *List) OnTrainBatchEnd(batch int, logs *Logs) error {
	if err := l.run(l.batch, "OnTrainBatchEnd", logs, func(c Callback) error { return c.OnTrainBatchEnd(batch, logs) }); err != nil {
		return err
	}
	return l.eachBackup("OnTrainBatchEnd", func(b *BackupAndRestoreCallback) error { return b.settle(logs) })
}

// OnTestBegin implements [Callback].
func (l *List) OnTestBegin() error {
	return l.run(l.callbacks, "OnTestBegin", nil, Callback.OnTestBegin)
}

// OnTestEnd implements [Callback].
func (l *List) OnTestEnd(logs *Logs) error {
	return l.run(l.callbacks, "OnTestEnd", logs, func(c Callback) error { return c.OnTestEnd(logs) })
}

// OnTestBatchBegin implements [Callback].
func (l *List) OnTestBatchBegin(batch int) error {
	return l.run(l.batch, "OnTestBatchBegin", nil, func(c Callback) error { return c.OnTestBatchBegin(batch) })
}

// OnTestBatchEnd implements [Callback].
func (l *List) OnTestBatchEnd(batch int, logs *Logs) error {
	return l.run(l.batch, "OnTestBatchEnd", logs, func(c Callback) error { return c.OnTestBatchEnd(batch, logs) })
}

// OnPredictBegin implements [Callback].
func (l *List) OnPredictBegin() error {
	return l.run(l.callbacks, "OnPredictBegin", nil, Callback.OnPredictBegin)
}

// OnPredictEnd implements [Callback].
func (l *List) OnPredictEnd() error {
	return l.run(l.callbacks, "OnPredictEnd", nil, Callback.OnPredictEnd)
}

// OnPredictBatchBegin implements [Callback].
func (l *List) OnPredictBatchBegin(batch int) error {
	return l.run(l.batch, "OnPredictBatchBegin", nil, func(c Callback) error { return c.OnPredictBatchBegin(batch) })
}

// OnPredictBatchEnd implements [Callback].
func (l *List) OnPredictBatchEnd(batch int) error {
	return l.run(l.batch, "OnPredictBatchEnd", nil, func(c Callback) error { return c.OnPredictBatchEnd(batch) })
}
