// Package kerastable says what Keras's public names are and what arguments they take: layers, losses, metrics, optimizers, schedules,
// callbacks, initializers, regularizers, constraints, activations, applications and operations.
//
// The table, keras.json, is what generate.py read from the real keras package by inspection: one entry a line, committed, so that nothing
// here needs Python. To take up another version of Keras, install it and run
//
//	KERAS_BACKEND=jax python internal/kerastable/generate.py
//
// then `go generate ./layers ./internal/kerastable/...`, and look at what the tests of completeness say.
//
// From the table come the setters of package layers, the lists in README.md and docs/catalogue.md, and the tests that hold this
// module to Keras's names: each one is there or stands in catalogue/missing.txt with the reason.
package kerastable
