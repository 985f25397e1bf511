// Package ops applies Keras's operations (keras.ops, and Python's operators on symbolic tensors) inside a functional model:
//
//	x := functional.Input(4)
//	scaled := ops.Multiply(ops.Subtract(x, ops.Mean(x, ops.Axis(-1), ops.KeepDims())), 2)
//	model, err := functional.NewModel(x, layers.Dense(1).Apply(scaled))
//
// The functions are named as in Keras, in CamelCase. An argument that is called x, x1 or x2 is a *symbolic.Tensor, a number (an int or a
// float, which take the tensor's type as Python's do), a bool, a slice of numbers or a GoMLX tensor; at least one must be a
// *symbolic.Tensor. Shapes follow NumPy's rules, types those of Keras on JAX.
//
// Python's operators are also methods of the tensors: x.Sub(1).Mul(y), x.Slice(":, 0").
//
// Nothing fails at once: an error is kept in the tensor that comes back, and functional.NewModel returns it. Models are saved
// and loaded with their operations, as Keras does.
package ops
