package metrics

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/internal/config"
	"github.com/gokeras/gokeras/losses"
)

// Metric accumulates a number over batches (Keras: keras.metrics.Metric). Its
// state lives on the device and is updated inside the compiled step.
type Metric interface {
	config.Object
	// KerasName is the key under which the metric appears in logs (Keras: metric.name).
	KerasName() string
	// State lists the metric's float32 state variables, in Keras's order, each starting at zero.
	State() []Variable
	// Update returns the state after one batch. sampleWeight is nil, of shape
	// (batch,), or one weight a value. It builds part of a GoMLX graph and panics with an error
	// where shapes don't fit, as GoMLX's own functions do.
	Update(state []*graph.Node, yTrue, yPred, sampleWeight *graph.Node) []*graph.Node
	// Result returns the metric's float32 scalar from its state.
	Result(state []*graph.Node) *graph.Node
}

// Variable describes one state variable of a metric.
type Variable struct {
	Name  string // Keras's name: "total", "count"
	Shape []int
}

// Direction says which values of a metric are better.
type Direction string

// The directions of Keras's metrics.
const (
	Up   Direction = "up"
	Down Direction = "down"
)

// Directed is implemented by metrics that know which of their values are
// better, for callbacks whose mode is "auto".
type Directed interface {
	Direction() Direction
}

// Class names a Keras class as files do; a class of your own registers as
// Class{Module: "my_package", Name: "Mine", Registered: "my_package>Mine"}.
type Class = config.Class

var catalogue = config.NewCatalogue[Metric]("metric")

// Get resolves nil (none), a [Metric], a name such as "mse" or
// "categorical_accuracy", or a decoded configuration (Keras: keras.metrics.get).
// Here "accuracy" is [Accuracy]: [Resolve] gives it the meaning that it has in Compile.
func Get(v any) (Metric, error) { return catalogue.Get(v) }

// Resolve returns the metric that v stands for in the list of metrics given to
// Compile: a [Metric], a name, or a decoded configuration. The shapes are those of one target and
// its prediction, batch included, with -1 for None; they decide whether
// "accuracy" and "acc" mean binary, categorical or sparse categorical
// accuracy, by Keras's rule. A metric given by name has that name in the logs: "acc" stays "acc", "mse" stays "mse".
func Resolve(v any, yTrueShape, yPredShape []int) (Metric, error) {
	rv := reflect.ValueOf(v)
	switch {
	case v == nil:
		return nil, fmt.Errorf("got no metric, want a name such as %q or a metric", "accuracy")
	case rv.Kind() != reflect.String:
		return Get(v)
	}
	given := rv.String()
	metric, err := byName(given, yTrueShape, yPredShape)
	if err != nil {
		return nil, err
	}
	if named, ok := metric.(interface{ rename(string) }); ok {
		named.rename(given)
	}
	return metric, nil
}

func byName(name string, yTrueShape, yPredShape []int) (Metric, error) {
	if lower := strings.ToLower(name); lower != "accuracy" && lower != "acc" {
		return Get(name)
	}
	kind, err := losses.ClassificationOf(yTrueShape, yPredShape)
	if err != nil {
		return nil, fmt.Errorf("metric %q: %w", name, err)
	}
	switch kind {
	case losses.Binary:
		return BinaryAccuracy(), nil
	case losses.SparseCategorical:
		return SparseCategoricalAccuracy(), nil
	}
	return CategoricalAccuracy(), nil
}

// Register makes a custom metric known to [Get] and to files under the
// registered name of its class ("package>Name").
func Register(create func() Metric) { catalogue.Add(create) }

// Names lists the names that [Get] accepts.
func Names() []string { return catalogue.Names() }
