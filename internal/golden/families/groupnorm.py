"""Probes: GroupNormalization and UnitNormalization."""

import keras
import numpy as np
from keras import layers as L

from families.recurrent import WORDS
from probes import call_error, case, constructor_error, model_of, start


def one(cls, label, x, time=False, batch=False, training=False, **arguments):
    return case(f"{cls.__name__} {label}", model_of(lambda: cls(**arguments), [x], None, batch, time), [x], training)


def groups():
    yield one(L.GroupNormalization, "unknown length", (2, 3, 4), groups=2, time=True)
    yield one(L.GroupNormalization, "for each channel, in training", (2, 2, 2, 4), groups=-1, training=True)
    yield one(L.GroupNormalization, "axis 1, no center", (2, 4, 3), groups=2, axis=1, center=False, epsilon=0.1)
    yield one(L.GroupNormalization, "axis -2, no scale, one group", (2, 4, 3, 1), groups=1, axis=-3, scale=False)
    yield one(
        L.GroupNormalization, "everything", (3, 4), groups=2, name="named", trainable=False,
        beta_initializer=keras.initializers.Constant(0.5), gamma_initializer="uniform", beta_regularizer="l2",
        gamma_regularizer=keras.regularizers.L1(0.1), beta_constraint="non_neg", gamma_constraint=keras.constraints.MaxNorm(2.0),
    )  # fmt: skip
    yield one(L.GroupNormalization, "mixed_float16", (2, 3, 4), groups=2, dtype="mixed_float16")
    yield one(L.GroupNormalization, "bfloat16, bare", (2, 4), groups=2, center=False, scale=False, dtype="bfloat16")
    yield one(L.GroupNormalization, "integers", np.arange(8, dtype="int32").reshape(2, 4), groups=2)


def units():
    yield one(L.UnitNormalization, "unknown length", (2, 3, 4), time=True, name="named")
    yield one(L.UnitNormalization, "axes", (2, 3, 4), axis=(1, -1))
    yield one(L.UnitNormalization, "list", (2, 3), axis=[1])
    yield one(L.UnitNormalization, "the samples", (2, 3), axis=0)
    yield one(L.UnitNormalization, "zeros", np.array([[0, 0], [3, 4]], "float32"))
    yield one(L.UnitNormalization, "mixed_float16", (2, 3), dtype="mixed_float16", activity_regularizer="l2")


def models():
    def masked():
        x = keras.Input((4,), name="x", dtype="int32")
        y = L.Embedding(5, 2, mask_zero=True, name="words")(x)
        return keras.Model(x, [L.GroupNormalization(2)(y), L.UnitNormalization()(y)])

    yield case("group normalization after embedding", masked, [WORDS])

    def shared():
        x, y = keras.Input((3, 4), name="x"), keras.Input((2, 4), name="y")
        norm = L.GroupNormalization(2)
        return keras.Model([x, y], [norm(x), norm(y)])

    yield case("group normalization shared", shared, [(2, 3, 4), (1, 2, 4)])


def errors():
    for groups in (0, -2, 1.5, "x", None):
        yield constructor_error(L.GroupNormalization, groups=groups)
    for arguments in ({}, {"groups": 3}, {"groups": 2, "axis": 3}, {"groups": 2, "axis": -4}):
        yield call_error(lambda: L.GroupNormalization(**arguments), (None, 3, 4))
    yield call_error(lambda: L.GroupNormalization(2), (None, None))
    for axis in ("x", 1.5, None):
        yield constructor_error(L.UnitNormalization, axis=axis)
    for axis in (3, -4, [1, 3], [2, -1]):
        yield call_error(lambda: L.UnitNormalization(axis=axis), (None, 3, 4))


def cases():
    start()
    return {"probes": [*groups(), *units(), *models()], "errors": list(errors())}
