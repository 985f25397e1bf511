"""Probes: DepthwiseConv1D, DepthwiseConv2D, SeparableConv1D and SeparableConv2D."""

import keras
from keras import layers as L

from families.conv1d3d import one
from probes import call_error, case, constructor_error, start


def everything(pointwise):
    given = {
        "activation": "tanh", "depthwise_initializer": "he_normal", "bias_initializer": keras.initializers.Constant(0.5),
        "depthwise_regularizer": "l2", "bias_regularizer": keras.regularizers.L1(0.02), "activity_regularizer": keras.regularizers.L2(0.1),
        "depthwise_constraint": keras.constraints.MaxNorm(2.0), "bias_constraint": "non_neg",
    }  # fmt: skip
    if pointwise:
        given |= {"pointwise_initializer": "he_uniform", "pointwise_regularizer": keras.regularizers.L1(0.03), "pointwise_constraint": "unit_norm"}
    return given


def layers(images, sequences, first, pointwise):
    yield one(images, "plain", (2, 4, 3, 2), **first, kernel_size=3)
    yield one(images, "everything", (1, 4, 3, 2), name="named", **first, kernel_size=(2, 3), strides=2, padding="same", depth_multiplier=3, **everything(pointwise))
    yield one(images, "channels first", (2, 2, 4, 3), **first, kernel_size=(3, 2), strides=2, depth_multiplier=2, data_format="channels_first")
    yield one(images, "dilation, no bias", (1, 5, 6, 2), **first, kernel_size=(3, 2), dilation_rate=(2, 3), padding="same", use_bias=False)
    yield one(images, "strides and dilation", (1, 6, 5, 2), **first, kernel_size=2, strides=(2, 1), dilation_rate=2, depth_multiplier=2)
    yield one(images, "one pixel, frozen", (1, 3, 3, 3), **first, kernel_size=1, trainable=False)
    yield one(images, "mixed_float16", (1, 4, 4, 2), **first, kernel_size=3, padding="same", dtype="mixed_float16")
    yield one(sequences, "plain", (2, 5, 3), **first, kernel_size=2)
    yield one(sequences, "everything", (2, 5, 2), name="named", **first, kernel_size=3, strides=2, padding="same", depth_multiplier=2, **everything(pointwise))
    yield one(sequences, "channels first", (1, 2, 7), **first, kernel_size=3, dilation_rate=2, data_format="channels_first", depth_multiplier=2)
    name = images.__name__.lower()

    def shared():
        x, y = keras.Input((None, None, 2), name="x"), keras.Input((2, 3, 2), name="y")
        conv = images(**first, kernel_size=2, padding="same", name="conv")
        return keras.Model([x, y], [conv(x), conv(y)])

    yield case(f"{name} shared, unknown sizes", shared, [(1, 2, 2, 2), (1, 2, 3, 2)])


def errors():
    for cls, first in (
        (L.DepthwiseConv1D, {}),
        (L.DepthwiseConv2D, {}),
        (L.SeparableConv1D, {"filters": 2}),
        (L.SeparableConv2D, {"filters": 2}),
    ):
        yield constructor_error(cls, **first, kernel_size=0)
        yield constructor_error(cls, **first, kernel_size=2, strides=0)
        yield constructor_error(cls, **first, kernel_size=2, dilation_rate=0)
        yield constructor_error(cls, **first, kernel_size=2, depth_multiplier=0)
        yield constructor_error(cls, **first, kernel_size=2, depth_multiplier=-1)
        yield constructor_error(cls, **first, kernel_size=2, strides=2, dilation_rate=2)
        yield constructor_error(cls, **first, kernel_size=2, padding="causal")
        yield constructor_error(cls, **first, kernel_size=2, data_format="first")
        yield constructor_error(cls, **first, kernel_size=2, groups=1)
        yield constructor_error(cls, **first, kernel_size=2, kernel_initializer="zeros")
    yield constructor_error(L.SeparableConv2D, filters=0, kernel_size=2)
    yield call_error(lambda: L.DepthwiseConv2D(3), (None, 2, 3, 1))
    yield call_error(lambda: L.DepthwiseConv2D(3), (None, 4, 3))
    yield call_error(lambda: L.DepthwiseConv1D(3), (None, 4, None))
    yield call_error(lambda: L.SeparableConv2D(2, 3), (None, 2, 3, 1))
    yield call_error(lambda: L.SeparableConv1D(2, 3), (None, 4, 4, 3))


def cases():
    start()
    probes = [*layers(L.DepthwiseConv2D, L.DepthwiseConv1D, {}, False), *layers(L.SeparableConv2D, L.SeparableConv1D, {"filters": 2}, True)]
    return {"probes": probes, "errors": list(errors())}
