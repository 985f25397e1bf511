// Package data turns what a model is given into the batches that its programs take, and what they return into arrays: sources of
// batches in order or shuffled, prefetching, class weights, predictions joined.
package data
