// Package atomicfile replaces files so that a reader, or a crash, sees either the old content or the whole new one.
//
// Checkpoints are written while training runs; a process killed half-way must leave the previous checkpoint usable.
package atomicfile
