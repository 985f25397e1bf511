"""Probes: SpectralNormalization, which in training divides the kernel of the layer inside."""

import keras
import numpy as np
from keras import layers as L

from families.recurrent import WORDS
from probes import call_error, case, constructor_error, freeze, model_of, start

S = L.SpectralNormalization


def one(label, inner, *inputs, training=True, twice=False, **arguments):
    inputs = inputs or ((3, 4),)
    calls = [{"inputs": inputs, "training": training}] * 2 if twice else None
    return case(f"spectral normalization {label}", model_of(lambda: S(inner(), **arguments), inputs), inputs, training, calls=calls)


def layers():
    dense = lambda: L.Dense(3, activation="tanh")
    yield one("dense", dense, twice=True)
    yield one("not in training", dense, training=False)
    yield one("three iterations", dense, power_iterations=3, name="three")
    yield one("conv2d", lambda: L.Conv2D(2, 2, kernel_regularizer="l2"), (2, 3, 3, 2))
    yield one("depthwise", lambda: L.DepthwiseConv2D(2, depth_multiplier=2), (2, 3, 3, 2))
    yield one("embedding of floats", lambda: L.Embedding(5, 2), np.array([[0.0, 1, 4], [2, 2, 3]], "float32"))
    yield one("embedding", lambda: L.Embedding(5, 2, mask_zero=True), WORDS)
    yield one("frozen inside", lambda: L.Dense(2, trainable=False), twice=True)
    yield one("mixed_bfloat16", lambda: L.Dense(2, dtype="mixed_bfloat16"), dtype="mixed_bfloat16")
    yield case("spectral normalization frozen", model_of(lambda: freeze(S(dense())), [(3, 4)]), [(3, 4)], True)

    def shared():
        x, y = keras.Input((4,), name="x"), keras.Input((4,), name="y")
        layer = S(L.Dense(3, name="d"), name="s")
        return keras.Model([x, y], L.Add(name="sum")([layer(x), layer(y)]))

    yield case("spectral normalization shared", shared, [(3, 4), (3, 4)], True)

    def zeros():
        x = keras.Input((4,), name="x")
        model = keras.Model(x, S(L.Dense(3, kernel_initializer="zeros", name="d"), name="s")(x))
        model.layers[-1].vector_u.assign([[0.5, -0.25, 0.125]])
        return model

    yield case("spectral normalization of nothing", zeros, [(3, 4)], True, adapt=False)


def errors():
    yield constructor_error(S, layer=3)
    yield call_error(lambda: S(L.ReLU()), (None, 4))
    yield call_error(lambda: S(L.SeparableConv1D(2, 2)), (None, 4, 3))
    yield call_error(lambda: S(L.Dense(2)), (None, None))
    yield call_error(lambda: S(L.Dense(2)), (None, 4), wrong=1)


def cases():
    start()
    return {"probes": list(layers()), "errors": list(errors())}
