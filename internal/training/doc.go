// Package training compiles and runs the steps of a model: forward pass, losses, gradients, the optimizer's step and metrics as one
// program, whose variables stay on the device. A [Session] belongs to one model; a [Loop] runs its steps over a source of batches.
package training
