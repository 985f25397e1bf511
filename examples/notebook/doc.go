// Package notebook holds gokeras.ipynb, a Jupyter notebook in Go for the kernel GoNB: a model, its graph, training with a live bar, and the curves below
// the cells. The package's test runs the notebook's cells without the kernel.
package notebook
