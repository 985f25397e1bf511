"""Probes: pooling of sequences and volumes."""

import numpy as np
from keras import layers as L

from probes import call_error, case, constructor_error, model_of, start


SIZES = {1: (7,), 2: (5, 6), 3: (4, 3, 5)}


def shape(rank, first=False):
    return (2, 2, *SIZES[rank]) if first else (2, *SIZES[rank], 2)


def one(cls, label, x, *args, time=False, **arguments):
    return case(f"{cls.__name__} {label}", model_of(lambda: cls(*args, **arguments), [x], time=time), [x])


def pooling():
    first = "channels_first"
    for rank, max_, mean in ((1, L.MaxPooling1D, L.AveragePooling1D), (3, L.MaxPooling3D, L.AveragePooling3D)):
        for cls in (max_, mean):
            yield one(cls, "plain, unknown length", shape(rank), 2, time=True, name="named")
            yield one(cls, "same, overlapping", shape(rank), 3, strides=2, padding="same")
            yield one(cls, "channels first, sizes", shape(rank, True), (3, 2, 1)[:rank], strides=(2, 1, 2)[:rank], padding="same", data_format=first)
        yield one(max_, "ties", np.ones(shape(rank), "float32"), 3, strides=1)
        yield one(mean, "float16", shape(rank), 2, dtype="mixed_float16")
    for cls in (L.GlobalAveragePooling3D, L.GlobalMaxPooling3D):
        yield one(cls, "plain", shape(3))
        yield one(cls, "channels first, keepdims", shape(3, True), data_format=first, keepdims=True)


def errors():
    for cls, rank in ((L.MaxPooling1D, 1), (L.AveragePooling3D, 3)):
        for arguments in ({"pool_size": 0}, {"pool_size": [2, 2]}, {"pool_size": 2, "strides": -1}, {"pool_size": 2, "strides": [1, 2]}, {"pool_size": "x"}, {"pool_size": 2, "data_format": "x"}):
            yield constructor_error(cls, **arguments)
        yield call_error(lambda: cls(2), (None, 4))
        yield call_error(lambda: cls(9), (None, *(4,) * rank, 1))
    yield call_error(lambda: L.MaxPooling1D(2, padding="causal"), (None, 4, 1))


def cases():
    start()
    return {"probes": [*pooling()], "errors": list(errors())}
