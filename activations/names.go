package activations

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/internal/config"
)

// Name names an activation as Keras does. The empty name is [Linear], as
// Keras's None is.
type Name string

// Keras's activations.
const (
	CELU          = "celu"
	ELU           = "elu"
	Exponential   = "exponential"
	GELU          = "gelu"
	GLU           = "glu"
	HardShrink    = "hard_shrink"
	HardSigmoid   = "hard_sigmoid"
	HardSiLU      = "hard_silu"
	HardTanh      = "hard_tanh"
	LeakyReLU     = "leaky_relu"
	Linear        = "linear"
	LogSigmoid    = "log_sigmoid"
	LogSoftmax    = "log_softmax"
	Mish          = "mish"
	ReLU          = "relu"
	ReLU6         = "relu6"
	SELU          = "selu"
	Sigmoid       = "sigmoid"
	SiLU          = "silu"
	SoftShrink    = "soft_shrink"
	Softmax       = "softmax"
	Softplus      = "softplus"
	Softsign      = "softsign"
	SparsePlus    = "sparse_plus"
	SparseSigmoid = "sparse_sigmoid"
	Sparsemax     = "sparsemax"
	Squareplus    = "squareplus"
	Tanh          = "tanh"
	TanhShrink    = "tanh_shrink"

	// Swish and HardSwish are Keras's other names of SiLU and HardSiLU.
	Swish     = "swish"
	HardSwish = "hard_swish"

	// Keras2HardSigmoid is what "hard_sigmoid" was in Keras 1 and 2: 0.2x+0.5 between 0 and 1, where Keras 3 has [HardSigmoid]. Layers of
	// their files have it. Python's Keras 3 reads a .keras archive with it once a function is registered under the name:
	// keras.saving.register_keras_serializable("Keras2", "hard_sigmoid").
	Keras2HardSigmoid = "Keras2>hard_sigmoid"
)

// Function applies an activation to x. It builds part of a GoMLX graph and,
// like GoMLX's own functions, panics with an error where it can't.
type Function = func(x *graph.Node) *graph.Node

var (
	aliases = map[Name]Name{"": Linear, Swish: SiLU, HardSwish: HardSiLU}

	mu     sync.RWMutex // guards custom
	custom = map[Name]Function{Keras2HardSigmoid: keras2HardSigmoid}
)

// Get returns the function that name names, or an error that lists the names
// there are (Keras: keras.activations.get).
func Get(name Name) (Function, error) {
	if name.isObject() {
		return name.object()
	}
	name = name.canonical()
	if f, ok := builtin[name]; ok {
		return f, nil
	}
	mu.RLock()
	f, ok := custom[name]
	mu.RUnlock()
	if ok {
		return f, nil
	}
	if name == "threshold" {
		return nil, fmt.Errorf(`activation "threshold" has no default arguments: want a call of activations.ThresholdWith in a function given to activations.Register`)
	}
	return nil, config.UnknownName("activation", string(name), Names())
}

// MixesLast reports whether one of Keras's own activations combines the numbers along the last axis, as "softmax" does, instead of taking each alone. It is
// not known of other activations.
func MixesLast(name Name) (mixes, known bool) {
	switch name = name.canonical(); name {
	case Softmax, LogSoftmax, GLU, Sparsemax:
		return true, true
	}
	return false, builtin[name] != nil || name == Keras2HardSigmoid
}

// Names lists the names that [Get] accepts, sorted.
func Names() []string {
	mu.RLock()
	defer mu.RUnlock()
	var names []string
	for name := range builtin {
		names = append(names, string(name))
	}
	for name := range custom {
		names = append(names, string(name))
	}
	for name := range maps.Keys(aliases) {
		if name != "" {
			names = append(names, string(name))
		}
	}
	slices.Sort(names)
	return names
}

// Register makes a custom activation known to [Get] and to files. The name is
// Keras's registered name, "package>name" (Keras:
// keras.saving.register_keras_serializable), and the package is "Custom" where
// it is left out. A later registration of the same name replaces the earlier
// one; Keras's own names can't be replaced and a nil function isn't registered.
func Register(name string, f Function) {
	if f == nil || name == "" {
		return
	}
	if !strings.Contains(name, ">") {
		name = "Custom>" + name
	}
	mu.Lock()
	defer mu.Unlock()
	custom[Name(name)] = f
}

// canonical returns the name under which the table of functions, and Keras's
// files, have n.
func (n Name) canonical() Name {
	if to, ok := aliases[n]; ok {
		return to
	}
	if _, ok := builtin[n]; ok || strings.Contains(string(n), ">") {
		return n
	}
	mu.RLock()
	defer mu.RUnlock()
	if full := "Custom>" + n; custom[full] != nil {
		return full
	}
	return n
}

// EncodeKeras returns what Keras's activations.serialize does: the function's
// own name, for a custom function its registered name in an object, and a layer's object.
func (n Name) EncodeKeras() (any, error) {
	if _, err := Get(n); err != nil {
		return nil, err
	}
	if n.isObject() {
		return config.ParseJSON(string(n))
	}
	n = n.canonical()
	if _, ok := builtin[n]; ok {
		return string(n), nil
	}
	function := config.Function(n)
	return function.EncodeKeras()
}

// DecodeKeras reads what Keras writes for an activation: a name, null (linear),
// an object of the class "function", or one of a layer without weights, such as LeakyReLU.
func (n *Name) DecodeKeras(v any) error {
	var function config.Function
	if v != nil {
		if err := function.DecodeKeras(v); err != nil {
			if _, isObject := v.(map[string]any); !isObject {
				return err
			}
			raw, err := json.Marshal(v)
			if err != nil {
				return fmt.Errorf("an activation: %w", err)
			}
			function = config.Function(raw)
		}
	}
	name := Name(function)
	if _, err := Get(name); err != nil {
		return err
	}
	*n = name.canonical()
	return nil
}
