package callbacks

import (
	"fmt"
	"iter"
	"slices"
	"strings"
)

// Logs is an ordered set of named numbers (Keras: the logs dictionary of a hook), such as loss, accuracy and val_loss.
//
// The numbers may still be on the device. They are read, all at once, the first time that one of them is asked for;
// names can be asked for at no cost. Logs are meant to be read within the hook that gets them: afterwards the device may
// have moved on. A nil *Logs is an empty set. Logs are not safe for use by several goroutines at once.
//
// A value may be an [Array] instead of a number. Where a number is asked for, it is then the mean of the elements, which is what
// Keras's progress bar shows of one.
type Logs struct {
	names  []string
	values map[string]float64 // what is known: fetched or set
	arrays map[string]Array   // of those that aren't numbers
	fetch  func() ([]float64, error)
	from   []string // the names whose values fetch returns
	shapes [][]int  // of those values; nil for numbers
	err    error
}

// Array is a value of several numbers, such as the F1 score of each class (Keras: a NumPy array).
type Array struct {
	Shape []int
	Data  []float64 // float32 numbers in row-major order
}

// Mean is the mean of the elements.
func (a Array) Mean() float64 {
	sum := 0.
	for _, v := range a.Data {
		sum += v
	}
	return sum / float64(len(a.Data))
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
	return LazyArrays(names, nil, fetch)
}

// LazyArrays is [LazyLogs] for values of the given shapes, one a name; that of a number is empty. fetch returns the elements of all values, one
// after the other.
func LazyArrays(names []string, shapes [][]int, fetch func() ([]float64, error)) *Logs {
	l := &Logs{values: make(map[string]float64, len(names))}
	for i, name := range names {
		if slices.Contains(names[:i], name) {
			l.err = fmt.Errorf("callbacks: logs: name %q appears twice in %q", name, names)
			return l
		}
	}
	if shapes != nil && len(shapes) != len(names) {
		l.err = fmt.Errorf("callbacks: logs: got %d shapes for the %d names %q", len(shapes), len(names), names)
		return l
	}
	l.names, l.shapes = slices.Clone(names), shapes
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
	want := 0
	for i := range l.from {
		want += size(l.shape(i))
	}
	if err == nil && len(values) != want {
		err = fmt.Errorf("got %d values for the %d names %q", len(values), len(l.from), l.from)
		if l.shapes != nil {
			err = fmt.Errorf("got %d numbers for the values %q, want %d", len(values), l.from, want)
		}
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
		shape := l.shape(i)
		own := values[:size(shape)]
		values = values[len(own):]
		if _, set := l.values[name]; set {
			continue
		}
		if len(shape) > 0 {
			l.SetArray(name, Array{shape, own})
		} else {
			l.values[name] = own[0]
		}
	}
}

// shape is that of the i-th fetched value.
func (l *Logs) shape(i int) []int {
	if l.shapes == nil {
		return nil
	}
	return l.shapes[i]
}

func size(shape []int) int {
	n := 1
	for _, d := range shape {
		n *= d
	}
	return n
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
	delete(l.arrays, name)
}

// SetArray is Set for a value of several numbers.
func (l *Logs) SetArray(name string, value Array) {
	if l == nil {
		return
	}
	l.Set(name, value.Mean())
	if l.arrays == nil {
		l.arrays = map[string]Array{}
	}
	l.arrays[name] = value
}

// Array returns the value of name if it is one of several numbers; ok is false for a number.
func (l *Logs) Array(name string) (value Array, ok bool) {
	if _, known := l.Get(name); !known {
		return Array{}, false
	}
	value, ok = l.arrays[name]
	return value, ok
}

// All returns the names with their values, in order; [Logs.Array] tells which of them are arrays.
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

// String is the names and values as the progress bar shows them: "loss: 0.3100 - accuracy: 0.9125".
func (l *Logs) String() string { return strings.TrimPrefix(values(l), " - ") }

// Err returns why the values could not be had, if reading them was tried and failed.
func (l *Logs) Err() error {
	if l == nil {
		return nil
	}
	return l.err
}
