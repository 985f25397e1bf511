package kerasops

import (
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/activations"
)

func init() {
	for class, name := range map[string]activations.Name{
		"Relu": "relu", "Relu6": "relu6", "Sigmoid": "sigmoid", "SparseSigmoid": "sparse_sigmoid", "Softplus": "softplus", "Softsign": "softsign",
		"SparsePlus": "sparse_plus", "Silu": "silu", "LogSigmoid": "log_sigmoid", "HardSigmoid": "hard_sigmoid", "HardSilu": "hard_silu",
		"Selu": "selu", "TanhShrink": "tanh_shrink", "HardTanh": "hard_tanh",
	} {
		defineEach("nn", class, "x", "", activationSpec(class), func(c *call) []*graph.Node {
			f, err := activations.Get(name)
			if err != nil {
				panic(err)
			}
			return []*graph.Node{f(ActivationInput(name, c.node("x")))}
		})
	}
	for class, a := range map[string]struct {
		param string
		f     func(x *graph.Node, v float64) *graph.Node
	}{
		"SoftShrink": {"threshold=0.5", activations.SoftShrinkWith},
		"HardShrink": {"threshold=0.5", activations.HardShrinkWith},
		"Squareplus": {"b=4", activations.SquareplusWith},
		"LeakyRelu":  {"negative_slope=0.2", activations.LeakyReLUWith},
		"Elu":        {"alpha=1.0", activations.ELUWith},
		"Celu":       {"alpha=1.0", activations.CELUWith},
	} {
		defineEach("nn", class, "x", a.param, promisedSame, func(c *call) []*graph.Node {
			x := c.node("x")
			if class == "Squareplus" {
				x = ActivationInput(activations.Squareplus, x)
			}
			return []*graph.Node{a.f(Inexact(x), c.floatParam(c.def.params[0].name))}
		})
	}
	defineEach("nn", "Gelu", "x", "approximate=true", promisedSame, func(c *call) []*graph.Node {
		return []*graph.Node{activations.GELUWith(c.nodeOf(c.need("x"), c.out[0].DType), c.boolParam("approximate"))}
	})
	defineEach("nn", "Threshold", "x", "threshold default_value", promisedSame, func(c *call) []*graph.Node {
		return []*graph.Node{activations.ThresholdWith(c.nodeOf(c.need("x"), c.out[0].DType), c.floatParam("threshold"), c.floatParam("default_value"))}
	})
	define("nn", "Glu", "x", "axis=-1", func(c *call) []Spec {
		s := promisedSame(c)[0]
		shape := append([]int(nil), s.Shape...)
		axis := axisOf("axis", c.intParam("axis"), len(shape))
		if shape[axis] != None {
			if shape[axis]%2 != 0 {
				fail("axis %d has size %d, want an even one", axis, shape[axis])
			}
			shape[axis] /= 2
		}
		return []Spec{{shape, s.DType}}
	}, func(c *call) []*graph.Node {
		return []*graph.Node{activations.GLUAxis(ActivationInput(activations.GLU, c.node("x")), c.intParam("axis"))}
	})
	for class, f := range map[string]func(x *graph.Node, axes ...int) *graph.Node{"Softmax": activations.SoftmaxAxis, "LogSoftmax": activations.LogSoftmaxAxis} {
		define("nn", class, "x", "axis=-1", axisChecked, func(c *call) []*graph.Node {
			x := ActivationInput(activations.Softmax, c.node("x"))
			return []*graph.Node{f(x, c.axesParam("axis", x.Rank())...)}
		})
	}
	define("nn", "Sparsemax", "x", "axis=-1", axisChecked, func(c *call) []*graph.Node {
		x := c.nodeOf(c.need("x"), c.out[0].DType)
		return []*graph.Node{activations.SparsemaxAxis(x, axisOf("axis", c.intParam("axis"), x.Rank()))}
	})
}

// activationSpec keeps integers where the function gives integers for them.
func activationSpec(class string) func(c *call) []Spec {
	if class == "Relu" || class == "HardTanh" {
		return same
	}
	return promisedSame
}

func axisChecked(c *call) []Spec {
	s := promisedSame(c)
	c.axesParam("axis", len(s[0].Shape))
	return s
}
