package functional

import (
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/activations"
	"github.com/gokeras/gokeras/losses"
	"github.com/gokeras/gokeras/metrics"
	"github.com/gokeras/gokeras/symbolic"
)

// Functions of symbolic tensors, written with package ops, as layers, losses, metrics and activations. Those of packages losses, metrics and activations
// take functions of GoMLX's nodes.

// LossFunc is the loss whose values, one a sample (or one for all), a function computes from targets and predictions of shape (batch, …)
// (Keras: a function given to compile). Logs and files know it by the name; losses.RegisterFunc makes it known to files that are read.
//
//	huberish := functional.LossFunc("huberish", func(yTrue, yPred *functional.Tensor) *functional.Tensor {
//		return ops.Mean(ops.Minimum(ops.Square(yTrue.Sub(yPred)), 1), ops.Axis(-1))
//	})
func LossFunc(name string, f func(yTrue, yPred *Tensor) *Tensor) *losses.FuncLoss {
	return losses.Func(name, pair(f))
}

// MetricFunc is the metric that averages the values that a function computes, one a sample or several (Keras: a function given to compile as a metric).
func MetricFunc(name string, f func(yTrue, yPred *Tensor) *Tensor) *metrics.FuncMetric {
	return metrics.Func(name, pair(f))
}

// ActivationFunc makes a function known as an activation of that name, also to files, and returns the name for setters.
func ActivationFunc(name string, f func(x *Tensor) *Tensor) string {
	activations.Register(name, func(x *graph.Node) *graph.Node {
		return symbolic.OnNodes(func(in []*Tensor) *Tensor { return f(in[0]) }, x)
	})
	return name
}

// FuncLayer is a layer whose body is a function of symbolic tensors.
type FuncLayer = symbolic.FuncLayer

// LayerBody is what such a function asks for beside its inputs: weights, and whether this is training.
type LayerBody = symbolic.LayerBody

// LayerFunc makes a kind of layers of a function of symbolic tensors, as package ops writes it, and lets files know it by name: "mine>Scale", as
// Python registers it, or "Scale", which is the same as "Custom>Scale". It returns the layers' constructor. What the body computes with its inputs and
// weights is compiled and differentiated with everything else; it may apply layers that have no weights.
//
//	var Scale = functional.LayerFunc("mine>Scale", func(l *functional.LayerBody, x []*functional.Tensor) *functional.Tensor {
//		return x[0].Mul(l.Weight("scale", x[0].Shape()[1:], initializers.Ones()))
//	})
//	…
//	y := Scale().Apply(x)
func LayerFunc(name string, body func(l *LayerBody, x []*Tensor) *Tensor) func() *FuncLayer {
	return symbolic.LayerFunc(name, body)
}

func pair(f func(yTrue, yPred *Tensor) *Tensor) func(yTrue, yPred *graph.Node) *graph.Node {
	return func(yTrue, yPred *graph.Node) *graph.Node {
		return symbolic.OnNodes(func(in []*Tensor) *Tensor { return f(in[0], in[1]) }, yTrue, yPred)
	}
}
