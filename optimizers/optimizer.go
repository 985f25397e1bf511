package optimizers

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/constraints"
	"github.com/gokeras/gokeras/initializers"
	"github.com/gokeras/gokeras/internal/config"
)

// Optimizer turns gradients into new weights (Keras:
// keras.optimizers.Optimizer). It holds arguments only: its variables live on
// the device beside the model's weights and pass through the compiled step.
type Optimizer interface {
	config.Object
	// KerasName is Keras's name of the optimizer: "adam".
	KerasName() string
	// Validate says which arguments contradict each other or are out of range.
	Validate() error
	// Variables lists the optimizer's variables for the trainable weights, in
	// the order in which Keras saves them: "iteration" (int32 here, int in
	// files), "learning_rate" (unless a schedule gives it), then the slots.
	Variables(trainable []Variable) []Variable
	// Apply returns the optimizer's variables and the weights after one step;
	// state, weights and grads are in the orders of Variables(trainable) and trainable.
	// Clipping, weight decay, gradient accumulation and moving averages
	// happen here. Weight constraints don't: [Advance] applies them. It builds part of a
	// GoMLX graph and panics with an error where it can't, as GoMLX's own functions do.
	Apply(trainable []Variable, state, weights, grads []*graph.Node) (newState, newWeights []*graph.Node)
}

// LossScaler is implemented by optimizers that want the gradient of a scaled
// loss (Keras: loss_scale_factor, LossScaleOptimizer), whose scale Apply takes out again. The
// caller scales the loss before it differentiates.
type LossScaler interface {
	// ScaleLoss returns the loss to differentiate (Keras: scale_loss); state is in the order of Variables(trainable).
	ScaleLoss(trainable []Variable, state []*graph.Node, loss *graph.Node) *graph.Node
}

// Averager is implemented by optimizers that keep moving averages of the
// weights (Keras: use_ema), which replace the weights when training ends
// (Keras: finalize_variable_values). The caller does that.
type Averager interface {
	// Averages returns, for each trainable weight, the position of its average
	// in Variables(trainable), or nil if there are no averages.
	Averages(trainable []Variable) []int
}

// Wrapper is implemented by optimizers around another, whose variables come after their own. Files keep those a second time, as
// the inner optimizer's.
type Wrapper interface {
	// Inner is the optimizer inside (Keras: inner_optimizer).
	Inner() Optimizer
	// Own is how many variables are the wrapper's own, the first ones.
	Own() int
}

// Variable describes a weight to be trained or a variable of an optimizer.
type Variable struct {
	Name  string // "iteration"; for a slot Keras's "<weight path>_momentum" with / as _; for a weight its name, "kernel"
	Path  string // Keras's path: "conv2d_1/kernel", "adam/iteration"
	Shape []int
	DType dtypes.DType
	// Index is a weight's place among the trainable ones; [Base] sets it.
	Index int
	// Constraint is a weight's, nil for none.
	Constraint constraints.Constraint
	// Initial is the value that every element of an optimizer's variable starts with.
	Initial float64
	// Initializer gives the values to start with instead, nil for Initial.
	Initializer initializers.Initializer
	// CopyOf is the Index of the weight whose value an optimizer's variable starts with instead, or -1. Keras's moving
	// averages have no such start: they are zero and take the weights' values at the first step.
	CopyOf int

	placeholder bool // a scalar that means nothing
}

// Slot returns an optimizer's variable for the weight: of its shape and data type, zero, and named as Keras names it. What should
// be otherwise is set on the result.
func (v Variable) Slot(name string) Variable {
	path := v.Path
	if path == "" {
		path = v.Name
	}
	return Variable{Name: strings.ReplaceAll(path, "/", "_") + "_" + name, Shape: slices.Clone(v.Shape), DType: v.DType, CopyOf: -1}
}

// Class names a Keras class as files do; a class of your own registers as
// Class{Module: "my_package", Name: "Mine", Registered: "my_package>Mine"}.
type Class = config.Class

var catalogue = config.NewCatalogue[Optimizer]("optimizer")

// Get resolves what Keras accepts as an optimizer: nil (none), an [Optimizer],
// a name such as "adam" (in any case), or a decoded configuration. The arguments are checked.
func Get(v any) (Optimizer, error) {
	if rv := reflect.ValueOf(v); rv.Kind() == reflect.String {
		v = foldCase(rv.String())
	}
	if m, ok := v.(map[string]any); ok {
		if class, ok := m["class_name"].(string); ok {
			m = maps.Clone(m)
			m["class_name"] = foldCase(class)
			v = m
		}
	}
	o, err := catalogue.Get(v)
	if err != nil || o == nil {
		return nil, err
	}
	if err := o.Validate(); err != nil {
		return nil, fmt.Errorf("optimizer %s: %w", o.KerasClass().Name, err)
	}
	return o, nil
}

// foldCase makes names of Keras's own optimizers independent of case, as in Keras; "package>Name" stays.
func foldCase(name string) string {
	if strings.Contains(name, ">") {
		return name
	}
	return strings.ToLower(name)
}

// Register makes a custom optimizer known to [Get] and to files under the
// registered name of its class ("package>Name").
func Register(create func() Optimizer) { catalogue.Add(create) }

// Names lists the names that [Get] accepts. [LossScaleOptimizer]'s isn't among them: it wants another optimizer inside.
func Names() []string { return catalogue.Names() }
