package windows

import (
	"fmt"
	"math"
	"slices"

	"github.com/gokeras/gokeras/internal/config"
)

// Window is an argument that is the name of a window, a list of weights, or null for none. It is written as it was read.
type Window struct {
	name    string
	weights []float64
	raw     any // what a file had, if it was an array's object
}

// Set takes a name, numbers, or nil.
func (w *Window) Set(v any) error {
	switch v := v.(type) {
	case []float64:
		list := make([]any, len(v))
		for i, n := range v {
			list[i] = n
		}
		return w.DecodeKeras(list)
	case []float32:
		list := make([]any, len(v))
		for i, n := range v {
			list[i] = float64(n)
		}
		return w.DecodeKeras(list)
	case nil, string, []any:
		return w.DecodeKeras(v)
	}
	return fmt.Errorf("got a %T, want the name of a window, numbers or nil", v)
}

// EncodeKeras implements config.Codec.
func (w *Window) EncodeKeras() (any, error) {
	switch {
	case w.raw != nil:
		return w.raw, nil
	case w.weights != nil:
		list := make([]any, len(w.weights))
		for i, n := range w.weights {
			list[i] = n
		}
		return list, nil
	case w.name != "":
		return w.name, nil
	}
	return nil, nil
}

// mostWeights bounds a window that a file lists.
const mostWeights = 1 << 20

// DecodeKeras implements config.Codec.
func (w *Window) DecodeKeras(v any) error {
	*w = Window{}
	if m, ok := v.(map[string]any); ok { // an array
		cfg, _ := m["config"].(map[string]any)
		if class := m["class_name"]; class != "__numpy__" && class != "__tensor__" {
			return fmt.Errorf("got an object of class %v, want the name of a window, numbers or null", class)
		}
		w.raw, v = m, cfg["value"]
	}
	switch v := v.(type) {
	case nil:
		if w.raw == nil {
			return nil
		}
	case string:
		if w.raw == nil {
			w.name = v
			return nil
		}
	case []any:
		if len(v) > mostWeights {
			return fmt.Errorf("got %d weights, want at most %d", len(v), mostWeights)
		}
		w.weights = make([]float64, len(v))
		for i, e := range v {
			n, ok := config.AsFloat(e)
			if !ok || math.IsNaN(n) {
				return fmt.Errorf("weight %d: got %v, want a number", i, e)
			}
			w.weights[i] = n
		}
		return nil
	}
	return fmt.Errorf("got a %T, want the name of a window, numbers or null", v)
}

// Named is the name of the window, "" for one without.
func (w *Window) Named() string { return w.name }

// IsNone reports whether there is no window.
func (w *Window) IsNone() bool { return w.name == "" && w.weights == nil }

// Argument is the window as Keras's operations take it.
func (w *Window) Argument() any {
	v, _ := w.EncodeKeras()
	return v
}

// Check reports a name that isn't known.
func (w *Window) Check() error {
	if w.name == "" {
		return nil
	}
	_, err := Named(w.name, 1, false)
	return err
}

// Values are the n weights, nil without a window.
func (w *Window) Values(n int, periodic bool) ([]float64, error) {
	switch {
	case w.IsNone():
		return nil, nil
	case w.weights == nil:
		return Named(w.name, n, periodic)
	case len(w.weights) != n:
		return nil, fmt.Errorf("the shape of `window` must be equal to [frame_length]: got %d weights for %d", len(w.weights), n)
	}
	return slices.Clone(w.weights), nil
}
