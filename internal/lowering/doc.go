// Package lowering chooses, by engine and shape, the form of an operation that
// computes the same numbers fastest. Layers call it in place of GoMLX's own
// functions; every choice is made here, and every rule has a test that its
// numbers and gradients are the plain form's and a benchmark that shows it pays.
// A softmax leaves its logits here, for the losses to find. What moves pixels is here for layers and operations alike.
package lowering
