// Package doctest builds and runs the Go of Markdown pages, and follows their links, so that what the documentation shows is what a reader gets.
//
// The code stands in a module of its own, which requires this one: rooms of ours are closed to it. A page is read from top to bottom, and what it runs
// has a folder of the page's own with the files of [ReadersFiles] in it, on the pure-Go engine and without a network. Of its blocks
//
//	```go                      a complete file (it starts with "package") is a program; a following ```output block is its standard output
//	```go,embed=model.keras    the same, beside such a file
//	```go,serve                the same, a server: it is asked, and ended
//	```go,live                 the same, which only the live checks run
//	```go                      anything else is a fragment: declarations, or statements
//
// the fragments of a page make one program. Declarations go to its top level; statements go, in order, into one function that
// returns an error, each block in a scope inside that of the block before, so that a later one sees the variables of the
// earlier ones and may declare them anew. Packages that a fragment uses without importing them are imported when they are the
// module's own, or in a short table of others.
//
// What a block needs and no other shows, and what stands in where a reader has more data, more patience or a network, are comments above it:
//
//	<!-- given: x := [][]float32{{1, 2}} -->
//	<!-- with: Epochs: 50 => Epochs: 1 -->
//
// The first may have several lines between "<!-- given:" and "-->"; the second holds for all blocks below it.
package doctest
