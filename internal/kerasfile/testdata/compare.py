"""Loads two files of one model and fails unless everything in them is equal: compare.py ORIGINAL COPY."""

import sys

import keras
import numpy as np

original, copy = sys.argv[1:]
if original.endswith(".keras"):
    a, b = keras.saving.load_model(original), keras.saving.load_model(copy)
else:
    a = keras.saving.load_model(original.replace(".weights.h5", ".keras"))
    b = keras.models.clone_model(a)
    b.load_weights(copy)
assert a.to_json() == b.to_json()
assert len(a.weights) == len(b.weights)
for x, y in zip(a.weights, b.weights):
    assert x.dtype == y.dtype and np.array_equal(x.numpy(), y.numpy()), x.path
if getattr(a, "optimizer", None) is not None and original.endswith(".keras"):
    assert len(a.optimizer.variables) == len(b.optimizer.variables) > 2
    for x, y in zip(a.optimizer.variables, b.optimizer.variables):
        assert np.array_equal(x.numpy(), y.numpy()), x.path
if a.inputs[0].dtype == "string":
    import tensorflow as tf

    inputs = tf.constant([["cat"], ["bird"], ["fish"]])
    x, y = (np.asarray(m.layers[0](inputs)) for m in (a, b))
    assert np.array_equal(x, y) and np.ptp(x) > 0
else:
    inputs = np.random.default_rng(3).normal(size=(7,) + a.inputs[0].shape[1:]).astype("float32")
    assert np.array_equal(np.asarray(a(inputs), "float32"), np.asarray(b(inputs), "float32"))
print("equal")
