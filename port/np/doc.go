// Package np is NumPy for Go programs that were ported from Python: n-dimensional arrays with NumPy's types, promotion
// (NumPy 2's: Go's int, float64 and bool are weak, as Python's numbers are), broadcasting, views, masks and fancy
// indices, its printing, and its random numbers, the same ones for a seed.
//
//	x := np.Reshape(np.Arange(12), 3, 4)
//	row := x.Index(1, np.S("::2"))       // x[1, ::2]
//	x.SetIndex(0, np.Greater(x, 5))      // x[x > 5] = 0
//	mean := np.Mean(x, 0, np.KeepDims)   // np.mean(x, axis=0, keepdims=True)
//
// # Errors
//
// Functions panic where NumPy raises, and only so: with an [*Error] whose text is NumPy's. This is this package's
// exception to the rule that nothing exported panics, in the manner of regexp.MustCompile: a ported expression would be
// unreadable with an error after each operator. [Try] turns the panic into an error; a ported main has
//
//	defer np.Report()
//
// which prints it as Python does and exits with status 1.
//
// # What differs from NumPy
//
// Types are bool, the integers of 8 to 64 bits, float16, float32, float64 and text; there are no complex numbers, objects,
// times or structures. Sums have NumPy's pairwise order; products of matrices, and functions such as Exp,
// may differ from NumPy's in the last digits, as they do between two builds of NumPy. ArgSort is stable; NumPy's
// default isn't and may order equal elements otherwise. A single array takes at most [MaxBytes] of memory; asking for more
// raises NumPy's MemoryError.
package np
