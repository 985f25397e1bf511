// Package constraints mirrors keras.constraints: projections that keep a weight
// within bounds after every optimizer step.
//
//	layers.Dense(100).KernelConstraint(constraints.MaxNorm(2))
//	layers.Dense(100).KernelConstraint("non_neg")
//
// Norms are taken along the axes that the Axis setters name: 0 for a dense
// kernel (inputs, units), 0, 1 and 2 for a convolution kernel (height, width,
// input channels, filters).
//
// Constructors and setters accept anything; arguments that make no norm are an
// error from the Validate method that the types with bounds have, which
// layers call when they are built.
package constraints
