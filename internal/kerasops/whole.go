package kerasops

import (
	"strings"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/activations"
)

// Inexact is x as JAX's functions of floats take it where no weight has a type: whole numbers and truth values become float32, in layers of half precision too.
func Inexact(x *graph.Node) *graph.Node {
	if x.DType().IsFloat() {
		return x
	}
	return graph.ConvertDType(x, dtypes.Float32)
}

// Unwrapped is [Inexact] for what JAX begins in the type of the whole numbers themselves. Of truth values it can't; below 32 bits, and without a sign,
// results are what an overflow leaves of them, which is refused.
func Unwrapped(what string, x *graph.Node) *graph.Node {
	switch dtype := x.DType(); {
	case dtype.IsFloat():
	case dtype == dtypes.Bool:
		fail("%s takes numbers, got bool: cast it to a float first", what)
	case narrow(dtype):
		fail("%s of %s: in Keras its whole numbers overflow: cast it to a float first", what, dtypeName(dtype))
	}
	return Inexact(x)
}

func narrow(dtype dtypes.DType) bool {
	return dtype.Size() < 4 || strings.HasPrefix(dtypeName(dtype), "uint")
}

// OnlyFloats is x, of which JAX takes floats alone.
func OnlyFloats(what string, x *graph.Node) *graph.Node {
	if !x.DType().IsFloat() {
		fail("%s takes floats, got %s: cast it first", what, dtypeName(x.DType()))
	}
	return x
}

// ActivationInput is what an activation function gets, in the type in which JAX computes it. It fails where JAX does, and where whole numbers overflow on the way.
func ActivationInput(name activations.Name, x *graph.Node) *graph.Node {
	dtype := x.DType()
	if dtype.IsFloat() {
		return x
	}
	switch name {
	case "", activations.Linear:
		return x
	case activations.ReLU, activations.HardTanh:
		switch {
		case dtype == dtypes.Bool:
			return graph.ConvertDType(x, dtypes.Int32)
		case name == activations.HardTanh && strings.HasPrefix(dtypeName(dtype), "uint"):
			return Unwrapped("the activation hard_tanh", x)
		}
		return x
	case activations.Sigmoid, activations.SiLU, activations.Swish, activations.GLU:
		return OnlyFloats("the activation "+string(name), x)
	case activations.Softmax, activations.LogSoftmax, activations.LogSigmoid:
		return Unwrapped("the activation "+string(name), x)
	case activations.Softsign, activations.HardSigmoid, activations.HardSiLU, activations.HardSwish, activations.SparseSigmoid, activations.SparsePlus, activations.Squareplus:
		if dtype != dtypes.Bool {
			return Unwrapped("the activation "+string(name), x)
		}
	}
	return Inexact(x)
}
