// Package optimizers holds Keras's optimizers: how gradients become new weights.
//
// An optimizer is a builder. The constructor takes the learning rate, or
// nothing for Keras's default, and each other Keras argument is a chained setter:
//
//	optimizers.SGD(0.1).Momentum(0.9).Nesterov(true)
//	optimizers.Adam().Clipnorm(1).WeightDecay(1e-4)
//
// The learning rate may follow a [Schedule], which is a builder too:
//
//	optimizers.AdamW().LearningRateSchedule(optimizers.CosineDecay(0, 10000).WarmupTarget(1e-3).WarmupSteps(500))
//
// An optimizer holds arguments only, so one value may serve several models;
// its variables ([Optimizer.Variables]) live beside the model's weights and pass
// through [Optimizer.Apply], whose numbers are those of Keras 3 on JAX.
package optimizers
