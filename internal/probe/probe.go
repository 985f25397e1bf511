// Package probe runs one layer alone, for tests that compare it with Keras.
package probe

import (
	"fmt"
	"slices"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gokeras/gokeras/internal/catch"
	"github.com/gokeras/gokeras/internal/ndarray"
	"github.com/gokeras/gokeras/symbolic"
)

// Run is one run of one layer by [Layer].
type Run struct {
	Outputs []*tensors.Tensor
	// InputGrads and WeightGrads are the gradients of the sum of the outputs, each
	// multiplied by its cotangent. InputGrads is nil for inputs that aren't
	// floats; WeightGrads follows the layer's trainable weights.
	InputGrads, WeightGrads []*tensors.Tensor
	// NonTrainable are the values that the layer's other weights have afterwards.
	NonTrainable []*tensors.Tensor
	// Loss is the sum of the penalties: of the weights, of the outputs, and what the layer added.
	Loss float64
}

// Layer runs an applied layer alone on the engine. It serves tests that
// compare a layer with Keras; training goes through functional.Model.Fit. Gradients are
// computed if cotangents, one for each output (nil for one that doesn't count), are given.
func Layer(engine compute.Backend, l symbolic.Layer, training bool, inputs, cotangents []*tensors.Tensor) (*Run, error) {
	base := l.Base()
	if !base.Built() {
		return nil, fmt.Errorf("layer %q was not applied yet", base.Name())
	}
	weights := slices.Concat(base.Weights(), base.States(), base.SeedStates())
	p := &Run{}
	err := catch.Panic(func() error {
		g := graph.NewGraph(engine, "probe")
		defer g.Finalize()
		values := map[*symbolic.Weight]*graph.Node{}
		pass := symbolic.NewPass(g, training, values)
		var args []any
		var trainable, xs, floatXs, results []*graph.Node
		for i, w := range weights {
			value, err := w.Value()
			if err != nil {
				return err
			}
			values[w] = graph.Parameter(g, fmt.Sprintf("w%d", i), value.Shape())
			args = append(args, value)
			if w.Trainable() {
				trainable = append(trainable, pass.Initial(w))
			}
		}
		for i, x := range inputs {
			node := graph.Parameter(g, fmt.Sprintf("x%d", i), x.Shape())
			args = append(args, x)
			xs = append(xs, node)
			if x.DType().IsFloat() {
				floatXs = append(floatXs, node)
			}
		}
		outputs := probeCall(pass, l, xs)
		results = append(results, outputs...)
		if cotangents != nil {
			sum := graph.Scalar(g, dtypes.Float32, 0)
			for i, y := range outputs {
				if cotangents[i] == nil {
					continue
				}
				cotangent := graph.ConstTensor(g, cotangents[i])
				sum = graph.Add(sum, graph.ReduceAllSum(graph.Mul(ndarray.Cast(y, cotangent.DType()), cotangent)))
			}
			if of := append(trainable, floatXs...); len(of) > 0 {
				results = append(results, graph.Gradient(sum, of...)...)
			}
		}
		for _, w := range base.Weights() {
			if !w.Trainable() {
				results = append(results, graph.Identity(pass.Value(w)))
			}
		}
		loss := pass.Penalties(weights)
		if loss == nil {
			loss = graph.ConstTensor(g, tensors.FromShape(shapes.Make(dtypes.Float32)))
		}
		if err := g.Compile(append(results, loss)...); err != nil {
			return err
		}
		ran := g.Run(args...)
		take := func(n int) []*tensors.Tensor {
			taken := ran[:n]
			ran = ran[n:]
			return taken
		}
		p.Outputs = take(len(outputs))
		if cotangents != nil {
			p.WeightGrads = take(len(trainable))
			for _, x := range inputs {
				var grad *tensors.Tensor
				if x.DType().IsFloat() {
					grad = take(1)[0]
				}
				p.InputGrads = append(p.InputGrads, grad)
			}
		}
		p.NonTrainable = take(len(ran) - 1)
		p.Loss = float64(tensors.ToScalar[float32](ran[0]))
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("layer %q: %w", base.Name(), err)
	}
	return p, nil
}

// probeCall applies the layer to the inputs, one alone or a list.
func probeCall(pass *symbolic.Pass, l symbolic.Layer, xs []*graph.Node) []*graph.Node {
	inputs := make([]any, len(xs))
	for i, x := range xs {
		inputs[i] = &symbolic.Value{Node: x}
	}
	if len(inputs) > 1 {
		inputs = []any{inputs}
	}
	outputs := pass.Apply(l, inputs, nil)
	nodes := make([]*graph.Node, len(outputs))
	for i, out := range outputs {
		nodes[i] = out.Node
	}
	return nodes
}
