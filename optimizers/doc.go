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
// Under the dtype policy "mixed_float16" a model's Compile puts its optimizer into a [LossScaleOptimizer], as Keras does.
//
// An optimizer holds arguments only, so one value may serve several models;
// its variables ([Optimizer.Variables]) live beside the model's weights and pass
// through [Advance], whose numbers are those of Keras 3 on JAX.
//
// # Your own optimizer
//
// Embed [Base], which does what all optimizers do (learning rate, clipping, weight decay, moving averages, gradient accumulation,
// files), and write a [Rule]: the variables kept for a weight, of any shape and type, and how a step changes both. The rule sees which
// weight it is asked about. Optional:
//
//   - a method Check() error, which says which arguments are out of range;
//   - [Sharer], for variables that all weights share.
//
// What Base can't do implements [Optimizer] itself, and of these what it needs:
//
//   - [LossScaler], to differentiate a multiple of the loss;
//   - [Averager], to put other weights in place when training ends;
//   - [Wrapper], to be an optimizer around another.
//
// A training step calls [ScaleLoss] and [Advance], and needs no more of an optimizer.
package optimizers
