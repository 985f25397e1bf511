// Package rewrite turns what XLA's CPU plugin would run slowly, in a finished StableHLO program, into calls of kernels: convolutions,
// max-pools and products of matrices with what stands around them, recurrent layers and their gradients, sums and extremes of rows with what is computed
// around them, and steps of Adam. [Compiler] is the engine on which programs are built so that it happens; [Describe] says whether it does, and why not.
//
// Each rule looks at one statement and has tests that the numbers stay what they were, also of programs that look almost like those it serves.
package rewrite
