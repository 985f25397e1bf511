// Package golden holds this project to real Keras: fixtures that
// generate.py wrote with Python Keras (testdata/*.json), and the harness by which the
// tests of layers, losses, metrics and optimizers compare with them on every
// engine that the machine has.
package golden
