package activations

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/internal/config"
)

// objects are the layers without weights that Keras takes for activations, as in Dense(3, activation=LeakyReLU(0.1)): by their class, how they are made
// of their arguments. A Name holds such a layer as what files say of it, in JSON.
var objects = map[string]func(a *arguments) Function{
	"LeakyReLU": func(a *arguments) Function {
		slope := a.number("negative_slope", 0.3)
		return func(x *graph.Node) *graph.Node { return LeakyReLUWith(x, slope) }
	},
	"ReLU": func(a *arguments) Function {
		slope, threshold := a.number("negative_slope", 0), a.number("threshold", 0)
		var highest *float64
		if a.given["max_value"] != nil {
			v := a.number("max_value", 0)
			highest = &v
		}
		return func(x *graph.Node) *graph.Node { return ReLUWith(x, slope, highest, threshold) }
	},
	"ELU": func(a *arguments) Function {
		alpha := a.number("alpha", 1)
		return func(x *graph.Node) *graph.Node { return ELUWith(x, alpha) }
	},
	"Softmax": func(a *arguments) Function {
		if axis, ok := config.AsInt(a.given["axis"]); a.given["axis"] != nil && (!ok || axis != -1) {
			a.err = fmt.Errorf("axis=%v of a Softmax as an activation, want -1", a.given["axis"])
		}
		return func(x *graph.Node) *graph.Node { return SoftmaxAxis(x) }
	},
}

// arguments are those of such a layer.
type arguments struct {
	given map[string]any
	err   error
}

func (a *arguments) number(name string, def float64) float64 {
	v, given := a.given[name]
	if !given || v == nil {
		return def
	}
	number, ok := config.AsFloat(v)
	if !ok || !(number >= 0) {
		a.err = fmt.Errorf("%s=%v of a layer as an activation, want a number of at least 0", name, v)
	}
	return number
}

// isObject tells the name of a layer.
func (n Name) isObject() bool { return strings.HasPrefix(string(n), "{") }

// object is the function of a layer.
func (n Name) object() (Function, error) {
	var object map[string]any
	if err := json.Unmarshal([]byte(n), &object); err != nil {
		return nil, fmt.Errorf("an activation as JSON: %w", err)
	}
	class, _ := object["class_name"].(string)
	made := objects[class]
	if made == nil {
		return nil, fmt.Errorf("got an object of class %q, want the name of an activation function", class)
	}
	given, _ := object["config"].(map[string]any)
	a := &arguments{given: given}
	f := made(a)
	return f, a.err
}
