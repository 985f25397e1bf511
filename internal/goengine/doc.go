// Package goengine is GoMLX's pure-Go engine with kernels of its own for the operations that take most of a
// convolutional network's time: GoMLX computes a convolution by loops over windows, and much else one element at a time on one core.
//
// A program is recorded while it is built, and compiled in stages: GoMLX's engine runs the operations of a stage,
// the kernels those that come between two stages. So do loops, whose functions become programs of their own. A program without kernels and loops is one stage
// and runs as if there were no such package.
package goengine
