package activations

import "github.com/gomlx/gomlx/core/graph"

// builtin holds Keras's activations with their default arguments.
var builtin = map[Name]Function{
	CELU:          func(x *graph.Node) *graph.Node { return CELUWith(x, 1) },
	ELU:           func(x *graph.Node) *graph.Node { return ELUWith(x, 1) },
	Exponential:   graph.Exp,
	GELU:          func(x *graph.Node) *graph.Node { return GELUWith(x, false) },
	GLU:           func(x *graph.Node) *graph.Node { return GLUAxis(x, -1) },
	HardShrink:    func(x *graph.Node) *graph.Node { return HardShrinkWith(x, 0.5) },
	HardSigmoid:   hardSigmoid,
	HardSiLU:      func(x *graph.Node) *graph.Node { return graph.Mul(x, hardSigmoid(x)) },
	HardTanh:      hardTanh,
	LeakyReLU:     func(x *graph.Node) *graph.Node { return LeakyReLUWith(x, 0.2) },
	Linear:        func(x *graph.Node) *graph.Node { return x },
	LogSigmoid:    func(x *graph.Node) *graph.Node { return graph.Neg(softplus(graph.Neg(x))) },
	LogSoftmax:    func(x *graph.Node) *graph.Node { return LogSoftmaxAxis(x) },
	Mish:          func(x *graph.Node) *graph.Node { return graph.Mul(x, graph.Tanh(softplus(x))) },
	ReLU:          relu,
	ReLU6:         relu6,
	SELU:          selu,
	Sigmoid:       graph.Sigmoid,
	SiLU:          func(x *graph.Node) *graph.Node { return graph.Mul(x, graph.Sigmoid(x)) },
	SoftShrink:    func(x *graph.Node) *graph.Node { return SoftShrinkWith(x, 0.5) },
	Softmax:       func(x *graph.Node) *graph.Node { return SoftmaxAxis(x) },
	Softplus:      softplus,
	Softsign:      softsign,
	SparsePlus:    sparsePlus,
	SparseSigmoid: sparseSigmoid,
	Sparsemax:     func(x *graph.Node) *graph.Node { return SparsemaxAxis(x, -1) },
	Squareplus:    func(x *graph.Node) *graph.Node { return SquareplusWith(x, 4) },
	Tanh:          graph.Tanh,
	TanhShrink:    func(x *graph.Node) *graph.Node { return graph.Sub(x, graph.Tanh(x)) },
}
