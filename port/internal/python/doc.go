// Package python reads the source text of Python 3 into a small syntax tree: expressions and statements up to today's grammar (f-strings,
// match, walrus, decorators, annotations). It evaluates nothing.
//
// What isn't Python stays as a statement of kind Bad with the reason, and reading goes on at the next line that begins a statement, since
// notebooks hold cells that Python itself refuses. Nesting and the number of such places are bounded.
package python
