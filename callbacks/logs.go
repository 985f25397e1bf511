package callbacks

import (
	"fmt"
	"iter"
	"slices"
)

// Logs is an ordered set of named numbers (Keras: the logs dictionary of a hook), such as loss, accuracy and val_loss.
//
// The numbers may still be on the device. They are read, all at once, the first time that one of them is asked for;
// names can be asked for at no cost. Logs are meant to be read within the hook that gets them: afterwards the device may
// have moved on. A nil *Logs is an empty set. Logs are not safe for use by several goroutines at once.
type Logs struct {
	names  []string
	values map[string]float64 // what is known: fetched or set
	fetch  func() ([]float64, error)
	from   []string // the names whose values fetch returns
	err    error
}

// NewLogs returns Logs with the given names, which must differ, and their values. Lists of different lengths or
// a repeated name make empty Logs whose [Logs.Err] says so.
func NewLogs(names []string, values []float64) *Logs {
	l := LazyLogs(names, func() ([]float64, error) { return values, nil })
	l.load()
	return l
}

// LazyLogs returns Logs whose values come from fetch, called at most once and only when a value is asked for. It must
// return as many values as there are names. After a failed fetch the names have no values and [Logs.Err] says why.
func LazyLogs(names []string, fetch func() ([]float64, error)) *Logs {
	l := &Logs{values: make(map[string]float64, len(names))}
	for i, name := range names {
		if slices.Contains(names[:i], name) {
			l.err = fmt.Errorf("callbacks: logs: name %q appears twice in %q", name, names)
			return l
		}
	}
	l.names = slices.Clone(names)
	l.from, l.fetch = l.names[:len(l.names):len(l.names)], fetch
	return l
}

// load brings the values in, if it has not been tried before.
func (l *Logs) load() {
	if l.fetch == nil {
		return
	}
	fetch := l.fetch
	l.fetch = nil // also lets go of what the closure holds
	values, err := fetch()
	if err == nil && len(values) != len(l.from) {
		err = fmt.Errorf("got %d values for the %d names %q", len(values), len(l.from), l.from)
	}
	if err != nil {
		l.err = fmt.Errorf("callbacks: logs: %w", err)
		l.names = slices.DeleteFunc(slices.Clone(l.names), func(name string) bool {
			_, set := l.values[name]
			return !set
		})
		return
	}
	for i, name := range l.from {
		if _, set := l.values[name]; !set {
			l.values[name] = values[i]
		}
	}
}

// Names returns the names in order. It does not read the device.
func (l *Logs) Names() []string {
	if l == nil {
		return nil
	}
	return slices.Clone(l.names)
}

// Len returns the number of names. It does not read the device.
func (l *Logs) Len() int {
	if l == nil {
		return 0
	}
	return len(l.names)
}

// Get returns the value of name, and whether there is one.
func (l *Logs) Get(name string) (float64, bool) {
	if l == nil {
		return 0, false
	}
	if value, ok := l.values[name]; ok {
		return value, true
	}
	if !slices.Contains(l.names, name) {
		return 0, false
	}
	l.load()
	value, ok := l.values[name]
	return value, ok
}

// Set adds a value, after the others, or replaces one in its place; the callbacks that come later see it. On nil Logs
// it does nothing.
func (l *Logs) Set(name string, value float64) {
	if l == nil {
		return
	}
	if !slices.Contains(l.names, name) {
		l.names = append(l.names, name)
	}
	if l.values == nil {
		l.values = map[string]float64{}
	}
	l.values[name] = value
}

// All returns the names with their values, in order.
func (l *Logs) All() iter.Seq2[string, float64] {
	return func(yield func(string, float64) bool) {
		if l == nil {
			return
		}
		l.load()
		for _, name := range slices.Clone(l.names) {
			if value, ok := l.values[name]; ok && !yield(name, value) {
				return
			}
		}
	}
}

// Err returns why the values could not be had, if reading them was tried and failed.
func (l *Logs) Err() error {
	if l == nil {
		return nil
	}
	return l.err
}
