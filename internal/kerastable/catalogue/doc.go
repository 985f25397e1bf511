// Package catalogue compares what this module has with what Keras has, the table of package kerastable: it says which of Keras's names
// are there, keeps the list of those that aren't (missing.txt, each with a reason), and writes the lists of README.md and
// docs/catalogue.md.
//
//	go generate ./internal/kerastable/...
//
// writes those, and takes out of missing.txt what is there by now. What is missing and not yet listed is for a person to list: the tests
// name it.
package catalogue

//go:generate go run ../cmd/catalogue
