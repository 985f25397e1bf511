// Package kernels teaches XLA's CPU plugin convolutions, and other layers, that run several times
// as fast as its own: direct ones on the images as they lie in memory, with the
// sums in vector registers. The kernels are C; XLA calls them in the middle of
// a compiled program, through PJRT's extension for foreign functions. They have
// threads of their own (helpers.c), and take XLA's where those are busy. Package lowering decides where a program uses them.
package kernels
