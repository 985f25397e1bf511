// Package functional is Keras's functional API: symbolic tensors, layers
// applied to them, and models that are trained, evaluated, saved and
// summarised.
//
//	inputs := functional.Input(28, 28, 1)
//	x := layers.Conv2D(32, 3).Activation("relu").Apply(inputs)
//	x = layers.Flatten().Apply(x)
//	outputs := layers.Dense(10).Activation("softmax").Apply(x)
//	model, err := functional.NewModel(inputs, outputs)
//
// Applying a layer never fails at once: a wrong shape puts its error, with the
// layer's name, the shapes and the caller's file and line, into the symbolic
// tensor, and [NewModel] returns the first one.
//
// A model's whole training step (forward pass, losses, gradients, optimizer,
// metrics) is one compiled program that runs on the engine package backend
// chooses. Weights, optimizer variables and metric accumulators stay on the device.
package functional
