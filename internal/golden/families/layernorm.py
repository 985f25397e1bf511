"""Probes: LayerNormalization."""

import keras
import numpy as np
from keras import layers as L

from arrays import uniform
from families.recurrent import WORDS
from probes import call_error, case, constructor_error, model_of, start


def one(label, *inputs, call=None, batch=False, time=False, training=False, **arguments):
    inputs = inputs or ((2, 3, 4),)
    return case(f"layer normalization {label}", model_of(lambda: L.LayerNormalization(**arguments), inputs, call, batch, time), inputs, training)


def layers():
    yield one("plain")
    yield one("2-D", (3, 4))
    yield one("4-D", (2, 2, 3, 2))
    yield one("in training", training=True)
    yield one("unknown length", time=True)
    yield one("axis 1", axis=1)
    yield one("axis -2", axis=-2)
    yield one("axis as a list", axis=[2])
    yield one("axes", axis=[1, 2])
    yield one("axes in another order", axis=[-1, -2])
    yield one("axes as a tuple", (2, 2, 3, 2), axis=(1, 3))
    yield one("all axes", (2, 2, 3, 2), axis=(1, 2, 3))
    yield one("axis before a last one of length 1", (2, 3, 4, 1), axis=1)
    yield one("axis before a last one of length 1, neither", (2, 3, 4, 1), axis=1, center=False, scale=False)
    yield one("last axis, after one of length 1", (2, 1, 4))
    yield one("epsilon", epsilon=0.1)
    yield one("no center", center=False)
    yield one("no scale", scale=False)
    yield one("neither", center=False, scale=False)
    yield one("rms_scaling", rms_scaling=True)
    yield one("rms_scaling, axes", rms_scaling=True, axis=[1, 2], epsilon=1e-5)
    yield one("rms_scaling without scale", rms_scaling=True, scale=False)
    yield one("frozen", trainable=False)
    yield one(
        "everything", name="named", axis=-1, epsilon=1e-5,
        beta_initializer=keras.initializers.Constant(0.5),
        gamma_initializer="uniform",
        beta_regularizer="l2",
        gamma_regularizer=keras.regularizers.L1(0.1),
        beta_constraint="non_neg",
        gamma_constraint=keras.constraints.MaxNorm(2.0),
        activity_regularizer=keras.regularizers.L2(0.2),
    )  # fmt: skip
    yield one("equal values", np.full((2, 3), 2.5, "float32"))
    yield one("large values", (uniform(41, 2, 8) + 1000).astype("float32"))
    yield one("float16", dtype="float16")
    yield one("mixed_float16", dtype="mixed_float16")
    yield one("mixed_float16, large values", (100 * uniform(42, 2, 3, 4)).astype("float32"), dtype="mixed_float16")
    yield one("mixed_float16, axes, no center", dtype="mixed_float16", axis=[1, 2], center=False)
    yield one("mixed_bfloat16", dtype="mixed_bfloat16")
    yield one("integers", np.arange(12, dtype="int32").reshape(2, 6))


def models():
    def masked():
        x = keras.Input((4,), name="x", dtype="int32")
        return keras.Model(x, L.LayerNormalization(name="norm")(L.Embedding(5, 3, mask_zero=True, name="words")(x)))

    yield case("layer normalization after embedding", masked, [WORDS])

    def shared():
        x, y = keras.Input((3, 4), name="x"), keras.Input((4,), name="y")
        norm = L.LayerNormalization(name="norm")
        return keras.Model([x, y], [norm(x), norm(y)])

    yield case("layer normalization shared", shared, [(2, 3, 4), (2, 4)])
    sequential = lambda: keras.Sequential([keras.Input((4,)), L.Dense(3), L.LayerNormalization(), L.ReLU()])
    yield case("layer normalization in sequential", sequential, [(2, 4)])

    def half():
        x = keras.Input((4,), name="x")
        return keras.Model(x, L.LayerNormalization(name="norm", dtype="mixed_float16")(L.Dense(3, name="d", dtype="mixed_float16")(x)))

    yield case("layer normalization of half precision", half, [(2, 4)])


def errors():
    yield constructor_error(L.LayerNormalization, axis="1")
    yield constructor_error(L.LayerNormalization, axis=1.5)
    yield constructor_error(L.LayerNormalization, wrong=1)
    for axis in (3, -4, [1, 3]):
        yield call_error(lambda: L.LayerNormalization(axis=axis), (None, 3, 4))
    yield call_error(lambda: L.LayerNormalization(), (None, None))
    yield call_error(lambda: L.LayerNormalization(), (None, 3), wrong=1)


def cases():
    start()
    return {"probes": [*layers(), *models()], "errors": list(errors())}
