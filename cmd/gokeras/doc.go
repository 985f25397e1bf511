// Command gokeras works with Keras models and with the engines that run them.
//
//	gokeras summary           the table of a model's layers
//	gokeras fit               train a model on arrays
//	gokeras evaluate          a model's loss and metrics on arrays
//	gokeras predict           a model's outputs for arrays
//	gokeras inspect           the weights in a file, with their statistics
//	gokeras diff              what differs between two models
//	gokeras convert           one format of file into another
//	gokeras plot              a picture of a model's graph
//	gokeras port              a Go program of a Keras notebook or script
//	gokeras bench             the time and memory of training and predicting
//	gokeras backend           which engine is in use, and which could be
//	gokeras backend install   fetch the XLA CPU plugin
//	gokeras version           the versions of gokeras and of what it is built on
//	gokeras completion bash   completion for a shell
//
// Each has --help with examples. Results go to standard output, progress and messages to standard error.
//
// It exits with 0 on success, 1 when a command fails or diff finds differences, 2 when the command line is wrong, and 130
// when it is interrupted.
package main
