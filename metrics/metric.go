package metrics

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/internal/config"
	"github.com/gokeras/gokeras/losses"
)

// Metric accumulates statistics over batches and makes a result of them (Keras: keras.metrics.Metric). It holds
// arguments, and says how its state begins and changes; a model keeps the state on the device and
// updates it within the compiled step, so that models may share a metric. An [Accumulator] runs a metric without a model.
//
// Update and Value build parts of a GoMLX graph and panic with an error where shapes don't fit, as GoMLX's own functions do.
type Metric interface {
	config.Object
	// KerasName is the key under which the metric appears in logs (Keras: metric.name).
	KerasName() string
	// State lists the state variables, in Keras's order. The shapes are those of the first targets and predictions, batch included,
	// with -1 for an axis that isn't known. They are nil where a result is wanted before any batch; a metric whose state depends on them
	// returns an error then.
	State(yTrue, yPred []int) ([]Variable, error)
	// Update returns the state after one batch (Keras: update_state).
	Update(state []*graph.Node, b Batch) []*graph.Node
	// Value returns the result that the state stands for, of any shape and type (Keras: result). Logs show the mean of one that
	// is no scalar, as Keras's progress bar does, and histories hold all of it.
	Value(state []*graph.Node) *graph.Node
}

// Variable describes one state variable of a metric (Keras: the arguments of Metric.add_variable).
type Variable struct {
	Name  string // Keras's name: "total", "count"
	Shape []int
	// DType is the type of the elements; the zero value is float32.
	DType dtypes.DType
	// Initial is what every element begins with, in each epoch and after each reset.
	Initial float64
}

// Type is DType, or float32 where that isn't set.
func (v Variable) Type() dtypes.DType {
	if v.DType == dtypes.InvalidDType {
		return dtypes.Float32
	}
	return v.DType
}

// Batch is what a metric sees of one batch.
type Batch struct {
	YTrue, YPred *graph.Node
	// SampleWeight is nil, of shape (batch,), or one weight a value.
	SampleWeight *graph.Node
	// Mask is the mask of the predictions, nil for none. Which metrics heed it is as in Keras: those that average the values of a
	// function ([Batch.Weights]), and no others.
	Mask *graph.Node
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
