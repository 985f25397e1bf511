// Command gokeras works with Keras models and with the engines that run them.
//
//	gokeras backend           which engine is in use, and which could be
//	gokeras backend install   fetch the XLA CPU plugin
//	gokeras version           the versions of gokeras and of what it is built on
//	gokeras completion bash   completion for a shell
//
// It exits with 0 on success, 1 when a command fails or is interrupted, and 2 when the command line
// is wrong.
package main
