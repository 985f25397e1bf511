"""Probes: what changes the sizes of axes, or their order."""

import keras
import numpy as np
from keras import layers as L

from families.pooling import one, shape
from families.recurrent import WORDS
from probes import call_error, case, constructor_error, start


def sizes():
    first = {"data_format": "channels_first"}
    numbers = np.arange(12, dtype="int32").reshape(1, 2, 3, 2)
    yield one(L.ZeroPadding1D, "plain, unknown length", (2, 3, 2), time=True)
    yield one(L.ZeroPadding1D, "sides, channels first", (2, 3, 2), (2, 0), **first)
    yield one(L.ZeroPadding2D, "plain, integers", numbers)
    yield one(L.ZeroPadding2D, "axes, unknown height", (1, 2, 3, 2), (0, 2), time=True)
    yield one(L.ZeroPadding2D, "sides, channels first", (1, 2, 3, 2), ((1, 2), (3, 0)), name="named", **first)
    yield one(L.ZeroPadding3D, "plain", (1, 1, 2, 1, 2))
    yield one(L.ZeroPadding3D, "axes, unknown depth", (1, 1, 2, 1, 2), (1, 0, 2), time=True)
    yield one(L.ZeroPadding3D, "sides, channels first", (1, 2, 1, 2, 1), ((0, 1), (2, 0), (1, 1)), **first)
    yield one(L.Cropping1D, "plain, unknown length", shape(1), time=True)
    yield one(L.Cropping1D, "sides", shape(1), (0, 3), name="named")
    yield one(L.Cropping2D, "plain", shape(2))
    yield one(L.Cropping2D, "axes, unknown height", shape(2), (1, 2), time=True)
    yield one(L.Cropping2D, "sides, channels first", shape(2, True), ((1, 2), (3, 0)), **first)
    yield one(L.Cropping3D, "plain, unknown depth", shape(3), time=True)
    yield one(L.Cropping3D, "axes", shape(3), (1, 0, 2))
    yield one(L.Cropping3D, "sides, channels first", shape(3, True), ((0, 1), (2, 0), (1, 3)), dtype="float16", **first)


def order():
    yield one(L.Permute, "three, unknown length", (2, 3, 4, 2), (3, 1, 2), time=True)
    yield one(L.Permute, "integers", np.arange(6, dtype="int32").reshape(1, 2, 3), (2, 1), dtype="mixed_float16")
    yield one(L.Permute, "float16", (2, 2, 3), (2, 1), dtype="mixed_float16", activity_regularizer="l2")
    yield one(L.RepeatVector, "plain", (2, 3), 4)
    yield one(L.RepeatVector, "integers", np.arange(4, dtype="int32").reshape(2, 2), 2, name="named")
    yield one(L.Identity, "plain", (2, 3), name="named")
    yield one(L.Identity, "float16", (2, 3), dtype="mixed_float16")

    def masked():
        x = keras.Input((4,), name="x", dtype="int32")
        y = L.Embedding(5, 2, mask_zero=True, name="words")(x)
        layers = (L.Identity(), L.MaxPooling1D(2), L.UpSampling1D(), L.ZeroPadding1D(), L.Cropping1D(), L.Permute((2, 1)), L.AdaptiveMaxPooling1D(2))
        return keras.Model(x, [layer(y) for layer in layers])

    yield case("shapes of masked inputs", masked, [WORDS])

    def several():
        x, y = keras.Input((2,), name="x"), keras.Input((3,), name="y", dtype="int32")
        return keras.Model([x, y], L.Identity()([x, y]))

    yield case("identity of several", several, [(2, 2), np.arange(6, dtype="int32").reshape(2, 3)])

    def shared():
        x, y = keras.Input((4, 4, 1), name="x"), keras.Input((2, 6, 1), name="y")
        pool, up = L.AdaptiveAveragePooling2D((2, 3)), L.UpSampling2D()
        return keras.Model([x, y], [up(pool(x)), up(pool(y))])

    yield case("shapes shared", shared, [(1, 4, 4, 1), (1, 2, 6, 1)])


def errors():
    for cls in (L.ZeroPadding1D, L.ZeroPadding2D, L.ZeroPadding3D, L.Cropping1D, L.Cropping2D, L.Cropping3D):
        argument = "padding" if "Padding" in cls.__name__ else "cropping"
        for value in ([1, 2, 3, 4], [[1, 2, 3]] * 3, [-1, 1], [[-1, 1], [1, 1]], "x", None, 1.5):
            yield constructor_error(cls, **{argument: value})
        yield call_error(lambda: cls(), (None, 4))
        if argument == "cropping":
            yield constructor_error(cls, cropping=-1)
            yield call_error(lambda: cls(2), (None, *(4,) * int(cls.__name__[-2]), 1))
            yield call_error(lambda: cls(2), (None, *(None,) * int(cls.__name__[-2]), 1))
    for dims in ([2, 3], [0, 1], [1, 1], [], 1, ["x"]):
        yield constructor_error(L.Permute, dims=dims)
    yield call_error(lambda: L.Permute((2, 1)), (None, 4))
    for n in (0, -1, 1.0, "x", [2]):
        yield constructor_error(L.RepeatVector, n=n)
    yield call_error(lambda: L.RepeatVector(2), (None, 4, 2))


def cases():
    start()
    return {"probes": [*sizes(), *order()], "errors": list(errors())}
