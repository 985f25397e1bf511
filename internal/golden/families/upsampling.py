"""Probes: what makes sequences, images and volumes larger."""

import numpy as np
from keras import layers as L

from families.pooling import one, shape
from probes import call_error, constructor_error, start


def sizes():
    first = {"data_format": "channels_first"}
    numbers = np.arange(12, dtype="int32").reshape(1, 2, 3, 2)
    yield one(L.UpSampling1D, "plain, unknown length", shape(1), time=True)
    yield one(L.UpSampling1D, "three, integers", numbers[0], 3, name="named")
    yield one(L.UpSampling2D, "plain, unknown height", (2, 2, 3, 2), time=True)
    yield one(L.UpSampling2D, "sizes, integers", numbers, (1, 3))
    yield one(L.UpSampling2D, "channels first", (2, 2, 2, 3), (3, 2), **first)
    for interpolation in ("bilinear", "bicubic", "lanczos3", "lanczos5"):
        yield one(L.UpSampling2D, interpolation, (2, 4, 3, 2), (2, 3), interpolation=interpolation, time=True)
    yield one(L.UpSampling2D, "bilinear, channels first, bfloat16", (1, 2, 3, 4), (1, 2), interpolation="BILINEAR", dtype="bfloat16", **first)
    yield one(L.UpSampling2D, "bicubic, integers", numbers, interpolation="bicubic")
    yield one(L.UpSampling3D, "plain, unknown depth", (1, 2, 1, 3, 2), time=True)
    yield one(L.UpSampling3D, "sizes, channels first", (1, 2, 2, 1, 3), (2, 3, 1), **first)


def errors():
    for cls in (L.UpSampling1D, L.UpSampling2D, L.UpSampling3D):
        for size in (0, -2, "x", [2, 2, 2, 2]):
            yield constructor_error(cls, size=size)
        yield call_error(lambda: cls(), (None, 4))
    yield constructor_error(L.UpSampling1D, size=2.0)
    yield constructor_error(L.UpSampling2D, data_format="x")
    yield call_error(lambda: L.UpSampling2D(interpolation="cubic"), (None, 2, 2, 1))


def cases():
    start()
    return {"probes": list(sizes()), "errors": list(errors())}
