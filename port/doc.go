// Package port makes Go programs of Keras notebooks and scripts: `gokeras port` on the command line.
//
//	nb, err := port.ReadNotebook(raw)
//	…
//	program, err := port.Translate(nb, port.Options{Name: "mnist.ipynb"})
//	err = program.Write("mnist")
//
// The Python is read (internal/python), the kinds of values are followed through it, from the arguments of calls into functions too, and
// each statement becomes Go: Keras's calls by the table of its names and arguments (internal/kerastable) and that of this module's
// constructors and setters (internal/goapi), NumPy's by package port/np. What isn't known stays in the program as a comment with the
// reason, and so does what depends on it; the rest is a program that builds. The [Report] has every statement.
//
// Nothing of the notebook is executed.
package port
