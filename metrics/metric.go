package metrics

import (
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/internal/config"
)

// Metric accumulates a number over batches (Keras: keras.metrics.Metric). Its
// state lives on the device and is updated inside the compiled step.
type Metric interface {
	config.Object
	// Name is the key under which the metric appears in logs.
	Name() string
	// State lists the metric's float32 state variables, in Keras's order, each starting at zero.
	State() []Variable
	// Update returns the state after one batch. sampleWeight is nil or of
	// shape (batch,). It builds part of a GoMLX graph and panics with an error
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

var catalogue = config.NewCatalogue[Metric]("metric")

// Register makes a custom metric known to [Get] and to files under the
// registered name of its class ("package>Name").
func Register(create func() Metric) { catalogue.Add(create) }
