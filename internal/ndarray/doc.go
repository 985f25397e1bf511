// Package ndarray turns what users give as data into GoMLX tensors, and tensors of one type into another.
package ndarray
