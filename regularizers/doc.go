// Package regularizers mirrors keras.regularizers: penalties on weights and
// outputs that are added to the loss.
//
//	layers.Dense(100).KernelRegularizer(regularizers.L2(0.001))
//	layers.Dense(100).KernelRegularizer("l2")
//
// Constructors and setters accept anything; what Keras's constructor rejects is
// an error from the Validate method that every type here has, which layers call
// when they are built.
package regularizers
