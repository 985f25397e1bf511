// Package execcache keeps compiled XLA programs in a folder, so that a program's second start needn't compile them again.
//
// [Compile] compiles what a GoMLX builder holds, or loads it from the folder. A program is found by a hash of everything that its
// machine code depends on: its text, the plugin, the processor, the compiler's options. Whatever is wrong with the
// folder or a file in it, Compile compiles as if there were none.
//
// Files are machine code, which runs as the user who loads it. So the folder is the user's alone ([Open] refuses
// any other), and so are the files in it. Each carries a checksum, because the plugin crashes on bytes that aren't its own.
//
// The folder is bounded: what was used longest ago is removed.
//
// A [Chain] runs a program whose outputs are its inputs the next time, as training's are, without a go-xla buffer for each.
//
// PJRT can serialize executables, but go-xla has no call for it: goxla_xla.go reaches into its structures,
// after a check that they are as expected, and pjrt_xla.go declares the few functions of PJRT that are needed.
package execcache
