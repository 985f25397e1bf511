"""Probes: Conv1D and Conv3D."""

import keras
import numpy as np
from keras import layers as L

from probes import call_error, case, constructor_error, model_of, start


def one(cls, label, shape, **arguments):
    model = model_of(lambda: cls(**arguments), (shape,))
    return case(f"{cls.__name__.lower()} {label}", model, (shape,))


def everything():
    return {
        "activation": "tanh", "kernel_initializer": "he_normal", "bias_initializer": keras.initializers.Constant(0.5),
        "kernel_regularizer": "l2", "bias_regularizer": keras.regularizers.L1(0.02), "activity_regularizer": keras.regularizers.L2(0.1),
        "kernel_constraint": keras.constraints.MaxNorm(2.0), "bias_constraint": "non_neg",
    }  # fmt: skip


def sequences():
    yield one(L.Conv1D, "plain", (2, 5, 3), filters=2, kernel_size=3)
    yield one(L.Conv1D, "everything", (2, 6, 2), name="named", filters=4, kernel_size=(2,), strides=2, padding="same", groups=2, **everything())
    yield one(L.Conv1D, "channels first", (2, 3, 7), filters=2, kernel_size=4, data_format="channels_first", padding="same")
    yield one(L.Conv1D, "causal", (2, 6, 2), filters=2, kernel_size=3, padding="causal")
    yield one(L.Conv1D, "causal, strides", (2, 7, 2), filters=2, kernel_size=2, strides=3, padding="causal", activation="relu")
    yield one(L.Conv1D, "causal, dilation, groups", (2, 7, 2), filters=4, kernel_size=2, dilation_rate=2, padding="causal", groups=2)
    yield one(L.Conv1D, "causal, channels first", (2, 2, 3), filters=2, kernel_size=4, padding="causal", data_format="channels_first", use_bias=False)
    yield one(L.Conv1D, "dilation, no bias", (2, 8, 2), filters=2, kernel_size=3, dilation_rate=3, use_bias=False)
    yield one(L.Conv1D, "frozen, strides beyond the kernel", (2, 9, 2), filters=2, kernel_size=1, strides=4, trainable=False)
    yield one(L.Conv1D, "mixed_float16", (2, 5, 3), filters=2, kernel_size=3, dtype="mixed_float16")
    yield one(L.Conv1D, "mixed_bfloat16", (2, 5, 3), filters=2, kernel_size=2, dtype="mixed_bfloat16", padding="causal")
    integers = np.arange(12, dtype="int32").reshape(2, 6, 1)
    yield case("conv1d integers", model_of(lambda: L.Conv1D(2, 3), [integers]), [integers])

    def shared():
        x, y = keras.Input((None, 2), name="x"), keras.Input((6, 2), name="y")
        conv = L.Conv1D(2, 3, strides=2, padding="causal", name="conv")
        return keras.Model([x, y], [conv(x), conv(y)])

    yield case("conv1d shared, unknown length", shared, [(2, 4, 2), (2, 6, 2)])

    def masked():
        x = keras.Input((4,), name="x", dtype="int32")
        return keras.Model(x, L.Conv1D(2, 2, name="conv")(L.Embedding(5, 2, mask_zero=True, name="words")(x)))

    yield case("conv1d after embedding", masked, [np.array([[1, 4, 2, 0], [3, 0, 1, 0]], "int32")])


def volumes():
    yield one(L.Conv3D, "plain", (2, 3, 4, 3, 2), filters=2, kernel_size=2)
    yield one(L.Conv3D, "everything", (1, 4, 3, 5, 2), name="named", filters=2, kernel_size=(3, 1, 2), strides=(2, 1, 3), padding="same", groups=2, **everything())
    yield one(L.Conv3D, "channels first", (2, 2, 3, 4, 3), filters=3, kernel_size=(2, 3, 1), strides=(1, 2, 1), data_format="channels_first")
    yield one(L.Conv3D, "channels first, same, groups", (1, 2, 3, 3, 2), filters=2, kernel_size=2, padding="same", data_format="channels_first", groups=2)
    yield one(L.Conv3D, "dilation, no bias", (1, 6, 4, 3, 1), filters=2, kernel_size=2, dilation_rate=(3, 2, 1), use_bias=False)
    yield one(L.Conv3D, "strides", (1, 5, 4, 4, 1), filters=1, kernel_size=3, strides=2, padding="same", activation="relu")
    yield one(L.Conv3D, "mixed_float16", (1, 3, 3, 2, 2), filters=2, kernel_size=2, dtype="mixed_float16")

    def unknown():
        x = keras.Input((None, None, 3, 1), name="x")
        return keras.Model(x, L.Conv3D(2, 2, padding="same", name="conv")(x))

    yield case("conv3d unknown sizes", unknown, [(1, 2, 3, 3, 1)])


def errors():
    for cls in (L.Conv1D, L.Conv3D):
        yield constructor_error(cls, filters=0, kernel_size=2)
        yield constructor_error(cls, filters=-2, kernel_size=2)
        yield constructor_error(cls, filters=2, kernel_size=0)
        yield constructor_error(cls, filters=2, kernel_size=2, strides=0)
        yield constructor_error(cls, filters=2, kernel_size=2, strides=-1)
        yield constructor_error(cls, filters=2, kernel_size=2, dilation_rate=0)
        yield constructor_error(cls, filters=2, kernel_size=2, strides=2, dilation_rate=2)
        yield constructor_error(cls, filters=2, kernel_size=2, groups=0)
        yield constructor_error(cls, filters=3, kernel_size=2, groups=2)
        yield constructor_error(cls, filters=2, kernel_size=2, padding="causal")
        yield constructor_error(cls, filters=2, kernel_size=2, padding="full")
        yield constructor_error(cls, filters=2, kernel_size=2, data_format="channels_middle")
        yield constructor_error(cls, filters=2, kernel_size=[2, 2])
        yield constructor_error(cls, filters=2, kernel_size="a")
        yield constructor_error(cls, filters=2, kernel_size=2, activation="nothing")
        yield constructor_error(cls, filters=2, kernel_size=2, wrong=1)
    yield call_error(lambda: L.Conv1D(2, 3), (None, 2, 3))
    yield call_error(lambda: L.Conv1D(2, 3), (None, 4))
    yield call_error(lambda: L.Conv1D(2, 3), (None, 4, 4, 3))
    yield call_error(lambda: L.Conv1D(2, 3), (None, 4, None))
    yield call_error(lambda: L.Conv1D(2, 3, groups=2), (None, 4, 3))
    yield call_error(lambda: L.Conv1D(2, 3, padding="causal"), (None, 1, 3))
    yield call_error(lambda: L.Conv3D(2, 3), (None, 3, 3, 2, 1))
    yield call_error(lambda: L.Conv3D(2, 3), (None, 3, 3, 1))


def cases():
    start()
    return {"probes": [*sequences(), *volumes()], "errors": list(errors())}
