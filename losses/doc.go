// Package losses holds Keras's losses: what training minimizes.
//
// A loss is a builder. The constructor gives Keras's defaults, and each Keras
// argument is a chained setter:
//
//	losses.CategoricalCrossentropy().FromLogits(true).LabelSmoothing(0.1)
//
// [Get] accepts what Keras accepts for loss= ("mse", "sparse_categorical_crossentropy", a
// value, a decoded configuration). [Compute] puts a loss with its reduction and sample
// weights into a GoMLX graph, with the numbers and the gradients of Keras 3 on JAX.
package losses
