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
	UseBias           bool                     `keras:"use_bias" default:"true"`
	KernelInitializer initializers.Initializer `keras:"kernel_initializer" default:"glorot_uniform"`
	BiasInitializer   initializers.Initializer `keras:"bias_initializer" default:"zeros"`
	KernelRegularizer regularizers.Regularizer `keras:"kernel_regularizer"`
	BiasRegularizer   regularizers.Regularizer `keras:"bias_regularizer"`
	KernelConstraint  constraints.Constraint   `keras:"kernel_constraint"`
	BiasConstraint    constraints.Constraint   `keras:"bias_constraint"`
}

// declare declares the kernel and, if wanted, the bias.
func (c *kernelConfig) declare(b *symbolic.Builder, kernel []int, biasSize int) {
	b.Weight(symbolic.WeightSpec{Name: "kernel", Shape: kernel, Initializer: c.KernelInitializer,
		Regularizer: c.KernelRegularizer, Constraint: c.KernelConstraint})
	if c.UseBias {
		b.Weight(symbolic.WeightSpec{Name: "bias", Shape: []int{biasSize}, Initializer: c.BiasInitializer,
			Regularizer: c.BiasRegularizer, Constraint: c.BiasConstraint})
	}
}

// kernel gives a layer the setters of kernelConfig.
type kernel[L symbolic.Layer] struct {
	l *layer[L]
	c *kernelConfig
}

// UseBias tells whether a bias is added (Keras: use_bias=). Default true.
func (k *kernel[L]) UseBias(use bool) L {
	return k.l.set("use_bias", func() { k.c.UseBias = use })
}

// KernelInitializer sets how the kernel starts: a name ("he_normal") or a value of package initializers
// (Keras: kernel_initializer=). Default "glorot_uniform".
func (k *kernel[L]) KernelInitializer(initializer any) L {
	return k.l.setErr("kernel_initializer", func() (err error) {
		k.c.KernelInitializer, err = initializers.Get(initializer)
		return err
	})
}

// BiasInitializer sets how the bias starts (Keras: bias_initializer=). Default "zeros".
func (k *kernel[L]) BiasInitializer(initializer any) L {
	return k.l.setErr("bias_initializer", func() (err error) {
		k.c.BiasInitializer, err = initializers.Get(initializer)
		return err
	})
}

// KernelRegularizer penalises the kernel: a name ("l2") or a value of package regularizers (Keras: kernel_regularizer=). Default none.
func (k *kernel[L]) KernelRegularizer(regularizer any) L {
	return k.l.setErr("kernel_regularizer", func() (err error) {
		k.c.KernelRegularizer, err = regularizers.Get(regularizer)
		return err
	})
}

// BiasRegularizer penalises the bias (Keras: bias_regularizer=). Default none.
func (k *kernel[L]) BiasRegularizer(regularizer any) L {
	return k.l.setErr("bias_regularizer", func() (err error) {
		k.c.BiasRegularizer, err = regularizers.Get(regularizer)
		return err
	})
}

// KernelConstraint projects the kernel after every step: a name ("non_neg") or a value of package constraints
// (Keras: kernel_constraint=). Default none.
func (k *kernel[L]) KernelConstraint(constraint any) L {
	return k.l.setErr("kernel_constraint", func() (err error) {
		k.c.KernelConstraint, err = constraints.Get(constraint)
		return err
	})
}

// BiasConstraint projects the bias after every step (Keras: bias_constraint=). Default none.
func (k *kernel[L]) BiasConstraint(constraint any) L {
	return k.l.setErr("bias_constraint", func() (err error) {
		k.c.BiasConstraint, err = constraints.Get(constraint)
		return err
	})
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

// setActivation checks the name and sets it.
func (l *layer[L]) setActivation(c *activationConfig, name activations.Name) L {
	return l.setErr("activation", func() error {
		_, err := activations.Get(name)
		c.Activation = name
		return err
	})
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
