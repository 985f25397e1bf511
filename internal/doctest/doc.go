// Package doctest compiles the Go snippets of Markdown pages and follows their links, so that what the documentation shows
// is what the compiler accepts.
//
// A page is read from top to bottom. Of its blocks
//
//	```go                      a complete file (it starts with "package"): a package of its own
//	```go,run                  the same, and the program is run; a following ```output block is its standard output
//	```go,run=folder           the same, in an empty folder instead of the module's
//	```go,embed=model.keras    the same, in a folder with such a file, which is empty
//	```go,file=layers/swirl.go a file of the module's package in that folder
//	```go                      anything else is a fragment: declarations, or statements
//
// the fragments of a page make one package. Declarations go to its top level; statements go, in order, into one function that
// returns an error, each block in a scope inside that of the block before, so that a later one sees the variables of the
// earlier ones and may declare them anew. Packages that a fragment uses without importing them are imported when they are the
// module's own, or in a short table of others.
//
// Variables that a fragment needs and no block shows are declared by a comment above it:
//
//	<!-- given: x, y *tensors.Tensor -->
//
// Nothing is written into the module: the go command sees the snippets through an overlay.
package doctest
