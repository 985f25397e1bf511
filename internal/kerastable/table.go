package kerastable

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
)

// Kind is what a name of Keras's is.
type Kind string

// The kinds. Each is listed by one public module of Keras's; applications and operations also by the modules inside it.
const (
	Layer       Kind = "layer"
	Loss        Kind = "loss"
	Metric      Kind = "metric"
	Optimizer   Kind = "optimizer"
	Schedule    Kind = "schedule"
	Callback    Kind = "callback"
	Initializer Kind = "initializer"
	Regularizer Kind = "regularizer"
	Constraint  Kind = "constraint"
	Activation  Kind = "activation"
	Application Kind = "application"
	Operation   Kind = "operation"
)

// Kinds lists the kinds.
func Kinds() []Kind {
	return []Kind{Layer, Loss, Metric, Optimizer, Schedule, Callback, Initializer, Regularizer, Constraint, Activation, Application, Operation}
}

// Entry is a class or a function of Keras's.
type Entry struct {
	Kind Kind `json:"kind"`
	// Name is the public name: "Conv2D", "mean_squared_error".
	Name string `json:"name"`
	// Module is the public module: "keras.layers". The classes that files name for operations have "keras.src.ops.numpy" and the like.
	Module string `json:"module"`
	// Function is true for a function, false for a class.
	Function bool `json:"function"`
	// Class is the Python class's own name, the one in files, where it isn't the public one.
	Class string `json:"class"`
	// Aliases are further names in the same module: "Convolution2D".
	Aliases []string `json:"aliases"`
	// TFAliases are those that only tf.keras has: "mse".
	TFAliases []string `json:"tf_aliases"`
	// Strings are the names that get() takes, as in loss="bce". Not all of the others are among them.
	Strings []string `json:"get"`
	// Paths are the full names in other modules: "keras.metrics.mean_squared_error".
	Paths []string `json:"paths"`
	// Base is the name of the first base class.
	Base string `json:"base"`
	// Arguments are those of the constructor or function, in order.
	Arguments []Argument `json:"args"`
	// Kwargs names what the constructor takes through its **kwargs: arguments of base classes, and old ones that it still knows.
	Kwargs []string `json:"kwargs"`
	// Makes names the operation classes that a function of keras.ops makes.
	Makes []string `json:"makes"`

	// Call is what the call of a layer or an operation class takes, as Python writes it without self and commas:
	// "inputs initial_state=None mask=None training=False". See [Entry.CallArguments].
	Call string `json:"call"`
	// Build is what a layer's build takes, in the same form; "" where it has none of its own.
	Build string `json:"build"`
	// BuiltAtInit reports that a layer counts as built when it is made, so that files have no build_config for it.
	BuiltAtInit bool `json:"built_at_init"`
	// SupportsMasking is when a layer lets a mask pass: [Always], [Never], or a Python expression of its arguments ("mask_zero").
	SupportsMasking Condition `json:"supports_masking"`
	// ComputesMask reports that a layer has a compute_mask of its own.
	ComputesMask bool `json:"compute_mask"`
	// KeepsInputs reports that a layer's inputs aren't converted to tensors of its type first (Keras: _convert_input_args is False).
	KeepsInputs bool `json:"-"`
	// TakesValues reports that a layer's positional inputs needn't be tensors (Keras: _allow_non_tensor_positional_args).
	TakesValues bool `json:"allow_non_tensor_positional_args"`
}

// UnmarshalJSON reads a line of the table.
func (e *Entry) UnmarshalJSON(raw []byte) error {
	type plain Entry
	read := struct {
		*plain
		Converts *bool `json:"convert_input_args"`
	}{plain: (*plain)(e)}
	if err := json.Unmarshal(raw, &read); err != nil {
		return err
	}
	e.KeepsInputs = read.Converts != nil && !*read.Converts
	return nil
}

// Condition is when something holds: [Always], [Never], or a Python expression.
type Condition string

// The conditions that need no expression.
const (
	Never  Condition = ""
	Always Condition = "True"
)

// UnmarshalJSON reads a bool or an expression.
func (c *Condition) UnmarshalJSON(raw []byte) error {
	var always bool
	if json.Unmarshal(raw, &always) == nil {
		*c = Never
		if always {
			*c = Always
		}
		return nil
	}
	return json.Unmarshal(raw, (*string)(c))
}

// ClassName is the class's own name in Python: Class, or Name.
func (e *Entry) ClassName() string {
	if e.Class != "" {
		return e.Class
	}
	return e.Name
}

// Path is the full public name: "keras.layers.Conv2D".
func (e *Entry) Path() string { return e.Module + "." + e.Name }

// Argument returns the argument of that name, or nil. It doesn't look at Kwargs.
func (e *Entry) Argument(name string) *Argument { return find(e.Arguments, name) }

// CallArguments are the arguments of Call.
func (e *Entry) CallArguments() []Argument {
	list, err := ParseSignature(e.Call)
	if err != nil {
		panic(fmt.Sprintf("kerastable: %s: %v", e.Name, err)) // a test reads them all
	}
	return list
}

func find(list []Argument, name string) *Argument {
	for i := range list {
		if list[i].Name == name {
			return &list[i]
		}
	}
	return nil
}

//go:embed keras.json
var raw []byte

type table struct {
	Keras   string   `json:"keras"`
	Entries []*Entry `json:"entries"`

	byName map[Kind]map[string]*Entry
	byKind map[Kind][]*Entry
}

var read = sync.OnceValue(func() *table {
	t := &table{byName: map[Kind]map[string]*Entry{}, byKind: map[Kind][]*Entry{}}
	if err := json.Unmarshal(raw, t); err != nil {
		panic(fmt.Sprintf("kerastable: keras.json: %v", err))
	}
	for _, e := range t.Entries {
		t.byKind[e.Kind] = append(t.byKind[e.Kind], e)
		if t.byName[e.Kind] == nil {
			t.byName[e.Kind] = map[string]*Entry{}
		}
	}
	// The names of each come before what others are also called. What get() takes are no names in the module.
	for _, names := range []struct {
		of     func(*Entry) []string
		inside bool
	}{
		{func(e *Entry) []string { return []string{e.Name} }, true},
		{func(e *Entry) []string { return append([]string{e.ClassName()}, e.Aliases...) }, true},
		{func(e *Entry) []string { return e.Strings }, false},
		{func(e *Entry) []string { return e.TFAliases }, true},
	} {
		for _, e := range t.Entries {
			known := t.byName[e.Kind]
			for _, name := range names.of(e) {
				keys := []string{name}
				if names.inside {
					keys = append(keys, e.Module+"."+name)
				}
				for _, key := range keys {
					if known[key] == nil {
						known[key] = e
					}
				}
			}
		}
	}
	return t
})

// Version is the version of Keras that the table was read from.
func Version() string { return read().Keras }

// List returns the entries of a kind, by module and name.
func List(kind Kind) []*Entry { return append([]*Entry{}, read().byKind[kind]...) }

// Lookup returns the entry that Keras knows by that name, alias or string for get(), or nil. A name may have its module before it, which
// tells the functions of keras.ops from the classes in files: "keras.ops.add", "keras.src.ops.numpy.Add".
func Lookup(kind Kind, name string) *Entry {
	return read().byName[kind][strings.TrimPrefix(name, "tf.")]
}
