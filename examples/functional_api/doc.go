// Command functional_api is the notebook "ex1_functional_api" as a Go program:
// three convolutional networks made with Keras's functional API (one path,
// two paths, shared feature extractors), trained one after the other on CIFAR-10 with one
// checkpoint that keeps the best of them all.
//
//	go run ./examples/functional_api
//	go run ./examples/functional_api -dataset synthetic -epochs 2
//	go run ./examples/functional_api -models 3 -samples 5000 -epochs 3
//
// main.go is the notebook, cell by cell; read it from top to bottom. The other files hold the flags, the data
// and the closing table.
package main
