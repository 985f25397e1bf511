package layers

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/activations"
	"github.com/gokeras/gokeras/constraints"
	"github.com/gokeras/gokeras/initializers"
	"github.com/gokeras/gokeras/internal/lowering"
	"github.com/gokeras/gokeras/internal/scan"
	"github.com/gokeras/gokeras/regularizers"
	"github.com/gokeras/gokeras/symbolic"
)

// cellConfig are the arguments that the cells of units have in common.
type cellConfig struct {
	Units int `keras:"units"`
	recurrentConfig
}

// recurrentConfig are the arguments that all of Keras's cells have in common.
type recurrentConfig struct {
	Activation           activations.Name         `keras:"activation" default:"tanh"`
	UseBias              bool                     `keras:"use_bias" default:"true"`
	KernelInitializer    initializers.Initializer `keras:"kernel_initializer" default:"glorot_uniform"`
	RecurrentInitializer initializers.Initializer `keras:"recurrent_initializer" default:"orthogonal"`
	BiasInitializer      initializers.Initializer `keras:"bias_initializer" default:"zeros"`
	KernelRegularizer    regularizers.Regularizer `keras:"kernel_regularizer"`
	RecurrentRegularizer regularizers.Regularizer `keras:"recurrent_regularizer"`
	BiasRegularizer      regularizers.Regularizer `keras:"bias_regularizer"`
	KernelConstraint     constraints.Constraint   `keras:"kernel_constraint"`
	RecurrentConstraint  constraints.Constraint   `keras:"recurrent_constraint"`
	BiasConstraint       constraints.Constraint   `keras:"bias_constraint"`
	Dropout              float64                  `keras:"dropout"`
	RecurrentDropout     float64                  `keras:"recurrent_dropout"`
}

// seedConfig is the argument of cells, and of layers, that draw what they drop.
type seedConfig struct {
	Seed *int `keras:"seed"`
}

// gatedConfig are those of cells with gates.
type gatedConfig struct {
	cellConfig
	seedConfig
	RecurrentActivation activations.Name `keras:"recurrent_activation" default:"sigmoid"`
	Implementation      int              `keras:"implementation,unsaved" default:"2"`
}

// Validate reports arguments that Keras rejects.
func (c *cellConfig) Validate() error {
	if c.Units <= 0 {
		return fmt.Errorf("received an invalid value for argument `units`, expected a positive integer, got %d", c.Units)
	}
	return nil
}

// clamp brings the rates between 0 and 1, as Keras does.
func (c *recurrentConfig) clamp() {
	for _, rate := range []*float64{&c.Dropout, &c.RecurrentDropout} {
		if !(*rate > 0) {
			*rate = 0
		}
		*rate = min(*rate, 1)
	}
}

// declare declares the weights of a cell with so many gates, and its generator.
func (c *cellConfig) declare(b *symbolic.Builder, in *symbolic.Inputs, gates int, biasShape []int, bias initializers.Initializer, seed *int) error {
	x, err := oneOfRank(in, 2)
	if err != nil {
		return err
	}
	if x[1] == symbolic.None {
		return fmt.Errorf("axis -1 of the input must be known, because the layer's weights depend on it, but received input with shape %s", x)
	}
	c.recurrentConfig.declare(b, []int{x[1], gates * c.Units}, []int{c.Units, gates * c.Units}, biasShape, bias, seed)
	return nil
}

// declare declares the weights of a cell, of these shapes, and its generator.
func (c *recurrentConfig) declare(b *symbolic.Builder, kernel, recurrentKernel, biasShape []int, bias initializers.Initializer, seed *int) {
	b.Weight(symbolic.WeightSpec{Name: "kernel", Shape: kernel, Initializer: c.KernelInitializer,
		Regularizer: c.KernelRegularizer, Constraint: c.KernelConstraint})
	b.Weight(symbolic.WeightSpec{Name: "recurrent_kernel", Shape: recurrentKernel, Initializer: c.RecurrentInitializer,
		Regularizer: c.RecurrentRegularizer, Constraint: c.RecurrentConstraint})
	if c.UseBias {
		b.Weight(symbolic.WeightSpec{Name: "bias", Shape: biasShape, Initializer: bias,
			Regularizer: c.BiasRegularizer, Constraint: c.BiasConstraint})
	}
	if c.Dropout > 0 || c.RecurrentDropout > 0 {
		b.Seed(seed)
	}
}

// weights are the nodes that a cell computes with, but for its masks.
func (c *cellConfig) weights(of *symbolic.Call) scan.Weights {
	w := scan.Weights{Kernel: of.Weight("kernel"), RecurrentKernel: of.Weight("recurrent_kernel"), Activation: activation(c.Activation)}
	if c.UseBias {
		w.Bias = of.Weight("bias")
	}
	return w
}

// gated are the weights of a cell with so many gates, for x (batch, …, features). Where one gate's choice of what is dropped isn't the other's there is a mask
// for each. As in Keras a rate of 1 drops nothing.
func (c *gatedConfig) gated(of *symbolic.Call, x *graph.Node, gates int) scan.Weights {
	w := c.weights(of)
	w.RecurrentActivation = activation(c.RecurrentActivation)
	if !of.Training {
		return w
	}
	inputs := 1
	if c.Implementation == 1 || c.RecurrentDropout > 0 {
		inputs = gates
	}
	if c.Dropout < 1 {
		w.InputMasks = dropoutMasks(of, c.Dropout, inputs, x.Shape().Dimensions[0], x.Shape().Dimensions[x.Rank()-1])
	}
	if c.RecurrentDropout < 1 {
		w.StateMasks = dropoutMasks(of, c.RecurrentDropout, gates, x.Shape().Dimensions[0], c.Units)
	}
	return w
}

// dropoutMasks draws so many masks that drop the fraction rate and scale up the rest.
func dropoutMasks(of *symbolic.Call, rate float64, count int, dims ...int) []*graph.Node {
	if rate == 0 {
		return nil
	}
	masks := make([]*graph.Node, count)
	for i := range masks {
		zero := graph.ScalarZero(of.Graph(), of.DType())
		if rate == 1 {
			masks[i] = graph.BroadcastToDims(zero, dims...)
			continue
		}
		kept := lowering.Bernoulli(of.Random(), 1-rate, dims...)
		scale := graph.BroadcastToDims(graph.Scalar(of.Graph(), of.DType(), 1/(1-rate)), dims...)
		masks[i] = graph.Where(kept, scale, graph.BroadcastToDims(zero, dims...))
	}
	return masks
}

// activation is the function of that name, nil for the identity.
func activation(name activations.Name) func(*graph.Node) *graph.Node {
	if name == "" || name == activations.Linear {
		return nil
	}
	f, err := activations.Get(name)
	if err != nil {
		panic(err)
	}
	return f
}

// cellLayer is what Keras's cells have in common; L is the layer's own type.
type cellLayer[L Cell] struct {
	layer[L]
	sampleWise
}

// Infer returns the output, of shape (batch, units), and the states.
func (l *cellLayer[L]) Infer(in *symbolic.Inputs) ([]symbolic.Spec, error) {
	return inferCell(l.self, in)
}

// OutputSize is units.
func (l *cellLayer[L]) OutputSize() int { return l.self.StateSizes()[0] }

// stepped groups what a step returns.
func stepped(output *graph.Node, states []*graph.Node) []*graph.Node {
	return append([]*graph.Node{output}, states...)
}

// SimpleRNNCellLayer is Keras's SimpleRNNCell.
type SimpleRNNCellLayer struct {
	cellLayer[*SimpleRNNCellLayer]
	cfg simpleRNNCellConfig
}

type simpleRNNCellConfig struct {
	symbolic.LayerConfig
	cellConfig
	seedConfig
}

func init() { symbolic.RegisterLayer(func() symbolic.Layer { return SimpleRNNCell(0) }) }

// SimpleRNNCell returns one step of a [SimpleRNN] (Keras: SimpleRNNCell(units)), for [RNN].
func SimpleRNNCell(units int) *SimpleRNNCellLayer {
	l := &SimpleRNNCellLayer{}
	l.init(l, &l.cfg.LayerConfig)
	l.cfg.Units = units
	return l
}

// KerasConfig returns the layer's configuration.
func (l *SimpleRNNCellLayer) KerasConfig() any { l.cfg.clamp(); return &l.cfg }

// StateSizes is units: the state is the output.
func (l *SimpleRNNCellLayer) StateSizes() []int { return []int{l.cfg.Units} }

// Declare declares kernel (features, units), recurrent_kernel (units, units) and bias (units,).
func (l *SimpleRNNCellLayer) Declare(b *symbolic.Builder, in *symbolic.Inputs) error {
	return l.cfg.declare(b, in, 1, []int{l.cfg.Units}, l.cfg.BiasInitializer, l.cfg.Seed)
}

// Call computes the step.
func (l *SimpleRNNCellLayer) Call(c *symbolic.Call, in []*graph.Node) []*graph.Node {
	x := floats(c, in[0])
	return stepped(l.scan(c, x).Step(x, c.Tensors("states")))
}

func (l *SimpleRNNCellLayer) sequence(c *symbolic.Call, x *graph.Node, initial []*graph.Node, o scan.Options) scan.Result {
	return l.scan(c, x).Run(x, initial, o)
}

func (l *SimpleRNNCellLayer) scan(c *symbolic.Call, x *graph.Node) scan.SimpleRNN {
	w := l.cfg.weights(c)
	if c.Training {
		batch, features := x.Shape().Dimensions[0], x.Shape().Dimensions[x.Rank()-1]
		w.InputMasks = dropoutMasks(c, l.cfg.Dropout, 1, batch, features)
		w.StateMasks = dropoutMasks(c, l.cfg.RecurrentDropout, 1, batch, l.cfg.Units)
	}
	return scan.SimpleRNN{Weights: w}
}

// LSTMCellLayer is Keras's LSTMCell.
type LSTMCellLayer struct {
	cellLayer[*LSTMCellLayer]
	cfg lstmCellConfig
}

type lstmCellConfig struct {
	symbolic.LayerConfig
	lstmArguments
}

// lstmArguments are those that LSTMCell and LSTM have in common.
type lstmArguments struct {
	gatedConfig
	UnitForgetBias bool `keras:"unit_forget_bias" default:"true"`
}

func init() { symbolic.RegisterLayer(func() symbolic.Layer { return LSTMCell(0) }) }

// LSTMCell returns one step of an [LSTM] (Keras: LSTMCell(units)), for [RNN]. Its states are the output and the carry.
func LSTMCell(units int) *LSTMCellLayer {
	l := &LSTMCellLayer{}
	l.init(l, &l.cfg.LayerConfig)
	l.cfg.Units = units
	return l
}

// KerasConfig returns the layer's configuration.
func (l *LSTMCellLayer) KerasConfig() any { l.cfg.clamp(); return &l.cfg }

// StateSizes is units, twice.
func (l *LSTMCellLayer) StateSizes() []int { return []int{l.cfg.Units, l.cfg.Units} }

// Declare declares kernel (features, 4·units), recurrent_kernel (units, 4·units) and bias (4·units,), for the input gate, the forget gate, the candidate and
// the output gate.
func (l *LSTMCellLayer) Declare(b *symbolic.Builder, in *symbolic.Inputs) error {
	bias := l.cfg.BiasInitializer
	if l.cfg.UnitForgetBias {
		bias = forgetBias{bias}
	}
	return l.cfg.declare(b, in, 4, []int{4 * l.cfg.Units}, bias, l.cfg.Seed)
}

// Call computes the step.
func (l *LSTMCellLayer) Call(c *symbolic.Call, in []*graph.Node) []*graph.Node {
	x := floats(c, in[0])
	return stepped(l.scan(c, x).Step(x, c.Tensors("states")))
}

func (l *LSTMCellLayer) sequence(c *symbolic.Call, x *graph.Node, initial []*graph.Node, o scan.Options) scan.Result {
	return l.scan(c, x).Run(x, initial, o)
}

func (l *LSTMCellLayer) scan(c *symbolic.Call, x *graph.Node) scan.LSTM {
	return scan.LSTM{Weights: l.cfg.gated(c, x, 4)}
}

// forgetBias fills an LSTM's bias as another initializer does, with ones for the forget gate.
type forgetBias struct{ initializers.Initializer }

// Values draws for the input gate, then for the candidate and the output gate.
func (f forgetBias) Values(shape []int, rng *rand.Rand) ([]float32, error) {
	units := shape[0] / 4
	first, err := f.Initializer.Values([]int{units}, rng)
	if err != nil {
		return nil, err
	}
	last, err := f.Initializer.Values([]int{2 * units}, rng)
	if err != nil {
		return nil, err
	}
	return slices.Concat(first, slices.Repeat([]float32{1}, units), last), nil
}

// GRUCellLayer is Keras's GRUCell.
type GRUCellLayer struct {
	cellLayer[*GRUCellLayer]
	cfg gruCellConfig
}

type gruCellConfig struct {
	symbolic.LayerConfig
	gruArguments
}

// gruArguments are those that GRUCell and GRU have in common.
type gruArguments struct {
	gatedConfig
	ResetAfter bool `keras:"reset_after" default:"true"`
}

func init() { symbolic.RegisterLayer(func() symbolic.Layer { return GRUCell(0) }) }

// GRUCell returns one step of a [GRU] (Keras: GRUCell(units)), for [RNN].
func GRUCell(units int) *GRUCellLayer {
	l := &GRUCellLayer{}
	l.init(l, &l.cfg.LayerConfig)
	l.cfg.Units = units
	return l
}

// KerasConfig returns the layer's configuration.
func (l *GRUCellLayer) KerasConfig() any { l.cfg.clamp(); return &l.cfg }

// StateSizes is units: the state is the output.
func (l *GRUCellLayer) StateSizes() []int { return []int{l.cfg.Units} }

// Declare declares kernel (features, 3·units), recurrent_kernel (units, 3·units) and bias, for the update gate, the reset gate and the candidate. The bias is
// (3·units,), or (2, 3·units), the inputs' and the state's, where the reset gate comes after the product.
func (l *GRUCellLayer) Declare(b *symbolic.Builder, in *symbolic.Inputs) error {
	bias := []int{3 * l.cfg.Units}
	if l.cfg.ResetAfter {
		bias = []int{2, 3 * l.cfg.Units}
	}
	return l.cfg.declare(b, in, 3, bias, l.cfg.BiasInitializer, l.cfg.Seed)
}

// Call computes the step.
func (l *GRUCellLayer) Call(c *symbolic.Call, in []*graph.Node) []*graph.Node {
	x := floats(c, in[0])
	return stepped(l.scan(c, x).Step(x, c.Tensors("states")))
}

func (l *GRUCellLayer) sequence(c *symbolic.Call, x *graph.Node, initial []*graph.Node, o scan.Options) scan.Result {
	return l.scan(c, x).Run(x, initial, o)
}

func (l *GRUCellLayer) scan(c *symbolic.Call, x *graph.Node) scan.GRU {
	return scan.GRU{Weights: l.cfg.gated(c, x, 3), ResetAfter: l.cfg.ResetAfter}
}
