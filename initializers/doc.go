// Package initializers mirrors keras.initializers: how new weights are filled.
//
// Each constructor is named as Keras's class and returns a builder whose
// chained setters are Keras's further arguments:
//
//	layers.Dense(100).KernelInitializer(initializers.HeNormal().Seed(3))
//	layers.Dense(100).KernelInitializer("he_normal")
//
// The distributions are Keras's: the same fans, limits, standard deviations
// and truncation. The values aren't, because they come from another random
// generator. An initializer with a seed gives the same values at every call,
// as Keras's does; one without draws from the generator that it is given.
//
// Constructors and setters accept anything; what Keras rejects is an error
// from Values.
package initializers
