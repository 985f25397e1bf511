package layers

import (
	"fmt"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gokeras/gokeras/symbolic"
)

// DenseLayer is Keras's Dense: activation(inputs · kernel + bias) over the last axis.
type DenseLayer struct {
	layer[*DenseLayer]
	sampleWise
	symbolic.PassesMask
	cfg denseConfig
}

type denseConfig struct {
	symbolic.LayerConfig
	Units int `keras:"units"`
	activationConfig
	kernelConfig
	loraConfig
	quantizable
}

func init() { symbolic.RegisterLayer(func() symbolic.Layer { return Dense(0) }) }

// Dense returns a fully connected layer (Keras: Dense(units)): inputs of shape
// (batch, …, n) become (batch, …, units).
func Dense(units int) *DenseLayer {
	l := &DenseLayer{}
	l.init(l, &l.cfg.LayerConfig)
	l.cfg.Units = units
	return l
}

// Validate reports arguments that Keras rejects.
func (c *denseConfig) Validate() error {
	if c.Units <= 0 {
		return fmt.Errorf("received an invalid value for `units`, expected a positive integer, received units=%d", c.Units)
	}
	if err := c.checkQuantized(c.DType, c.LoraRank); err != nil {
		return err
	}
	return c.check()
}

// table is the kernel as whole numbers, nil where it is none.
func (c *denseConfig) table(policy symbolic.DTypePolicy, inputs int) *quantizedTable {
	mode, block := c.bits(policy)
	if mode == "" {
		return nil
	}
	return &quantizedTable{name: "kernel", shape: [2]int{inputs, c.Units}, paired: 1, four: mode == "int4", block: block}
}

// Infer replaces the last axis by units.
func (l *DenseLayer) Infer(in *symbolic.Inputs) ([]symbolic.Spec, error) {
	x, err := one(in)
	if err != nil {
		return nil, err
	}
	if err := minRank(x, 2); err != nil {
		return nil, err
	}
	if err := l.knownAxis(x, -1); err != nil {
		return nil, err
	}
	x[len(x)-1] = l.cfg.Units
	return l.floatOutput(x, nil)
}

// Declare declares the kernel, of shape (n, units), and the bias, of shape (units,).
func (l *DenseLayer) Declare(b *symbolic.Builder, in *symbolic.Inputs) error {
	x := firstShape(in)
	n := x[len(x)-1]
	if table := l.cfg.table(l.cfg.DType, n); table != nil {
		table.declare(b, func() { l.cfg.declareBias(b, l.cfg.Units) })
		return nil
	}
	l.cfg.declare(b, []int{n, l.cfg.Units}, l.cfg.Units)
	return l.cfg.start(&l.BaseLayer, "kernel", nil, l.cfg.KernelConstraint) // Keras forgets an alpha of the constructor
}

// OutputSteps says that each step is computed alone where the steps aren't what the kernel is for.
func (l *DenseLayer) OutputSteps(c *symbolic.Call) ([]*graph.Node, bool) {
	rank := c.First()[0].Rank()
	return stepsAlone(c, rank > 2 && l.cfg.stepsAlone(rank) && l.cfg.table(l.cfg.DType, c.First()[0].Shape().Dim(-1)) == nil)
}

// Call computes the layer.
func (l *DenseLayer) Call(c *symbolic.Call, in []*graph.Node) []*graph.Node {
	x := floats(c, in[0])
	var y *graph.Node
	if table := l.cfg.table(l.cfg.DType, x.Shape().Dim(-1)); table != nil {
		y = table.times(c, x, l.cfg.inputs(l.cfg.DType))
	} else {
		y = graph.DotGeneral(x, []int{x.Rank() - 1}, nil, l.cfg.weight(c, "kernel"), []int{0}, nil)
	}
	if l.cfg.UseBias {
		y = addBias(y, c.Weight("bias"), y.Rank()-1)
	}
	return []*graph.Node{l.cfg.activate(y)}
}

// Quantize makes whole numbers of the kernel, "int8" or "int4", and of the inputs of each call with int8 (Keras: quantize(mode)). The layer must have
// been applied. A model must be compiled afterwards.
func (l *DenseLayer) Quantize(mode string) error {
	var table *quantizedTable
	return l.cfg.quantizeLayer(&l.BaseLayer, mode, &l.cfg.loraConfig, func(policy symbolic.DTypePolicy) (map[string]*tensors.Tensor, error) {
		values, err := floatsOfWeight(&l.BaseLayer, "kernel")
		if err != nil {
			return nil, err
		}
		table = l.cfg.table(policy, l.OwnWeight("kernel").Shape()[0])
		return table.quantize(values, l.cfg.QuantizationConfig.weights), nil
	}, func(b *symbolic.Builder) { table.declare(b, func() { l.cfg.declareBias(b, l.cfg.Units) }) })
}

// EnableLoRA freezes the kernel and lets the layer learn two small factors instead, of which the product times alpha/rank is added to it; an alpha of 0
// is Keras's default, the rank. The layer must have been applied; files hold the kernel with the product added. A model must be compiled afterwards
// (Keras: enable_lora).
func (l *DenseLayer) EnableLoRA(rank int, alpha float64) error {
	return l.cfg.enableNamed(&l.BaseLayer, "kernel", rank, alpha, l.cfg.KernelConstraint)
}

// Merging says what files hold for the layer's weights.
func (l *DenseLayer) Merging() (into *symbolic.Weight, factors []*symbolic.Weight) {
	return l.cfg.Merging()
}

// Merge is the kernel as files hold it.
func (l *DenseLayer) Merge(w *tensors.Tensor, factors ...*tensors.Tensor) (*tensors.Tensor, error) {
	return l.cfg.merge(l.cfg.DType.Compute(), w, factors[0], factors[1])
}
