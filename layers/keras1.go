package layers

import (
	"fmt"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/initializers"
	"github.com/gokeras/gokeras/symbolic"
)

// Dense layers of Keras 1 that Keras has no more. They are here for old files, and for what is saved of their models.

// maxoutDense is the largest of several products with kernels of their own.
type maxoutDense struct {
	layer[symbolic.Layer]
	sampleWise
	cfg maxoutConfig
}

type maxoutConfig struct {
	symbolic.LayerConfig
	Units    int `keras:"units"`
	Features int `keras:"nb_feature" default:"4"`
	kernelConfig
	_ any `keras:"activity_regularizer"`
}

// highway is a layer's result and its input, in shares that a gate says.
type highway struct {
	layer[symbolic.Layer]
	sampleWise
	cfg highwayConfig
}

type highwayConfig struct {
	symbolic.LayerConfig
	activationConfig
	kernelConfig
	_ any `keras:"activity_regularizer"`
}

func init() {
	symbolic.RegisterLayer(func() symbolic.Layer {
		l := &maxoutDense{}
		l.init(l, &l.cfg.LayerConfig)
		return l
	})
	symbolic.RegisterLayer(func() symbolic.Layer {
		l := &highway{}
		l.init(l, &l.cfg.LayerConfig)
		return l
	})
}

// KerasClass names Keras 1's class.
func (l *maxoutDense) KerasClass() symbolic.Class { return keras2Class("MaxoutDense") }

// KerasClass names Keras 1's class.
func (l *highway) KerasClass() symbolic.Class { return keras2Class("Highway") }

// KerasConfig returns the layer's configuration.
func (l *maxoutDense) KerasConfig() any { return &l.cfg }

// KerasConfig returns the layer's configuration.
func (l *highway) KerasConfig() any { return &l.cfg }

// Validate reports sizes that aren't positive.
func (c *maxoutConfig) Validate() error {
	if c.Units < 1 || c.Features < 1 {
		return fmt.Errorf("expected positive sizes, received units=%d, nb_feature=%d", c.Units, c.Features)
	}
	return nil
}

// row is the input's shape, which must be (batch, n).
func row(in *symbolic.Inputs) (symbolic.Shape, error) {
	x, err := one(in)
	if err == nil && (len(x) != 2 || x[1] < 1) {
		err = fmt.Errorf("expected an input of shape (batch, n), received %s", x)
	}
	return x, err
}

// Infer replaces the last axis by units.
func (l *maxoutDense) Infer(in *symbolic.Inputs) ([]symbolic.Spec, error) {
	x, err := row(in)
	if err == nil {
		x[1] = l.cfg.Units
	}
	return l.floatOutput(x, err)
}

// Infer returns the input's shape.
func (l *highway) Infer(in *symbolic.Inputs) ([]symbolic.Spec, error) {
	x, err := row(in)
	return l.floatOutput(x, err)
}

// Declare declares the kernels, of shape (features, n, units), and the biases, of shape (features, units).
func (l *maxoutDense) Declare(b *symbolic.Builder, in *symbolic.Inputs) error {
	l.cfg.declareKernel(b, []int{l.cfg.Features, firstShape(in)[1], l.cfg.Units}, l.cfg.KernelInitializer)
	if l.cfg.UseBias {
		l.cfg.kernelAndBias.declareBias(b, l.cfg.Features, l.cfg.Units)
	}
	return nil
}

// Declare declares the kernels, of shape (n, n), of the layer and the gate, and their biases, in Keras 1's order.
func (l *highway) Declare(b *symbolic.Builder, in *symbolic.Inputs) error {
	n := firstShape(in)[1]
	l.cfg.declareKernel(b, []int{n, n}, l.cfg.KernelInitializer)
	b.Weight(symbolic.WeightSpec{Name: "gate_kernel", Shape: []int{n, n}, Initializer: l.cfg.KernelInitializer})
	if l.cfg.UseBias {
		l.cfg.declareBias(b, n)
		b.Weight(symbolic.WeightSpec{Name: "gate_bias", Shape: []int{n}, Initializer: initializers.Ones()})
	}
	return nil
}

// Call computes the layer.
func (l *maxoutDense) Call(c *symbolic.Call, in []*graph.Node) []*graph.Node {
	y := graph.DotGeneral(floats(c, in[0]), []int{1}, nil, c.Weight("kernel"), []int{1}, nil) // (batch, features, units)
	if l.cfg.UseBias {
		y = graph.Add(y, graph.ExpandLeftToRank(c.Weight("bias"), 3))
	}
	return []*graph.Node{graph.ReduceMax(y, 1)}
}

// Call computes the layer.
func (l *highway) Call(c *symbolic.Call, in []*graph.Node) []*graph.Node {
	x := floats(c, in[0])
	product := func(kernel, bias string) *graph.Node {
		y := graph.Dot(x, c.Weight(kernel)).Product()
		if l.cfg.UseBias {
			y = addBias(y, c.Weight(bias), 1)
		}
		return y
	}
	gate := graph.Sigmoid(product("gate_kernel", "gate_bias"))
	y := l.cfg.activate(product("kernel", "bias"))
	return []*graph.Node{graph.Add(graph.Mul(y, gate), graph.Mul(graph.OneMinus(gate), x))}
}
