package serial

import (
	"fmt"
	"strings"

	"github.com/gokeras/gokeras/symbolic"
)

// The limits of what a configuration may ask for. Real models are far below all of them.
const (
	maxConfigLayers = 1 << 14
	// Layers inside layers, as a model's or a wrapper's. What such a layer holds for itself, such as an initializer, counts as one more.
	maxDepth = 20
	// A model inside a model counts with all of its own applications, each time it is applied.
	maxApplications = 1 << 15
	maxErrorLength  = 4096
)

// checkLayerCount refuses a configuration with too many layers, those inside models included, or with layers too deep inside
// each other.
func checkLayerCount(cfg any) error {
	count, deepest := 0, 0
	var walk func(v any, depth int)
	walk = func(v any, depth int) {
		deepest = max(deepest, depth)
		switch v := v.(type) {
		case []any:
			for _, e := range v {
				walk(e, depth)
			}
		case map[string]any:
			if layers, ok := v["layers"].([]any); ok {
				count += len(layers)
			}
			if _, ok := v["class_name"].(string); ok {
				depth++
			}
			for _, e := range v {
				walk(e, depth)
			}
		}
	}
	walk(cfg, 0)
	if count > maxConfigLayers {
		return fmt.Errorf("it has %d layers, more than the %d allowed", count, maxConfigLayers)
	}
	if deepest > maxDepth {
		return fmt.Errorf("layers lie inside each other %d deep, more than the %d allowed", deepest, maxDepth)
	}
	return nil
}

// applications counts the applications of layers in one application of l.
func applications(l symbolic.Layer) int {
	known := map[symbolic.Layer]int{}
	var count func(l symbolic.Layer) int
	count = func(l symbolic.Layer) int {
		n, ok := symbolic.NetworkOf(l)
		if !ok {
			return 1
		}
		if total, ok := known[l]; ok {
			return total
		}
		total := 1
		for _, at := range n.Nodes() {
			if total += count(at.Layer); total > maxApplications {
				total = maxApplications + 1
			}
		}
		known[l] = total
		return total
	}
	return count(l)
}

// addApplications adds those of l to a total that has a limit.
func addApplications(total *int, l symbolic.Layer) error {
	if *total += applications(l); *total > maxApplications {
		return fmt.Errorf("it and the models in it make more than the %d applications of layers allowed", maxApplications)
	}
	return nil
}

// Brief keeps the text of an error short enough for people to read, however long the value it complains of.
func Brief(err error) error {
	if err == nil || len(err.Error()) <= maxErrorLength {
		return err
	}
	return briefError{err}
}

type briefError struct{ error }

func (e briefError) Unwrap() error { return e.error }

// Error leaves out the middle.
func (e briefError) Error() string {
	text := e.error.Error()
	const half = maxErrorLength/2 - 8
	return strings.ToValidUTF8(text[:half], "") + " [...] " + strings.ToValidUTF8(text[len(text)-half:], "")
}
