package layers

import (
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/activations"
	"github.com/gokeras/gokeras/constraints"
	"github.com/gokeras/gokeras/initializers"
	"github.com/gokeras/gokeras/regularizers"
	"github.com/gokeras/gokeras/symbolic"
)

// kernelConfig are the arguments of layers with a kernel and a bias.
type kernelConfig struct {
	UseBias bool `keras:"use_bias" default:"true"`
	kernelAndBias
}

// kernelAndBias says how they begin, what they cost and how they are bounded.
type kernelAndBias struct {
	KernelInitializer initializers.Initializer `keras:"kernel_initializer" default:"glorot_uniform"`
	BiasInitializer   initializers.Initializer `keras:"bias_initializer" default:"zeros"`
	KernelRegularizer regularizers.Regularizer `keras:"kernel_regularizer"`
	BiasRegularizer   regularizers.Regularizer `keras:"bias_regularizer"`
	KernelConstraint  constraints.Constraint   `keras:"kernel_constraint"`
	BiasConstraint    constraints.Constraint   `keras:"bias_constraint"`
}

func (c *kernelAndBias) declareKernel(b *symbolic.Builder, shape []int, initializer initializers.Initializer) {
	b.Weight(symbolic.WeightSpec{Name: "kernel", Shape: shape, Initializer: initializer, Regularizer: c.KernelRegularizer, Constraint: c.KernelConstraint})
}

func (c *kernelAndBias) declareBias(b *symbolic.Builder, shape ...int) {
	b.Weight(symbolic.WeightSpec{Name: "bias", Shape: shape, Initializer: c.BiasInitializer, Regularizer: c.BiasRegularizer, Constraint: c.BiasConstraint})
}

// declare declares the kernel and, if wanted, the bias.
func (c *kernelConfig) declare(b *symbolic.Builder, kernel []int, biasSize int) {
	c.declareKernel(b, kernel, c.KernelInitializer)
	c.declareBias(b, biasSize)
}

// declareBias declares the bias, if wanted.
func (c *kernelConfig) declareBias(b *symbolic.Builder, biasSize int) {
	if c.UseBias {
		c.kernelAndBias.declareBias(b, biasSize)
	}
}

// activationConfig is the argument of layers that end in an activation.
type activationConfig struct {
	Activation activations.Name `keras:"activation" default:"linear"`
}

// activate applies the activation.
func (c *activationConfig) activate(x *graph.Node) *graph.Node {
	f, err := activations.Get(c.Activation)
	if err != nil {
		panic(err)
	}
	return f(x)
}

// addBias adds bias, of shape (channels,), along the axis.
func addBias(x, bias *graph.Node, axis int) *graph.Node {
	dims := make([]int, x.Rank())
	for i := range dims {
		dims[i] = 1
	}
	dims[axis] = bias.Shape().Dimensions[0]
	return graph.Add(x, graph.Reshape(bias, dims...))
}
