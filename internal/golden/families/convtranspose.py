"""Probes: Conv1DTranspose, Conv2DTranspose and Conv3DTranspose."""

import keras
from keras import layers as L

from families.conv1d3d import everything, one
from probes import call_error, case, constructor_error, start


def images():
    T = L.Conv2DTranspose
    yield one(T, "plain", (2, 3, 2, 2), filters=3, kernel_size=3)
    yield one(T, "same, strides", (2, 3, 2, 2), filters=2, kernel_size=3, strides=2, padding="same", activation="relu")
    yield one(T, "same, even kernel", (1, 2, 3, 2), filters=2, kernel_size=(4, 2), strides=2, padding="same", use_bias=False)
    yield one(T, "valid, strides", (1, 3, 2, 2), filters=2, kernel_size=(4, 3), strides=(3, 2))
    yield one(T, "strides beyond the kernel", (1, 2, 3, 1), filters=2, kernel_size=(1, 2), strides=(3, 4))
    yield one(T, "same, strides beyond the kernel", (1, 2, 3, 1), filters=2, kernel_size=(1, 2), strides=(3, 5), padding="same")
    yield one(T, "everything", (1, 2, 2, 2), name="named", filters=2, kernel_size=(2, 3), strides=(2, 3), padding="same", output_padding=(1, 2), **everything())
    yield one(T, "same, less output_padding", (1, 3, 2, 1), filters=2, kernel_size=(5, 4), strides=(3, 2), padding="same", output_padding=0)
    yield one(T, "valid, output_padding", (1, 2, 2, 2), filters=1, kernel_size=(3, 1), strides=(2, 3), output_padding=1)
    yield one(T, "dilation", (1, 3, 2, 2), filters=2, kernel_size=(2, 3), dilation_rate=(3, 2))
    yield one(T, "dilation, same", (1, 3, 4, 1), filters=2, kernel_size=(3, 2), dilation_rate=2, padding="same")
    yield one(T, "channels first", (2, 3, 2, 3), filters=2, kernel_size=(3, 2), strides=(2, 1), padding="same", data_format="channels_first")
    yield one(T, "channels first, dilation, frozen", (1, 2, 3, 2), filters=1, kernel_size=2, dilation_rate=2, data_format="channels_first", trainable=False)
    yield one(T, "mixed_float16", (1, 2, 2, 2), filters=2, kernel_size=3, strides=2, padding="same", dtype="mixed_float16")

    def shared():
        x, y = keras.Input((None, None, 2), name="x"), keras.Input((2, 2, 2), name="y")
        conv = L.Conv2DTranspose(2, 3, strides=2, padding="same", name="conv")
        return keras.Model([x, y], [conv(x), conv(y)])

    yield case("conv2dtranspose shared, unknown sizes", shared, [(1, 1, 3, 2), (1, 2, 2, 2)])


def others():
    T = L.Conv1DTranspose
    yield one(T, "plain", (2, 3, 2), filters=3, kernel_size=2)
    yield one(T, "everything", (2, 3, 2), name="named", filters=2, kernel_size=3, strides=2, padding="same", output_padding=1, **everything())
    yield one(T, "valid, strides", (2, 3, 2), filters=2, kernel_size=5, strides=2, output_padding=(1,))
    yield one(T, "dilation, channels first", (1, 2, 4), filters=2, kernel_size=3, dilation_rate=2, padding="same", data_format="channels_first")
    T = L.Conv3DTranspose
    yield one(T, "plain", (1, 2, 3, 2, 2), filters=2, kernel_size=2)
    yield one(T, "everything", (1, 2, 2, 2, 2), name="named", filters=1, kernel_size=(3, 2, 1), strides=(2, 1, 2), padding="same", output_padding=(1, 0, 1), **everything())
    yield one(T, "strides, channels first", (1, 2, 1, 2, 2), filters=2, kernel_size=(2, 3, 1), strides=2, data_format="channels_first")
    yield one(T, "dilation, no bias", (1, 2, 2, 2, 1), filters=1, kernel_size=2, dilation_rate=(1, 2, 3), padding="same", use_bias=False)


def errors():
    for cls in (L.Conv1DTranspose, L.Conv2DTranspose, L.Conv3DTranspose):
        yield constructor_error(cls, filters=0, kernel_size=2)
        yield constructor_error(cls, filters=2, kernel_size=0)
        yield constructor_error(cls, filters=2, kernel_size=2, strides=0)
        yield constructor_error(cls, filters=2, kernel_size=2, dilation_rate=0)
        yield constructor_error(cls, filters=2, kernel_size=2, strides=2, dilation_rate=2)
        yield constructor_error(cls, filters=2, kernel_size=2, output_padding=1)
        yield constructor_error(cls, filters=2, kernel_size=2, strides=2, output_padding=1)
        yield constructor_error(cls, filters=2, kernel_size=2, strides=2, output_padding=2)
        yield constructor_error(cls, filters=2, kernel_size=2, strides=2, output_padding=-1)
        yield constructor_error(cls, filters=2, kernel_size=2, strides=2, output_padding=[1, 1, 1, 1])
        yield constructor_error(cls, filters=2, kernel_size=2, padding="causal")
        yield constructor_error(cls, filters=2, kernel_size=2, groups=1)
    yield call_error(lambda: L.Conv2DTranspose(2, 3), (None, 3, 3))
    yield call_error(lambda: L.Conv2DTranspose(2, 3), (None, 3, 3, None))
    yield call_error(lambda: L.Conv1DTranspose(2, 3), (None, 3, 3, 1))
    yield call_error(lambda: L.Conv3DTranspose(2, 3), (None, 3, 3, 1))
    yield call_error(lambda: L.Conv1DTranspose(2, 3, strides=2), (None, 1, 1))


def cases():
    start()
    return {"probes": [*images(), *others()], "errors": list(errors())}
