// Package live checks the library against a running Python Keras: files and training, both ways. Its tests need the build tag
// "live" and the environment variable GOKERAS_PYTHON, a Python interpreter with keras, jax, tensorflow, h5py, numpy and pytest:
//
//	GOKERAS_PYTHON=venv/bin/python go test -tags live ./internal/live
//
// One Python process (server.py) with Keras on JAX serves all checks but those of texts, for which a second has Keras on TensorFlow.
package live
