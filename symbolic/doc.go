// Package symbolic is the symbolic graph of Keras's functional API, and the contract of a layer.
//
// # The graph
//
// [Input] makes a [Tensor]; applying a [Layer] to tensors makes more. Each application is a node that knows its layer, its arguments
// and the caller's line; a [Network] is what lies between some inputs and outputs. A failed application makes a tensor that carries
// the error. Package functional gives these names to users, and makes models that train of networks.
//
// # A layer
//
// A layer is a type that embeds [BaseLayer], has a configuration that embeds [LayerConfig], and says:
//
//	KerasClass   which Keras class it mirrors
//	KerasConfig  its arguments, as files hold them
//	Signature    what its call takes, in Keras's words (default: one argument, inputs)
//	Infer        shapes and types of the outputs (default: as the input; Keras: compute_output_spec)
//	Declare      weights, inner layers, seeds (default: none; Keras: build)
//	Call         the graph that computes it (Keras: call)
//
// A call's arguments are bound to the signature's names, tensors and plain values alike, and Infer, Declare and Call see them as
// [Arguments]. Masks travel with tensors as in Keras: a layer that has an argument mask gets the mask of its input, one that is a
// [Masker] gives its outputs masks; losses and metrics get the masks of the model's outputs.
//
// Whoever holds a layer, as a model returns it, reads its name, tensors, weights and configuration by [Held], which BaseLayer has.
//
// # Optional interfaces
//
// What a layer may say beyond that: [Masker], [ListTaker], [Positional], [ReadyMade], [ShapeBuilt], [InputKeeper], [SampleWise], [AnyLength],
// [HostLayer], [TextTaker], [Adapter], [FileKeeper], [Merger], [Quantizer], [SymbolicChecker], [OldMasker], [Aside].
//
// # Weights
//
// A [Weight] has a rule for when calls may change it ([Change]). A [Builder] declares weights, a [Call] reads and sets them; a [Pass] is one
// run through layers while a program is built, with the values that weights have on the way.
package symbolic
