// Package activations mirrors keras.activations: the functions that layers
// apply to their outputs, under Keras's names and with Keras's default
// arguments, values and gradients.
//
// An activation argument of a layer is a [Name]: one of this package's
// constants, the same name as a string, or the name of a function that
// [Register] made known. [Get] turns it into the function, which builds part
// of a GoMLX graph:
//
//	layers.Dense(100).Activation("relu")
//	layers.Dense(100).Activation(activations.ReLU)
//
// The functions named …With and …Axis take the arguments that Keras has
// beside x. Every function keeps the shape of x except [GLUAxis], and, like GoMLX's own
// functions, panics with an error where it can't build the graph.
//
// Gradients are those that Keras gives on JAX, also where a function has no
// derivative (relu'(0) = 0, relu6'(6) = 0), and are finite for
// large inputs where Keras's are.
package activations
