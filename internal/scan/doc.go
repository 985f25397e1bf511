// Package scan puts loops with gradients, and recurrent cells on them, into GoMLX graphs.
//
// A [Loop] runs a [Body] once for every step of a sequence. GoMLX's While has no gradient; here the way back is a second loop, which runs
// the body's own gradient from the last step to the first, so a program is as large for 400 steps as for 40. [Step.Dot] and [Step.Keep] tell what is
// better done after that loop, or not done again in it.
//
// [LSTM], [GRU] and [SimpleRNN] compute what Keras's layers of those names do, [RNN] does so for any cell. The input's products stand
// before the loop, and what depends on no step. On XLA's CPU plugin the loops of the usual cells become calls of kernels, see kernel.go.
package scan
