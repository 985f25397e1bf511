// Package kerasops holds Keras's operations on symbolic tensors (keras.ops): for each class that a functional model's
// configuration may name, the arguments it takes, the shapes and types of its outputs, and the graph that computes it.
//
// An operation is an entry of one table. Its constructor's arguments are its configuration; its call's arguments are a tree
// of JSON values whose tensors are [Ref]s to the call's inputs, so that the same tree serves for shapes and for graphs.
package kerasops
