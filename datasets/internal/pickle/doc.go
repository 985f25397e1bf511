// Package pickle reads the part of Python's pickle format that CIFAR batches and NumPy's arrays of lists are written in, and executes nothing.
//
// A pickle is a program for a small stack machine. This one knows numbers, strings, lists, tuples, dictionaries and
// arrays of bytes; the only names it lets a file mention are those with which NumPy rebuilds an array, and it rebuilds
// that array itself. Every other name or operation is an error that says which, and at which byte. Strings and arrays
// are views of the input, so that memory stays within a small multiple of its size.
package pickle
