"""Probes: RMSNormalization."""

import keras
import numpy as np
from keras import layers as L

from families.recurrent import WORDS
from probes import call_error, case, constructor_error, model_of, start


def one(label, *inputs, batch=False, time=False, training=False, **arguments):
    inputs = inputs or ((2, 3, 4),)
    return case(f"rms normalization {label}", model_of(lambda: L.RMSNormalization(**arguments), inputs, None, batch, time), inputs, training)


def layers():
    yield one("plain, unknown length", time=True)
    yield one("2-D, epsilon, in training, frozen", (3, 4), epsilon=0.1, training=True, trainable=False)
    yield one("axis 1 under the last axis", (2, 3, 3), axis=1)
    yield one("axes in another order, named", (2, 3, 4), axis=[-1, -2], name="named", activity_regularizer=keras.regularizers.L2(0.2))
    yield one("axes apart", (2, 3, 3, 2), axis=(1, 3))
    yield one("the batch too", axis=[0, 1, 2], batch=True)
    yield one("zeros", np.zeros((2, 3), "float32"))
    yield one("integers", np.arange(6, dtype="int32").reshape(2, 3))
    yield one("mixed_float16", (2, 3, 4), dtype="mixed_float16")
    yield one("bfloat16", (2, 4), dtype="bfloat16")


def models():
    def masked():
        x = keras.Input((4,), name="x", dtype="int32")
        return keras.Model(x, L.RMSNormalization(name="norm")(L.Embedding(5, 3, mask_zero=True, name="words")(x)))

    yield case("rms normalization after embedding", masked, [WORDS])

    def shared():
        x, y = keras.Input((3, 4), name="x"), keras.Input((4,), name="y")
        norm = L.RMSNormalization(name="norm")
        return keras.Model([x, y], [norm(x), norm(y)])

    yield case("rms normalization shared", shared, [(2, 3, 4), (2, 4)])


def errors():
    yield constructor_error(L.RMSNormalization, wrong=1)
    for axis in (1, 3, -4, [1, 3], [2, 2], [-1, 1], [0, 1, 2, 1]):
        yield call_error(lambda: L.RMSNormalization(axis=axis), (None, 3, 4))
    yield call_error(lambda: L.RMSNormalization(), (None, None))
    yield call_error(lambda: L.RMSNormalization(), (None, 3), wrong=1)


def cases():
    start()
    return {"probes": [*layers(), *models()], "errors": list(errors())}
