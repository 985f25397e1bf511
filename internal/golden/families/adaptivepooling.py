"""Probes: adaptive pooling."""

import numpy as np
from keras import layers as L

from families.pooling import one, shape
from probes import call_error, constructor_error, start


def adaptive():
    for rank in (1, 2, 3):
        for kind in ("Average", "Max"):
            cls = getattr(L, f"Adaptive{kind}Pooling{rank}D")
            yield one(cls, "unknown length", shape(rank), 3, time=True)
            yield one(cls, "channels first, sizes", shape(rank, True), (4, 9, 2)[:rank], data_format="channels_first", name="named")
    yield one(L.AdaptiveMaxPooling2D, "even", (2, 4, 6, 1), (2, 3))
    yield one(L.AdaptiveAveragePooling2D, "even, one", (2, 4, 6, 1), (2, 1))
    yield one(L.AdaptiveMaxPooling1D, "ties", np.ones((1, 7, 1), "float32"), 3)
    yield one(L.AdaptiveAveragePooling1D, "bfloat16", (2, 5, 2), 2, dtype="bfloat16")


def errors():
    for cls in (L.AdaptiveAveragePooling1D, L.AdaptiveMaxPooling2D, L.AdaptiveMaxPooling3D):
        for arguments in ({"output_size": "x"}, {"output_size": [1, 2, 3, 4]}, {"output_size": 2, "data_format": "x"}):
            yield constructor_error(cls, **arguments)
        yield call_error(lambda: cls(2), (None, 4))
        yield call_error(lambda: cls(0), (None, *(4,) * int(cls.__name__[-2]), 1))


def cases():
    start()
    return {"probes": [*adaptive()], "errors": list(errors())}
